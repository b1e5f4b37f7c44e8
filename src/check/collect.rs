//! A file's top level: its declarations become known, then its statements are checked in order; functions, modules and
//! tests follow when they are used, or at the end.

use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::hir::{self, FunctionKind};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, Binding, Item, Name, StmtKind};
use crate::syntax::parse::parse_file;
use crate::value::{EcoString, FnId, ModuleId, Type};

use super::checker::{Checker, Context};
use super::codes;
use super::decl::{FnInfo, FnSource, GlobalInfo, ModuleInfo, SignatureId, SignatureInfo, State, TypeId, TypeInfo};
use super::environment::{Kind, index};
use super::line::keep_value;
use super::scope::{BodyKind, Entry, FileScope};
use super::unread::Unread;

impl Checker<'_> {
    /// Parses a file, declares its names, follows its imports and checks its statements.
    pub fn load(&mut self, file: FileId, kind: Kind) {
        let (mut tree, problems) = parse_file(self.sources, file);
        if matches!(kind, Kind::Line { .. }) {
            keep_value(&mut tree.items);
        }
        let scope = FileScope {
            library: matches!(kind, Kind::Library | Kind::LibraryPart),
            after: if let Kind::Line { after } = kind { after } else { None },
            unread: Unread::new(self.sources, &tree.unread),
            ..FileScope::default()
        };
        self.problems.extend(problems);
        self.env.scopes.insert(file, scope);
        let name = self.sources.get(file).name.clone();
        match kind {
            Kind::Library => self.env.library.set_loaded(&name, file),
            Kind::Script => {
                self.env.imported.insert(name, file);
            }
            _ => {}
        }
        self.importing.push(file);
        self.elsewhere(Context::new(file, BodyKind::Top), |c| {
            c.collect(tree, kind);
            c.check_statements(file);
        });
        self.importing.pop();
    }

    fn collect(&mut self, tree: ast::File, kind: Kind) {
        let mut needed = Vec::new();
        let mut types = Vec::new();
        let mut imports = Vec::new();
        let mut signatures = Vec::new();
        for item in tree.items {
            match item {
                Item::Import(import) => imports.push(import),
                Item::Type(decl) => types.push(self.collect_type(decl)),
                Item::Signature(decl) => signatures.push(self.collect_signature(decl)),
                Item::Function(function) => needed.push(self.collect_function(function)),
                Item::Module(module) => needed.extend(self.collect_module(module)),
                Item::Test(test) => needed.push(self.collect_test(test)),
                Item::Statement(stmt) => self.collect_statement(stmt),
            }
        }
        for import in imports {
            self.import(&import);
        }
        for name in &tree.broken {
            if self
                .env
                .scopes
                .get(&self.cx.file)
                .is_some_and(|scope| !scope.names.contains_key(&name.node))
            {
                self.declare(name, Entry::Broken);
            }
        }
        if let Some(scope) = self.env.scopes.get_mut(&self.cx.file) {
            scope.collected = true;
        }
        if kind != Kind::LibraryPart {
            types.into_iter().for_each(|id| self.check_type(id));
            signatures.into_iter().for_each(|id| {
                self.signature(id);
            });
            // The last one pushed is checked first: problems are sorted anyway.
            needed.into_iter().rev().for_each(|id| self.need(id));
        }
    }

    /// Gives a name of the top level its meaning.
    pub fn declare(&mut self, name: &Name, entry: Entry) {
        let (file, globals) = (self.cx.file, &self.env.program.globals);
        // A name may be bound again by the file that bound it, not over what it imports.
        let own = |ids: &[hir::GlobalId]| ids.iter().all(|id| globals[id.0 as usize].file == file);
        let Some(scope) = self.env.scopes.get_mut(&self.cx.file) else {
            return;
        };
        let known = scope.names.get_mut(&name.node);
        match (known, entry) {
            (None, entry) => {
                scope.names.insert(name.node.clone(), (entry, name.span));
                scope.declared.push(name.node.clone());
            }
            (Some((Entry::Globals(ids), _)), Entry::Globals(new)) if own(ids) && own(&new) => ids.extend(new),
            (Some((known, _)), entry)
                if scope.library && known.functions().is_some() && entry.functions().is_some() =>
            {
                *known = known.clone().or_overload(entry);
            }
            (Some((known, span)), entry) => {
                let (what, place) = (known.describe(), *span);
                if matches!((&known, &entry), (Entry::Globals(_), Entry::Globals(_))) {
                    // Nothing more is said of it: which of the two is meant is not known.
                    *known = Entry::Broken;
                }
                let message = format!("`{}` is declared twice", name.node);
                let help = format!(
                    "give {} or {} another name",
                    what,
                    if entry.describe() == what {
                        "the other"
                    } else {
                        entry.describe()
                    }
                );
                self.report(
                    Diagnostic::error(codes::DOUBLE_DECLARATION, message, name.span, "declared again")
                        .label(place, format!("first declared here, as {what}"))
                        .help(help),
                );
            }
        }
    }

    fn collect_type(&mut self, decl: ast::TypeDecl) -> TypeId {
        let id = TypeId(index(self.env.types.len()));
        self.declare(&decl.name, Entry::Type(id));
        let info = TypeInfo {
            ast: Arc::new(decl),
            file: self.cx.file,
            state: State::Waiting,
            ty: Type::Any,
            again: None,
        };
        self.env.types.push(info);
        id
    }

    fn collect_signature(&mut self, decl: ast::SignatureDecl) -> SignatureId {
        let global = self.add_global(&decl.name, 0, false, true);
        let id = SignatureId(index(self.env.signatures.len()));
        self.declare(&decl.name, Entry::Signature(id));
        let info = SignatureInfo {
            ast: Arc::new(decl),
            file: self.cx.file,
            global,
            state: State::Waiting,
            value: None,
        };
        self.env.signatures.push(info);
        id
    }

    fn collect_function(&mut self, function: ast::Function) -> FnId {
        let name = function.name.clone();
        let id = self.add_declared(function, name.node.clone(), FunctionKind::Plain, None);
        self.declare(&name, Entry::Function(id));
        id
    }

    fn add_declared(
        &mut self,
        function: ast::Function,
        name: EcoString,
        kind: FunctionKind,
        module: Option<ModuleId>,
    ) -> FnId {
        let description = function.description.as_ref().map(|text| text.node.clone());
        let hir = self.empty_function(name, kind, function.span, description);
        let info = FnInfo {
            source: FnSource::Declared(Arc::new(function)),
            module,
            ..FnInfo::default()
        };
        self.env.add_function(hir, info)
    }

    /// A function whose body is still to be checked.
    pub fn empty_function(
        &self,
        name: EcoString,
        kind: FunctionKind,
        span: Span,
        description: Option<EcoString>,
    ) -> hir::Function {
        hir::Function {
            name,
            kind,
            file: self.cx.file,
            library: self.in_library(),
            span,
            description,
            params: Vec::new(),
            result: None,
            captures: 0,
            slots: 0,
            body: hir::Body::Block(hir::Block {
                stmts: Vec::new(),
                span,
            }),
            reach: hir::Reach::NOTHING,
        }
    }

    fn collect_module(&mut self, module: ast::Module) -> Vec<FnId> {
        self.check_module_shape(&module);
        let id = ModuleId(index(self.env.program.modules.len()));
        let name = module.name.node.clone();
        let description = module.description.as_ref().map(|text| text.node.clone());
        let constructor = self.empty_function(
            name.clone(),
            FunctionKind::Constructor(id),
            module.span,
            description.clone(),
        );
        let info = FnInfo {
            source: FnSource::Constructor,
            module: Some(id),
            ..FnInfo::default()
        };
        let constructor = self.env.add_function(constructor, info);
        let forward = match module.forwards.first() {
            Some(forward) => {
                let full = EcoString::from(format!("{name}.forward"));
                self.add_declared(forward.clone(), full, FunctionKind::Forward(id), Some(id))
            }
            // Reported: something must stand there.
            None => constructor,
        };
        let mut helpers = Vec::new();
        for helper in &module.helpers {
            let full = EcoString::from(format!("{name}.{}", helper.name.node));
            let helper_id = self.add_declared(helper.clone(), full, FunctionKind::Helper(id), Some(id));
            helpers.push((helper.name.node.clone(), helper_id));
        }
        let params = module.params.iter().map(|p| match &p.kind {
            ast::ParamKind::Named { name, .. } | ast::ParamKind::Rest { name, .. } => name.node.clone(),
            ast::ParamKind::Fields(_) => "inputs".into(),
        });
        let needed = [constructor, forward]
            .into_iter()
            .chain(helpers.iter().map(|(_, id)| *id))
            .collect();
        let checked = hir::Module {
            name: name.clone(),
            file: self.cx.file,
            span: module.name.span,
            description,
            fields: params
                .chain(module.members.iter().map(|m| m.name.node.clone()))
                .collect(),
            params: index(module.params.len()),
            constructor,
            forward,
            helpers,
            source: module.span,
        };
        self.declare(&module.name, Entry::Module(id));
        let info = ModuleInfo {
            ast: Arc::new(module),
            state: State::Waiting,
            fields: Vec::new(),
        };
        self.env.add_module(checked, info);
        needed
    }

    fn collect_test(&mut self, test: ast::Test) -> FnId {
        let name = test.name.node.clone();
        let hir = self.empty_function(
            EcoString::from(format!("test {name}")),
            FunctionKind::Plain,
            test.span,
            None,
        );
        let info = FnInfo {
            source: FnSource::Test(Arc::new(test)),
            ..FnInfo::default()
        };
        let id = self.env.add_function(hir, info);
        if let Some(scope) = self.env.scopes.get_mut(&self.cx.file) {
            scope.tests.push((name, id));
        }
        id
    }

    fn collect_statement(&mut self, stmt: ast::Stmt) {
        let Some(scope) = self.env.scopes.get(&self.cx.file) else {
            return;
        };
        let place = index(scope.statements.len());
        let (binding, mutable) = match &stmt.kind {
            StmtKind::Let { binding, .. } => (Some(binding), false),
            StmtKind::Var { binding, .. } => (Some(binding), true),
            _ => (None, false),
        };
        let names: Vec<Name> = match binding {
            Some(Binding::Name { name, .. }) => vec![name.clone()],
            Some(Binding::Record { fields, .. }) => fields.iter().map(|f| f.name.clone()).collect(),
            None => Vec::new(),
        };
        for name in names {
            let id = self.add_global(&name, place, mutable, false);
            self.declare(&name, Entry::Globals(vec![id]));
        }
        if let Some(scope) = self.env.scopes.get_mut(&self.cx.file) {
            scope.statements.push(Arc::new(stmt));
        }
    }

    fn add_global(&mut self, name: &Name, statement: u32, mutable: bool, constant: bool) -> hir::GlobalId {
        let global = hir::Global {
            name: name.node.clone(),
            file: self.cx.file,
            span: name.span,
            ty: Type::Any,
            constant: None,
            statement: Some(statement).filter(|_| !constant),
        };
        let info = GlobalInfo {
            state: State::Waiting,
            mutable,
            statement,
            ty: None,
            lambda: None,
            used: false,
        };
        self.env.add_global(global, info)
    }

    fn check_statements(&mut self, file: FileId) {
        let Some(scope) = self.env.scopes.get(&file) else {
            return;
        };
        let statements = scope.statements.clone();
        let mut stmts = Vec::new();
        for (place, stmt) in statements.iter().enumerate() {
            self.cx.statement = index(place);
            self.value_lost(stmt);
            let (stmt, _) = self.statement(stmt, None);
            stmts.push(stmt);
        }
        self.forget_no_value(file);
        let slots = self.cx.bodies[0].slots;
        self.lowered.push((file, stmts, slots));
    }

    /// The variable that the present statement binds by this name.
    pub fn global_at(&self, name: &Name) -> Option<hir::GlobalId> {
        let scope = self.env.scopes.get(&self.cx.file)?;
        let (Entry::Globals(ids), _) = scope.names.get(&name.node)? else {
            return None;
        };
        ids.iter()
            .copied()
            .find(|id| self.env.program.global(*id).span == name.span)
    }

    pub fn settle_global(&mut self, id: hir::GlobalId, ty: Type) {
        self.env.program.globals[id.0 as usize].ty = ty.clone();
        let info = self.env.global_mut(id);
        info.ty = Some(ty);
        info.state = State::Done;
    }

    /// The type of a top-level variable. One that a function reads before its statement was checked is typed ahead.
    pub fn global_type(&mut self, id: hir::GlobalId) -> Type {
        if let Some(ty) = &self.env.global(id).ty {
            return ty.clone();
        }
        if self.env.global(id).state != State::Waiting || !self.may_descend() {
            return Type::Any;
        }
        self.env.global_mut(id).state = State::Running;
        let file = self.env.program.global(id).file;
        let place = self.env.global(id).statement;
        let stmt = self
            .env
            .scopes
            .get(&file)
            .and_then(|scope| scope.statements.get(place as usize).cloned());
        if let Some(stmt) = stmt {
            let outer = std::mem::take(&mut self.trial);
            let mut context = Context::new(file, BodyKind::Top);
            context.statement = place;
            context.dry = true;
            self.elsewhere(context, |c| c.statement(&stmt, None));
            self.trial = outer;
        }
        self.env.global(id).ty.clone().unwrap_or(Type::Any)
    }
}
