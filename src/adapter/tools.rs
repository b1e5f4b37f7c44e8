//! Tools as prompts describe them, and in a server's own way: those of a question, the calls that a model makes, and what
//! came of them.

use serde_json::{Map, Value as Json};

use crate::chat::{ToolCall, ToolResult};
use crate::value::{About, EcoString, Field, Record, Signature, Type, Value, coerce, json, python_str};

use super::fields::{of_demo, of_inputs};
use super::{Adapter, ParseFault, Parsed};

/// A question whose tools are the request's own.
pub struct OwnTools {
    /// What is left to be put into words: neither the tools nor the calls of them.
    pub signature: Signature,
    /// As OpenAI's chat describes them.
    pub tools: Value,
}

/// The tools among a question's inputs as the request's own, if there are any and an output says which are to be used.
pub fn own_tools(signature: &Signature, inputs: &Record) -> Option<OwnTools> {
    let given = signature.inputs.iter().position(|field| holds_tools(&field.ty))?;
    let tools: Vec<Value> = match of_inputs(inputs, &signature.inputs[given])? {
        Value::List(tools) => tools.iter().map(function).collect(),
        Value::None => Vec::new(),
        tool => vec![function(tool)],
    };
    let mut signature = without_calls(signature).filter(|_| !tools.is_empty())?;
    signature.inputs.remove(given);
    Some(OwnTools {
        signature,
        tools: Value::list(tools),
    })
}

/// The signature without the output that says which tools are to be used, if it has one.
pub fn without_calls(signature: &Signature) -> Option<Signature> {
    let own = signature.outputs.iter().position(takes_calls)?;
    let mut rest = signature.clone();
    rest.outputs.remove(own);
    Some(rest)
}

/// A tool as OpenAI's chat describes it: an argument without a default is demanded.
fn function(tool: &Value) -> Value {
    let part = |name: &str| of_demo(tool, name).filter(|value| !value.is_none()).cloned();
    let args: Vec<(EcoString, Value)> = match part("args") {
        Some(Value::Dict(args)) => args.iter().map(|(name, about)| (name.clone(), about.clone())).collect(),
        Some(Value::Record(args)) => args.iter().map(|(name, about)| (name.clone(), about.clone())).collect(),
        _ => Vec::new(),
    };
    let demanded = args.iter().filter(|(_, about)| of_demo(about, "default").is_none());
    let demanded = Value::list(demanded.map(|(name, _)| Value::Str(name.clone())));
    let parameters = Value::dict([
        ("type", Value::str("object")),
        ("properties", Value::dict(args)),
        ("required", demanded),
    ]);
    let about = ["name", "description"].into_iter().zip([part("name"), part("desc")]);
    let about = about.filter_map(|(name, value)| Some((name, value?)));
    Value::dict([
        ("type", Value::str("function")),
        ("function", Value::dict(about.chain([("parameters", parameters)]))),
    ])
}

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
    let calls = match of_demo(calls, CALLS) {
        Some(Value::List(calls)) => calls.iter().map(|call| {
            let part = |name: &str| of_demo(call, name).map_or_else(|| "None".to_owned(), &shown);
            format!("ToolCall(id=None, name={}, args={})", part("name"), part("args"))
        }),
        _ => return "tool_calls=[]".to_owned(),
    };
    format!("tool_calls=[{}]", calls.collect::<Vec<_>>().join(", "))
}

/// The outputs of a reply of a model that knows tools in its server's way: its calls are the output of type `tool_calls`,
/// the others are in its text, if anything is.
pub fn with_calls(
    adapter: &dyn Adapter,
    signature: &Signature,
    text: &str,
    calls: &[ToolCall],
    strict: bool,
) -> Result<Parsed, ParseFault> {
    let (Some(own), Some(rest)) = (
        signature.outputs.iter().find(|field| takes_calls(field)),
        without_calls(signature),
    ) else {
        let names: Vec<String> = calls.iter().map(|call| format!("`{}`", call.name)).collect();
        let message = format!(
            "the model wants {} used, and no output is of the type `tool_calls`",
            names.join(", ")
        );
        return Err(ParseFault::new(message));
    };
    let nothing = || adapter.said(&rest, &Record::default(), strict);
    let said = match (text.trim().is_empty() && !calls.is_empty()) || rest.outputs.is_empty() {
        true => nothing(),
        // Beside calls a model says what it likes.
        false => match adapter.parse(&rest, text, strict) {
            Err(fault) if !calls.is_empty() => nothing().map_err(|_| fault),
            read => read,
        },
    }?;
    let mut repairs = said.repairs;
    let called = match calls.is_empty() && own.ty.allows_none() {
        true => Value::None,
        false => read(calls, own, strict, &mut repairs)?,
    };
    let value = |field: &Field| match field.name == own.name {
        true => called.clone(),
        false => said.values.get(&field.name).cloned().unwrap_or(Value::None),
    };
    let values = signature.outputs.iter().map(|field| (field.name.clone(), value(field)));
    Ok(Parsed {
        values: values.collect(),
        repairs,
    })
}

