//! Retrieval: passages for a query, from retrievers that a program around dsp brings along.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::diag::{Fault, FaultKind, nearest};
use crate::host::BoxFuture;
use crate::value::{Opaque, Value};

/// A text that a search has found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Passage {
    /// What it says.
    pub text: String,
    /// How well it fits; more is better.
    pub score: f64,
    /// How its source names it.
    pub id: Option<String>,
    /// Whatever else is known of it.
    pub meta: Value,
}

impl Passage {
    /// A text of which nothing else is known.
    pub fn text(text: impl Into<String>) -> Passage {
        Passage {
            text: text.into(),
            ..Passage::default()
        }
    }
}

/// A retriever of the host's own: an async function from a query and a number to the best passages, the best first.
pub trait Retriever: Send + Sync + 'static {
    /// Answers one query. Dropping the future cancels it.
    fn search(&self, query: String, k: usize) -> BoxFuture<'static, Result<Vec<Passage>, Fault>>;
}

impl<F, R> Retriever for F
where
    F: Fn(String, usize) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Vec<Passage>, Fault>> + Send + 'static,
{
    fn search(&self, query: String, k: usize) -> BoxFuture<'static, Result<Vec<Passage>, Fault>> {
        Box::pin(self(query, k))
    }
}

/// The host's retrievers by name.
#[derive(Clone, Default)]
pub struct Retrievers(HashMap<String, Arc<dyn Retriever>>);

impl Retrievers {
    /// A further retriever; the last of a name counts.
    pub fn add(&mut self, name: impl Into<String>, retriever: impl Retriever) {
        self.0.insert(name.into(), Arc::new(retriever));
    }

    /// The value that stands for a retriever in scripts.
    pub fn value(&self, name: &str) -> Result<Value, Fault> {
        if let Some(retriever) = self.0.get(name) {
            return Ok(Value::Opaque(Arc::new(Named {
                name: name.to_owned(),
                retriever: retriever.clone(),
            })));
        }
        let fault = Fault::new(FaultKind::Key, format!("no retriever `{name}` was registered"));
        Err(match nearest(name, self.0.keys().map(String::as_str)) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help("the program that runs this script registers its retrievers"),
        })
    }
}

/// A retriever as a value.
pub struct Named {
    pub(crate) name: String,
    pub(crate) retriever: Arc<dyn Retriever>,
}

impl Named {
    /// The retriever that a value is.
    pub fn of(value: &Value) -> Option<&Named> {
        match value {
            Value::Opaque(opaque) => opaque.as_any().downcast_ref(),
            _ => None,
        }
    }
}

impl fmt::Debug for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Retriever({})", self.name)
    }
}

impl Opaque for Named {
    fn type_name(&self) -> &'static str {
        "Retriever"
    }

    fn show(&self) -> String {
        format!("<Retriever {}>", self.name)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Opaque) -> bool {
        let other = other.as_any().downcast_ref::<Named>();
        other.is_some_and(|other| Arc::ptr_eq(&self.retriever, &other.retriever))
    }
}
