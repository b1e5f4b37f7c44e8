//! What a server is asked for beside an answer: to hold it to a form, and to know the question's tools. One that refuses is
//! asked for less, where the settings leave that open.

use crate::adapter::{self, OwnTools};
use crate::chat::{Shape, Slot};
use crate::diag::Fault;
use crate::lm;
use crate::value::Signature;

use super::super::run::Run;
use super::Task;
use super::settings::{NativeTools, Structured, has_no_form, takes_no_form};

impl Run<'_> {
    /// The question's tools, where they are the request's own.
    pub(super) fn own_tools(&self, task: &Task) -> Option<OwnTools> {
        let plan = &task.plan;
        let wanted = match plan.native_tools {
            NativeTools::Off => false,
            NativeTools::On => true,
            NativeTools::Auto => !self.toolless.contains(&plan.lm.name),
        };
        let own = adapter::own_tools(&task.predictor()?.signature, &task.inputs);
        own.filter(|_| wanted && lm::takes_tools(&plan.lm))
    }

    /// Whether a request that was refused can be made without what the server does not take.
    pub(super) fn asks_for_less(&mut self, task: &mut Task, refusal: &Fault) -> bool {
        lm::refuses_shape(refusal) && self.without_shape(task) || lm::refuses_tools(refusal) && self.without_tools(task)
    }

    /// Puts the tools into the text.
    fn without_tools(&mut self, task: &mut Task) -> bool {
        if task.plan.native_tools != NativeTools::Auto || task.asked.own_tools.is_none() {
            return false;
        }
        self.toolless.insert(task.plan.lm.name.clone());
        task.asked.own_tools = None;
        task.asked.prompt = self.prompt(task);
        true
    }

    /// What the server is to hold the reply to.
    pub(super) fn shape(&self, task: &Task) -> Result<Option<Shape>, Fault> {
        let plan = &task.plan;
        let shape = task.asked.prompt.as_ref().and_then(|prompt| prompt.shape.clone());
        let shape = shape.map(Shape::fit_for_dicts);
        match plan.structured {
            Structured::Off => Ok(None),
            Structured::Auto if shape.is_none() || !lm::takes_shape(&plan.lm) => Ok(None),
            Structured::Auto => Ok(self.shapes.get(&plan.lm.name).cloned().unwrap_or(shape)),
            Structured::On if shape.is_none() || lm::takes_shape(&plan.lm) => Ok(shape),
            // One that fills in a form is given that in place of a schema, if the adapter has one for these outputs.
            Structured::On if lm::fills_form(&plan.lm) => match form(task).is_empty() {
                true => Err(has_no_form(&plan.lm)),
                false => Ok(None),
            },
            Structured::On => Err(takes_no_form(&plan.lm)),
        }
    }

    /// Asks for less: any JSON object where a schema was refused, then nothing.
    fn without_shape(&mut self, task: &mut Task) -> bool {
        let Some(prompt) = task
            .asked
            .prompt
            .as_mut()
            .filter(|_| task.plan.structured == Structured::Auto)
        else {
            return false;
        };
        prompt.shape = match prompt.shape.take() {
            None => return false,
            Some(Shape::Schema { .. }) => Some(Shape::Object),
            Some(Shape::Object) => None,
        };
        self.shapes.insert(task.plan.lm.name.clone(), prompt.shape.clone());
        true
    }
}

impl Task {
    /// What the model is asked in words: the predictor's signature, without tools that are the request's own.
    pub(super) fn signature(&self) -> Option<&Signature> {
        match &self.asked.own_tools {
            Some(own) => Some(&own.signature),
            None => self.predictor().map(|predictor| &*predictor.signature),
        }
    }
}

/// The form of the reply, if the model fills one in; choices have what their calibration takes off.
pub(super) fn form(task: &Task) -> Vec<Slot> {
    let plan = &task.plan;
    let Some(predictor) = task.predictor() else {
        return Vec::new();
    };
    if plan.structured == Structured::Off || !lm::fills_form(&plan.lm) {
        return Vec::new();
    }
    let mut form = plan.adapter.form(&predictor.signature);
    for slot in &mut form {
        if let Slot::Choice { field, options, prior } = slot
            && let Some(calibration) = &predictor.calibration
            && let Some(known) = calibration.get(field.as_str())
        {
            let each = options.iter().map(|option| known.get(option.trim()).copied());
            *prior = each.collect::<Option<Vec<f64>>>().unwrap_or_default();
        }
    }
    form
}
