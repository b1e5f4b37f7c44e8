//! What can be asked about a script without running it, or about its programs: parameters, predictors by path.

use super::files::Loader;
use super::{Failure, Outcome, Session, State, plan};
use crate::check::About;
use crate::diag::{Fault, FaultKind, nearest};
use crate::hir::{Definition, Expr, ExprKind, Param};
use crate::source::{FileId, SourceMap};
use crate::value::{EcoString, FnId, Instance, Program, Signature, Type, Value, json};
use crate::vm::{Captured, Checkpoint};
use std::collections::BTreeSet;

/// One parameter of `main`, or one input of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// `question`
    pub name: EcoString,
    /// As declared; `any` where nothing is.
    pub ty: Type,
    /// Whether it may not be left out.
    pub required: bool,
    /// What it is when left out, as the script writes it; `None` where that is `none`, or nothing.
    pub default: Option<EcoString>,
    /// What it is for, where the script says.
    pub description: Option<EcoString>,
}

/// What `dsp run FILE --help` shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Main {
    /// What it is for, where the script says.
    pub description: Option<EcoString>,
    /// What it takes.
    pub parameters: Vec<Parameter>,
}

impl Session {
    /// The script's `main`, if it has one.
    pub fn main(&self) -> Outcome<Option<Main>> {
        self.turn(|state| async move {
            let main = state.script()?.main;
            Ok(main.map(|id| Main {
                description: state.environment.program.function(id).description.clone(),
                parameters: state.parameters(id),
            }))
        })
    }

    /// What a program of the script takes. Sends nothing.
    pub fn inputs(&self, path: &str) -> Outcome<Vec<Parameter>> {
        let path = path.to_owned();
        self.turn(|mut state| async move {
            let before = state.begin_dry_run();
            let program = state.program(&path).await;
            state.end_dry_run(before);
            Ok(state.inputs(&program?))
        })
    }

    /// The names that a line can use: the script's and the lines' own, then the library's.
    pub fn names(&self) -> Outcome<Vec<EcoString>> {
        self.turn(|mut state| async move {
            state.take_back();
            Ok(state.names())
        })
    }

    /// The type of what an input of a REPL would come to. Nothing of it runs.
    pub fn type_of(&self, text: &str) -> Outcome<Type> {
        let text = text.to_owned();
        self.turn(|mut state| async move { state.type_of(&text) })
    }

    /// What a name (`len`, `rag.MultiHop`) stands for, in the words of its declarations; none if it is unknown.
    pub fn about(&self, name: &str) -> Outcome<Vec<About>> {
        let name = name.to_owned();
        self.turn(|mut state| async move {
            state.take_back();
            Ok(state.about(&name))
        })
    }
}

impl State {
    /// What must be put back when the dry run ends.
    pub(super) fn begin_dry_run(&mut self) -> (Checkpoint, BTreeSet<(FileId, u32)>) {
        self.machine.begin_dry_run();
        (self.machine.checkpoint(), self.done.clone())
    }

    /// What would have been sent.
    pub(super) fn end_dry_run(&mut self, before: (Checkpoint, BTreeSet<(FileId, u32)>)) -> Vec<Captured> {
        let captured = self.machine.end_dry_run();
        self.machine.restore(before.0);
        self.done = before.1;
        captured
    }

    fn parameters(&self, id: FnId) -> Vec<Parameter> {
        let function = self.environment.program.function(id);
        function
            .params
            .iter()
            .filter(|param| !param.rest)
            .map(|param| parameter(param, &self.sources))
            .collect()
    }

    /// `none` for what a caller from outside left out of parameters such as `limit: int?`.
    pub(super) fn fill_left_out(&self, callee: &Value, named: &mut Vec<(EcoString, Value)>) {
        let function = match callee {
            Value::Function(function) => function.id,
            Value::Program(program) => match program.as_ref() {
                Program::Instance(instance) => self.environment.program.module(instance.module).forward,
                Program::Predictor(_) => return,
            },
            _ => return,
        };
        for param in &self.environment.program.function(function).params {
            let given = named.iter().any(|(name, _)| *name == param.name);
            if !given && param.default.is_none() && may_be_none(param) {
                named.push((param.name.clone(), Value::None));
            }
        }
    }

    fn inputs(&self, program: &Value) -> Vec<Parameter> {
        match program {
            Value::Function(function) => self.parameters(function.id),
            Value::Program(program) => match program.as_ref() {
                Program::Predictor(predictor) => signature_inputs(&predictor.signature),
                Program::Instance(instance) => {
                    self.parameters(self.environment.program.module(instance.module).forward)
                }
            },
            _ => Vec::new(),
        }
    }

