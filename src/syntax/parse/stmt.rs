//! Statements and blocks.

use crate::source::Span;
use crate::syntax::ast::{AssignOp, BinaryOp, BindField, Binding, Block, Expr, ExprKind, Stmt, StmtKind};

use super::build::{Builder, Node};
use super::grammar::Rule;
use super::titles::code;

impl Builder<'_> {
    pub fn block(&mut self, node: Node) -> Option<Block> {
        let span = self.span(&node);
        let stmts = node
            .into_inner()
            .map(|stmt| self.statement(stmt))
            .collect::<Option<_>>()?;
        Some(Block { stmts, span })
    }

    pub fn statement(&mut self, node: Node) -> Option<Stmt> {
        let span = self.span(&node);
        let kind = match node.as_rule() {
            Rule::description => {
                let text = self.string(&node.into_inner().next()?);
                StmtKind::Expr(Expr {
                    kind: ExprKind::Str(text.node),
                    span: text.span,
                })
            }
            Rule::let_statement => {
                let (binding, value) = self.bound(node)?;
                StmtKind::Let { binding, value }
            }
            Rule::var_statement => {
                let (binding, value) = self.bound(node)?;
                StmtKind::Var { binding, value }
            }
            Rule::for_statement => {
                let (names, over, rest) = self.for_head(node)?;
                StmtKind::For {
                    names,
                    over,
                    body: self.block(rest.into_iter().next()?)?,
                }
            }
            Rule::while_statement => {
                let mut parts = node.into_inner().skip(1);
                let condition = self.expr(parts.next()?)?;
                StmtKind::While {
                    condition,
                    body: self.block(parts.next()?)?,
                }
            }
            Rule::assert_statement => {
                let mut parts = node.into_inner().skip(1);
                let condition = self.expr(parts.next()?)?;
                let message = match parts.next() {
                    Some(message) => Some(self.expr(message)?),
                    None => None,
                };
                StmtKind::Assert { condition, message }
            }
            Rule::function => StmtKind::Function(Box::new(self.function(node)?)),
            Rule::expr_statement => self.expr_statement(node)?,
            _ => return None,
        };
        Some(Stmt { kind, span })
    }

    /// `let x: T = e`, `var {a, b} = e`
    fn bound(&mut self, node: Node) -> Option<(Binding, Expr)> {
        let mut parts = node.into_inner().skip(1);
        let binding = self.binding(parts.next()?)?;
        Some((binding, self.expr(parts.next()?)?))
    }

    fn binding(&mut self, node: Node) -> Option<Binding> {
        let mut parts = node.into_inner();
        let first = parts.next()?;
        if first.as_rule() == Rule::binding_record {
            let span = self.span(&first);
            let fields = first
                .into_inner()
                .map(|field| self.bind_field(field))
                .collect::<Option<_>>()?;
            return Some(Binding::Record { fields, span });
        }
        let ty = match parts.next() {
            Some(ty) => Some(self.type_expr(ty)?),
            None => None,
        };
        Some(Binding::Name {
            name: self.name(&first),
            ty,
        })
    }

    fn bind_field(&mut self, node: Node) -> Option<BindField> {
        let mut parts = node.into_inner();
        let field = self.name(&parts.next()?);
        let name = parts.next().map_or_else(|| field.clone(), |n| self.name(&n));
        Some(BindField { field, name })
    }

    fn expr_statement(&mut self, node: Node) -> Option<StmtKind> {
        let mut parts = node.into_inner();
        let expr = self.expr(parts.next()?)?;
        let Some(assign) = parts.next() else {
            return Some(configured(expr));
        };
        let op = assign_op(assign.as_str());
        let value = self.expr(parts.next()?)?;
        if !is_place(&expr) {
            self.not_a_place(&expr, self.span(&assign));
            return None;
        }
        Some(StmtKind::Assign { place: expr, op, value })
    }

    fn not_a_place(&mut self, expr: &Expr, assign: Span) {
        let help = match expr.kind {
            ExprKind::Binary { .. } | ExprKind::Unary { .. } => "to compare, write `==`",
            ExprKind::Record(_) => "to take a record apart, write `let {a, b} = record`",
            _ => "a name, a field of a name or an index of it can be assigned: `x = e`, `x.f = e`, `x[0] = e`",
        };
        let error = self.error(code::PLACE, "this cannot be assigned to", expr.span, "not a place");
        *error = error.clone().label(assign, "the assignment").help(help);
    }
}

/// `configure(lm: …)` as a statement.
fn configured(expr: Expr) -> StmtKind {
    match expr.kind {
        ExprKind::Call { callee, args } if matches!(&callee.kind, ExprKind::Name(name) if name == "configure") => {
            StmtKind::Configure(args)
        }
        kind => StmtKind::Expr(Expr { kind, span: expr.span }),
    }
}

/// A name with fields and indexes.
fn is_place(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(_) => true,
        ExprKind::Field {
            object,
            optional: false,
            ..
        }
        | ExprKind::Index { object, .. } => is_place(object),
        _ => false,
    }
}

fn assign_op(text: &str) -> AssignOp {
    match text {
        "+=" => AssignOp::Update(BinaryOp::Add),
        "-=" => AssignOp::Update(BinaryOp::Sub),
        "*=" => AssignOp::Update(BinaryOp::Mul),
        "/=" => AssignOp::Update(BinaryOp::Div),
        "//=" => AssignOp::Update(BinaryOp::FloorDiv),
        "%=" => AssignOp::Update(BinaryOp::Rem),
        "**=" => AssignOp::Update(BinaryOp::Pow),
        _ => AssignOp::Set,
    }
}
