//! Reading a reply: its fields, then its constraints; what is wrong is asked again.

use std::sync::Arc;

use crate::adapter::ParseFault;
use crate::diag::{Fault, FaultKind, Misfit};
use crate::value::{Constraint, EcoString, Predictor, Program, Raised, Record, Signature, Value, python_str};

use super::super::run::Run;
use super::meta::{Meta, More, Tries};
use super::{Stage, Task};

type Step = Result<Option<Value>, Arc<Raised>>;

impl Run<'_> {
    pub(super) fn unreadable(&mut self, id: usize, task: &mut Task, problem: &ParseFault) -> Step {
        if task.asked.again < task.plan.max_retries {
            return self.ask_again(id, task, FaultKind::Parse, &problem.message);
        }
        let fault = Fault::new(FaultKind::Parse, problem.message.replace('\n', "; "));
        let place = Misfit {
            part: problem.text.as_ref().map(EcoString::to_string),
            within: problem.within.iter().map(EcoString::to_string).collect(),
            found: problem.found.as_ref().map(EcoString::to_string),
            ..Misfit::default()
        };
        Err(task.fail(task.misfit(fault, problem.field.as_deref(), place)))
    }

    fn ask_again(&mut self, id: usize, task: &mut Task, kind: FaultKind, problem: &str) -> Step {
        task.asked.again += 1;
        if let Some(last) = task.asked.tries.last_mut() {
            (last.outcome, last.message) = (kind.name(), Some(problem.to_owned()));
        }
        if let (Some(signature), Some(prompt)) = (task.signature(), &task.asked.prompt) {
            let again = task.plan.adapter.reask(signature, prompt, &task.asked.reply, problem);
            task.asked.prompt = Some(again);
        }
        self.ask(id, task)
    }

    /// Runs the conditions from number `at` on, one after another.
    pub(super) fn conditions_from(&mut self, id: usize, task: &mut Task, at: usize) -> Step {
        let program = task.program.clone();
        let Program::Predictor(Predictor { signature, .. }) = program.as_ref() else {
            return Ok(None);
        };
        let Some(read) = &task.asked.read else { return Ok(None) };
        let mut all = conditions(signature).enumerate().skip(at);
        let next = all.find(|(_, (field, _))| {
            !read
                .values
                .get(&signature.outputs[*field].name)
                .is_none_or(Value::is_none)
        });
        let Some((at, (field, constraint))) = next else {
            return self.all_known(id, task);
        };
        let known = signature.outputs[..=field].iter();
        let known = known.filter_map(|f| Some((f.name.clone(), read.values.get(&f.name)?.clone())));
        let inputs = task.inputs.iter().map(|(name, value)| (name.clone(), value.clone()));
        let fields: Record = inputs.chain(known).collect();
        let check = Value::Function(constraint.check.clone());
        let (code, registers) = self
            .machine
            .calling(check, vec![Value::Record(Arc::new(fields))], Vec::new());
        let start = self.start_inside(task);
        let promise = self.spawn(code, registers, start);
        task.stage = Stage::Condition(at, promise);
        self.step(id, task)
    }

    pub(super) fn condition_known(&mut self, id: usize, task: &mut Task, at: usize, holds: &Value) -> Step {
        let program = task.program.clone();
        let Program::Predictor(Predictor { signature, .. }) = program.as_ref() else {
            return Ok(None);
        };
        if !matches!(holds, Value::Bool(true))
            && let Some((field, constraint)) = conditions(signature).nth(at)
        {
            let name = signature.outputs[field].name.clone();
            task.asked.broken.push((name, constraint.advice.clone()));
        }
        self.conditions_from(id, task, at + 1)
    }

    /// All conditions have been tried.
    fn all_known(&mut self, id: usize, task: &mut Task) -> Step {
        if let Some(parsed) = task.next_to_check() {
            task.asked.read = Some(Box::new(parsed));
            return self.conditions_from(id, task, 0);
        }
        if !task.asked.good.is_empty() {
            return Ok(Some(self.outputs(task)));
        }
        let Some((first, _)) = task.asked.broken.first().cloned() else {
            return Ok(None);
        };
        let lines = task
            .asked
            .broken
            .iter()
            .map(|(field, advice)| format!("`{field}` must be: {advice}"));
        let problem = lines.collect::<Vec<_>>().join("\n");
        if task.asked.again < task.plan.max_retries {
            return self.ask_again(id, task, FaultKind::Constraint, &problem);
        }
        let fault = Fault::new(FaultKind::Constraint, problem.replace('\n', "; "));
        let said = task.asked.read.as_ref().and_then(|read| read.values.get(&first));
        let place = Misfit {
            part: said.map(python_str),
            ..Misfit::default()
        };
        Err(task.fail(task.misfit(fault, Some(&first), place)))
    }

    /// The record of the outputs, with how it came to be.
    pub(super) fn outputs(&mut self, task: &mut Task) -> Value {
        let mut good = std::mem::take(&mut task.asked.good).into_iter();
        let Some(read) = good.next() else {
            return Value::None;
        };
        self.tell_the_rest(task, &read);
        let mut outputs = read.values;
        let completions = match task.plan.n {
            0 | 1 => Vec::new(),
            _ => [outputs.clone()]
                .into_iter()
                .chain(good.map(|other| other.values))
                .collect(),
        };
        let asked = &mut task.asked;
        let more = More {
            repairs: read.repairs,
            completions,
            ..asked.more.take().map(|more| *more).unwrap_or_default()
        };
        outputs.meta = Some(Arc::new(Meta {
            attempts: asked.count,
            usage: asked.usage,
            cached: asked.cached,
            model: std::mem::take(&mut asked.model),
            id: asked.id.take().map(EcoString::from),
            tries: Tries::of(std::mem::take(&mut asked.tries), &asked.usage),
            more: more.kept(),
        }));
        let outputs = Value::Record(Arc::new(outputs));
        let path = task.predictor().and_then(|predictor| predictor.path.clone());
        if let (Some(collector), Some(path)) = (&task.collector, path) {
            let inputs = Value::Record(Arc::new(task.inputs.clone()));
            let call = Value::record([
                ("path", Value::Str(path)),
                ("inputs", inputs),
                ("outputs", outputs.clone()),
            ]);
            collector.note(&self.tree.path(task.node), &call);
        }
        outputs
    }
}

impl Task {
    /// A failure of the last reply, with what there is to show of it.
    fn misfit(&self, fault: Fault, field: Option<&str>, place: Misfit) -> Fault {
        let predictor = self.predictor();
        let signature = predictor.map(|predictor| &predictor.signature);
        let named = signature
            .map(|signature| &signature.name)
            .filter(|name| *name != Signature::INLINE);
        let of = predictor.and_then(|predictor| predictor.path.as_ref()).or(named);
        let declared = field.and_then(|field| signature?.output(field)?.declared);
        let misfit = Misfit {
            of: of.map(EcoString::to_string),
            declared,
            ..place
        };
        Fault {
            field: field.map(str::to_owned),
            misfit: Some(Box::new(misfit)),
            ..fault.reply(self.asked.reply.as_str())
        }
    }
}

/// All constraints with the number of their output, in order.
fn conditions(signature: &Signature) -> impl Iterator<Item = (usize, &Constraint)> {
    let outputs = signature.outputs.iter().enumerate();
    outputs.flat_map(|(i, field)| field.constraints.iter().map(move |constraint| (i, constraint)))
}
