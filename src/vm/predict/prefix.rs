//! The beginnings of prompts, kept from call to call: a program's instructions and demos are put into words once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::adapter::Adapter;
use crate::chat::Message;
use crate::value::{Predictor, Program};

/// As many as a program in use has predictors, with room; a search leaves its candidates behind.
const MOST: usize = 256;

/// By the program's address, which its entry keeps in use, and the adapter.
#[derive(Default)]
pub struct Prefixes(FxHashMap<(usize, &'static str), Kept>);

struct Kept {
    _program: Arc<Program>,
    messages: Arc<[Message]>,
}

impl Prefixes {
    pub(super) fn of(
        &mut self,
        program: &Arc<Program>,
        predictor: &Predictor,
        adapter: &'static dyn Adapter,
    ) -> Arc<[Message]> {
        let key = (Arc::as_ptr(program).addr(), adapter.name());
        if let Some(kept) = self.0.get(&key) {
            return kept.messages.clone();
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let messages: Arc<[Message]> = adapter.prefix(&predictor.signature, &predictor.demos).into();
        let kept = Kept {
            _program: program.clone(),
            messages: messages.clone(),
        };
        self.0.insert(key, kept);
        messages
    }
}
