//! `dsp eval FILE PROGRAM --devset D --metric NAME`: a program's score on the rows of a file.

use clap::ArgMatches;

use super::evaluation::{as_json, dataset, path, program, session, text, used};
use super::interrupt::unless_interrupted;
use super::options::Options;
use super::screen::Screen;
use super::{Code, Done, forecast, open};
use crate::session::results_table;
use crate::value::{Value, source_text};

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let session = session(matches, options, &["devset", "state"], None)?;
    open::block_on(async {
        let mut program = program(&session, matches).await?;
        if let Some(state) = path(matches, "state") {
            program = format!("load({program}, {})", source_text(&state.to_string_lossy()));
        }
        let rows = dataset(matches, "devset").unwrap_or_default();
        let limit = matches.get_one::<u64>("max-errors");
        let limit = limit.map(|most| format!(", max_errors: {most}")).unwrap_or_default();
        let metric = text(matches, "metric");
        let call = format!("evaluate({program}, {rows}, metric: {metric}{limit})");
        if matches.get_flag("plan") {
            let plan = session.expression(&format!("plan(|| {call})")).await?;
            screen.out(&match matches.get_flag("json") {
                true => as_json(&plan),
                false => forecast::table(&plan),
            });
            return Ok(Code::Done);
        }
        let work = async { Ok(session.expression(&call).await?) };
        let found = unless_interrupted(session.account(), &screen, work).await;
        let result = used(found, &session, options, &screen)?;
        screen.out(&match matches.get_flag("json") {
            true => as_json(&result),
            false => shown(&result, screen.width()),
        });
        let least = matches
            .get_one::<f64>("min-score")
            .copied()
            .unwrap_or(f64::NEG_INFINITY);
        let score = number(&result, "score");
        if score < least {
            screen.complain(
                &format!("the score {score:.2} is below {least:.2} (`--min-score`)"),
                None,
            );
            return Ok(Code::Failed);
        }
        Ok(Code::Done)
    })?
}

/// The table of the rows and what they come to.
fn shown(result: &Value, width: usize) -> String {
    let Value::Record(record) = result else {
        return String::new();
    };
    let rows = match record.get("results") {
        Some(Value::List(rows)) => rows.as_slice(),
        _ => &[],
    };
    let failed = match number(result, "errors") as u64 {
        0 => String::new(),
        n => format!(", {n} failed"),
    };
    let interval = record.get("interval").unwrap_or(&Value::None);
    format!(
        "{}\nscore {:.2} (95 % interval {:.2} to {:.2}) on {} rows{failed}\n",
        results_table(rows, width),
        number(result, "score"),
        number(interval, "low"),
        number(interval, "high"),
        rows.len()
    )
}

fn number(result: &Value, name: &str) -> f64 {
    match result {
        Value::Record(record) => match record.get(name) {
            Some(Value::Float(x)) => *x,
            Some(Value::Int(n)) => *n as f64,
            _ => 0.0,
        },
        _ => 0.0,
    }
}
