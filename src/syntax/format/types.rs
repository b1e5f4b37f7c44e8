//! Types as they are written.

use crate::syntax::ast::{TypeExpr, TypeExprKind, TypeRecordEntry};

use super::brackets::Style;
use super::doc::Op;
use super::write::Writer;

impl Writer<'_> {
    /// `: T`, if the next token is the colon.
    pub fn annotation(&mut self, ty: Option<&TypeExpr>) {
        if let Some(ty) = ty {
            self.word();
            self.ty(ty);
        }
    }

    pub fn ty(&mut self, ty: &TypeExpr) {
        match self.parentheses_before(ty.span.start) {
            0 => self.bare_type(ty),
            count => self.parenthesized(count, |w| w.bare_type(ty)),
        }
    }

    fn bare_type(&mut self, ty: &TypeExpr) {
        match &ty.kind {
            TypeExprKind::Name { qualifier, .. } => {
                if qualifier.is_some() {
                    self.tok();
                    self.tok();
                }
                self.tok();
            }
            TypeExprKind::None => self.tok(),
            TypeExprKind::Literal(_) => self.glued(ty.span.end),
            TypeExprKind::Generic { args, .. } => {
                self.tok();
                let hug = matches!(args.as_slice(), [only] if matches!(only.kind, TypeExprKind::Record(_)));
                let style = Style {
                    hug,
                    ..Style::default()
                };
                self.bracketed(args, style, |w, arg| w.ty(arg));
            }
            TypeExprKind::Union(types) => self.alternatives(types, |w, ty| w.ty(ty)),
            TypeExprKind::Optional(inner) => {
                self.ty(inner);
                self.tok();
            }
            TypeExprKind::Record(entries) => {
                self.bracketed(entries, Style::default(), |w, entry| w.type_entry(entry));
            }
            TypeExprKind::Function { params, result } => {
                self.tok();
                self.bracketed(params, Style::default(), |w, param| w.ty(param));
                self.space();
                self.word();
                self.ty(result);
            }
            TypeExprKind::Of { .. } => (0..4).for_each(|_| self.tok()),
        }
    }

    fn type_entry(&mut self, entry: &TypeRecordEntry) {
        match entry {
            TypeRecordEntry::Spread(ty) => {
                self.tok();
                self.ty(ty);
            }
            TypeRecordEntry::Field(field) => {
                self.tok();
                self.annotation(Some(&field.ty));
                if field.desc.is_some() {
                    self.space();
                    self.tok();
                }
            }
        }
    }

    /// `a | b | c`; a line that begins with `|` would be a lambda.
    pub fn alternatives<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.doc.begin();
        for (i, item) in items.iter().enumerate() {
            if i == 1 {
                self.doc.push(Op::Indent);
            }
            if i > 0 {
                self.space();
                self.tok();
                self.doc.push(Op::Fill);
            }
            each(self, item);
        }
        if items.len() > 1 {
            self.doc.push(Op::Dedent);
        }
        self.doc.end();
    }
}
