//! What comes back: a text, or tools that are to be used, with what is known of them.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Why a reply ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// It was done.
    #[default]
    Stop,
    /// Cut off at `max_tokens`.
    Length,
    /// The provider does not let it be said.
    ContentFilter,
}

/// Tokens of one request as the provider counted them, and what they cost in US dollars where the price is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the question.
    pub prompt_tokens: u64,
    /// Tokens of the answer.
    pub completion_tokens: u64,
    /// In US dollars, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// The provider did not say how many tokens there were: they are guessed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub estimated: bool,
}

/// About how many tokens a text is, where nobody has counted them.
pub fn tokens(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4)
}

/// A tool that the model wants used.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ToolCall {
    /// The provider's number of the call, where it gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// `search`
    pub name: String,
    /// An object, by name; or what the model gave for one, as it gave it.
    pub args: Json,
}

/// A token of the answer, and how likely it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TokenLogprob {
    /// Its text.
    pub token: String,
    /// The natural logarithm of its probability.
    pub logprob: f64,
}

/// How likely each value of an output was: its name, then each value with its score.
pub type Scores = Vec<(String, Vec<(String, f64)>)>;

/// One answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// What was said.
    pub text: String,
    /// Further answers to the same question, where several were wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// Tools that the model wants used before it says more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// What it thought first, where it tells.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub thought: String,
    /// How likely its tokens were, where that was wanted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logprobs: Vec<TokenLogprob>,
    /// How likely the values of the form's choices were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Scores,
    /// Why it ends.
    #[serde(default)]
    pub finish: Finish,
    /// What it took.
    #[serde(default)]
    pub usage: Usage,
    /// The provider's id of the answer, for support questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Which model really answered, where the provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl Reply {
    /// A text of which nothing else is known.
    pub fn text(text: impl Into<String>) -> Reply {
        Reply {
            text: text.into(),
            ..Reply::default()
        }
    }
}