    /// The program that a path names: a `let`, a module (an instance is made), or a part of one.
    pub(super) async fn program(&mut self, path: &str) -> Result<Value, Failure> {
        let mut steps = steps(path).into_iter();
        let name = steps.next().unwrap_or_default();
        let mut value = self.named(&name).await?;
        if let Some(Definition::Module(module)) = self.definition(&name) {
            let constructor = plan::function(
                self.environment.program.module(module).constructor,
                &self.environment.program,
            );
            value = self.call(constructor, Vec::new()).await?;
        }
        let mut walked = name;
        for step in steps {
            value = part(&value, &step).map_err(|near| Failure::load(no_part(&walked, &step, near)))?;
            walked = format!("{walked}.{step}");
        }
        match value {
            Value::Program(_) | Value::Function(_) => Ok(value),
            Value::Promise(_) => {
                let message =
                    format!("`{walked}` is known only when a model has answered, and `dsp prompt` sends nothing");
                Err(Failure::load(Fault::new(FaultKind::State, message)))
            }
            other => Err(Failure::load(Fault::new(
                FaultKind::Type,
                format!(
                    "`{walked}` is no program but a value of the type `{}`",
                    other.type_name()
                ),
            ))),
        }
    }

    pub(super) fn names(&self) -> Vec<EcoString> {
        let own = self.environment.visible(self.unit.as_ref().map(|unit| unit.file));
        let mut library: Vec<EcoString> = self.environment.library_names().map(EcoString::from).collect();
        library.sort();
        library.retain(|name| !own.contains(name));
        own.into_iter().chain(library).collect()
    }

    pub(super) fn about(&mut self, name: &str) -> Vec<About> {
        let mut loader = Loader {
            host: self.host.as_ref(),
            folders: &mut self.folders,
        };
        let file = self.unit.as_ref().map(|unit| unit.file);
        self.environment.about(&mut self.sources, &mut loader, file, name)
    }

    pub(super) fn definition(&self, name: &str) -> Option<Definition> {
        let unit = self.unit.as_ref()?;
        unit.names
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, definition)| *definition)
    }
}

fn parameter(param: &Param, sources: &SourceMap) -> Parameter {
    let of_default = || param.default.as_ref().and_then(plain_type);
    Parameter {
        name: param.name.clone(),
        ty: param.ty.clone().or_else(of_default).unwrap_or(Type::Any),
        required: param.default.is_none() && !may_be_none(param),
        default: param.default.as_ref().map(|default| sources.text(default.span).into()),
        description: None,
    }
}

fn may_be_none(param: &Param) -> bool {
    param.ty.as_ref().is_some_and(|ty| ty.is_optional())
}

/// `n = 3`: a default says what is meant where no type does.
fn plain_type(default: &Expr) -> Option<Type> {
    match &default.kind {
        ExprKind::Constant(Value::Str(_)) => Some(Type::Str),
        ExprKind::Constant(Value::Int(_)) => Some(Type::Int),
        ExprKind::Constant(Value::Float(_)) => Some(Type::Float),
        ExprKind::Constant(Value::Bool(_)) => Some(Type::Bool),
        _ => None,
    }
}

fn signature_inputs(signature: &Signature) -> Vec<Parameter> {
    let input = |field: &crate::value::Field| Parameter {
        name: field.name.clone(),
        ty: field.ty.clone(),
        required: field.default.is_none() && !field.ty.allows_none(),
        default: field.default.as_ref().map(|default| json(default, None).into()),
        description: field.desc.clone(),
    };
    signature.inputs.iter().map(input).collect()
}

/// `router.steps[0].predict` → `router`, `steps`, `[0]`, `predict`
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let mut rest = part;
        while let Some(at) = rest.get(1..).and_then(|tail| tail.find('[')).map(|at| at + 1) {
            steps.push(rest[..at].to_owned());
            rest = &rest[at..];
        }
        steps.push(rest.to_owned());
    }
    steps
}

/// One step down; the error is the nearest name that would have been one.
fn part(value: &Value, step: &str) -> Result<Value, Option<String>> {
    let index = step.strip_prefix('[').and_then(|step| step.strip_suffix(']'));
    match (value, index) {
        (Value::List(items), Some(index)) => {
            let item = index.parse::<usize>().ok().and_then(|index| items.get(index));
            item.cloned().ok_or(None)
        }
        (Value::Dict(entries), Some(key)) => {
            let key = key.trim_matches(['\'', '"']);
            entries.get(key).cloned().ok_or_else(|| near(step, entries.keys()))
        }
        (Value::Record(record), None) => record
            .get(step)
            .cloned()
            .ok_or_else(|| near(step, record.names().iter())),
        (Value::Program(program), None) => match program.as_ref() {
            Program::Instance(Instance { fields, .. }) => fields
                .get(step)
                .cloned()
                .ok_or_else(|| near(step, fields.names().iter())),
            Program::Predictor(_) if step == "self" => Ok(value.clone()),
            Program::Predictor(_) => Err(None),
        },
        _ => Err(None),
    }
}

fn near<'a>(step: &str, names: impl Iterator<Item = &'a EcoString>) -> Option<String> {
    nearest(step, names.map(EcoString::as_str)).map(str::to_owned)
}

fn no_part(walked: &str, step: &str, near: Option<String>) -> Fault {
    let fault = Fault::new(FaultKind::Key, format!("`{walked}` has no part `{step}`"));
    match near {
        Some(near) => fault.help(format!("did you mean `{near}`?")),
        None => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn a_path_falls_into_steps() {
        assert_eq!(steps("a.b[0].c"), ["a", "b", "[0]", "c"]);
        assert_eq!(steps("a['k'][1]"), ["a", "['k']", "[1]"]);
    }
}
