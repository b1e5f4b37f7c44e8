//! What tokens cost: a table of the providers' own prices, a table of the user's in the file that `DSP_PRICES` names, and
//! `LM("…", price: {prompt: 0.15, completion: 0.6})` where a script knows better.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::chat::Usage;
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, Host, Stream};
use crate::value::{LmSpec, Value};

/// The option of a model that holds its price.
pub(super) const OPTION: &str = "price";

/// The variable that names a file with prices.
const VARIABLE: &str = "DSP_PRICES";

const TABLE: &str = include_str!("prices.csv");

/// US dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Price {
    prompt: f64,
    completion: f64,
}

/// The prices that a session knows.
#[derive(Default)]
pub struct Prices {
    /// The user's, which come before those of the table.
    own: Vec<(String, Price)>,
    /// Whether it was said that a price is not known.
    missed: AtomicBool,
}

impl Prices {
    /// Of what date the table is.
    pub const DATE: &str = "October 2025";

    /// With the prices of the user's file, where there is one. A file that cannot be read is said and left aside.
    pub(super) fn of(host: &dyn Host) -> Prices {
        let Some(path) = host.env(VARIABLE).filter(|path| !path.trim().is_empty()) else {
            return Prices::default();
        };
        let own = match host.read(Access::Own, Path::new(&path)) {
            Ok(bytes) => rows(&String::from_utf8_lossy(&bytes)).map_err(|line| {
                format!(
                    "`{line}` is no line of prices; write `openai/gpt-4o-mini,0.15,0.6`, dollars for a million tokens"
                )
            }),
            Err(error) => Err(error.message),
        };
        let own = own.unwrap_or_else(|why| {
            // Where even this cannot be said, there is nobody to hear it.
            let _unheard = host.print(Stream::Err, &format!("warning: `{VARIABLE}` is left aside: {why}\n"));
            Vec::new()
        });
        Prices {
            own,
            missed: AtomicBool::new(false),
        }
    }

    /// Says, once, that a cap on costs cannot hold for a model.
    pub(super) fn tell_missing(&self, host: &dyn Host, model: &str) {
        if !self.missed.swap(true, Ordering::Relaxed) {
            let warning = format!(
                "warning: what `{model}` costs is not known, so `max_cost` does not count it; name its price: \
                 `LM(\"{model}\", {OPTION}: {{prompt: 0.15, completion: 0.6}})`, or in the file that `{VARIABLE}` names\n"
            );
            // Where even this cannot be said, there is nobody to hear it.
            let _unheard = host.print(Stream::Err, &warning);
        }
    }

    /// The model's own option, else what the user's file has, else the table; a server of one's own has no price there.
    pub(super) fn find(&self, lm: &LmSpec) -> Result<Option<Price>, Fault> {
        match lm.options.get(OPTION) {
            None | Some(Value::None | Value::Absent) => {}
            Some(given) => return read(given).map(Some),
        }
        let own_server = lm.options.get("api_base").is_some_and(|base| !base.is_none());
        let table = || {
            (!own_server)
                .then(|| known(&rows(TABLE).unwrap_or_default(), &lm.name))
                .flatten()
        };
        Ok(known(&self.own, &lm.name).or_else(table))
    }
}

impl Price {
    pub(super) fn cost(self, usage: &Usage) -> f64 {
        (usage.prompt_tokens as f64 * self.prompt + usage.completion_tokens as f64 * self.completion) / 1e6
    }
}

/// The lines of a table, without comments and the head; the error is one that cannot be read.
fn rows(table: &str) -> Result<Vec<(String, Price)>, String> {
    let lines = table.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("model,"));
    lines.map(|line| row(line).ok_or_else(|| line.to_owned())).collect()
}

fn row(line: &str) -> Option<(String, Price)> {
    let mut cells = line.split(',').map(str::trim);
    let name = cells.next()?.to_owned();
    let mut number = || cells.next()?.parse().ok().filter(|dollars: &f64| *dollars >= 0.0);
    let (prompt, completion) = (number()?, number()?);
    cells.next().is_none().then_some((name, Price { prompt, completion }))
}

/// By the longest name in the table that the model's name is, or is a dated version of.
fn known(rows: &[(String, Price)], model: &str) -> Option<Price> {
    let fitting = rows
        .iter()
        .filter(|(name, _)| model.strip_prefix(name.as_str()).is_some_and(is_version));
    fitting.max_by_key(|(name, _)| name.len()).map(|(_, price)| *price)
}

/// What may follow a name: nothing, or a date as in `-2024-07-18` and `-20250514`, or `-latest`.
fn is_version(rest: &str) -> bool {
    let date = |text: &str| text.len() >= 4 && text.chars().all(|c| c.is_ascii_digit() || c == '-');
    rest.is_empty()
        || rest
            .strip_prefix('-')
            .is_some_and(|text| text == "latest" || date(text))
}

fn read(given: &Value) -> Result<Price, Fault> {
    let number = |name: &str| {
        let value = match given {
            Value::Record(record) => record.get(name),
            Value::Dict(dict) => dict.get(name),
            _ => None,
        };
        match value {
            Some(Value::Int(n)) if *n >= 0 => Some(*n as f64),
            Some(Value::Float(x)) if *x >= 0.0 => Some(*x),
            _ => None,
        }
    };
    match (number("prompt"), number("completion")) {
        (Some(prompt), Some(completion)) => Ok(Price { prompt, completion }),
        _ => Err(Fault::new(
            FaultKind::Value,
            "`price` of a model must be two numbers, dollars for a million tokens",
        )
        .help("write `price: {prompt: 0.15, completion: 0.6}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_for_its_dated_versions_and_no_others() {
        let rows = rows(TABLE).expect("a table");
        let known = |name: &str| known(&rows, name);
        let mini = known("openai/gpt-4o-mini").expect("in the table");
        assert_eq!(known("openai/gpt-4o-mini-2024-07-18"), Some(mini));
        assert_ne!(known("openai/gpt-4o-2024-08-06"), Some(mini));
        assert_eq!(known("openai/gpt-4o-audio-preview"), None);
        assert!(known("anthropic/claude-sonnet-4-20250514").is_some());
        assert!(known("anthropic/claude-3-5-haiku-latest").is_some());
    }

    #[test]
    fn the_table_has_the_date_that_is_shown() {
        let date = TABLE.lines().find_map(|line| line.strip_prefix("# date: "));
        assert_eq!(date, Some(Prices::DATE));
        assert!(rows(TABLE).expect("every line is read").len() > 30);
        assert_eq!(rows("model,prompt,completion\na/b, 1, x"), Err("a/b, 1, x".to_owned()));
    }
}
