//! What the prompts of a program have in common, kept from call to call: its instructions and demos are put into words
//! once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::adapter::{Adapter, Template};
use crate::value::{Predictor, Program};

/// As many as a program in use has predictors, with room; a search leaves its candidates behind.
const MOST: usize = 256;

/// By the program's address, which its entry keeps in use, and the adapter.
#[derive(Default)]
pub struct Templates(FxHashMap<(usize, &'static str), Kept>);

struct Kept {
    _program: Arc<Program>,
    template: Arc<Template>,
}

impl Templates {
    pub(super) fn of(
        &mut self,
        program: &Arc<Program>,
        predictor: &Predictor,
        adapter: &'static dyn Adapter,
    ) -> Arc<Template> {
        let key = (Arc::as_ptr(program).addr(), adapter.name());
        if let Some(kept) = self.0.get(&key) {
            return kept.template.clone();
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let template = Arc::new(adapter.template(&predictor.signature, &predictor.demos));
        let kept = Kept {
            _program: program.clone(),
            template: template.clone(),
        };
        self.0.insert(key, kept);
        template
    }
}
