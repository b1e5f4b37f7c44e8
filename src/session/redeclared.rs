//! What a line says when it declares a name anew: what was made with the old meaning keeps it.

use std::sync::Arc;

use super::State;
use super::walk::Uses;
use crate::hir::{Definition, GlobalId, Unit};
use crate::value::{EcoString, FnId, ModuleId, Program, Signature, Value};

/// What a name meant before.
enum Old {
    Signature(Arc<Signature>),
    Module(ModuleId),
    Function(FnId),
}

impl State {
    /// A sentence for each name that the last line declared anew and that something still uses in its old meaning.
    pub(super) fn declared_anew(&self) -> Vec<String> {
        let Some(unit) = &self.unit else { return Vec::new() };
        let before = self.environment.before(unit.file);
        let note = |(name, _): &(EcoString, Definition)| {
            let old = self.old(self.environment.declaring(before, name)?, name)?;
            let users = self.users(unit, name, &old);
            (!users.is_empty()).then(|| said(name, &users))
        };
        unit.names.iter().filter_map(note).collect()
    }

    fn old(&self, unit: &Unit, name: &str) -> Option<Old> {
        let (_, definition) = unit.names.iter().find(|(known, _)| known == name)?;
        match definition {
            Definition::Function(id) => Some(Old::Function(*id)),
            Definition::Module(id) => Some(Old::Module(*id)),
            Definition::Signature(id) => match &self.environment.program.global(*id).constant {
                Some(Value::Signature(signature)) => Some(Old::Signature(signature.clone())),
                _ => None,
            },
            Definition::Global(_) => None,
        }
    }

    /// The visible names, of other lines, whose meaning holds the old one.
    fn users(&self, line: &Unit, name: &str, old: &Old) -> Vec<EcoString> {
        let file = Some(line.file);
        let names = self.environment.visible(file).into_iter();
        let others = names.filter(|other| other != name && other != crate::check::LAST);
        let uses = |other: &EcoString| {
            let unit = self
                .environment
                .declaring(file, other)
                .filter(|unit| unit.file != line.file)?;
            let (_, definition) = unit.names.iter().find(|(known, _)| known == other)?;
            self.uses(*definition, old).then(|| other.clone())
        };
        others.filter_map(|other| uses(&other)).collect()
    }

    fn uses(&self, definition: Definition, old: &Old) -> bool {
        match definition {
            Definition::Function(id) => self.code_uses(&[id], old),
            Definition::Module(id) => {
                let module = self.environment.program.module(id);
                let helpers = module.helpers.iter().map(|(_, helper)| *helper);
                let functions: Vec<FnId> = [module.constructor, module.forward]
                    .into_iter()
                    .chain(helpers)
                    .collect();
                self.code_uses(&functions, old)
            }
            Definition::Signature(_) => false,
            Definition::Global(id) => self.value_uses(id, old),
        }
    }

    fn code_uses(&self, functions: &[FnId], old: &Old) -> bool {
        let mut uses = Uses::default();
        let functions = functions.iter().map(|id| self.environment.program.function(*id));
        functions.for_each(|function| uses.function(function));
        match old {
            Old::Function(id) => uses.functions.contains(id),
            Old::Module(id) => uses
                .functions
                .contains(&self.environment.program.module(*id).constructor),
            Old::Signature(signature) => uses.signatures.contains(signature),
        }
    }

    fn value_uses(&self, id: GlobalId, old: &Old) -> bool {
        self.machine.global(id).is_some_and(|value| holds(&value, old))
    }
}

fn holds(value: &Value, old: &Old) -> bool {
    match value {
        Value::List(items) => items.iter().any(|item| holds(item, old)),
        Value::Dict(entries) => entries.values().any(|entry| holds(entry, old)),
        Value::Record(record) => record.iter().any(|(_, field)| holds(field, old)),
        Value::Signature(signature) => matches!(old, Old::Signature(old) if old == signature),
        Value::Function(function) => {
            matches!(old, Old::Function(old) if *old == function.id)
                || function.captures.iter().any(|captured| holds(captured, old))
        }
        Value::Program(program) => match program.as_ref() {
            Program::Predictor(predictor) => matches!(old, Old::Signature(old) if *old == predictor.signature),
            Program::Instance(instance) => {
                matches!(old, Old::Module(old) if *old == instance.module)
                    || instance.fields.iter().any(|(_, field)| holds(field, old))
            }
        },
        _ => false,
    }
}

fn said(name: &str, users: &[EcoString]) -> String {
    let list: Vec<String> = users.iter().map(|user| format!("`{user}`")).collect();
    let (keep, them) = match users.len() {
        1 => ("keeps", "it is"),
        _ => ("keep", "they are"),
    };
    let list = list.join(", ");
    format!("`{name}` is declared anew; {list} {keep} the old one until {them} made again")
}
