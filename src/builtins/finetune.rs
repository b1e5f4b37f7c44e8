//! `stdlib/optimize/finetune.dsp`: rows to train a model on, and its training.

use std::sync::Arc;

use serde_json::Value as Json;

use super::args::{given, list, misfit, opt_text, record};
use super::signatures::signature;
use super::{call, immediate};
use crate::adapter;
use crate::chat::Role;
use crate::diag::{Fault, FaultKind, nearest};
use crate::host::BoxFuture;
use crate::lm::Training;
use crate::value::{EcoString, LmSpec, Value};
use crate::vm::{Called, Context, Native};

pub const NATIVES: &[Native] = &[
    immediate("_model", model),
    immediate("_finetune_row", row),
    call("_finetune", finetune),
];

/// `_model()`: the model of calls that name none.
fn model(cx: &mut Context<'_>, _: &[Value]) -> Result<Value, Fault> {
    let set = cx.settings.get("lm").filter(|lm| !lm.is_none());
    Ok(set.unwrap_or(cx.default_lm).clone())
}

/// `_finetune_row(signature, demos, inputs, outputs, adapter)`: `{messages}`, as the model would be asked and would
/// answer.
fn row(cx: &mut Context<'_>, args: &[Value]) -> Result<Value, Fault> {
    let signature = signature(given(args, 0).unwrap_or(&Value::None))?;
    let set = cx.settings.get("adapter").filter(|adapter| !adapter.is_none());
    let name = match opt_text(args, 4)? {
        Some(name) => name.clone(),
        None => set.map_or(Ok("chat".into()), |set| {
            set.as_str()
                .map(Into::into)
                .ok_or_else(|| misfit("the name of an adapter", set))
        })?,
    };
    let adapter = match adapter::by_name(&name) {
        Some(adapter) if adapter.name() != "json" => adapter,
        Some(_) => {
            let fault = Fault::new(FaultKind::Value, "the adapter `json` has no rows to train on");
            return Err(fault.help("give the optimizer one that has: `adapter: \"chat\"`"));
        }
        None => {
            let fault = Fault::new(FaultKind::Value, format!("there is no adapter `{name}`"));
            return Err(match nearest(&name, adapter::NAMES) {
                Some(near) => fault.help(format!("did you mean `{near}`?")),
                None => fault,
            });
        }
    };
    let prompt = adapter.format(&signature, list(args, 1)?, &record(args, 2)?);
    let answer = adapter.render(&signature, &record(args, 3)?);
    let message =
        |role: &str, content: &str| Value::record([("role", Value::str(role)), ("content", Value::str(content))]);
    let asked = prompt
        .messages
        .iter()
        .map(|said| message(said.role.name(), &said.content));
    let messages = asked.chain([message(Role::Assistant.name(), &answer)]);
    let row = Value::record([("messages", Value::list(messages))]);
    cx.memory.charge(
        answer.len() as u64
            + prompt
                .messages
                .iter()
                .map(|said| said.content.len() as u64)
                .sum::<u64>(),
    )?;
    Ok(row)
}

/// `_finetune(lm, rows, train_kwargs)`: the trained model.
fn finetune(cx: Context<'_>, args: Vec<Value>) -> BoxFuture<'static, Called> {
    let begun = begun(&cx, &args);
    Box::pin(async move {
        let trained = async {
            let (training, lm) = begun?;
            let name = training.await?;
            Ok(Value::Lm(Arc::new(LmSpec {
                name: format!("openai/{name}").into(),
                options: lm.options.clone(),
                kind: lm.kind.clone(),
            })))
        };
        (trained.await, Vec::new())
    })
}

type Begun = (BoxFuture<'static, Result<EcoString, Fault>>, Arc<LmSpec>);

fn begun(cx: &Context<'_>, args: &[Value]) -> Result<Begun, Fault> {
    let Some(Value::Lm(lm)) = given(args, 0) else {
        return Err(misfit("LM", given(args, 0).unwrap_or(&Value::None)));
    };
    let hyperparameters = match given(args, 2).unwrap_or(&Value::None).to_json() {
        Json::Object(map) => map,
        _ => serde_json::Map::new(),
    };
    let rows = list(args, 1)?.iter().map(Value::to_json).collect();
    Ok((cx.client.finetune(lm, Training { rows, hyperparameters }), lm.clone()))
}
