//! The patterns of `match`.

use crate::syntax::ast::{Pattern, PatternField, PatternKind};
use crate::value::Literal;

use super::build::{Builder, Node};
use super::grammar::Rule;

impl Builder<'_> {
    pub fn pattern(&mut self, node: Node) -> Option<Pattern> {
        let span = self.span(&node);
        let mut list = node
            .into_inner()
            .map(|part| self.pattern_atom(part))
            .collect::<Option<Vec<_>>>()?;
        if list.len() > 1 {
            return Some(Pattern {
                kind: PatternKind::Or(list),
                span,
            });
        }
        list.pop()
    }

    fn pattern_atom(&mut self, node: Node) -> Option<Pattern> {
        let span = self.span(&node);
        let kind = match node.as_rule() {
            Rule::pattern => return self.pattern(node),
            Rule::pattern_literal => self.pattern_literal(node.into_inner().next()?)?,
            Rule::pattern_record => PatternKind::Record(
                node.into_inner()
                    .map(|f| self.pattern_field(f))
                    .collect::<Option<_>>()?,
            ),
            _ => self.pattern_name(node)?,
        };
        Some(Pattern { kind, span })
    }

    fn pattern_literal(&mut self, node: Node) -> Option<PatternKind> {
        Some(match node.as_rule() {
            Rule::kw_none => PatternKind::None,
            Rule::pattern_float => PatternKind::Float(node.as_str().replace('_', "").parse().ok()?),
            _ => PatternKind::Literal(self.literal(&node)?),
        })
    }

    /// `"a"`, `-1`, `true`, in patterns and types
    pub fn literal(&mut self, node: &Node) -> Option<Literal> {
        Some(match node.as_rule() {
            Rule::string | Rule::single_string => Literal::Str(self.string(node).node),
            Rule::kw_true => Literal::Bool(true),
            Rule::kw_false => Literal::Bool(false),
            _ => match node.as_str().replace('_', "").parse() {
                Ok(int) => Literal::Int(int),
                Err(_) => return self.too_large(node),
            },
        })
    }

    fn pattern_name(&mut self, node: Node) -> Option<PatternKind> {
        let mut parts = node.into_inner();
        let name = self.name(&parts.next()?);
        let bound = (name.node != "_").then_some(name);
        Some(match (parts.next(), bound) {
            (Some(ty), name) => PatternKind::Typed {
                name,
                ty: self.type_expr(ty)?,
            },
            (None, Some(name)) => PatternKind::Name(name),
            (None, None) => PatternKind::Wildcard,
        })
    }

    fn pattern_field(&mut self, node: Node) -> Option<PatternField> {
        let mut parts = node.into_inner();
        let field = self.name(&parts.next()?);
        let pattern = match parts.next() {
            Some(pattern) => Some(self.pattern(pattern)?),
            None => None,
        };
        Some(PatternField { field, pattern })
    }
}
