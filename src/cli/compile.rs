//! `dsp compile FILE PROGRAM --trainset D --metric NAME -o STATE`: a search for better instructions and demos, and the
//! state that it comes to.

use clap::ArgMatches;

use super::evaluation::{dataset, path, program, session, text, used};
use super::interrupt::unless_interrupted;
use super::options::Options;
use super::screen::Screen;
use super::{Code, Done, forecast, open};
use crate::value::source_text;

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let session = session(matches, options, &["trainset", "valset"], Some("output"))?;
    open::block_on(async {
        let mut call = format!("compile({}", program(&session, matches).await?);
        let given = |name: &str| matches.get_one::<String>(name).cloned();
        let arguments = [
            ("trainset", dataset(matches, "trainset")),
            ("valset", dataset(matches, "valset")),
            ("metric", given("metric")),
            ("optimizer", given("optimizer")),
            ("seed", matches.get_one::<i64>("seed").map(i64::to_string)),
            ("max_calls", matches.get_one::<u64>("max-calls").map(u64::to_string)),
            (
                "max_cost",
                matches.get_one::<f64>("max-cost").map(|cost| format!("{cost:?}")),
            ),
        ];
        for (name, value) in arguments {
            if let Some(value) = value {
                call += &format!(", {name}: {value}");
            }
        }
        if matches.get_flag("plan") {
            let plan = session.expression(&format!("plan(|| {call}))")).await?;
            screen.out(&forecast::table(&plan));
            return Ok(Code::Done);
        }
        let state = path(matches, "output").unwrap_or_default();
        let save = format!("save({call}), {})", source_text(&state.to_string_lossy()));
        let work = async { Ok(session.expression(&save).await?) };
        let saved = unless_interrupted(session.account(), &screen, work).await;
        used(saved, &session, options, &screen)?;
        screen.out(&format!("{}\n", text(matches, "output")));
        Ok(Code::Done)
    })?
}
