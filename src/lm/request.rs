//! A request out of a model's options and the settings around the call.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::price;
use super::settings::is_setting;
use crate::chat::{Interface, Messages, Mode, Request};
use crate::diag::{Fault, FaultKind, a};
use crate::host::harmless;
use crate::value::{EcoString, LmSpec, Value, json};

/// The request that puts these messages to a model, with the model's options and then `settings`, of which later ones
/// replace earlier ones and those that are `none` or absent do not count. Names that dsp does not know go through to
/// the provider.
pub fn request<'a>(
    lm: &LmSpec,
    messages: impl Into<Messages>,
    mode: Mode,
    settings: impl IntoIterator<Item = (&'a str, &'a Value)>,
) -> Result<Request, Fault> {
    let mut request = Request::new(lm.name.as_str(), messages);
    request.mode = mode;
    for (name, value) in lm.options.iter() {
        set(&mut request, name, value)?;
    }
    for (name, value) in settings {
        set(&mut request, name, value)?;
    }
    request.extra.sort_keys();
    if !request.extra.contains_key("tools") && request.messages.iter().any(|message| message.tools.is_some()) {
        // A server that was told of no tools takes no calls of them; the text says the same.
        request
            .messages
            .make_mut()
            .iter_mut()
            .for_each(|message| message.tools = None);
    }
    Ok(request)
}

fn set(request: &mut Request, name: &str, value: &Value) -> Result<(), Fault> {
    if matches!(value, Value::None | Value::Absent) {
        return Ok(());
    }
    match name {
        "temperature" => request.temperature = Some(number(name, value)?),
        "max_tokens" => request.max_tokens = Some(count(name, value)?),
        "rollout_id" => request.rollout = Some(u64::from(count(name, value)?)),
        "n" => request.n = Some(count(name, value)?).filter(|n| *n > 1),
        "stop" => request.stop = texts(name, value)?,
        "headers" => request.headers = headers(value)?,
        "model_type" => request.interface = interface(value)?,
        "api_base" => request.api_base = Some(base(value)?),
        // Read from the model's options when the request is sent.
        "api_key_env" | price::OPTION => {}
        setting if is_setting(setting) => {}
        "api_key" => {
            return Err(Fault::new(
                FaultKind::Auth,
                "a model takes no `api_key`: keys do not stand in scripts",
            )
            .help("put the key into the environment and name the variable: `api_key_env: \"MY_KEY\"`"));
        }
        other => {
            let text = json(value, None);
            let value: Json =
                serde_json::from_str(&text).map_err(|_| wrong(other, "something that JSON can say", value))?;
            request.extra.insert(other.to_owned(), value);
        }
    }
    Ok(())
}

fn wrong(name: &str, wanted: &str, value: &Value) -> Fault {
    Fault::new(
        FaultKind::Type,
        format!("`{name}` of a model must be {wanted}, not {}", a(value.type_name())),
    )
}

fn number(name: &str, value: &Value) -> Result<f64, Fault> {
    match value {
        Value::Float(number) if number.is_finite() => Ok(*number),
        Value::Int(number) => Ok(*number as f64),
        other => Err(wrong(name, "a number", other)),
    }
}

fn count(name: &str, value: &Value) -> Result<u32, Fault> {
    match value {
        Value::Int(number) => u32::try_from(*number)
            .map_err(|_| Fault::new(FaultKind::Value, format!("`{name}` of a model cannot be {number}"))),
        other => Err(wrong(name, "an `int`", other)),
    }
}

fn texts(name: &str, value: &Value) -> Result<Vec<String>, Fault> {
    let text = |value: &Value| value.as_str().map(|text| text.to_string());
    match value {
        Value::List(items) => items
            .iter()
            .map(|item| text(item).ok_or_else(|| wrong(name, "a list of texts", item)))
            .collect(),
        other => Ok(vec![
            text(other).ok_or_else(|| wrong(name, "a text or a list of texts", other))?,
        ]),
    }
}

/// DSPy's `model_type`.
pub(super) fn interface(value: &Value) -> Result<Interface, Fault> {
    match value.as_str().map(EcoString::as_str) {
        Some("chat") => Ok(Interface::Chat),
        Some("responses") => Ok(Interface::Responses),
        Some(other) => Err(
            Fault::new(FaultKind::Value, format!("`model_type` of a model cannot be `{other}`"))
                .help("it is \"chat\" or \"responses\""),
        ),
        None => Err(wrong("model_type", "a text", value)),
    }
}

fn base(value: &Value) -> Result<String, Fault> {
    let text = value.as_str().ok_or_else(|| wrong("api_base", "a url", value))?;
    let server = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    if server
        .split('/')
        .next()
        .is_some_and(|authority| authority.contains('@'))
    {
        return Err(Fault::new(
            FaultKind::Auth,
            "`api_base` holds a password: secrets do not stand in scripts",
        )
        .help("put it into the environment and name the variable: `api_key_env: \"MY_KEY\"`"));
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// Headers that hold secrets come from the environment alone.
fn headers(value: &Value) -> Result<BTreeMap<String, String>, Fault> {
    let entries: Vec<(&EcoString, &Value)> = match value {
        Value::Dict(dict) => dict.iter().collect(),
        Value::Record(record) => record.iter().collect(),
        other => return Err(wrong("headers", "a dict of texts", other)),
    };
    let mut headers = BTreeMap::new();
    for (name, value) in entries {
        let name = name.to_lowercase();
        let text = value
            .as_str()
            .ok_or_else(|| wrong("headers", "a dict of texts", value))?;
        if SECRET.iter().any(|secret| name.contains(secret)) {
            let message = format!("the header `{name}` holds a secret: secrets do not stand in scripts");
            return Err(Fault::new(FaultKind::Auth, message)
                .help("put it into the environment and name the variable: `api_key_env: \"MY_KEY\"`"));
        }
        let is_name = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && !MARKS.contains(&byte));
        if !is_name || text.chars().any(|c| c.is_control() && c != '\t') {
            let message = format!("the header `{}` holds characters that none may have", harmless(&name));
            return Err(Fault::new(FaultKind::Value, message));
        }
        headers.insert(name.into(), text.to_string());
    }
    Ok(headers)
}

/// What no name of a header has in it.
const MARKS: &[u8] = b"\"(),/:;<=>?@[\\]{}";

/// What the name of a header with a secret has in it.
const SECRET: [&str; 5] = ["authorization", "api-key", "apikey", "cookie", "secret"];