/// The calls with arguments that are no object read as a model's text is, and what was mended in them told.
fn read(calls: &[ToolCall], own: &Field, strict: bool, repairs: &mut Vec<String>) -> Result<Value, ParseFault> {
    let mut read = Vec::with_capacity(calls.len());
    for call in calls {
        let text = match &call.args {
            Json::Object(_) => {
                read.push(called(call, Value::from_json(&call.args)));
                continue;
            }
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let ty = Type::dict(Type::Any);
        let args = match serde_json::from_str::<String>(&text) {
            // A text of a text, as some models write it.
            Ok(inner) => coerce::read_data(&ty, &[coerce::Tree::Text(inner.into())], false, strict),
            Err(_) => coerce::read(&ty, &text, strict),
        };
        let args = args.map_err(|misfit| {
            let message = format!(
                "the arguments of the call of `{}` are no JSON object: {misfit}",
                call.name
            );
            ParseFault {
                text: Some(text.as_str().into()),
                ..ParseFault::new(message).field(&own.name)
            }
        })?;
        for mend in args.mends {
            let repair = format!("{}: {mend}", own.name);
            if !repairs.contains(&repair) {
                repairs.push(repair);
            }
        }
        read.push(called(call, args.value));
    }
    Ok(Value::record([(CALLS, Value::list(read))]))
}

/// The field of a value of type `tool_calls`.
pub const CALLS: &str = "tool_calls";

/// As a value of type `tool_calls`.
pub fn calls(calls: &[ToolCall]) -> Value {
    let call = |call: &ToolCall| called(call, Value::from_json(&call.args));
    Value::record([(CALLS, Value::list(calls.iter().map(call)))])
}

fn called(call: &ToolCall, args: Value) -> Value {
    Value::record([("name", Value::str(call.name.as_str())), ("args", args)])
}

/// The field of a history's turn that says what came of the tools it called.
const RESULTS: &str = "tool_call_results";

/// A turn of a history in which tools were used.
pub struct Used {
    /// The signature of what else was said.
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
    let (own, called) = calls_of(signature, turn)?;
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
        let args = serde_json::from_str(&args).unwrap_or_else(|_| Json::Object(Map::new()));
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
    Some(Used {
        rest: beside(signature, turn, &own),
        calls,
        results,
        field: Field::new(RESULTS, Type::dict(Type::Any)),
        shown: Value::dict([(RESULTS, Value::list(shown))]),
    })
}

/// What a turn says beside its calls, where the model is told of those otherwise than in words.
pub fn beside_calls(signature: &Signature, turn: &Value) -> Option<Signature> {
    let (own, _) = calls_of(signature, turn)?;
    signature.output(&own).is_none().then(|| beside(signature, turn, &own))
}

fn beside(signature: &Signature, turn: &Value, calls: &str) -> Signature {
    let said = |field: &Field| of_demo(turn, &field.name).is_some_and(|value| !value.is_none());
    let mut rest = signature.clone();
    rest.outputs.retain(|field| field.name != calls && said(field));
    rest
}

/// The calls of a turn and their field, which the signature may lack where the model is told of its tools otherwise.
fn calls_of<'a>(signature: &Signature, turn: &'a Value) -> Option<(EcoString, &'a Value)> {
    let calls = |name: &EcoString| Some((name.clone(), of_demo(of_demo(turn, name)?, CALLS)?));
    match (signature.outputs.iter().find(|field| takes_calls(field)), turn) {
        (Some(own), _) => calls(&own.name),
        (None, Value::Record(turn)) => turn.iter().find_map(|(name, _)| calls(name)),
        (None, Value::Dict(turn)) => turn.iter().find_map(|(name, _)| calls(name)),
        (None, _) => None,
    }
}

/// Whether it is `tool_calls`, or `tool_calls?`.
fn takes_calls(field: &Field) -> bool {
    is(About::ToolCalls, &field.ty)
}

/// Whether it is `tool`, or a list of such.
fn holds_tools(ty: &Type) -> bool {
    match ty {
        Type::List(item) => is(About::Tool, item),
        Type::Union(members) => members.iter().any(holds_tools),
        ty => is(About::Tool, ty),
    }
}

fn is(about: About, ty: &Type) -> bool {
    match ty {
        Type::Union(members) => members.iter().any(|ty| *ty.about() == about),
        ty => *ty.about() == about,
    }
}
