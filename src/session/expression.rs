//! Expressions in a script's scope: what `dsp eval` and `dsp compile` ask for in the language's own words.

use super::{Failure, Outcome, Session, State, plan};
use crate::check::Kind;
use crate::hir::Definition;
use crate::value::Value;

/// The name that diagnostics give to an expression's source.
const SOURCE: &str = "<command line>";

impl Session {
    /// The value of an expression that may name whatever the script's top level has. Of that, what it needs runs, and
    /// `configure`.
    pub fn expression(&self, text: &str) -> Outcome<Value> {
        let text = text.to_owned();
        self.turn(|mut state| async move { state.expression(&text).await })
    }

    /// How an expression names the program of a path: as it stands, but a module is made an instance of.
    pub fn program_expression(&self, path: &str) -> Outcome<String> {
        let path = path.to_owned();
        self.turn(|state| async move { Ok(state.program_expression(&path)) })
    }
}

impl State {
    async fn expression(&mut self, text: &str) -> Result<Value, Failure> {
        let script = self.script()?;
        self.prepare(plan::Roots::default(), plan::Own::Needed, &script).await?;
        let file = self.sources.add(SOURCE.to_owned(), text);
        let after = Some(script.file);
        self.check(file, Kind::Line { after })?;
        let unit = self.script()?;
        self.prepare(plan::Roots::whole(&unit), plan::Own::Later, &unit).await?;
        let ran = self.run_unit(&unit).await;
        self.unit = Some(script);
        ran.map(|_| self.last_value(&unit).0)
    }

    fn program_expression(&self, path: &str) -> String {
        let end = path.find(['.', '[']).unwrap_or(path.len());
        let (name, rest) = path.split_at(end);
        match self.definition(name) {
            Some(Definition::Module(_)) => format!("{name}(){rest}"),
            _ => path.to_owned(),
        }
    }
}
