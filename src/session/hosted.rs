//! What a program around dsp brings along: functions of its own, typed by a declaration.

use std::borrow::Cow;
use std::sync::Arc;

use super::Failure;
use crate::builtins::LIBRARY;
use crate::check::{Environment, Natives};
use crate::diag::{Fault, FaultKind};
use crate::host::BoxFuture;
use crate::source::SourceMap;
use crate::syntax::ast::{FnBody, Function, Item};
use crate::syntax::parse::parse_file;
use crate::value::Value;
use crate::vm::{Body, Dry, HostedBody, Looks, Native};

/// The library file that the declarations stand in.
pub(super) const FILE: &str = "host.dsp";

/// The functions of the host: their declarations, and their bodies.
#[derive(Default)]
pub(super) struct Functions {
    pub text: String,
    pub natives: Vec<Native>,
}

impl Functions {
    /// Takes one up by its declaration: `fn lookup(id: int) -> str`.
    pub fn add(&mut self, declaration: &str, body: HostedBody) -> Result<(), Failure> {
        let name = declared(declaration)?;
        let known = |known: &Native| known.name == name;
        if self.natives.iter().any(known) || is_of_library(&name) {
            let fault = Fault::new(FaultKind::Value, format!("there is a function `{name}` already"));
            return Err(Failure::load(fault.help("choose another name for the host's function")));
        }
        self.text += declaration.trim();
        self.text.push_str("\n\n");
        self.natives.push(Native {
            name: Cow::Owned(name),
            looks: Looks::Deep,
            body: Body::Hosted(body),
            dry: Dry::Unanswered,
        });
        Ok(())
    }
}

/// The name of the one function without a body that a text declares, beside types of its own.
fn declared(declaration: &str) -> Result<String, Failure> {
    let mut sources = SourceMap::default();
    let file = sources.add(FILE, declaration);
    let (tree, problems) = parse_file(&sources, file);
    if problems.has_errors() {
        return Err(Failure::check(problems, sources));
    }
    let items: Vec<&Item> = tree
        .items
        .iter()
        .filter(|item| !matches!(item, Item::Type(_)))
        .collect();
    match items.as_slice() {
        [
            Item::Function(Function {
                name,
                body: FnBody::Native,
                ..
            }),
        ] => Ok(name.node.to_string()),
        _ => {
            let message = format!("`{}` declares no function without a body", declaration.trim());
            let fault = Fault::new(FaultKind::Value, message);
            Err(Failure::load(fault.help(
                "write the function's head and an optional description: `fn lookup(id: int) -> str`",
            )))
        }
    }
}

fn is_of_library(name: &str) -> bool {
    let natives = Natives {
        reach: Arc::new(|_| None),
        types: Vec::new(),
    };
    Environment::new(LIBRARY, natives)
        .library_names()
        .any(|known| known == name)
}

/// An async function of the host's as a body.
pub(super) fn body<F, R>(function: F) -> HostedBody
where
    F: Fn(Vec<Value>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Value, Fault>> + Send + 'static,
{
    Arc::new(move |args| -> BoxFuture<'static, Result<Value, Fault>> { Box::pin(function(args)) })
}
