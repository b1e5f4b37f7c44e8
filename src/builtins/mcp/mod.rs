//! `stdlib/mcp.dsp`: tools of servers of the Model Context Protocol.

mod client;

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::args::{bad_value, float, opaque, text};
use super::files::ready;
use super::{effect, overlapping};
use crate::diag::{Fault, FaultKind};
use crate::host::BoxFuture;
use crate::value::{Opaque, Value};
use crate::vm::{Context, Dry, Native};

use client::Client;

pub const NATIVES: &[Native] = &[
    effect("_mcp_start", start).dry(Dry::Unanswered),
    overlapping("_mcp_call", call),
];

type Later = BoxFuture<'static, Result<Value, Fault>>;

/// A server that runs, as a value.
struct Server(Arc<Client>);

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

impl Opaque for Server {
    fn type_name(&self) -> &'static str {
        "Server"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `_mcp_start(command, timeout)`: `{server, tools: list[{name, description, parameters}]}`
fn start(cx: Context<'_>, args: Vec<Value>) -> Later {
    let asked = || {
        let timeout = Duration::try_from_secs_f64(float(&args, 1)?)
            .map_err(|_| bad_value("`timeout` must be a number of seconds that is not negative"))?;
        Ok((text(&args, 0)?.to_string(), timeout))
    };
    let (command, timeout) = match asked() {
        Ok(asked) => asked,
        Err(fault) => return ready(Err(fault)),
    };
    let host = Arc::clone(cx.host);
    Box::pin(async move {
        let client = Client::start(host, command, timeout).await?;
        let tools = client.tools().await?;
        Ok(Value::record([
            ("server", Value::Opaque(Arc::new(Server(Arc::new(client))))),
            ("tools", Value::list(tools.iter().map(described))),
        ]))
    })
}

/// As `describe` tells of a function.
fn described(tool: &Json) -> Value {
    let schema = &tool["inputSchema"];
    let nothing = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&nothing);
    let required = |name: &str| match schema["required"].as_array() {
        Some(names) => names.iter().any(|required| required == name),
        None => false,
    };
    let parameters = properties.iter().map(|(name, schema)| {
        Value::record([
            ("name", Value::str(name.as_str())),
            ("type", Value::str(schema["type"].as_str().unwrap_or("any"))),
            ("schema", Value::from_json(schema)),
            ("required", Value::Bool(required(name))),
        ])
    });
    Value::record([
        ("name", Value::str(tool["name"].as_str().unwrap_or_default())),
        (
            "description",
            tool["description"].as_str().map_or(Value::None, Value::str),
        ),
        ("parameters", Value::list(parameters)),
    ])
}

/// `_mcp_call(server, tool, args)`
fn call(_: Context<'_>, args: Vec<Value>) -> Later {
    let asked = || {
        let server = opaque::<Server>(&args, 0, "Server")?;
        let given = args.get(2).unwrap_or(&Value::None).to_json();
        Ok((Arc::clone(&server.0), text(&args, 1)?.to_string(), given))
    };
    match asked() {
        Ok((client, tool, given)) => Box::pin(async move {
            let result = client.call(&tool, given).await?;
            let value = content(&result);
            match result["isError"].as_bool() {
                Some(true) => Err(Fault::new(FaultKind::User, crate::value::show(&value))),
                _ => Ok(value),
            }
        }),
        Err(fault) => ready(Err(fault)),
    }
}

/// The text of the result, or the list of its texts where there are several; without any, its other parts as they are.
fn content(result: &Json) -> Value {
    let parts = result["content"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut texts: Vec<Value> = parts
        .iter()
        .filter(|part| part["type"] == "text")
        .filter_map(|part| part["text"].as_str().map(Value::str))
        .collect();
    match (texts.len(), parts) {
        (1, _) => texts.remove(0),
        (0, []) => Value::from_json(&result["structuredContent"]),
        (0, parts) => Value::list(parts.iter().map(Value::from_json)),
        _ => Value::list(texts),
    }
}
