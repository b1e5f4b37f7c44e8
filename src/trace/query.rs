//! A request that is no turn of a conversation: texts whose places were asked for, a search for passages.

use std::sync::Arc;

use serde_json::Value as Json;

use super::attempt::Try;
use super::stamp::stamp;
use crate::chat::{EmbeddingRequest, Usage};
use crate::value::EcoString;

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The model, or the retriever.
    pub name: EcoString,
    /// What was asked.
    pub asked: Asked,
    /// Whether the cache answered.
    pub cached: bool,
    /// What it took.
    pub usage: Usage,
    /// Seconds since 1970 at its end.
    pub at: f64,
    /// From the question to the answer.
    pub seconds: f64,
    /// Its requests.
    pub tries: Vec<Try>,
    /// Why there is no answer.
    pub error: Option<String>,
    /// The span that it was made in, where that is traced.
    pub span: Option<u64>,
}

/// What was asked, and what a search has found.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    Embedding(Arc<EmbeddingRequest>),
    Search {
        query: String,
        k: usize,
        /// `{text, score, id}`, where that is traced.
        found: Vec<Json>,
    },
}

impl Query {
    /// When it ended, as ISO 8601 in UTC.
    pub fn timestamp(&self) -> String {
        stamp(self.at)
    }

    /// Its requests as queries of their own, the last of them with what came of it all.
    pub fn each(&self) -> Vec<Query> {
        let in_vain = self.tries.iter().take(self.tries.len().saturating_sub(1));
        let in_vain = in_vain.map(|one| Query {
            usage: one.usage,
            seconds: one.seconds,
            at: one.at.unwrap_or(self.at),
            error: one.error(),
            tries: Vec::new(),
            ..self.clone()
        });
        let last = self.tries.last().filter(|last| last.at.is_some());
        let last = Query {
            seconds: last.map_or(self.seconds, |last| last.seconds),
            at: last.and_then(|last| last.at).unwrap_or(self.at),
            ..self.clone()
        };
        in_vain.chain([last]).collect()
    }
}
