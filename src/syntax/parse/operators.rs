//! Which operator binds tighter: the flat row of an expression becomes a tree.

use std::iter::Peekable;

use pest::iterators::Pairs;

use crate::source::{Span, Spanned};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};

use super::build::{Builder, Node};
use super::grammar::Rule;
use super::titles::code;

pub(super) type Row<'i> = Peekable<Pairs<'i, Rule>>;

/// The operators between two operands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Pipe,
    Range,
    Binary(BinaryOp),
}

/// From loose to tight.
const PIPE: u8 = 1;
const OR: u8 = 2;
const AND: u8 = 3;
const NOT: u8 = 4;
const COMPARE: u8 = 5;
const COALESCE: u8 = 6;
const RANGE: u8 = 7;
const ADD: u8 = 8;
const MULTIPLY: u8 = 9;
const NEGATE: u8 = 10;
const POWER: u8 = 11;

fn between(text: &str) -> (Between, u8) {
    let binary = |op, level| (Between::Binary(op), level);
    match text {
        "|>" => (Between::Pipe, PIPE),
        ".." => (Between::Range, RANGE),
        "or" => binary(BinaryOp::Or, OR),
        "and" => binary(BinaryOp::And, AND),
        "==" => binary(BinaryOp::Eq, COMPARE),
        "!=" => binary(BinaryOp::Ne, COMPARE),
        "<" => binary(BinaryOp::Lt, COMPARE),
        "<=" => binary(BinaryOp::Le, COMPARE),
        ">" => binary(BinaryOp::Gt, COMPARE),
        ">=" => binary(BinaryOp::Ge, COMPARE),
        "in" => binary(BinaryOp::In, COMPARE),
        "??" => binary(BinaryOp::Coalesce, COALESCE),
        "+" => binary(BinaryOp::Add, ADD),
        "-" => binary(BinaryOp::Sub, ADD),
        "*" => binary(BinaryOp::Mul, MULTIPLY),
        "/" => binary(BinaryOp::Div, MULTIPLY),
        "//" => binary(BinaryOp::FloorDiv, MULTIPLY),
        "%" => binary(BinaryOp::Rem, MULTIPLY),
        "**" => binary(BinaryOp::Pow, POWER),
        // `not in`, with whatever blanks
        _ => binary(BinaryOp::NotIn, COMPARE),
    }
}

/// An operand, and which operators it shows: `a < b` and `a..b` without parentheses take no neighbour of their kind.
pub(super) struct Operand {
    pub expr: Expr,
    /// The level of the bare comparison or range that this is.
    pub bare: Option<u8>,
}

impl Operand {
    /// `1..3` as it stands in `xs[1..3]`.
    pub fn is_bare_range(&self) -> bool {
        self.bare == Some(RANGE)
    }
}

impl Builder<'_> {
    pub fn expr(&mut self, node: Node) -> Option<Expr> {
        self.operand_of(node).map(|operand| operand.expr)
    }

    pub fn operand_of(&mut self, node: Node) -> Option<Operand> {
        self.climb(&mut node.into_inner().peekable(), 0)
    }

    fn climb(&mut self, row: &mut Row, loosest: u8) -> Option<Operand> {
        let mut left = self.prefixed(row)?;
        while let Some(node) = row.peek() {
            let (op, level) = between(node.as_str());
            if level < loosest {
                break;
            }
            let place = self.span(node);
            row.next();
            let chains = left.bare == Some(level);
            if chains {
                self.chained(&left.expr, op, place);
            }
            // `**` groups to the right, all others to the left.
            let right = self.climb(row, if level == POWER { level } else { level + 1 })?.expr;
            let bare = matches!(level, COMPARE | RANGE).then_some(level);
            let expr = match chains {
                true => meant(left.expr, op, place, right),
                false => join(left.expr, op, place, right),
            };
            left = Operand { expr, bare };
        }
        Some(left)
    }

    fn prefixed(&mut self, row: &mut Row) -> Option<Operand> {
        let first = row.next()?;
        let (op, level) = match first.as_rule() {
            Rule::negate => (UnaryOp::Neg, NEGATE),
            Rule::kw_not => (UnaryOp::Not, NOT),
            _ => {
                let expr = self.primary(first)?;
                return Some(Operand {
                    expr: self.postfixed(expr, row)?,
                    bare: None,
                });
            }
        };
        let start = self.span(&first);
        let lowest = row.peek().is_some_and(|n| is_two_to_the_63(n.as_str()));
        let operand = self.climb(row, level)?.expr;
        let span = start.to(operand.span);
        let kind = match operand.kind {
            ExprKind::Int(None) if lowest && op == UnaryOp::Neg => ExprKind::Int(Some(i64::MIN)),
            _ => ExprKind::Unary {
                op,
                operand: Box::new(operand),
            },
        };
        Some(Operand {
            expr: Expr { kind, span },
            bare: None,
        })
    }

    /// `1 < x < 5`, `0..n..m`
    fn chained(&mut self, left: &Expr, op: Between, place: Span) {
        match (&last_comparison(left).kind, op) {
            (ExprKind::Binary { op: first, .. }, Between::Binary(op)) => {
                let message = format!(
                    "comparisons do not chain: `{}` after `{}`",
                    op.text(),
                    first.node.text()
                );
                let help = "compare twice and join with `and`: `1 < x and x < 5`";
                self.advise(code::CHAIN, message, place, "a second comparison", help);
            }
            _ => {
                let help = "a range has one start and one end: `0..n`";
                self.advise(code::CHAIN, "ranges do not chain", place, "a second `..`", help);
            }
        }
    }
}

fn is_two_to_the_63(text: &str) -> bool {
    text.starts_with('9') && text.replace('_', "") == "9223372036854775808"
}

/// `1 < x < 5` as `1 < x and x < 5`, so that the check finds no second fault in it; of a chained range, the first.
fn meant(left: Expr, op: Between, place: Span, right: Expr) -> Expr {
    match &last_comparison(&left).kind {
        ExprKind::Binary { right: middle, .. } => {
            let second = join((**middle).clone(), op, place, right);
            join(left, Between::Binary(BinaryOp::And), place, second)
        }
        _ => left,
    }
}

/// `b < c` of `a < b and b < c`, which is what a longer chain was made into.
fn last_comparison(chain: &Expr) -> &Expr {
    match &chain.kind {
        ExprKind::Binary { op, right, .. } if op.node == BinaryOp::And => last_comparison(right),
        _ => chain,
    }
}

fn join(left: Expr, op: Between, place: Span, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    let (left, right) = (Box::new(left), Box::new(right));
    let kind = match op {
        Between::Pipe => ExprKind::Pipe { left, right },
        Between::Range => ExprKind::Range {
            start: left,
            end: right,
        },
        Between::Binary(op) => ExprKind::Binary {
            op: Spanned::new(op, place),
            left,
            right,
        },
    };
    Expr { kind, span }
}
