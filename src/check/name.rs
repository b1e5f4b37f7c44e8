//! What a name stands for, from the innermost block to the library.

use crate::diag::nearest;
use crate::hir::{self, GlobalId, Slot, Var};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, ExprKind, Name};
use crate::value::{EcoString, Type, Value};

use super::checker::{Checker, Typed};
use super::codes;
use super::environment::index;
use super::narrow::{Path, Root};
use super::scope::{BodyKind, Captured, Entry, Local, Mutability};

impl Checker<'_> {
    /// `x`
    pub fn name(&mut self, span: Span, name: &EcoString, expected: Option<&Type>) -> Typed {
        let mut typed = self.plain_name(span, name, expected);
        if let (Type::Function(_), Some(expected)) = (&typed.ty, expected)
            && let Some(ty) = self.lambda_as_value(name, expected, span)
        {
            typed.ty = ty;
        }
        typed
    }

    fn plain_name(&mut self, span: Span, name: &EcoString, expected: Option<&Type>) -> Typed {
        let depth = self.cx.bodies.len() - 1;
        if let Some((var, local)) = self.resolve_local(depth, name) {
            let path = Path {
                root: Root::Local(local.id),
                fields: Vec::new(),
            };
            let ty = self.narrowed(&path).unwrap_or(local.ty);
            return Typed::new(hir::ExprKind::Var(var), ty, span);
        }
        if let Some(typed) = self.own_name(span, name, expected) {
            return typed;
        }
        match self.entry(name) {
            Some(entry) => self.entry_value(entry, name, span, expected),
            None => {
                self.unknown_name(name, span);
                self.broken(span)
            }
        }
    }

    /// A local of the present body or, captured, of one around it.
    fn resolve_local(&mut self, depth: usize, name: &str) -> Option<(Var, Local)> {
        let body = &mut self.cx.bodies[depth];
        if let Some(local) = body.find_mut(name) {
            local.used = true;
            return Some((Var::Local(local.slot), local.clone()));
        }
        if !body.is_closure() || depth == 0 {
            return None;
        }
        let (outer, local) = self.resolve_local(depth - 1, name)?;
        let var = self.cx.bodies[depth].capture(Captured::Local(local.id), outer);
        Some((var, local))
    }

    /// What the module or condition around the body declares.
    fn own_name(&mut self, span: Span, name: &EcoString, expected: Option<&Type>) -> Option<Typed> {
        if let Some(place) = self.condition_field(name) {
            let ty = self.cx.bodies[0].fields[place].1.clone();
            let path = Path {
                root: Root::Member(index(place)),
                fields: Vec::new(),
            };
            let ty = self.narrowed(&path).unwrap_or(ty);
            let object = Box::new(self.whole(span, Captured::Fields));
            let kind = hir::ExprKind::Field {
                object,
                name: name.clone(),
                optional: false,
                absent: false,
            };
            return Some(Typed::new(kind, ty, span));
        }
        let module = self.cx.module?;
        if self.cx.bodies[0].kind == BodyKind::Constructor {
            return None;
        }
        if let Some(place) = self.env.program.module(module).fields.iter().position(|f| f == name) {
            let ty = self.member_type(module, place);
            let path = Path {
                root: Root::Member(index(place)),
                fields: Vec::new(),
            };
            let ty = self.narrowed(&path).unwrap_or(ty);
            let object = Box::new(self.whole(span, Captured::Instance));
            return Some(Typed::new(
                hir::ExprKind::Member {
                    object,
                    index: index(place),
                },
                ty,
                span,
            ));
        }
        let helper = self.helper(module, name)?;
        self.calls(helper);
        let ty = self.function_value_type(helper, span, expected);
        let captures = vec![self.whole_var(Captured::Instance)];
        Some(Typed::new(
            hir::ExprKind::Closure {
                function: helper,
                captures,
            },
            ty,
            span,
        ))
    }

    /// Whether the module or condition around the body declares this name.
    pub fn own_value(&self, name: &str) -> bool {
        let of_module = |module| {
            let fields = &self.env.program.module(module).fields;
            self.cx.bodies[0].kind != BodyKind::Constructor
                && (fields.iter().any(|f| f == name) || self.helper(module, name).is_some())
        };
        self.condition_field(name).is_some() || self.cx.module.is_some_and(of_module)
    }

    fn condition_field(&self, name: &str) -> Option<usize> {
        self.cx.bodies[0].fields.iter().position(|(n, _)| n == name)
    }

    /// The helper of this name in a module.
    pub fn helper(&self, module: crate::value::ModuleId, name: &str) -> Option<crate::value::FnId> {
        let helpers = &self.env.program.module(module).helpers;
        helpers.iter().find(|(n, _)| n == name).map(|(_, id)| *id)
    }

    /// The instance, or the record that a condition takes: slot 0 of the outermost body.
    pub fn whole(&mut self, span: Span, what: Captured) -> hir::Expr {
        let var = self.whole_var(what);
        hir::Expr {
            kind: hir::ExprKind::Var(var),
            span,
        }
    }

    fn whole_var(&mut self, what: Captured) -> Var {
        let mut var = Var::Local(Slot(0));
        for body in self.cx.bodies.iter_mut().skip(1) {
            var = body.capture(what, var);
        }
        var
    }

    /// What narrowing must know of a name: without capturing or reporting anything.
    pub fn peek(&mut self, name: &str) -> Option<(Root, Type, bool)> {
        for depth in (0..self.cx.bodies.len()).rev() {
            let body = &self.cx.bodies[depth];
            if let Some(local) = body.find(name) {
                return Some((
                    Root::Local(local.id),
                    local.ty.clone(),
                    local.mutability == Mutability::Var,
                ));
            }
            if !body.is_closure() {
                break;
            }
        }
        if let Some(place) = self.condition_field(name) {
            return Some((
                Root::Member(index(place)),
                self.cx.bodies[0].fields[place].1.clone(),
                false,
            ));
        }
        if let (Some(module), true) = (self.cx.module, self.cx.bodies[0].kind != BodyKind::Constructor) {
            if let Some(place) = self.env.program.module(module).fields.iter().position(|f| f == name) {
                return Some((Root::Member(index(place)), self.member_type(module, place), false));
            }
            self.helper(module, name).map_or(Some(()), |_| None)?;
        }
        match self.entry(name)? {
            Entry::Globals(ids) => {
                let id = self.present_global(&ids)?;
                let mutable = self.env.global(id).mutable;
                Some((Root::Global(id), self.global_type(id), mutable))
            }
            _ => None,
        }
    }

    /// What the top level of this file, the lines before it, or the library declares by this name.
    pub fn entry(&mut self, name: &str) -> Option<Entry> {
        let mut file = Some(self.cx.file);
        let mut own = None;
        while let Some(id) = file {
            let scope = self.env.scopes.get(&id)?;
            file = scope.after;
            let Some((entry, _)) = scope.names.get(name) else {
                continue;
            };
            match entry {
                Entry::Globals(ids) if id == self.cx.file && !self.is_bound(ids) => {}
                // Other library files may declare the same function for other arguments.
                Entry::Function(_) | Entry::Overloaded(_) if scope.library => own = Some(entry.clone()),
                entry => return Some(entry.clone()),
            }
        }
        self.library_entry(name).or(own)
    }

    /// Whether, at the top level, one of the statements up to here binds it: in `let lower = lower("A")` the right
    /// side means the library's.
    fn is_bound(&self, ids: &[GlobalId]) -> bool {
        let at_top = self.cx.bodies[0].kind == BodyKind::Top;
        let foreign = |id: &GlobalId| self.env.program.global(*id).file != self.cx.file;
        !at_top
            || ids
                .iter()
                .any(|id| foreign(id) || self.env.global(*id).statement != self.cx.statement)
    }

    /// Which of several `let`s of one name is meant here.
    pub fn present_global(&self, ids: &[GlobalId]) -> Option<GlobalId> {
        let own = |id: &&GlobalId| self.env.program.global(**id).file == self.cx.file;
        if self.cx.bodies[0].kind != BodyKind::Top || !ids.iter().any(|id| own(&id)) {
            return ids.last().copied();
        }
        let before = |id: &&GlobalId| self.env.global(**id).statement < self.cx.statement;
        ids.iter().rev().find(before).or_else(|| ids.first()).copied()
    }

    /// Whether an expression is the name of a declared function.
    pub fn names_function(&mut self, object: &ast::Expr) -> bool {
        let ExprKind::Name(name) = &object.kind else {
            return false;
        };
        self.peek(name).is_none() && self.entry(name).is_some_and(|entry| entry.functions().is_some())
    }

    /// The imported file that an expression names.
    pub fn namespace(&mut self, object: &ast::Expr) -> Option<FileId> {
        let ExprKind::Name(name) = &object.kind else {
            return None;
        };
        if self.peek(name).is_some() {
            return None;
        }
        match self.entry(name)? {
            Entry::Namespace(file) => Some(file),
            _ => None,
        }
    }

    /// `rag.MultiHopRAG`: what an imported file declares by this name.
    pub fn foreign_entry(&mut self, file: FileId, name: &Name) -> Option<Entry> {
        let Some(scope) = self.env.scopes.get(&file) else {
            return Some(Entry::Broken);
        };
        let of = self.sources.get(file).name.clone();
        if name.node.starts_with('_') {
            let message = format!("`{}` is private to `{of}`", name.node);
            let help = "names that begin with `_` cannot be used by other files";
            self.advise(codes::PRIVATE_NAME, message, name.span, "a private name", help);
            return Some(Entry::Broken);
        }
        let imported = |entry: &Entry| matches!(entry, Entry::Namespace(_));
        if let Some((entry, _)) = scope.names.get(&name.node).filter(|(entry, _)| !imported(entry)) {
            let entry = entry.clone();
            let is_var = |id: &GlobalId| self.env.global(*id).mutable;
            if matches!(&entry, Entry::Globals(ids) if ids.iter().any(is_var)) {
                let message = format!(
                    "`{}` is a `var` of `{of}`, and belongs to its statements alone",
                    name.node
                );
                let help = format!("bind what it comes to: `let result = {}` in `{of}`", name.node);
                self.advise(
                    codes::VAR_IN_FUNCTION,
                    message,
                    name.span,
                    "a variable of another file",
                    help,
                );
                return Some(Entry::Broken);
            }
            return Some(entry);
        }
        if !scope.unread.may_declare(&name.node) && scope.collected {
            let near = nearest(
                &name.node,
                scope
                    .declared
                    .iter()
                    .map(EcoString::as_str)
                    .filter(|n| !n.starts_with('_')),
            );
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("`{of}` declares no such name"),
            };
            let message = format!("`{of}` has no `{}`", name.node);
            self.advise(codes::UNKNOWN_NAME, message, name.span, "not declared there", help);
        }
        None
    }

    pub fn foreign_name(&mut self, file: FileId, name: &Name, span: Span, expected: Option<&Type>) -> Typed {
        match self.foreign_entry(file, name) {
            Some(entry) => self.entry_value(entry, &name.node, span, expected),
            None => self.broken(span),
        }
    }

    /// The value of a top-level name.
    pub fn entry_value(&mut self, entry: Entry, name: &EcoString, span: Span, expected: Option<&Type>) -> Typed {
        match entry {
            Entry::Globals(ids) => self.global(&ids, name, span),
            Entry::Function(id) => {
                self.need(id);
                let ty = self.function_value_type(id, span, expected);
                Typed::new(hir::ExprKind::Function(id), ty, span)
            }
            Entry::Overloaded(ids) => {
                let id = self.overload_as_value(&ids, expected);
                self.entry_value(Entry::Function(id), name, span, expected)
            }
            Entry::Module(id) => {
                let constructor = self.env.program.module(id).constructor;
                self.need(constructor);
                let ty = self.function_value_type(constructor, span, expected);
                Typed::new(hir::ExprKind::Function(constructor), ty, span)
            }
            Entry::Signature(id) => match self.signature(id) {
                Some(value) => {
                    let ty = Type::Signature(Some(value.clone()));
                    Typed::new(hir::ExprKind::Constant(Value::Signature(value)), ty, span)
                }
                None => self.broken(span),
            },
            Entry::Type(_) | Entry::Namespace(_) => {
                let message = format!("`{name}` is {}, not a value", entry.describe());
                let help = match entry {
                    Entry::Namespace(_) => format!("use something that it declares: `{name}.something`"),
                    _ => "a type stands behind `:`, as in `let x: T = …`".to_owned(),
                };
                self.advise(codes::NOT_A_VALUE, message, span, "a value is wanted here", help);
                self.broken(span)
            }
            Entry::Broken => self.broken(span),
        }
    }

    fn global(&mut self, ids: &[GlobalId], name: &EcoString, span: Span) -> Typed {
        let Some(id) = self.present_global(ids) else {
            return self.broken(span);
        };
        self.env.global_mut(id).used = true;
        let at_top = self.cx.bodies[0].kind == BodyKind::Top;
        let (mutable, rebound) = (self.env.global(id).mutable, self.rebound_span(ids));
        if !at_top && mutable {
            let message = format!("`{name}` is a `var` of the top level, and a function cannot see it");
            let help = format!("pass it as an argument, or make it a `let` if it never changes: `let {name} = …`");
            let place = self.env.program.global(id).span;
            self.report(
                crate::diag::Diagnostic::error(codes::VAR_IN_FUNCTION, message, span, "used in a function")
                    .label(place, "declared here")
                    .help(help),
            );
            return self.broken(span);
        }
        if let (false, Some(again)) = (at_top, rebound) {
            let message =
                format!("`{name}` is bound twice at the top level, so a function cannot know which one is meant");
            let help = "give one of the two another name";
            self.report(
                crate::diag::Diagnostic::error(codes::DOUBLE_DECLARATION, message, again, "bound again here")
                    .label(span, "a function reads it here")
                    .help(help),
            );
        }
        let ty = self.global_type(id);
        let path = Path {
            root: Root::Global(id),
            fields: Vec::new(),
        };
        let ty = self.narrowed(&path).unwrap_or(ty);
        let mut var = Var::Global(id);
        if mutable {
            // A closure captures the value that the variable has where it is made.
            for body in self.cx.bodies.iter_mut().skip(1) {
                var = body.capture(Captured::Global(id), var);
            }
        }
        Typed::new(hir::ExprKind::Var(var), ty, span)
    }

    fn rebound_span(&self, ids: &[GlobalId]) -> Option<Span> {
        ids.get(1).map(|id| self.env.program.global(*id).span)
    }
}
