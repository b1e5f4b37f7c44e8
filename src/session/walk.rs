//! What a piece of the checked program names: functions, modules, globals and signatures, however deep inside.

use std::sync::Arc;

use crate::hir::{
    Arg, Block, Body, Call, Callee, DictEntry, Expr, ExprKind, FStringPart, Function, GlobalId, ListItem, Place,
    PlaceRoot, PlaceStep, RecordEntry, Stmt, StmtKind, Var,
};
use crate::value::{FnId, ModuleId, Signature, Value};

/// The names that were met, in the order of the text; some more than once.
#[derive(Debug, Default)]
pub(super) struct Uses {
    pub functions: Vec<FnId>,
    pub modules: Vec<ModuleId>,
    pub globals: Vec<GlobalId>,
    pub signatures: Vec<Arc<Signature>>,
}

impl Uses {
    pub fn function(&mut self, function: &Function) {
        function
            .params
            .iter()
            .filter_map(|param| param.default.as_ref())
            .for_each(|default| self.expr(default));
        match &function.body {
            Body::Block(block) => self.block(block),
            Body::Native(_) => {}
        }
    }

    fn block(&mut self, block: &Block) {
        block.stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    pub fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Bind { value, .. } | StmtKind::Destructure { value, .. } | StmtKind::Expr(value) => {
                self.expr(value)
            }
            StmtKind::Assign { place, value, .. } => {
                self.place(place);
                self.expr(value);
            }
            StmtKind::For { over, body, .. } => {
                self.expr(over);
                self.block(body);
            }
            StmtKind::While { condition, body } => {
                self.expr(condition);
                self.block(body);
            }
            StmtKind::Assert { condition, message, .. } => {
                self.expr(condition);
                message.iter().for_each(|message| self.expr(message));
            }
            StmtKind::Configure(settings) => settings.iter().for_each(|(_, value)| self.expr(value)),
        }
    }

    fn place(&mut self, place: &Place) {
        if let PlaceRoot::Global(global) = place.root {
            self.globals.push(global);
        }
        for step in &place.steps {
            if let PlaceStep::Index(index) = step {
                self.expr(index);
            }
        }
    }

    fn var(&mut self, var: Var) {
        if let Var::Global(global) = var {
            self.globals.push(global);
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Constant(value) => self.value(value),
            ExprKind::Var(var) => self.var(*var),
            ExprKind::Function(function) => self.functions.push(*function),
            ExprKind::Closure { function, captures } => {
                self.functions.push(*function);
                captures.iter().for_each(|var| self.var(*var));
            }
            ExprKind::Comprehension(inner) => {
                self.expr(&inner.over);
                self.functions.push(inner.function);
                inner.captures.iter().for_each(|var| self.var(*var));
            }
            ExprKind::Instance { module, fields } => {
                self.modules.push(*module);
                fields.iter().for_each(|field| self.expr(field));
            }
            ExprKind::Call(call) => self.call(call),
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.expr(condition);
                self.block(then);
                otherwise.iter().for_each(|otherwise| self.expr(otherwise));
            }
            ExprKind::Match { subject, arms } => {
                self.expr(subject);
                for arm in arms {
                    arm.guard.iter().for_each(|guard| self.expr(guard));
                    self.expr(&arm.body);
                }
            }
            ExprKind::Try { body, handler, .. } => {
                self.block(body);
                self.block(handler);
            }
            ExprKind::With { settings, body } => {
                settings.iter().for_each(|(_, value)| self.expr(value));
                self.block(body);
            }
            ExprKind::Block(block) => self.block(block),
            _ => self.parts(expr),
        }
    }

    /// The kinds that only hold other expressions.
    fn parts(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::FString(parts) => parts.iter().for_each(|part| match part {
                FStringPart::Text(_) => {}
                FStringPart::Value { value, .. } => self.expr(value),
            }),
            ExprKind::List(items) => items.iter().for_each(|item| match item {
                ListItem::Item(value) | ListItem::Spread(value) => self.expr(value),
            }),
            ExprKind::Record(entries) => entries.iter().for_each(|entry| match entry {
                RecordEntry::Field(_, value) | RecordEntry::Spread(value) => self.expr(value),
            }),
            ExprKind::Dict(entries) => entries.iter().for_each(|entry| match entry {
                DictEntry::Entry(_, value) | DictEntry::Spread(value) => self.expr(value),
            }),
            ExprKind::Member { object, .. } | ExprKind::Field { object, .. } => self.expr(object),
            ExprKind::Unary { operand, .. } => self.expr(operand),
            ExprKind::Binary { left, right, .. }
            | ExprKind::And(left, right)
            | ExprKind::Or(left, right)
            | ExprKind::Coalesce(left, right)
            | ExprKind::Range {
                start: left,
                end: right,
            }
            | ExprKind::Index {
                object: left,
                index: right,
            } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Slice { object, start, end } => {
                self.expr(object);
                start.iter().chain(end).for_each(|end| self.expr(end));
            }
            ExprKind::Convert { value, .. } => self.expr(value),
            ExprKind::Return(value) => value.iter().for_each(|value| self.expr(value)),
            _ => {}
        }
    }

    fn call(&mut self, call: &Call) {
        self.callee(&call.callee);
        for arg in &call.args {
            match arg {
                Arg::Positional(value) | Arg::Named(_, value) | Arg::Spread(value) => self.expr(value),
            }
        }
    }

    fn callee(&mut self, callee: &Callee) {
        match callee {
            Callee::Function(function) => self.functions.push(*function),
            Callee::Helper { object, function } => {
                self.expr(object);
                self.functions.push(*function);
            }
            Callee::Value(value) | Callee::Program(value) => self.expr(value),
            Callee::Method { object, function, .. } => {
                self.expr(object);
                function.iter().for_each(|function| self.callee(function));
            }
        }
    }

    /// Constants hold code too: the conditions of a signature.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Signature(signature) => {
                let conditions = signature.outputs.iter().flat_map(|field| &field.constraints);
                self.functions.extend(conditions.map(|condition| condition.check.id));
                self.signatures.push(signature.clone());
            }
            Value::Function(function) => self.functions.push(function.id),
            _ => {}
        }
    }
}
