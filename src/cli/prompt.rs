//! `dsp prompt FILE PROGRAM`: the exact messages that a program's first calls would send; sends nothing.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::arguments::{convert, from_json, help};
use super::options::{self, Options};
use super::screen::Screen;
use super::split::{behind, parse, presumed, split};
use super::usage::Usage;
use super::{Code, Done, Stop, open};
use crate::host::{Access, Host, Permissions, RealHost};
use crate::session::{Builder, Captured, Parameter, Script, Session};
use crate::value::{EcoString, Type, Value};

pub fn main(args: &[String]) -> Done {
    let cut = split(&options::prompt(), args, 2);
    let matches = parse(options::prompt(), &cut.own)?;
    let early = Options::read(&matches, Options::default());
    let word = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let (file, program) = (word("file"), word("program"));
    let reparse = |own: Vec<String>| parse(options::prompt(), &[own, vec![file.clone(), program.clone()]].concat());
    let script = open::script(&file)?;
    // What stands behind PROGRAM is its inputs' before it is dsp's; which inputs it has shows only once it is open.
    let presumed = reparse(presumed(&options::prompt(), &cut.rest));
    let presumed = presumed.map_or_else(|_| early.clone(), |late| Options::read(&late, early.clone()));
    let mut session = open(&presumed, &script)?;
    open::block_on(async {
        let inputs = session.inputs(&program).await?;
        let names: Vec<String> = inputs.iter().map(|input| input.name.to_string()).collect();
        let is_flag = |name: &str| {
            inputs
                .iter()
                .any(|input| input.name == name && input.ty.without_none() == Type::Bool)
        };
        let behind = behind(&options::prompt(), &cut.rest, &names, is_flag)?;
        let late = reparse(behind.own)?;
        let options = Options::read(&late, early);
        if options != presumed {
            session = open(&options, &script)?;
        }
        let screen = Screen::new(options.color);
        if behind.help {
            screen.out(&help(&format!("dsp prompt {file} {program}"), None, &inputs));
            return Ok(Code::Done);
        }
        let path = late.get_one::<String>("inputs").or(matches.get_one::<String>("inputs"));
        let mut values = match path {
            Some(path) => from_file(path, &inputs)?,
            None => Vec::new(),
        };
        // What is written out wins over the file.
        values.retain(|(name, _)| !behind.named.iter().any(|(given, _)| given == name.as_str()));
        let open: Vec<Parameter> = inputs
            .into_iter()
            .filter(|input| !values.iter().any(|(name, _)| *name == input.name))
            .collect();
        values.extend(convert(&open, &behind.named)?);
        let calls = session.prompt(&program, values).await?;
        screen.shown(&match late.get_flag("json") || matches.get_flag("json") {
            true => as_json(&calls),
            false => calls.iter().map(as_text).collect(),
        });
        Ok(Code::Done)
    })?
}

/// A session that sends nothing, whatever the program's `let`s would.
fn open(options: &Options, script: &Script) -> Result<Session, Stop> {
    let host = RealHost::new(open::permissions(options, &script.folder)).offline("`dsp prompt` sends nothing");
    Ok(Builder::new(Arc::new(host))
        .lm(options.lm.clone())
        .open(script.clone())?)
}

/// `── user` and the text, message by message.
pub fn as_text(call: &Captured) -> String {
    call.messages
        .iter()
        .map(|message| format!("── {}\n{}\n", message.role.name(), message.shown()))
        .collect()
}

fn as_json(calls: &[Captured]) -> String {
    let list = |call: &Captured| -> Json {
        call.messages
            .iter()
            .map(|message| json!({"role": message.role.name(), "content": message.content_json()}))
            .collect()
    };
    calls.iter().map(|call| format!("{:#}\n", list(call))).collect()
}

/// The inputs that a JSON object holds; its further entries are labels.
fn from_file(path: &str, inputs: &[Parameter]) -> Result<Vec<(EcoString, Value)>, Stop> {
    let host = RealHost::new(Permissions::default());
    let bytes = host
        .read(Access::Own, Path::new(path))
        .map_err(|error| Usage::new(error.message))?;
    let json: Json =
        serde_json::from_slice(&bytes).map_err(|error| Usage::new(format!("`{path}` is not JSON: {error}")))?;
    let Json::Object(entries) = json else {
        return Err(Usage::new(format!("`{path}` holds no JSON object"))
            .help("write `{\"input\": value, …}`")
            .into());
    };
    let mut values = Vec::new();
    for input in inputs {
        if let Some(json) = entries.get(input.name.as_str()) {
            let unfit = || {
                Usage::new(format!(
                    "`{}` in `{path}` is not of the type `{}`",
                    input.name, input.ty
                ))
            };
            values.push((input.name.clone(), from_json(&input.ty, json).ok_or_else(unfit)?));
        }
    }
    Ok(values)
}
