//! The form of a reply, in tokens: what stands there, what the model writes freely, what it chooses from. A request
//! without a form is one open stretch.

use std::collections::VecDeque;

use super::text::Text;
use crate::chat::{Request, Slot};
use crate::diag::{Fault, FaultKind};

/// A stretch of the reply.
pub(super) enum Part {
    Text(Stretch),
    /// Ends before one of these texts.
    Open(Vec<String>),
    Choice(Choice),
}

/// A text and its tokens.
pub(super) struct Stretch {
    pub(super) text: String,
    pub(super) tokens: Vec<u32>,
}

/// What an output may be.
pub(super) struct Choice {
    pub(super) field: String,
    pub(super) options: Vec<Stretch>,
    /// What is taken off each one's score; as many as there are options.
    pub(super) prior: Vec<f64>,
}

pub(super) type Form = VecDeque<Part>;

/// What is still to be written of the reply to a request.
pub(super) fn of(request: &Request, text: &Text) -> Result<Form, Fault> {
    let stops = || request.stop.iter().filter(|stop| !stop.is_empty()).cloned();
    if request.form.is_empty() {
        return Ok([Part::Open(stops().collect())].into());
    }
    let stretch = |own: &String| -> Result<Stretch, Fault> {
        let tokens = text.tokens(own, false)?;
        Ok(Stretch {
            text: own.clone(),
            tokens,
        })
    };
    let mut form = Form::new();
    for slot in &request.form {
        let part = match slot {
            Slot::Text(own) => Part::Text(stretch(own)?),
            Slot::Open(until) => Part::Open(
                stops()
                    .chain([until.clone()].into_iter().filter(|t| !t.is_empty()))
                    .collect(),
            ),
            Slot::Choice { field, options, prior } => {
                let options = options.iter().map(stretch).collect::<Result<Vec<_>, _>>()?;
                let prior = (0..options.len()).map(|index| prior.get(index).copied().unwrap_or(0.0));
                let choice = Choice {
                    field: field.clone(),
                    prior: prior.collect(),
                    options,
                };
                if choice.options.iter().any(|option| option.tokens.is_empty()) || choice.options.is_empty() {
                    return Err(senseless("a choice of nothing"));
                }
                Part::Choice(choice)
            }
        };
        // Two gaps must have a text between them: what the first ends with is not known to be read.
        let gap = |part: &Part| !matches!(part, Part::Text(stretch) if !stretch.tokens.is_empty());
        if gap(&part) && form.back().is_some_and(gap) {
            return Err(senseless("two gaps beside each other"));
        }
        form.push_back(part);
    }
    Ok(form)
}

fn senseless(what: &str) -> Fault {
    Fault::new(FaultKind::Value, format!("the form of the reply has {what}"))
        .help("put a text between the gaps, and give each choice an option")
}
