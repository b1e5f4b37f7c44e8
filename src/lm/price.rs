//! What tokens cost: a table of the providers' own prices, and `LM("…", price: {prompt: 0.15, completion: 0.6})` where a
//! script knows better.

use crate::chat::Usage;
use crate::diag::{Fault, FaultKind};
use crate::value::{LmSpec, Value};

/// The option of a model that holds its price.
pub(super) const OPTION: &str = "price";

const TABLE: &str = include_str!("prices.csv");

/// US dollars for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Price {
    prompt: f64,
    completion: f64,
}

impl Price {
    /// The model's own option, else what the table has; a server of one's own has no price there.
    pub(super) fn of(lm: &LmSpec, own_server: bool) -> Result<Option<Price>, Fault> {
        match lm.options.get(OPTION) {
            None | Some(Value::None | Value::Absent) => Ok((!own_server).then(|| known(&lm.name)).flatten()),
            Some(given) => read(given).map(Some),
        }
    }

    pub(super) fn cost(self, usage: &Usage) -> f64 {
        (usage.prompt_tokens as f64 * self.prompt + usage.completion_tokens as f64 * self.completion) / 1e6
    }
}

/// By the longest name in the table that the model's name is, or is a dated version of.
fn known(model: &str) -> Option<Price> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
    let rows = lines.filter_map(|line| {
        let (name, prices) = line.split_once(',')?;
        let (prompt, completion) = prices.split_once(',')?;
        let price = Price {
            prompt: prompt.parse().ok()?,
            completion: completion.parse().ok()?,
        };
        Some((name, price))
    });
    let fitting = rows.filter(|(name, _)| model.strip_prefix(name).is_some_and(is_version));
    fitting.max_by_key(|(name, _)| name.len()).map(|(_, price)| price)
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
    use super::known;

    #[test]
    fn a_name_stands_for_its_dated_versions_and_no_others() {
        let mini = known("openai/gpt-4o-mini").expect("in the table");
        assert_eq!(known("openai/gpt-4o-mini-2024-07-18"), Some(mini));
        assert_ne!(known("openai/gpt-4o-2024-08-06"), Some(mini));
        assert_eq!(known("openai/gpt-4o-audio-preview"), None);
        assert!(known("anthropic/claude-sonnet-4-20250514").is_some());
        assert!(known("anthropic/claude-3-5-haiku-latest").is_some());
    }

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = super::TABLE.lines().filter(|line| !line.starts_with('#')).skip(1);
        for line in lines {
            let name = line.split(',').next().expect("a name");
            assert!(known(name).is_some(), "{line}");
        }
    }
}
