//! What calls to models used, in all and for each model.

use indexmap::IndexMap;

use crate::chat;

/// `usage()`. An answer from the cache counts as a call, and uses nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// Of all models together.
    pub total: ModelUsage,
    /// By the model's name, in the order they were first called.
    pub by_model: IndexMap<String, ModelUsage>,
}

/// What the calls of one model used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ModelUsage {
    /// How many calls were answered.
    pub calls: u64,
    /// How many of the calls the cache answered.
    pub cached: u64,
    /// Tokens of questions that were sent.
    pub prompt_tokens: u64,
    /// Tokens of answers that came.
    pub completion_tokens: u64,
    /// In US dollars, of the calls whose price is known.
    pub cost: f64,
    /// Of how many calls the provider did not say how many tokens there were: theirs are guessed.
    pub estimated: u64,
}

impl Usage {
    pub(super) fn add(&mut self, model: &str, cached: bool, usage: &chat::Usage) {
        let of_model = match self.by_model.get_mut(model) {
            Some(of_model) => of_model,
            None => self.by_model.entry(model.to_owned()).or_default(),
        };
        for sum in [&mut self.total, of_model] {
            sum.calls += 1;
            match cached {
                true => sum.cached += 1,
                false => {
                    sum.prompt_tokens += usage.prompt_tokens;
                    sum.completion_tokens += usage.completion_tokens;
                    sum.cost += usage.cost.unwrap_or_default();
                    sum.estimated += u64::from(usage.estimated);
                }
            }
        }
    }
}
