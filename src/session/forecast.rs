//! What a script would ask, without asking.

use std::sync::Arc;

use super::{Outcome, Session, State};
use crate::builtins::plan::record;
use crate::call::{Bill, FORECAST, Forecast, WAYS};
use crate::value::{EcoString, Value};

impl Session {
    /// The calls, tokens and dollars that running the script would come to, as `plan` tells them. Nothing is sent, printed
    /// or written.
    pub fn forecast(&self, arguments: impl Into<Vec<(EcoString, Value)>>) -> Outcome<Value> {
        let arguments = arguments.into();
        self.turn(|mut state| async move {
            let mut whole = Vec::new();
            let mut failures = Vec::new();
            for way in 0..WAYS {
                let (bill, outcome) = state.forecast(way, arguments.clone()).await;
                match outcome {
                    Ok(()) => whole.push((way, bill)),
                    Err(failure) => failures.push((way, bill, failure)),
                }
            }
            if whole.is_empty() {
                let asks = failures.iter().any(|(_, bill, _)| bill.most.calls > 0.0);
                whole = failures.iter().map(|(way, bill, _)| (*way, *bill)).collect();
                match failures.into_iter().next() {
                    Some((_, _, failure)) if !asks => return Err(failure),
                    _ => {}
                }
            }
            Ok(record(&Bill::of_ways(&whole)))
        })
    }
}

impl State {
    async fn forecast(&mut self, way: u32, arguments: Vec<(EcoString, Value)>) -> (Bill, Result<(), super::Failure>) {
        let before = (self.machine.checkpoint(), self.done.clone());
        let forecast = Arc::new(Forecast::new(way));
        let settings = vec![(EcoString::from(FORECAST), Value::Opaque(forecast.clone()))];
        self.machine.configure(settings);
        let outcome = self.run_whole(arguments).await;
        self.machine.restore(before.0);
        self.done = before.1;
        (forecast.bill(), outcome.map(|_| ()))
    }
}
