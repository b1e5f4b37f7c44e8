//! What is known of a name, in the words of its declaration: for a REPL's help, hints and completion.

use std::sync::Arc;

use crate::diag::Problems;
use crate::hir::{Module, Unit};
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast;
use crate::value::{EcoString, ModuleId, ParamType, ProgramType, Type};

use super::checker::{Checker, Context};
use super::decl::FnSource;
use super::environment::{Environment, Files, on_own_stack};
use super::scope::{BodyKind, Entry};

/// One declaration of a name; a library function may have several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About {
    /// As written: `fn len(x: str | list[any]) -> int`, `module Router(…)` with its parts; `let x: int`.
    pub head: String,
    /// What stands in its text: the leading string.
    pub description: Option<EcoString>,
    /// What a call takes.
    pub params: Vec<Parameter>,
    /// Of an imported file: what may stand behind its name and a dot.
    pub exports: Vec<EcoString>,
}

/// One parameter as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Empty where only the type is known.
    pub name: EcoString,
    /// `x: str = "none"`
    pub text: String,
}

impl Environment {
    /// The names that the top level of a file or line sees, without the library's; what shadows comes first.
    pub fn visible(&self, file: Option<FileId>) -> Vec<EcoString> {
        let mut names: Vec<EcoString> = Vec::new();
        let mut next = file.and_then(|file| self.scopes.get(&file));
        while let Some(scope) = next {
            let own = scope.names.keys();
            let mut own: Vec<EcoString> = own.filter(|name| !names.contains(name)).cloned().collect();
            own.sort();
            names.extend(own);
            next = scope.after.and_then(|file| self.scopes.get(&file));
        }
        names
    }

    /// The unit of the file or line that declares a name, as the top level of `file` sees it.
    pub fn declaring(&self, file: Option<FileId>, name: &str) -> Option<&Arc<Unit>> {
        let mut file = file;
        while let Some(id) = file {
            let scope = self.scopes.get(&id)?;
            if scope.names.contains_key(name) {
                return self.unit(id);
            }
            file = scope.after;
        }
        None
    }

    /// The file or line whose names a line sees too.
    pub fn before(&self, file: FileId) -> Option<FileId> {
        self.scopes.get(&file)?.after
    }

    /// What a name (`len`, `rag.MultiHop`) stands for at the top level of `file`. The library file that declares it
    /// is read if it was not yet.
    pub fn about(
        &mut self,
        sources: &mut SourceMap,
        files: &mut dyn Files,
        file: Option<FileId>,
        name: &str,
    ) -> Vec<About> {
        let looked = on_own_stack(|| {
            let entry = Checker::new(self, sources, files).look_up(file, name);
            entry
                .map(|entry| self.describe(sources, &entry, name))
                .unwrap_or_default()
        });
        looked.unwrap_or_default()
    }

    /// What a call of a member or helper of an instance takes.
    pub fn about_part(&self, sources: &SourceMap, program: &ProgramType, name: &str) -> Option<About> {
        if let Some((_, ty)) = program.members.iter().find(|(member, _)| member == name) {
            return Some(value_about(&format!("{name}: {ty}"), ty));
        }
        let module = self.program.module(program.module?);
        let (_, helper) = module.helpers.iter().find(|(helper, _)| helper == name)?;
        match &self.function(*helper).source {
            FnSource::Declared(function) => Some(function_about(sources, function)),
            _ => None,
        }
    }

    fn describe(&self, sources: &SourceMap, entry: &Entry, name: &str) -> Vec<About> {
        let one = match entry {
            Entry::Function(_) | Entry::Overloaded(_) => {
                let functions = entry.functions().unwrap_or_default().into_iter();
                return functions
                    .filter_map(|id| match &self.function(id).source {
                        FnSource::Declared(function) => Some(function_about(sources, function)),
                        _ => None,
                    })
                    .collect();
            }
            Entry::Module(id) => self.module_about(sources, *id),
            Entry::Signature(id) => written(sources, self.signatures[id.0 as usize].ast.span),
            Entry::Type(id) => written(sources, self.types[id.0 as usize].ast.span),
            Entry::Namespace(file) => {
                let scope = self.scopes.get(file);
                let names = scope.into_iter().flat_map(|scope| &scope.declared);
                let exports: Vec<EcoString> = names.filter(|name| !name.starts_with('_')).cloned().collect();
                let path = &sources.get(*file).name;
                About {
                    head: format!("import \"{path}\" as {name}\n# {}", exports.join(", ")),
                    exports,
                    ..About::default()
                }
            }
            Entry::Globals(ids) => {
                let Some(id) = ids.last() else { return Vec::new() };
                let word = if self.global(*id).mutable { "var" } else { "let" };
                let ty = self.global_type(*id);
                value_about(&format!("{word} {name}: {ty}"), ty)
            }
            Entry::Broken => return Vec::new(),
        };
        vec![one]
    }

