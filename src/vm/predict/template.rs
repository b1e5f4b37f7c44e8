//! What the prompts of a program have in common, kept from call to call: its instructions and demos are put into words
//! once.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::adapter::{Adapter, Template};
use crate::value::{List, Program, Signature};

/// As many as a program in use has predictors, with room; a search leaves its candidates behind.
const MOST: usize = 256;

/// By the program's address, which its entry keeps in use, whether its tools are the request's own, and the adapter.
#[derive(Default)]
pub struct Templates(FxHashMap<(usize, bool, &'static str), Kept>);

struct Kept {
    _program: Arc<Program>,
    template: Arc<Template>,
}

impl Templates {
    pub(super) fn of(
        &mut self,
        program: &Arc<Program>,
        own_tools: bool,
        adapter: &'static dyn Adapter,
        signature: &Signature,
        demos: &List,
    ) -> Arc<Template> {
        let key = (Arc::as_ptr(program).addr(), own_tools, adapter.name());
        if let Some(kept) = self.0.get(&key) {
            return kept.template.clone();
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let template = Arc::new(adapter.template(signature, demos));
        let kept = Kept {
            _program: program.clone(),
            template: template.clone(),
        };
        self.0.insert(key, kept);
        template
    }
}
