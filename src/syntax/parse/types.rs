//! Types as they are written.

use crate::source::Span;
use crate::syntax::ast::{Name, TypeExpr, TypeExprKind, TypeField, TypeRecordEntry};
use crate::value::Literal;

use super::build::{Builder, Node};
use super::grammar::Rule;
use super::titles::code;

impl Builder<'_> {
    pub fn type_expr(&mut self, node: Node) -> Option<TypeExpr> {
        let span = self.span(&node);
        let mut parts = node
            .into_inner()
            .map(|part| self.type_part(part))
            .collect::<Option<Vec<_>>>()?;
        if parts.len() > 1 {
            return Some(TypeExpr {
                kind: TypeExprKind::Union(parts),
                span,
            });
        }
        parts.pop()
    }

    /// A type without a bare `|`: `T`, `T?`
    pub fn type_part(&mut self, node: Node) -> Option<TypeExpr> {
        let span = self.span(&node);
        let mut parts = node.into_inner();
        let atom = self.type_atom(parts.next()?)?;
        Some(match parts.next() {
            Some(_) => TypeExpr {
                kind: TypeExprKind::Optional(Box::new(atom)),
                span,
            },
            None => atom,
        })
    }

    fn type_atom(&mut self, node: Node) -> Option<TypeExpr> {
        let span = self.span(&node);
        let kind = match node.as_rule() {
            Rule::r#type => return self.type_expr(node),
            Rule::type_none => TypeExprKind::None,
            Rule::type_literal => TypeExprKind::Literal(self.literal(&node.into_inner().next()?)?),
            Rule::type_record => TypeExprKind::Record(self.type_record(node)?),
            Rule::type_function => self.type_function(node)?,
            _ => self.type_named(node, span)?,
        };
        Some(TypeExpr { kind, span })
    }

    fn type_record(&mut self, node: Node) -> Option<Vec<TypeRecordEntry>> {
        node.into_inner()
            .map(|entry| {
                let is_spread = entry.as_rule() == Rule::type_spread;
                let mut parts = entry.into_inner();
                if is_spread {
                    return Some(TypeRecordEntry::Spread(self.type_expr(parts.next()?)?));
                }
                let name = self.name(&parts.next()?);
                let ty = self.type_expr(parts.next()?)?;
                let desc = parts.next().map(|text| self.string(&text).node);
                Some(TypeRecordEntry::Field(TypeField { name, ty, desc }))
            })
            .collect()
    }

    fn type_function(&mut self, node: Node) -> Option<TypeExprKind> {
        let mut parts = node.into_inner().skip(1);
        let params = parts
            .next()?
            .into_inner()
            .map(|ty| self.type_expr(ty))
            .collect::<Option<_>>()?;
        let result = Box::new(self.type_expr(parts.next()?)?);
        Some(TypeExprKind::Function { params, result })
    }

    /// `str`, `rag.Passage`, `list[T]`, `outputs(S)`
    fn type_named(&mut self, node: Node, span: Span) -> Option<TypeExprKind> {
        let mut parts = node.into_inner();
        let name = self.name(&parts.next()?);
        let Some(next) = parts.next() else {
            return Some(TypeExprKind::Name { qualifier: None, name });
        };
        match next.as_rule() {
            Rule::name => Some(TypeExprKind::Name {
                name: self.name(&next),
                qualifier: Some(name),
            }),
            Rule::type_of => {
                let of = self.name(&next.into_inner().next()?);
                if !matches!(name.node.as_str(), "inputs" | "outputs" | "output") {
                    let help = "`inputs(S)` and `outputs(S)` are the records of a signature, `output(P)` what a program returns; \
                                type arguments stand in brackets: `list[str]`";
                    self.advise(
                        code::UNEXPECTED,
                        format!("`{}` takes no `(…)` in a type", name.node),
                        span,
                        "here",
                        help,
                    );
                    return None;
                }
                Some(TypeExprKind::Of {
                    what: name.node,
                    name: of,
                })
            }
            _ => {
                let args = next
                    .into_inner()
                    .map(|ty| self.type_expr(ty))
                    .collect::<Option<Vec<_>>>()?;
                self.python_type(&name, &args, span);
                Some(TypeExprKind::Generic { name, args })
            }
        }
    }

    /// `Literal[…]`, `Optional[…]`, `List[…]` of Python are shown in dsp's spelling.
    fn python_type(&mut self, name: &Name, args: &[TypeExpr], span: Span) {
        let list: Vec<String> = args.iter().map(type_text).collect();
        let spelling = match name.node.as_str() {
            "Literal" | "Union" => list.join(" | "),
            "Optional" if args.iter().any(|a| matches!(a.kind, TypeExprKind::Union(_))) => {
                format!("({})?", list.join(" | "))
            }
            "Optional" => format!("{}?", list.join(" | ")),
            "List" | "Sequence" => format!("list[{}]", list.join(", ")),
            "Dict" | "Mapping" => format!("dict[{}]", list.join(", ")),
            _ => return,
        };
        let message = format!("`{}[…]` is Python's spelling of a type", name.node);
        self.advise(
            code::FOREIGN_TYPE,
            message,
            span,
            "not a type of dsp",
            &format!("write `{spelling}`"),
        );
    }

    pub fn too_large<T>(&mut self, node: &Node) -> Option<T> {
        let span = self.span(node);
        self.advise(
            code::NUMBER,
            "this number does not fit 64 bits",
            span,
            "too large",
            "use a float or a string",
        );
        None
    }
}

/// A type as source, for advice.
fn type_text(ty: &TypeExpr) -> String {
    let list = |types: &[TypeExpr], between| types.iter().map(type_text).collect::<Vec<_>>().join(between);
    match &ty.kind {
        TypeExprKind::Name {
            qualifier: Some(of),
            name,
        } => format!("{}.{}", of.node, name.node),
        TypeExprKind::Name { name, .. } => name.node.to_string(),
        TypeExprKind::None => "none".to_owned(),
        TypeExprKind::Literal(Literal::Str(text)) => format!("'{text}'"),
        TypeExprKind::Literal(literal) => literal.to_string(),
        TypeExprKind::Generic { name, args } => format!("{}[{}]", name.node, list(args, ", ")),
        TypeExprKind::Union(types) => list(types, " | "),
        TypeExprKind::Optional(inner) => format!("{}?", type_text(inner)),
        TypeExprKind::Record(_) => "{…}".to_owned(),
        TypeExprKind::Function { params, result } => format!("fn({}) -> {}", list(params, ", "), type_text(result)),
        TypeExprKind::Of { what, name } => format!("{what}({})", name.node),
    }
}