    fn module_about(&self, sources: &SourceMap, id: ModuleId) -> About {
        let ast = &self.module(id).ast;
        let Module { description, .. } = self.program.module(id);
        let mut lines = vec![format!("{} {{", sources.text(ast.head).trim())];
        lines.extend(
            ast.members
                .iter()
                .map(|member| format!("  {}", sources.text(member.span))),
        );
        let functions = ast.forwards.iter().chain(&ast.helpers);
        lines.extend(functions.map(|function| format!("  {}", sources.text(function.head).trim())));
        lines.push("}".to_owned());
        About {
            head: lines.join("\n"),
            description: description.clone(),
            params: parameters(sources, &ast.params),
            ..About::default()
        }
    }
}

impl Checker<'_> {
    /// The meaning of a name, qualified or not; what its file needs is checked, nothing is reported.
    fn look_up(mut self, file: Option<FileId>, name: &str) -> Option<Entry> {
        let known = self.env.program.functions.len();
        self.cx = Context::new(file.unwrap_or(FileId(u32::MAX)), BodyKind::Top);
        // Behind the last statement: all of them have been made.
        self.cx.statement = u32::MAX;
        let (first, second) = match name.split_once('.') {
            Some((first, second)) => (first, Some(second)),
            None => (name, None),
        };
        let entry = match file {
            Some(_) => self.entry(first),
            None => self.library_entry(first),
        };
        let entry = match (entry, second) {
            (Some(Entry::Namespace(file)), Some(second)) => {
                let scope = self.env.scopes.get(&file);
                scope
                    .and_then(|scope| scope.names.get(second))
                    .map(|(entry, _)| entry.clone())
            }
            (_, Some(_)) => None,
            (entry, None) => entry,
        };
        while let Some(id) = self.queue.pop() {
            self.check_function(id);
        }
        self.settle_reach(known);
        self.make_units();
        self.problems = Problems::default();
        entry
    }
}

fn function_about(sources: &SourceMap, function: &ast::Function) -> About {
    About {
        head: sources.text(function.head).trim().to_owned(),
        description: function.description.as_ref().map(|text| text.node.clone()),
        params: parameters(sources, &function.params),
        ..About::default()
    }
}

fn parameters(sources: &SourceMap, params: &[ast::Param]) -> Vec<Parameter> {
    let parameter = |param: &ast::Param| Parameter {
        name: match &param.kind {
            ast::ParamKind::Named { name, .. } => name.node.clone(),
            ast::ParamKind::Rest { .. } | ast::ParamKind::Fields(_) => EcoString::new(),
        },
        text: sources.text(param.span).to_owned(),
    };
    params.iter().map(parameter).collect()
}

fn written(sources: &SourceMap, span: Span) -> About {
    About {
        head: sources.text(span).to_owned(),
        ..About::default()
    }
}

/// A value: what a call of it takes shows in its type.
fn value_about(head: &str, ty: &Type) -> About {
    About {
        head: head.to_owned(),
        params: params_of(ty),
        ..About::default()
    }
}

/// What a call of a value of this type takes.
pub fn params_of(ty: &Type) -> Vec<Parameter> {
    match ty {
        Type::Program(Some(program)) => program.inputs.iter().map(input).collect(),
        Type::Function(function) => {
            let given = function.params.iter().enumerate();
            given.map(|(place, ty)| unnamed(ty, place < function.needed)).collect()
        }
        _ => Vec::new(),
    }
}

fn input(input: &ParamType) -> Parameter {
    let default = if input.has_default { " = …" } else { "" };
    Parameter {
        name: input.name.clone(),
        text: format!("{}: {}{default}", input.name, input.ty),
    }
}

fn unnamed(ty: &Type, needed: bool) -> Parameter {
    let default = if needed { "" } else { " = …" };
    Parameter {
        name: EcoString::new(),
        text: format!("{ty}{default}"),
    }
}
