//! Code that a model wrote, in a session of its own: without files, network, environment and models, under limits. It may
//! call functions of the program that asked for it; where it wants what one returns, it stops, and is run again once that
//! is known. Nothing in its world changes between two runs, so it comes to the same place.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Builder, Failure, Limits, Session};
use crate::diag::{Fault, FaultKind};
use crate::host::{BoxFuture, ClosedHost, Host};
use crate::value::{EcoString, Value};
use crate::vm::{Ran, Sandbox, Snippet};

const LIMITS: Limits = Limits {
    depth: 500,
    steps: 5_000_000,
    memory: 128 << 20,
    time: Some(Duration::from_secs(5)),
};

pub(super) struct Apart {
    clock: Arc<dyn Host>,
}

impl Apart {
    pub fn beside(clock: Arc<dyn Host>) -> Arc<dyn Sandbox> {
        Arc::new(Apart { clock })
    }
}

/// Which call of a function comes next, and the first one whose outcome is not known.
#[derive(Default)]
struct Calls {
    known: Vec<Result<Value, String>>,
    next: usize,
    wants: Option<(EcoString, Vec<Value>)>,
}

impl Calls {
    fn answer(&mut self, name: &str, args: Vec<Value>) -> Result<Value, Fault> {
        let known = self.known.get(self.next).cloned();
        self.next += 1;
        match known {
            Some(outcome) => outcome.map_err(|message| Fault::new(FaultKind::User, message)),
            None => {
                let args = args.iter().map(plain).collect();
                self.wants.get_or_insert_with(|| (name.into(), args));
                Err(Fault::new(FaultKind::State, "the function has not answered yet"))
            }
        }
    }
}

impl Sandbox for Apart {
    fn run(&self, snippet: Snippet) -> BoxFuture<'static, Ran> {
        let host = Arc::new(ClosedHost::new(self.clock.clone()));
        let calls = Arc::new(Mutex::new(Calls {
            known: snippet.known.clone(),
            ..Calls::default()
        }));
        let session = open(host.clone(), &snippet, &calls);
        Box::pin(async move {
            let outcome = match session {
                Ok(session) => session.line(&snippet.text, false).await,
                Err(failure) => Err(failure),
            };
            let wants = calls.lock().unwrap_or_else(PoisonError::into_inner).wants.take();
            let (value, error) = match outcome {
                Ok(line) => (plain(&line.value), None),
                Err(failure) => (Value::None, Some(failure.render(false))),
            };
            Ran {
                printed: host.printed(),
                value,
                error,
                wants,
            }
        })
    }
}

fn open(host: Arc<ClosedHost>, snippet: &Snippet, calls: &Arc<Mutex<Calls>>) -> Result<Session, Failure> {
    let mut builder = Builder::new(host).cache(false).limits(LIMITS).without_sandbox();
    for head in &snippet.tools {
        let name: String = head
            .trim_start_matches("fn ")
            .chars()
            .take_while(|c| *c != '(')
            .collect();
        let calls = calls.clone();
        builder = builder.function(head, move |args| {
            let answer = calls.lock().unwrap_or_else(PoisonError::into_inner).answer(&name, args);
            async move { answer }
        })?;
    }
    Ok(builder.empty(PathBuf::from("/")))
}

/// Data alone passes between the two worlds: no function and no program.
fn plain(value: &Value) -> Value {
    Value::from_json(&value.to_json())
}
