//! Lists, records, dicts and comprehensions.

use std::sync::Arc;

use crate::hir;
use crate::source::Span;
use crate::syntax::ast::{self, DictEntry, ForClause, ListItem, Name, RecordEntry};
use crate::value::{EcoString, FieldType, FnId, RecordType, Type};

use super::checker::{Checker, Typed};
use super::codes;
use super::decl::{FnInfo, State};
use super::fit::{Fit, fit};
use super::generics::lay_over;
use super::scope::{Body, BodyKind};
use super::wanted::{entry_type, field_type, item_type, record_types};

impl Checker<'_> {
    pub fn list(&mut self, items: &[ListItem], span: Span, expected: Option<&Type>) -> Typed {
        let wanted = expected.and_then(|ty| item_type(&self.base(ty)));
        let mut checked = Vec::new();
        let mut types = Vec::new();
        for item in items {
            match item {
                ListItem::Item(e) => {
                    let (expr, ty) = self.part(e, wanted.as_ref(), "an element is");
                    checked.push(hir::ListItem::Item(expr));
                    types.push(ty);
                }
                ListItem::Spread(e) => {
                    let hint = wanted.clone().map(Type::list);
                    let typed = self.expr(e, hint.as_ref());
                    let (_, element) = self.elements(&typed.ty, e, false);
                    if let Some(wanted) = &wanted {
                        self.check_fit(&element, wanted, e.span, "an element is");
                    }
                    checked.push(hir::ListItem::Spread(typed.expr));
                    types.push(element);
                }
            }
        }
        let item = match (wanted, types.is_empty()) {
            (Some(wanted), true) => wanted,
            (None, true) => Type::Any,
            (_, false) => Type::union(types),
        };
        Typed::new(hir::ExprKind::List(checked), Type::list(item), span)
    }

    /// An element or field: of the wanted type, if one is known.
    fn part(&mut self, e: &ast::Expr, wanted: Option<&Type>, what: &str) -> (hir::Expr, Type) {
        match wanted {
            Some(wanted) => {
                let typed = self.expr(e, Some(wanted));
                let known = typed.ty.clone();
                let expr = self.coerce(typed, wanted, e.span, what);
                // What was converted has the wanted type now; what fits as it is may be known better. Of what is wrong
                // nothing more is said.
                let kept = match fit(&known, wanted) {
                    Fit::Yes => known,
                    Fit::Convert => {
                        let possible = wanted.members().iter().filter(|member| fit(&known, member) != Fit::No);
                        Type::union(possible.cloned())
                    }
                    Fit::No => Type::Any,
                };
                (expr, kept)
            }
            None => {
                let typed = self.expr(e, None);
                (typed.expr, typed.ty)
            }
        }
    }

    pub fn record(&mut self, entries: &[RecordEntry], span: Span, expected: Option<&Type>) -> Typed {
        let wanted = expected.map_or_else(Vec::new, |ty| record_types(&self.base(ty), entries));
        let mut checked = Vec::new();
        let mut written: Vec<EcoString> = Vec::new();
        let mut fields = Fields::default();
        for entry in entries {
            let (name, value) = match entry {
                RecordEntry::Field { name, value } => (name, value.clone()),
                RecordEntry::Short(name) => {
                    let kind = ast::ExprKind::Name(name.node.clone());
                    (name, ast::Expr { kind, span: name.span })
                }
                RecordEntry::Spread(e) => {
                    let typed = self.expr(e, None);
                    let base = self.without_none(&typed.ty, e, "`...`");
                    self.spread_fields(&base, e, &mut fields);
                    checked.push(hir::RecordEntry::Spread(typed.expr));
                    continue;
                }
            };
            self.double_key(&mut written, name);
            let ty = field_type(&wanted, &name.node);
            let (value, ty) = self.part(&value, ty.as_ref(), &format!("the field `{}` is", name.node));
            fields.set(FieldType::new(name.node.clone(), ty));
            checked.push(hir::RecordEntry::Field(name.node.clone(), value));
        }
        Typed::new(hir::ExprKind::Record(checked), fields.into_type(), span)
    }

    fn spread_fields(&mut self, base: &Type, e: &ast::Expr, fields: &mut Fields) {
        match base {
            Type::Record(record) => {
                record.fields.iter().for_each(|f| fields.set(f.clone()));
                fields.open |= !record.spreads.is_empty();
            }
            Type::Any | Type::Never | Type::Dict(_) => fields.open = true,
            // Which fields it has is decided when it runs.
            Type::Union(members) if members.iter().all(|m| matches!(m, Type::Record(_))) => fields.open = true,
            other => {
                let message = format!("`...` takes a record here, not `{other}`");
                let help = "only a record's fields can be spread into a record";
                self.advise(codes::WRONG_TYPE, message, e.span, format!("this is `{other}`"), help);
                fields.open = true;
            }
        }
    }

    fn double_key(&mut self, written: &mut Vec<EcoString>, name: &Name) {
        if written.contains(&name.node) {
            let message = format!("`{}` is written twice", name.node);
            self.advise(
                codes::DOUBLE_FIELD,
                message,
                name.span,
                "written again",
                "remove one of the two",
            );
        }
        written.push(name.node.clone());
    }

    pub fn dict(&mut self, entries: &[DictEntry], span: Span, expected: Option<&Type>) -> Typed {
        let base = expected.map(|ty| self.base(ty)).unwrap_or(Type::Any);
        let may_be_dict = base.members().iter().any(|member| matches!(member, Type::Dict(_)));
        if entries.is_empty() && !may_be_dict {
            // `{}` also fits a record type without required fields.
            let record = record_types(&base, &[]).into_iter().next();
            if let Some(record) = record.filter(|record| record.fields.iter().all(|f| f.optional)) {
                return Typed::new(hir::ExprKind::Record(Vec::new()), Type::Record(record), span);
            }
        }
        let wanted = entry_type(&base);
        let mut checked = Vec::new();
        let mut types = Vec::new();
        let mut written = Vec::new();
        for entry in entries {
            match entry {
                DictEntry::Entry { key, value } => {
                    self.double_key(&mut written, key);
                    let (value, ty) = self.part(value, wanted.as_ref(), "an entry is");
                    types.push(ty);
                    checked.push(hir::DictEntry::Entry(key.node.clone(), value));
                }
                DictEntry::Spread(e) => {
                    let typed = self.expr(e, None);
                    match self.without_none(&typed.ty, e, "`...`") {
                        Type::Dict(value) => types.push((*value).clone()),
                        Type::Any => types.push(Type::Any),
                        other => {
                            let message = format!("`...` takes a dict here, not `{other}`");
                            let help = "only a dict's entries can be spread into a dict";
                            self.advise(codes::WRONG_TYPE, message, e.span, format!("this is `{other}`"), help);
                        }
                    }
                    checked.push(hir::DictEntry::Spread(typed.expr));
                }
            }
        }
        let value = match (wanted, types.is_empty()) {
            (Some(wanted), true) => wanted,
            (None, true) => Type::Any,
            (_, false) => Type::union(types),
        };
        Typed::new(hir::ExprKind::Dict(checked), Type::dict(value), span)
    }

    /// `[f(x) for x in xs if c]`
    pub fn comprehension(&mut self, c: &ast::Comprehension, span: Span, expected: Option<&Type>) -> Typed {
        let wanted = expected.and_then(|ty| item_type(&self.base(ty)));
        let (comprehension, item) = self.clauses(&c.element, &c.clauses, wanted.as_ref());
        match comprehension {
            Some(comprehension) => Typed::new(
                hir::ExprKind::Comprehension(Box::new(comprehension)),
                Type::list(item),
                span,
            ),
            None => self.broken(span),
        }
    }

    fn clauses(
        &mut self,
        element: &ast::Expr,
        clauses: &[ForClause],
        wanted: Option<&Type>,
    ) -> (Option<hir::Comprehension>, Type) {
        let Some((clause, inner)) = clauses.split_first() else {
            return (None, Type::Any);
        };
        let over = self.expr(&clause.over, None);
        let (key, item) = self.elements(&over.ty, &clause.over, clause.names.len() == 2);
        self.cx.bodies.push(Body::new(BodyKind::Element));
        let mark = self.cx.facts.mark();
        let (first, second) = self.bind_loop_names(&clause.names, key, item);
        let mut conditions = Vec::new();
        for condition in &clause.conditions {
            conditions.push(self.condition(condition, "a comprehension"));
            let known = self.knowledge(condition);
            self.cx.facts.learn(known.holds);
        }
        let (mut value, ty) = match inner.is_empty() {
            true => {
                let (expr, ty) = self.part(element, wanted, "an element is");
                (expr, ty)
            }
            false => {
                let (inner, ty) = self.clauses(element, inner, wanted);
                let span = element.span;
                let kind = match inner {
                    Some(inner) => hir::ExprKind::Comprehension(Box::new(inner)),
                    None => hir::ExprKind::Skip,
                };
                (hir::Expr { kind, span }, ty)
            }
        };
        for condition in conditions.into_iter().rev() {
            let span = value.span;
            let then = block_of(value);
            let skip = hir::Expr {
                kind: hir::ExprKind::Skip,
                span,
            };
            let kind = hir::ExprKind::If {
                condition: Box::new(condition),
                then,
                otherwise: Some(Box::new(skip)),
            };
            value = hir::Expr { kind, span };
        }
        self.cx.facts.leave(mark);
        let params = [Some(first), second].into_iter().flatten().count();
        let names = clause.names.iter().take(params).map(|n| n.node.clone());
        let (function, captures) = self.close(names.collect(), block_of(value), element.span);
        let comprehension = hir::Comprehension {
            over: over.expr,
            function,
            captures,
            filtered: !clause.conditions.is_empty(),
            flatten: !inner.is_empty(),
        };
        (Some(comprehension), ty)
    }

    /// Ends the body of an element: it becomes a function, and what it captured is known.
    fn close(&mut self, names: Vec<EcoString>, block: hir::Block, span: Span) -> (FnId, Vec<hir::Var>) {
        let params = names.into_iter().map(|name| hir::Param {
            name,
            ty: None,
            default: None,
            rest: false,
            inputs: None,
        });
        let params = params.collect();
        let kind = hir::FunctionKind::Element;
        let (id, captures) = self.close_body(kind, params, None, block, span);
        if !self.cx.dry {
            self.calls(id);
        }
        (id, captures)
    }

    /// Makes a function of the innermost body and leaves it.
    pub fn close_body(
        &mut self,
        kind: hir::FunctionKind,
        params: Vec<hir::Param>,
        result: Option<Type>,
        block: hir::Block,
        span: Span,
    ) -> (FnId, Vec<hir::Var>) {
        let body = self.cx.bodies.pop().unwrap_or_else(|| Body::new(BodyKind::Function));
        let captures: Vec<hir::Var> = body.captures.iter().map(|(_, var)| *var).collect();
        if self.cx.dry {
            // Thrown away: no place in the program.
            return (FnId(u32::MAX), captures);
        }
        let mut function = self.empty_function(EcoString::new(), kind, span, None);
        function.params = params;
        function.result = result;
        function.captures = super::environment::index(captures.len());
        function.slots = body.slots;
        function.body = hir::Body::Block(block);
        let info = FnInfo {
            state: State::Done,
            reach: body.reach,
            calls: body.calls,
            model: body.model,
            queued: true,
            ..FnInfo::default()
        };
        (self.env.add_function(function, info), captures)
    }
}

/// The fields of a record literal while it is read.
#[derive(Default)]
struct Fields {
    list: Vec<FieldType>,
    /// Something was spread whose fields are not known.
    open: bool,
}

impl Fields {
    fn set(&mut self, field: FieldType) {
        lay_over(&mut self.list, field);
    }

    fn into_type(self) -> Type {
        match self.open {
            true => Type::Any,
            false => Type::Record(Arc::new(RecordType {
                fields: self.list,
                ..RecordType::default()
            })),
        }
    }
}

fn block_of(value: hir::Expr) -> hir::Block {
    let span = value.span;
    hir::Block {
        stmts: vec![hir::Stmt {
            kind: hir::StmtKind::Expr(value),
            span,
        }],
        span,
    }
}
