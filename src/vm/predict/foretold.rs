//! A call that is only forecast: counted, and answered by values that stand for an answer.

use crate::adapter::{Parsed, Prompt};
use crate::call::{Bill, Cost, Forecast};
use crate::chat;
use crate::lm;
use crate::value::{LmKind, Predictor, Record, Signature, Value, usual_tokens};

use super::super::run::Run;
use super::Task;

/// Letters in a token of prose, about; how far off that may be.
const LETTERS: f64 = 4.0;
const FEWEST: f64 = 0.7;
const MOST: f64 = 1.6;

impl Run<'_> {
    /// The outputs of a call that is not made.
    pub(super) fn foretold(&mut self, task: &mut Task, forecast: &Forecast, prompt: &Prompt) -> Value {
        let Some(Predictor { signature, .. }) = task.predictor() else {
            return Value::None;
        };
        let signature = signature.clone();
        let bill = self.bill(task, &signature, prompt);
        forecast.add(bill);
        let several = task.plan.extractor.as_ref().map_or(task.plan.n, |(_, n)| *n);
        let count = match several > 1 && forecast.is_sparse() {
            true => 1,
            false => several,
        };
        let answer = |_| {
            let fields = signature.outputs.iter();
            let values: Record = fields
                .map(|field| (field.name.clone(), forecast.value(&field.ty)))
                .collect();
            Parsed {
                values,
                repairs: Vec::new(),
            }
        };
        task.asked.good = (0..count).map(answer).collect();
        task.asked.count = 1;
        task.asked.model = task.plan.lm.name.clone();
        self.outputs(task)
    }

    /// One request, and as many again as may be asked for what was wrong.
    fn bill(&self, task: &Task, signature: &Signature, prompt: &Prompt) -> Bill {
        let plan = &task.plan;
        let again = f64::from(plan.max_retries);
        let scripted = matches!(plan.lm.kind, LmKind::Scripted(_) | LmKind::Function(_));
        // Where a model gives one answer at a time, several are several requests.
        let answers = match scripted || plan.extractor.is_some() {
            true => 1.0,
            false => f64::from(plan.n.max(1)),
        };
        let steps = if plan.extractor.is_some() { 2.0 } else { 1.0 };
        let letters: usize = prompt.messages.iter().map(|message| message.content.len()).sum();
        let asked = letters as f64 / LETTERS;
        let fields = signature.outputs.iter();
        let said: f64 = fields.map(|field| 8.0 + usual_tokens(&field.ty) as f64).sum();
        let said = said * f64::from(plan.n.max(1));
        let longest = match plan.sent.iter().find(|(name, _)| name == "max_tokens") {
            Some((_, Value::Int(most))) => *most as f64 * f64::from(plan.n.max(1)),
            _ => said * 4.0,
        };
        let cost = |calls: f64, prompt_tokens: f64, completion_tokens: f64| Cost {
            calls,
            prompt_tokens,
            completion_tokens,
            dollars: self.machine.parts.client.price_of(
                &plan.lm,
                &chat::Usage {
                    prompt_tokens: prompt_tokens as u64,
                    completion_tokens: completion_tokens as u64,
                    ..chat::Usage::default()
                },
            ),
        };
        let one_by_one = if lm::gives_several(&plan.lm) { 1.0 } else { answers };
        Bill {
            least: cost(steps * one_by_one, asked * FEWEST, said / 4.0),
            expected: cost(steps * one_by_one, asked * steps, said * steps),
            most: cost(
                (steps + again) * answers,
                (steps + again) * (asked * MOST + longest),
                (steps + again) * longest,
            ),
        }
    }
}
