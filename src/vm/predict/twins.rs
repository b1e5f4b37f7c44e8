//! A warning where one comprehension asks one question twice: the second is answered with the first one's answer, which
//! is hardly what somebody wants who asks several times.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};

use super::Task;
use crate::adapter::Prompt;
use crate::host::Stream;
use crate::lm::CallSettings;
use crate::value::LmKind;
use crate::vm::fiber::Fiber;
use crate::vm::run::Run;
use crate::vm::tree::Piece;

/// So many questions are remembered in all.
const REMEMBERED: usize = 100_000;

/// What was asked in each comprehension.
#[derive(Default)]
pub struct Twins {
    asked: FxHashMap<u64, FxHashSet<u64>>,
    remembered: usize,
    /// The calls that were warned of, by their places.
    warned: FxHashSet<crate::source::Span>,
}

impl Run<'_> {
    /// The innermost comprehension that a call is made in, if the script has it: that the library goes through rows is
    /// no wish for several answers.
    pub(super) fn own_comprehension(&self, fiber: &Fiber) -> Option<u64> {
        let top = fiber.frames.len().saturating_sub(1);
        let group = fiber.group(top).or_else(|| self.tree.group(fiber.node))?;
        self.is_own(group).then_some(group)
    }

    pub(super) fn warn_of_twin(&mut self, task: &Task, prompt: &Prompt) {
        let plan = &task.plan;
        let (Some(group), Some(span)) = (task.group, task.site.span) else {
            return;
        };
        let numbered = plan.rollout.is_some() || plan.n > 1;
        let asked = matches!(plan.lm.kind, LmKind::Provider | LmKind::Several(_));
        let cached = CallSettings::of(&plan.lm, &plan.settings).is_ok_and(|settings| settings.cache);
        if numbered || !asked || !cached || self.twins.warned.contains(&span) {
            return;
        }
        if self.twins.remembered >= REMEMBERED {
            self.twins.asked.clear();
            self.twins.remembered = 0;
        }
        let mut hasher = FxHasher::default();
        (Arc::as_ptr(&task.program) as usize).hash(&mut hasher);
        plan.lm.name.hash(&mut hasher);
        let tools = task.asked.own_tools.as_ref().map(|own| &own.tools);
        format!("{:?}{tools:?}", plan.sent).hash(&mut hasher);
        prompt
            .messages
            .iter()
            .for_each(|message| message.content.hash(&mut hasher));
        self.twins.remembered += 1;
        if self.twins.asked.entry(group).or_default().insert(hasher.finish()) {
            return;
        }
        self.twins.warned.insert(span);
        let sources = &self.machine.program.sources;
        if span.file.0 as usize >= sources.len() {
            return;
        }
        let file = sources.get(span.file);
        let (line, column) = file.line_column(span.start);
        let text = format!(
            "warning: {}:{line}:{column}: this comprehension asks the same question twice, and both get one answer\n  help: \
             number the answers: `with (rollout: i) {{ … }}`, or ask for several at once: `Predict(…, n: 3)`\n",
            file.name
        );
        self.tree.push(task.node, Piece::Text(Stream::Err, text));
    }
}
