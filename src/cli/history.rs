//! `dsp history`: the last calls of models, whichever process made them.

use std::path::Path;

use clap::ArgMatches;
use serde_json::{Value as Json, json};

use super::options::Options;
use super::screen::Screen;
use super::{Code, Done, open};
use crate::host::harmless;
use crate::session::{Call, history, render_calls};

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let host = open::host(options, Path::new("."));
    let n = matches.get_one::<usize>("n").copied().unwrap_or_default();
    match history(host.as_ref(), n) {
        Ok(calls) if matches.get_flag("json") => {
            let list: Json = calls.iter().map(as_json).collect();
            screen.shown(&format!("{list:#}\n"));
        }
        Ok(calls) if calls.is_empty() => screen.err("no call of a model is on record\n"),
        Ok(calls) => screen.out(&layout(calls, &screen)),
        Err(error) => {
            screen.complain(&error.message, None);
            return Ok(Code::Failed);
        }
    }
    Ok(Code::Done)
}

/// Calls as `inspect_history` shows them; on a terminal nothing that was said steers it.
pub fn layout(mut calls: Vec<Call>, screen: &Screen) -> String {
    if screen.is_terminal() {
        for call in &mut calls {
            call.reply = harmless(&call.reply).into_owned();
            for message in call.messages.make_mut() {
                message.content = harmless(&message.content).into();
            }
        }
    }
    render_calls(&calls, screen.color_out())
}

/// With DSPy's names for what its history has too.
fn as_json(call: &Call) -> Json {
    json!({
        "timestamp": call.timestamp(),
        "model": call.model,
        "messages": call.messages,
        "outputs": [call.reply],
        "usage": {
            "prompt_tokens": call.usage.prompt_tokens,
            "completion_tokens": call.usage.completion_tokens,
        },
        "cost": call.usage.cost,
        "estimated": call.usage.estimated,
        "cached": call.cached,
    })
}
