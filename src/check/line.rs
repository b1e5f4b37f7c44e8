//! Lines of a session: the value of a line's last expression is kept under a name of its own.

use crate::source::{FileId, Span, Spanned};
use crate::syntax::ast::{Binding, Item, StmtKind};
use crate::value::Type;

use super::checker::Checker;
use super::scope::Entry;

/// The name of the last value.
pub const LAST: &str = "_";

/// `a + b` as the last statement of a line is `let _ = a + b`.
pub(super) fn keep_value(items: &mut [Item]) {
    if let Some(Item::Statement(stmt)) = items.last_mut()
        && let StmtKind::Expr(value) = &stmt.kind
    {
        // An empty place: nobody wrote it.
        let span = Span {
            end: value.span.start,
            ..value.span
        };
        let name = Spanned::new(LAST.into(), span);
        stmt.kind = StmtKind::Let {
            binding: Binding::Name { name, ty: None },
            value: value.clone(),
        };
    }
}

impl Checker<'_> {
    /// An expression without a value (`print(x)`) leaves the last value as it was.
    pub fn forget_no_value(&mut self, file: FileId) {
        let Some(scope) = self.env.scopes.get_mut(&file).filter(|scope| !scope.library) else {
            return;
        };
        let Some((Entry::Globals(ids), span)) = scope.names.get(LAST) else {
            return;
        };
        let Some(id) = ids.last().filter(|_| span.start == span.end) else {
            return;
        };
        let ty = &self.env.program.globals[id.0 as usize].ty;
        if matches!(ty, Type::None | Type::Never) {
            scope.names.remove(LAST);
            scope.declared.retain(|name| name != LAST);
        }
    }
}
