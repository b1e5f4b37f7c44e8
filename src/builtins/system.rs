//! `stdlib/system.dsp`: what has to do with the run itself and the world around it.

use std::time::Duration;

use bytes::Bytes;

use super::args::{bad_value, entries, float, given, misfit, text};
use super::files::ready;
use super::{effect, immediate, machine, overlapping, pure};
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, BoxFuture, HttpRequest};
use crate::value::{self, Value};
use crate::vm::{Context, Dry, Intrinsic, Memory, Native};

pub const NATIVES: &[Native] = &[
    machine("print", Intrinsic::Print),
    machine("debug", Intrinsic::Debug),
    machine("fail", Intrinsic::Fail),
    pure("str", to_text),
    pure("type_of", type_of),
    immediate("env", env),
    immediate("args", args_of_script),
    effect("now", now),
    overlapping("sleep", sleep).dry(Dry::Skipped),
    overlapping("http_get", http_get),
];

type Cx<'a, 'b> = &'a mut Context<'b>;
type Outcome = Result<Value, Fault>;
type Later = BoxFuture<'static, Outcome>;

fn to_text(memory: &mut Memory, args: &[Value]) -> Outcome {
    match args.first() {
        Some(Value::Str(s)) => Ok(Value::Str(s.clone())),
        other => {
            let value = other.unwrap_or(&Value::None);
            memory.fits_text(value)?;
            let text = value::show(value);
            memory.charge(text.len() as u64)?;
            Ok(Value::str(text))
        }
    }
}

fn type_of(_: &mut Memory, args: &[Value]) -> Outcome {
    Ok(Value::str(args.first().unwrap_or(&Value::None).type_name()))
}

fn env(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let value = cx.host.env(text(args, 0)?).map(Value::str);
    Ok(value.or_else(|| given(args, 1).cloned()).unwrap_or_default())
}

fn args_of_script(cx: Cx<'_, '_>, _: &[Value]) -> Outcome {
    Ok(Value::list(cx.args.iter().map(|arg| Value::str(arg.as_str()))))
}

fn now(cx: Context<'_>, _: Vec<Value>) -> Later {
    ready(Ok(Value::Float(cx.host.now())))
}

fn sleep(cx: Context<'_>, args: Vec<Value>) -> Later {
    let host = cx.host.clone();
    Box::pin(async move {
        let seconds = float(&args, 0)?;
        let duration = Duration::try_from_secs_f64(seconds)
            .map_err(|_| bad_value(format!("`sleep` cannot wait for {seconds} seconds")))?;
        host.sleep(duration).await;
        Ok(Value::None)
    })
}

fn http_get(cx: Context<'_>, args: Vec<Value>) -> Later {
    const PATIENCE: Duration = Duration::from_secs(30);
    let host = cx.host.clone();
    Box::pin(async move {
        let url = text(&args, 0)?.to_string();
        let mut headers = Vec::new();
        for (name, value) in given(&args, 1).map(entries).transpose()?.unwrap_or_default() {
            let value = value.as_str().ok_or_else(|| misfit("str", value))?;
            headers.push((name.to_string().into(), value.to_string().into()));
        }
        let request = HttpRequest {
            method: "GET",
            url: url.clone(),
            headers,
            body: Bytes::new(),
            timeout: PATIENCE,
            first_byte: None,
        };
        let response = host.http(Access::Script, request).await?;
        let body = String::from_utf8_lossy(&response.body);
        match response.status {
            200..300 => Ok(Value::str(body.as_ref())),
            status => Err(Fault::new(
                FaultKind::Io,
                format!("`{url}` answered with status {status}"),
            )),
        }
    })
}
