//! What stands behind an operand: calls, fields, indexes; and what stands in brackets: arguments, lists, records.

use crate::source::Span;
use crate::syntax::ast::{
    Arg, Comprehension, DictEntry, Expr, ExprKind, ForClause, ListItem, Name, RecordEntry, Slice,
};

use super::build::{Builder, Node};
use super::grammar::Rule;
use super::operators::Row;
use super::titles::code;

impl Builder<'_> {
    pub fn postfixed(&mut self, mut expr: Expr, row: &mut Row) -> Option<Expr> {
        let mut behind_field = false;
        while let Some(node) = row.next_if(|n| matches!(n.as_rule(), Rule::call | Rule::field | Rule::index)) {
            let span = expr.span.to(self.span(&node));
            let rule = node.as_rule();
            let kind = match rule {
                Rule::call => {
                    let args = self.arguments(node)?;
                    match expr.kind {
                        ExprKind::Field { object, name, optional } if behind_field => ExprKind::Method {
                            object,
                            name,
                            args,
                            optional,
                        },
                        _ => ExprKind::Call {
                            callee: Box::new(expr),
                            args,
                        },
                    }
                }
                Rule::field => self.field(expr, node)?,
                _ => self.index(expr, node)?,
            };
            expr = Expr { kind, span };
            behind_field = rule == Rule::field;
        }
        Some(expr)
    }

    fn field(&mut self, object: Expr, node: Node) -> Option<ExprKind> {
        let mut parts = node.into_inner().peekable();
        let optional = parts.next_if(|n| n.as_rule() == Rule::optional_dot).is_some();
        let name = self.name(&parts.next()?);
        Some(ExprKind::Field {
            object: Box::new(object),
            name,
            optional,
        })
    }

    fn index(&mut self, object: Expr, node: Node) -> Option<ExprKind> {
        let object = Box::new(object);
        let mut parts = node.into_inner();
        let first = parts.next()?;
        if first.as_rule() == Rule::dots {
            let end = match parts.next() {
                Some(end) => Some(self.expr(end)?),
                None => None,
            };
            return Some(ExprKind::Slice {
                object,
                slice: Box::new(Slice { start: None, end }),
            });
        }
        let index = self.operand_of(first)?;
        let is_range = index.is_bare_range();
        let slice = match index.expr.kind {
            ExprKind::Range { start, end } if is_range => Slice {
                start: Some(*start),
                end: Some(*end),
            },
            _ if parts.next().is_some() => Slice {
                start: Some(index.expr),
                end: None,
            },
            _ => {
                return Some(ExprKind::Index {
                    object,
                    index: Box::new(index.expr),
                });
            }
        };
        Some(ExprKind::Slice {
            object,
            slice: Box::new(slice),
        })
    }

    /// `(a, k: 5, ...r)`
    pub fn arguments(&mut self, node: Node) -> Option<Vec<Arg>> {
        node.into_inner()
            .map(|arg| match arg.as_rule() {
                Rule::spread => Some(Arg::Spread(self.only_expr(arg)?)),
                Rule::named => self.named(arg).map(|(name, value)| Arg::Named { name, value }),
                _ => Some(Arg::Positional(self.expr(arg)?)),
            })
            .collect()
    }

    /// The expression that a node holds and nothing else.
    pub fn only_expr(&mut self, node: Node) -> Option<Expr> {
        let inner = node.into_inner().next()?;
        self.expr(inner)
    }

    fn named(&mut self, node: Node) -> Option<(Name, Expr)> {
        let mut parts = node.into_inner();
        let name = self.name(&parts.next()?);
        Some((name, self.expr(parts.next()?)?))
    }

    /// `[1, 2, ...xs]`, `[f(x) for x in xs if c]`
    pub fn list(&mut self, node: Node) -> Option<ExprKind> {
        let mut items = Vec::new();
        let mut clauses = Vec::new();
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::for_clause => clauses.push(self.for_clause(part)?),
                Rule::spread => items.push(ListItem::Spread(self.only_expr(part)?)),
                _ => items.push(ListItem::Item(self.expr(part)?)),
            }
        }
        if clauses.is_empty() {
            return Some(ExprKind::List(items));
        }
        match items.pop()? {
            ListItem::Item(element) => Some(ExprKind::Comprehension(Box::new(Comprehension { element, clauses }))),
            ListItem::Spread(inner) => {
                let help = "write the element alone, and `flatten` the result";
                self.advise(
                    code::UNEXPECTED,
                    "a comprehension's element cannot be spread",
                    inner.span,
                    "spread",
                    help,
                );
                None
            }
        }
    }

    fn for_clause(&mut self, node: Node) -> Option<ForClause> {
        let (names, over, rest) = self.for_head(node)?;
        let conditions = rest
            .into_iter()
            .map(|part| self.condition(part))
            .collect::<Option<_>>()?;
        Some(ForClause {
            names,
            over,
            conditions,
        })
    }

    /// `if c`
    pub fn condition(&mut self, node: Node) -> Option<Expr> {
        let inner = node.into_inner().find(|n| n.as_rule() == Rule::expr)?;
        self.expr(inner)
    }

    /// `for i, x in xs`, and the nodes that follow.
    pub fn for_head<'i>(&mut self, node: Node<'i>) -> Option<(Vec<Name>, Expr, Vec<Node<'i>>)> {
        let mut parts = node.into_inner();
        let mut names = Vec::new();
        for part in parts.by_ref() {
            match part.as_rule() {
                Rule::name => names.push(self.name(&part)),
                Rule::kw_in => break,
                _ => {}
            }
        }
        if let Some(third) = names.get(2) {
            let help = "take one name, or two: index and element of a list, key and value of a dict";
            self.advise(
                code::NAMES,
                "a `for` has at most two names",
                third.span,
                "a third name",
                help,
            );
        }
        let over = self.expr(parts.next()?)?;
        Some((names, over, parts.collect()))
    }

    /// `{a: 1, b, ...r}`, `{"a": 1}`
    pub fn braced(&mut self, node: Node) -> Option<ExprKind> {
        let mut entries = Entries::default();
        for part in node.into_inner() {
            let span = self.span(&part);
            let entry = match part.as_rule() {
                Rule::spread => Entry::Spread(self.only_expr(part)?),
                Rule::named => self.named(part).map(|(name, value)| Entry::Named(name, value))?,
                Rule::dict_entry => self.dict_entry(part).map(|(key, value)| Entry::Quoted(key, value))?,
                _ => Entry::Short(self.name(&part)),
            };
            match entry {
                Entry::Named(..) | Entry::Short(_) => entries.named = entries.named.or(Some(span)),
                Entry::Quoted(..) => entries.quoted = entries.quoted.or(Some(span)),
                Entry::Spread(_) => {}
            }
            entries.list.push(entry);
        }
        if let (Some(named), Some(quoted)) = (entries.named, entries.quoted) {
            let help = "a record has named keys (`{a: 1}`), a dict has quoted ones (`{\"a\": 1}`)";
            let error = self.error(
                code::KEYS,
                "named and quoted keys do not mix",
                named.max(quoted),
                "of another kind",
            );
            *error = error
                .clone()
                .label(named.min(quoted), "the first of its kind")
                .help(help);
        }
        let is_dict = entries.quoted.is_some() || entries.list.is_empty();
        Some(if is_dict {
            entries.into_dict()
        } else {
            entries.into_record()
        })
    }

    fn dict_entry(&mut self, node: Node) -> Option<(Name, Expr)> {
        let mut parts = node.into_inner();
        let key = self.string(&parts.next()?);
        Some((key, self.expr(parts.next()?)?))
    }
}

enum Entry {
    Named(Name, Expr),
    Quoted(Name, Expr),
    Short(Name),
    Spread(Expr),
}

#[derive(Default)]
struct Entries {
    list: Vec<Entry>,
    named: Option<Span>,
    quoted: Option<Span>,
}

impl Entries {
    fn into_record(self) -> ExprKind {
        let entries = self.list.into_iter().map(|entry| match entry {
            Entry::Named(name, value) | Entry::Quoted(name, value) => RecordEntry::Field { name, value },
            Entry::Short(name) => RecordEntry::Short(name),
            Entry::Spread(value) => RecordEntry::Spread(value),
        });
        ExprKind::Record(entries.collect())
    }

    fn into_dict(self) -> ExprKind {
        let entries = self.list.into_iter().map(|entry| match entry {
            Entry::Named(key, value) | Entry::Quoted(key, value) => DictEntry::Entry { key, value },
            Entry::Short(key) => {
                let value = Expr {
                    kind: ExprKind::Name(key.node.clone()),
                    span: key.span,
                };
                DictEntry::Entry { key, value }
            }
            Entry::Spread(value) => DictEntry::Spread(value),
        });
        ExprKind::Dict(entries.collect())
    }
}
