//! Blocks and statements.

use crate::diag::Diagnostic;
use crate::hir::{self, Slot, StmtKind as H};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, Name, StmtKind};
use crate::value::{EcoString, Type};

use super::assigned::assigned_names;
use super::checker::{Checker, Typed};
use super::codes;
use super::scope::{BodyKind, Local, Loop, Mutability};

impl Checker<'_> {
    /// A block with a scope of its own, and the type of its value.
    pub fn block(&mut self, block: &ast::Block, expected: Option<&Type>) -> (hir::Block, Type) {
        self.enter_scope();
        let result = self.block_here(block, expected);
        self.leave_scope();
        result
    }

    /// A block whose names the caller has made room for: parameters, loop variables, what a pattern binds.
    pub fn block_here(&mut self, block: &ast::Block, expected: Option<&Type>) -> (hir::Block, Type) {
        let facts = self.cx.facts.mark();
        let mut stmts = Vec::new();
        let mut ty = Type::None;
        let mut never = false;
        for (place, stmt) in block.stmts.iter().enumerate() {
            let last = place + 1 == block.stmts.len();
            if !last {
                self.value_lost(stmt);
            }
            let (stmt, stmt_type) = self.statement(stmt, expected.filter(|_| last));
            never |= stmt_type == Type::Never;
            ty = if last { stmt_type } else { Type::None };
            stmts.push(stmt);
        }
        self.cx.facts.end_block(facts);
        let ty = if never { Type::Never } else { ty };
        if let Some(StmtKind::Expr(e)) = block.stmts.last().map(|stmt| &stmt.kind) {
            self.made_of(block.span, expected, [(e.span, ty.clone())]);
        }
        (
            hir::Block {
                stmts,
                span: block.span,
            },
            ty,
        )
    }

    /// A block whose value must be of a type.
    pub fn block_wanting(&mut self, block: &ast::Block, wanted: &Type, what: &str) -> hir::Block {
        let (mut checked, ty) = self.block(block, Some(wanted));
        match checked.stmts.last_mut() {
            Some(hir::Stmt {
                kind: H::Expr(value), ..
            }) => {
                let placeholder = hir::Expr {
                    kind: hir::ExprKind::Skip,
                    span: value.span,
                };
                let typed = Typed {
                    expr: std::mem::replace(value, placeholder),
                    ty,
                };
                let place = block.stmts.last().map_or(block.span, tail_span);
                *value = self.coerce(typed, wanted, place, what);
            }
            _ if ty == Type::Never || *wanted == Type::Any || wanted.allows_none() => {}
            _ => {
                let end = Span {
                    start: block.span.end.saturating_sub(1),
                    ..block.span
                };
                let message = format!("{what} `{wanted}`, but this block ends without a value");
                let help = match block.stmts.last().map(|stmt| &stmt.kind) {
                    Some(StmtKind::Let {
                        binding: ast::Binding::Name { name, .. },
                        ..
                    }) => {
                        format!(
                            "it ends with a `let`: add a line with `{}`, if that is the value",
                            name.node
                        )
                    }
                    _ => "let its last line be the value, or `return` one".to_owned(),
                };
                self.advise(codes::WRONG_TYPE, message, end, "a value is missing here", help);
            }
        }
        checked
    }

    pub fn enter_scope(&mut self) {
        self.body().scopes.push(Vec::new());
    }

    pub fn leave_scope(&mut self) {
        let scope = self.body().scopes.pop().unwrap_or_default();
        for local in scope {
            if local.mutability == Mutability::Let && !local.used && !local.name.starts_with('_') {
                self.unused(&local.name, local.span);
            }
        }
    }

    /// A `let` that nothing reads.
    pub fn unused(&mut self, name: &str, span: Span) {
        let message = format!("`{name}` is never used");
        let help = format!("remove it, or name it `_{name}` to keep it");
        self.report(Diagnostic::warning(codes::UNUSED, message, span, "nothing reads this").help(help));
    }

    /// Gives a name a slot in the innermost scope.
    pub fn bind(&mut self, name: &EcoString, ty: Type, mutability: Mutability, span: Span) -> Slot {
        let id = self.fresh_local();
        let body = self.body();
        let slot = body.fresh_slot();
        let local = Local {
            name: name.clone(),
            slot,
            ty,
            id,
            mutability,
            span,
            used: false,
            lambda: None,
        };
        match body.scopes.last_mut() {
            Some(scope) => scope.push(local),
            None => body.scopes.push(vec![local]),
        }
        slot
    }

    /// A statement of a block; its type is that of its value.
    pub fn statement(&mut self, stmt: &ast::Stmt, expected: Option<&Type>) -> (hir::Stmt, Type) {
        let at_top = self.is_top_level();
        let (kind, ty) = match &stmt.kind {
            StmtKind::Let { binding, value } => self.let_statement(binding, value, Mutability::Let),
            StmtKind::Var { binding, value } => self.let_statement(binding, value, Mutability::Var),
            StmtKind::Assign { place, op, value } => (self.assign(place, *op, value), Type::None),
            StmtKind::For { names, over, body } => (self.for_statement(names, over, body), Type::None),
            StmtKind::While { condition, body } => self.while_statement(condition, body),
            StmtKind::Assert { condition, message } => (self.assert_statement(condition, message.as_ref()), Type::None),
            StmtKind::Configure(args) => {
                if !at_top {
                    let help = "inside functions and blocks, `with (lm: …) { … }` sets what its calls use";
                    let message = "`configure` stands at the top level of a script";
                    self.advise(codes::CONFIGURE_PLACE, message, stmt.span, "not at the top level", help);
                }
                (H::Configure(self.settings(args)), Type::None)
            }
            StmtKind::Function(function) => {
                let name = &function.name;
                let help = format!(
                    "move it to the top level, or bind a lambda: `let {} = |x| …`",
                    name.node
                );
                let message = format!("the function `{}` is declared inside a block", name.node);
                self.advise(
                    codes::INNER_FUNCTION,
                    message,
                    name.span,
                    "functions stand at the top level",
                    help,
                );
                self.bind(&name.node, Type::Any, Mutability::Bound, name.span);
                (H::Expr(self.broken(stmt.span).expr), Type::Any)
            }
            StmtKind::Expr(e) => {
                let typed = self.expr(e, expected);
                self.learn_from(e);
                (H::Expr(typed.expr), typed.ty)
            }
        };
        (hir::Stmt { kind, span: stmt.span }, ty)
    }

    /// Whether a `let` here is one of the file's top level.
    pub fn is_top_level(&self) -> bool {
        matches!(self.cx.bodies.as_slice(), [only] if only.kind == BodyKind::Top && only.scopes.len() == 1)
    }

    fn for_statement(&mut self, names: &[Name], over: &ast::Expr, body: &ast::Block) -> H {
        let over_typed = self.expr(over, None);
        let (key, element) = self.elements(&over_typed.ty, over, names.len() == 2);
        self.forget_assigned(body);
        self.enter_scope();
        let (first, second) = self.bind_loop_names(names, key, element);
        self.body().loops.push(Loop::default());
        let (body, _) = self.block(body, None);
        self.body().loops.pop();
        self.leave_scope();
        H::For {
            first,
            second,
            over: over_typed.expr,
            body,
        }
    }

    /// The slots of `x`, or of `i, x`.
    pub fn bind_loop_names(&mut self, names: &[Name], key: Type, element: Type) -> (Slot, Option<Slot>) {
        if let Some(third) = names.get(2) {
            let help = "a `for` binds one name, or two: index and element, or key and value";
            self.advise(
                codes::TOO_MANY_ARGUMENTS,
                "a `for` with more than two names",
                third.span,
                "one too many",
                help,
            );
        }
        match names {
            [] => (self.body().fresh_slot(), None),
            [one] => (self.bind(&one.node, element, Mutability::Bound, one.span), None),
            [one, two, ..] => {
                let first = self.bind(&one.node, key, Mutability::Bound, one.span);
                (first, Some(self.bind(&two.node, element, Mutability::Bound, two.span)))
            }
        }
    }

    /// A `while true` that no `break` leaves comes to no end of its own.
    fn while_statement(&mut self, condition: &ast::Expr, body: &ast::Block) -> (H, Type) {
        self.forget_assigned(body);
        let checked = self.condition(condition, "a `while`");
        let known = self.knowledge(condition);
        let facts = self.cx.facts.mark();
        self.cx.facts.learn(known.holds);
        self.body().loops.push(Loop::default());
        let (body, _) = self.block(body, None);
        let left = self.body().loops.pop().is_some_and(|own| own.left);
        self.cx.facts.leave(facts);
        let ty = match condition.kind {
            ExprKind::Bool(true) if !left => Type::Never,
            _ => Type::None,
        };
        let statement = H::While {
            condition: checked,
            body,
        };
        (statement, ty)
    }

    /// A loop assigns these: what was known of them holds no longer.
    fn forget_assigned(&mut self, body: &ast::Block) {
        for name in assigned_names(body) {
            if let Some((root, _, _)) = self.peek(&name) {
                self.cx.facts.reset(root);
            }
        }
    }

    fn assert_statement(&mut self, condition: &ast::Expr, message: Option<&ast::Expr>) -> H {
        let source = self.text(condition.span);
        let checked = self.condition(condition, "an `assert`");
        let message = message.map(|message| self.want(message, &Type::Str, "the message of an `assert` is"));
        let known = self.knowledge(condition);
        self.cx.facts.learn(known.holds);
        H::Assert {
            condition: checked,
            message,
            source,
        }
    }

    /// After `if x == none { return … }` it is known that `x` is something.
    fn learn_from(&mut self, e: &ast::Expr) {
        let ExprKind::If {
            condition,
            then,
            otherwise,
        } = &e.kind
        else {
            return;
        };
        let then_leaves = leaves(then);
        let otherwise_leaves = match otherwise.as_deref().map(|e| &e.kind) {
            Some(ExprKind::Block(block)) => leaves(block),
            _ => false,
        };
        if then_leaves == otherwise_leaves {
            return;
        }
        let known = self.knowledge(condition);
        self.cx.facts.learn(if then_leaves { known.fails } else { known.holds });
    }

    /// A condition: a `bool`, or an `any` that turns out to be one.
    pub fn condition(&mut self, e: &ast::Expr, what: &str) -> hir::Expr {
        let typed = self.expr(e, Some(&Type::Bool));
        let base = self.base(&typed.ty);
        let is_bool = |m: &Type| super::fit::fit(m, &Type::Bool) != super::fit::Fit::No;
        if base.members().iter().all(is_bool) {
            return self.coerce(typed, &Type::Bool, e.span, what);
        }
        let text = self.text(e.span);
        let help = match base.without_none() {
            Type::Bool => format!("say what `none` counts as: `{text} ?? false`"),
            _ if base.allows_none() => format!("say what you mean: `{text} != none`"),
            Type::Str | Type::List(_) | Type::Dict(_) => format!("say what you mean: `len({text}) > 0`"),
            Type::Int | Type::Float => format!("say what you mean: `{text} != 0`"),
            _ => "a condition is `true` or `false`: compare something".to_owned(),
        };
        let message = format!("the condition of {what} is `{}`, not `bool`", typed.ty);
        self.advise(codes::NOT_BOOL, message, e.span, "not a `bool`", help);
        typed.expr
    }

    /// A place of the frame that no name of the script stands for.
    pub fn hidden_slot(&mut self) -> Slot {
        self.body().fresh_slot()
    }
}

/// Whether a block cannot be left at its end.
fn leaves(block: &ast::Block) -> bool {
    block.stmts.iter().any(|stmt| match &stmt.kind {
        StmtKind::Expr(e) => expr_leaves(e),
        _ => false,
    })
}

fn expr_leaves(e: &ast::Expr) -> bool {
    match &e.kind {
        ExprKind::Return(_) | ExprKind::Break | ExprKind::Continue => true,
        ExprKind::Call { callee, .. } => matches!(&callee.kind, ExprKind::Name(name) if name == "fail"),
        ExprKind::If {
            then,
            otherwise: Some(otherwise),
            ..
        } => leaves(then) && expr_leaves(otherwise),
        ExprKind::Block(block) => leaves(block),
        ExprKind::Match { arms, .. } => !arms.is_empty() && arms.iter().all(|arm| expr_leaves(&arm.body)),
        _ => false,
    }
}

/// The place of a statement's value: the last line of a control form's block rather than the whole form.
fn tail_span(stmt: &ast::Stmt) -> Span {
    let StmtKind::Expr(e) = &stmt.kind else {
        return stmt.span;
    };
    match &e.kind {
        ExprKind::Block(block) => block.stmts.last().map_or(e.span, tail_span),
        _ => e.span,
    }
}
