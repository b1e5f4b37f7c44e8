//! Several answers to one question: asked for in one request where the model can, else one after the other; each is read
//! and held against the constraints, and those that fail are left out while one holds.

use std::sync::{Arc, OnceLock};

use crate::adapter::{self, Adapter, Chat, OwnTools, Parsed};
use crate::chat::ToolCall;
use crate::value::{EcoString, LmSpec, Predictor, Program, Raised, Record, Value};

use super::super::run::Run;
use super::Task;

type Step = Result<Option<Value>, Arc<Raised>>;

/// One answer as it came; of a scripted model perhaps a record, which `text` is the rendering of.
pub struct Said {
    pub text: String,
    pub record: Option<Arc<Record>>,
    /// Tools that are to be used.
    pub calls: Vec<ToolCall>,
}

impl Said {
    pub fn of(text: String) -> Said {
        Said {
            text,
            record: None,
            calls: Vec::new(),
        }
    }

    /// For the model that is asked again, and in errors.
    fn shown(self) -> String {
        if self.calls.is_empty() {
            return self.text;
        }
        let calls = adapter::calls(&self.calls).to_json();
        format!("{}\n{calls}", self.text).trim().to_owned()
    }
}

impl Task {
    /// What a request says of the number of answers: those that are left, under a number of their own.
    pub(super) fn wanted(&self) -> Vec<(EcoString, Value)> {
        let number = |n: u32| Value::Int(i64::from(n));
        let got = u32::try_from(self.asked.said.len()).unwrap_or(u32::MAX);
        let left = self.plan.n.saturating_sub(got);
        let mut wanted = Vec::new();
        if self.plan.n > 1 {
            wanted.push(("n".into(), number(left)));
        }
        if got > 0 {
            wanted.push((
                "rollout_id".into(),
                number(self.plan.rollout.unwrap_or(0).saturating_add(got)),
            ));
        }
        wanted
    }

    /// Puts the answer that was just held against its constraints where it belongs, and yields the next one.
    pub(super) fn next_to_check(&mut self) -> Option<Parsed> {
        let asked = &mut self.asked;
        if asked.broken.is_empty() {
            asked.good.extend(asked.read.take().map(|read| *read));
        }
        let next = asked.unchecked.pop_front()?;
        asked.broken.clear();
        Some(next)
    }
}

impl Run<'_> {
    /// Something was said: there are enough answers, or it is asked for more.
    pub(super) fn heard(&mut self, id: usize, task: &mut Task, said: Said, others: Vec<String>) -> Step {
        let record = task.asked.record.take();
        task.asked.said.push(Said { record, ..said });
        task.asked.said.extend(others.into_iter().map(Said::of));
        if task.asked.said.len() < task.plan.n as usize {
            return self.ask(id, task);
        }
        if let Some(extractor) = task.plan.extractor.clone() {
            let first = task.asked.said.pop().unwrap_or_else(|| Said::of(String::new()));
            return self.extract(id, task, first, extractor);
        }
        self.heard_enough(id, task)
    }

    /// The second step of `TwoStep`: another model takes the outputs out of what was said, but for calls of tools.
    fn extract(&mut self, id: usize, task: &mut Task, first: Said, by: (Arc<LmSpec>, u32)) -> Step {
        let Some(mut signature) = task.signature().cloned() else {
            return Ok(None);
        };
        if !first.calls.is_empty() {
            signature = adapter::without_calls(&signature).unwrap_or(signature);
        }
        let plan = Arc::make_mut(&mut task.plan);
        plan.adapter = &Chat;
        plan.extractor = None;
        if !first.calls.is_empty() && (signature.outputs.is_empty() || first.text.trim().is_empty()) {
            task.asked.said.push(first);
            return self.heard_enough(id, task);
        }
        (plan.lm, plan.n) = by;
        plan.call = OnceLock::new();
        let (asked, inputs) = adapter::extraction(&signature, adapter::without_thoughts(&first.text));
        task.asked.prompt = Some(Chat.format(&asked, &[], &inputs));
        task.asked.calls = first.calls;
        let tools = Value::None;
        task.asked.own_tools = task.asked.own_tools.take().map(|_| OwnTools { signature, tools });
        self.ask(id, task)
    }

    fn heard_enough(&mut self, id: usize, task: &mut Task) -> Step {
        let program = task.program.clone();
        let Program::Predictor(Predictor { signature, .. }) = program.as_ref() else {
            return Ok(None);
        };
        let mut said = std::mem::take(&mut task.asked.said);
        said.truncate(task.plan.n.max(1) as usize);
        let mut first_problem = None;
        task.asked.unchecked.clear();
        for said in &said {
            let (adapter, strict) = (task.plan.adapter, task.plan.strict);
            let calls = match said.calls.is_empty() {
                true => &task.asked.calls,
                false => &said.calls,
            };
            let read = match &said.record {
                Some(record) => adapter.said(signature, record, strict),
                None if !calls.is_empty() || task.asked.own_tools.is_some() => {
                    adapter::with_calls(adapter, signature, &said.text, calls, strict)
                }
                None => adapter.parse(signature, &said.text, strict),
            };
            match read {
                Ok(parsed) => task.asked.unchecked.push_back(parsed),
                Err(problem) => first_problem = first_problem.or(Some(problem)),
            }
        }
        let left_out = said.len() - task.asked.unchecked.len();
        if let (Some(first), Some(problem)) = (task.asked.unchecked.front_mut(), &first_problem) {
            let note = format!("{left_out} of {} answers left out: {}", said.len(), problem.message);
            first.repairs.push(note);
        }
        task.asked.reply = said.into_iter().next().map(Said::shown).unwrap_or_default();
        task.asked.broken.clear();
        match (task.asked.unchecked.pop_front(), first_problem) {
            (Some(first), _) => {
                task.asked.read = Some(Box::new(first));
                self.conditions_from(id, task, 0)
            }
            (None, Some(problem)) => self.unreadable(id, task, &problem),
            (None, None) => Ok(None),
        }
    }
}
