//! What was used, as a table for people.

use super::Account;
use crate::lm::Prices;
use crate::trace::ModelUsage;

const HEAD: [&str; 6] = ["model", "calls", "cached", "prompt", "completion", "cost"];

impl Account {
    /// Calls, tokens and cost by model, and of what date the prices are; tokens that no server counted have a `~`.
    pub fn table(&self) -> String {
        let usage = self.usage();
        let models = usage.by_model.iter().map(|(name, of_model)| row(name, of_model));
        let mut rows: Vec<[String; 6]> = std::iter::once(HEAD.map(str::to_owned)).chain(models).collect();
        if usage.by_model.len() != 1 {
            rows.push(row("all", &usage.total));
        }
        let width = |at: usize| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
        let widths: [usize; 6] = std::array::from_fn(width);
        let mut text = String::new();
        for row in &rows {
            text += &format!("{:<1$}", row[0], widths[0]);
            for (cell, width) in row.iter().zip(widths).skip(1) {
                text += &format!("  {cell:>width$}");
            }
            text.push('\n');
        }
        if usage.total.cost > 0.0 {
            let date = Prices::DATE;
            text += &format!("prices of {date}, where neither a model's `price:` nor `DSP_PRICES` says otherwise\n");
        }
        text
    }
}

fn row(name: &str, usage: &ModelUsage) -> [String; 6] {
    let guess = if usage.estimated > 0 { "~" } else { "" };
    let cost = match usage.cost > 0.0 {
        true => format!("{guess}${}", super::dollars(usage.cost)),
        false => "-".to_owned(),
    };
    [
        name.to_owned(),
        usage.calls.to_string(),
        usage.cached.to_string(),
        format!("{guess}{}", usage.prompt_tokens),
        format!("{guess}{}", usage.completion_tokens),
        cost,
    ]
}
