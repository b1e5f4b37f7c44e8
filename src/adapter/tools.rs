//! Tools as prompts describe them, and calls of tools that a model makes in its server's own way.

use crate::chat::{ToolCall, ToolResult};
use crate::value::{About, Field, Record, Signature, Type, Value, json, python_str};

use super::fields::of_demo;
use super::{Adapter, ParseFault, Parsed};

/// ``search, whose description is <desc>…</desc>. It takes arguments {…}.``
pub fn sentence(tool: &Value) -> Value {
    let part = |name: &str| of_demo(tool, name).filter(|value| !value.is_none());
    let text = |name: &str| part(name).map(python_str).unwrap_or_default();
    let desc = match text("desc") {
        desc if desc.is_empty() => ".".to_owned(),
        desc => format!(", whose description is <desc>{desc}</desc>.").replace('\n', "  "),
    };
    let args = part("args").map_or_else(|| "{}".to_owned(), python_str);
    Value::str(format!("{}{desc} It takes arguments {args}.", text("name")))
}

/// As Python shows the object: `Tool(name=search, desc=…, args={…})`.
pub fn shown(tool: &Value) -> String {
    let text = |name: &str| of_demo(tool, name).map_or_else(|| "None".to_owned(), python_str);
    format!(
        "Tool(name={}, desc={}, args={})",
        text("name"),
        text("desc"),
        text("args")
    )
}

/// `tool_calls=[ToolCall(id=None, name='search', args={…})]`
pub fn calls_shown(calls: &Value, shown: impl Fn(&Value) -> String) -> String {
    let calls = match of_demo(calls, "tool_calls") {
        Some(Value::List(calls)) => calls.iter().map(|call| {
            let part = |name: &str| of_demo(call, name).map_or_else(|| "None".to_owned(), &shown);
            format!("ToolCall(id=None, name={}, args={})", part("name"), part("args"))
        }),
        _ => return "tool_calls=[]".to_owned(),
    };
    format!("tool_calls=[{}]", calls.collect::<Vec<_>>().join(", "))
}

/// The outputs of a reply that wants tools used: its calls are the output of type `tool_calls`, the others are in its text,
/// if anything is.
pub fn with_calls(
    adapter: &dyn Adapter,
    signature: &Signature,
    text: &str,
    calls: &[ToolCall],
    strict: bool,
) -> Result<Parsed, ParseFault> {
    let Some(own) = signature.outputs.iter().find(|field| takes_calls(field)) else {
        let names: Vec<String> = calls.iter().map(|call| format!("`{}`", call.name)).collect();
        let message = format!(
            "the model wants {} used, and no output is of the type `tool_calls`",
            names.join(", ")
        );
        return Err(ParseFault::new(message));
    };
    let mut rest = signature.clone();
    rest.outputs.retain(|field| field.name != own.name);
    let said = match text.trim().is_empty() {
        true => adapter.said(&rest, &Record::default(), strict),
        false => adapter.parse(&rest, text, strict),
    }?;
    let call = |call: &ToolCall| {
        let args = Value::from_json(&call.args.clone().into());
        Value::record([("name", Value::str(call.name.as_str())), ("args", args)])
    };
    let calls = Value::record([("tool_calls", Value::list(calls.iter().map(call)))]);
    let value = |field: &Field| match field.name == own.name {
        true => calls.clone(),
        false => said.values.get(&field.name).cloned().unwrap_or(Value::None),
    };
    let values = signature.outputs.iter().map(|field| (field.name.clone(), value(field)));
    Ok(Parsed {
        values: values.collect(),
        repairs: said.repairs,
    })
}

/// The field of a history's turn that says what came of the tools it called.
const RESULTS: &str = "tool_call_results";

/// A turn of a history in which tools were used.
pub struct Used {
    /// The signature without the calls.
    pub rest: Signature,
    pub calls: Vec<ToolCall>,
    pub results: Vec<ToolResult>,
    /// The results as DSPy's prompts show them.
    pub field: Field,
    pub shown: Value,
}

/// What a turn did with tools, if it says what came of them: `tool_call_results`, a list in the order of the calls, of
/// records `{value, is_error}`, or of what the tools said.
pub fn used(signature: &Signature, turn: &Value, number: usize) -> Option<Used> {
    let own = signature.outputs.iter().find(|field| takes_calls(field))?;
    let called = of_demo(of_demo(turn, &own.name)?, "tool_calls")?;
    let found = of_demo(turn, RESULTS)?;
    let (Value::List(called), Value::List(found)) = (called, of_demo(found, RESULTS).unwrap_or(found)) else {
        return None;
    };
    let (mut calls, mut results, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    for (i, call) in called.iter().enumerate() {
        let text = |part: &str| of_demo(call, part).and_then(Value::as_str).map(ToString::to_string);
        let (id, name) = (
            text("id").unwrap_or_else(|| format!("call_{number}_{i}")),
            text("name")?,
        );
        let args = of_demo(call, "args").map_or_else(|| "{}".to_owned(), |args| json(args, None));
        let args = serde_json::from_str(&args).unwrap_or_default();
        let result = found.get(i).unwrap_or(&Value::None);
        let value = of_demo(result, "value").unwrap_or(result);
        let is_error = matches!(of_demo(result, "is_error"), Some(Value::Bool(true)));
        shown.push(Value::dict([
            ("call_id", Value::str(id.as_str())),
            ("name", Value::str(name.as_str())),
            ("value", value.clone()),
            ("is_error", Value::Bool(is_error)),
        ]));
        results.push(ToolResult {
            id: id.clone(),
            name: name.clone(),
            text: match value {
                Value::Str(text) => text.to_string(),
                other => json(other, None),
            },
            is_error,
        });
        calls.push(ToolCall {
            id: Some(id),
            name,
            args,
        });
    }
    let mut rest = signature.clone();
    rest.outputs.retain(|field| field.name != own.name);
    Some(Used {
        rest,
        calls,
        results,
        field: Field::new(RESULTS, Type::dict(Type::Any)),
        shown: Value::dict([(RESULTS, Value::list(shown))]),
    })
}

/// Whether it is `tool_calls`, or `tool_calls?`.
fn takes_calls(field: &Field) -> bool {
    let is = |ty: &Type| *ty.about() == About::ToolCalls;
    match &field.ty {
        Type::Union(members) => members.iter().any(is),
        ty => is(ty),
    }
}
