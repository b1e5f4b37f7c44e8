//! Narrowed types: what a condition that held says of names and of field paths of immutable names.

use crate::hir::GlobalId;
use crate::syntax::ast::{self, BinaryOp, ExprKind, UnaryOp};
use crate::value::{EcoString, Literal, Type};

use super::access::{FieldOf, field_of};
use super::checker::Checker;

/// A variable, however it is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    Local(u32),
    Global(GlobalId),
    /// A parameter or member of the module, by its field.
    Member(u32),
}

/// `x`, `x.a.b`
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    pub root: Root,
    pub fields: Vec<EcoString>,
}

#[derive(Clone, Debug)]
enum Fact {
    Is(Path, Type),
    /// Assigned: nothing is known any more.
    Reset(Root),
}

/// What is known where the check stands, later facts above earlier ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    list: Vec<Fact>,
    /// What was known where the last block ended, beyond what was known where it began.
    ended: Vec<(Path, Type)>,
}

impl Facts {
    pub fn get(&self, path: &Path) -> Option<&Type> {
        for fact in self.list.iter().rev() {
            match fact {
                Fact::Is(known, ty) if known == path => return Some(ty),
                Fact::Reset(root) if *root == path.root => return None,
                _ => {}
            }
        }
        None
    }

    pub fn learn(&mut self, facts: Vec<(Path, Type)>) {
        self.list.extend(facts.into_iter().map(|(path, ty)| Fact::Is(path, ty)));
    }

    pub fn reset(&mut self, root: Root) {
        self.list.push(Fact::Reset(root));
    }

    pub fn mark(&self) -> usize {
        self.list.len()
    }

    /// What is known beyond what was known at the mark.
    pub fn since(&self, mark: usize) -> Vec<(Path, Type)> {
        let mut known: Vec<(Path, Type)> = Vec::new();
        for fact in self.list.iter().skip(mark) {
            match fact {
                Fact::Is(path, ty) => {
                    known.retain(|(known, _)| known != path);
                    known.push((path.clone(), ty.clone()));
                }
                Fact::Reset(root) => known.retain(|(known, _)| known.root != *root),
            }
        }
        known
    }

    /// Leaves a block that may be one of several ways: what was known at its end is kept for `branch`.
    pub fn end_block(&mut self, mark: usize) {
        let ended = self.since(mark);
        self.leave(mark);
        self.ended = ended;
    }

    /// What is known at the end of a branch that began at the mark, and which variables it assigned.
    pub fn branch(&mut self, mark: usize) -> Branch {
        let ended = std::mem::take(&mut self.ended);
        let mut known = self.since(mark);
        known.retain(|(path, _)| !ended.iter().any(|(p, _)| p == path));
        known.extend(ended);
        let assigned = |fact: &Fact| match fact {
            Fact::Reset(root) => Some(*root),
            Fact::Is(..) => None,
        };
        let assigned = self.list.iter().skip(mark).filter_map(assigned).collect();
        self.leave(mark);
        Branch { known, assigned }
    }

    /// Where two branches meet: of what one of them assigned, both must know something.
    pub fn join(&mut self, one: &Branch, two: &Branch) {
        let is_assigned = |root: Root| one.assigned.contains(&root) || two.assigned.contains(&root);
        let of = |branch: &Branch, path: &Path| branch.known.iter().find(|(p, _)| p == path).map(|(_, ty)| ty.clone());
        for (path, ty) in one.known.iter().filter(|(path, _)| is_assigned(path.root)) {
            if let Some(other) = of(two, path) {
                self.list.push(Fact::Is(path.clone(), Type::union([ty.clone(), other])));
            }
        }
    }

    /// Leaves a block: what it learned is forgotten, what it assigned is not.
    pub fn leave(&mut self, mark: usize) {
        let inner = self.list.split_off(mark.min(self.list.len()));
        self.list
            .extend(inner.into_iter().filter(|fact| matches!(fact, Fact::Reset(_))));
    }
}

/// The end of one of two ways.
#[derive(Debug)]
pub(super) struct Branch {
    known: Vec<(Path, Type)>,
    assigned: Vec<Root>,
}

/// What a condition says where it held, and where it did not.
#[derive(Debug, Default)]
pub(super) struct Knowledge {
    pub holds: Vec<(Path, Type)>,
    pub fails: Vec<(Path, Type)>,
}

impl Checker<'_> {
    /// What can be learned from a condition, which was checked before.
    pub fn knowledge(&mut self, condition: &ast::Expr) -> Knowledge {
        match &condition.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => {
                let inner = self.knowledge(operand);
                Knowledge {
                    holds: inner.fails,
                    fails: inner.holds,
                }
            }
            ExprKind::Binary { op, left, right } => match op.node {
                BinaryOp::And => {
                    let first = self.knowledge(left);
                    let mark = self.cx.facts.mark();
                    self.cx.facts.learn(first.holds.clone());
                    let second = self.knowledge(right);
                    self.cx.facts.leave(mark);
                    let holds = first.holds.into_iter().chain(second.holds).collect();
                    Knowledge {
                        holds,
                        fails: Vec::new(),
                    }
                }
                BinaryOp::Or => {
                    let first = self.knowledge(left);
                    let mark = self.cx.facts.mark();
                    self.cx.facts.learn(first.fails.clone());
                    let second = self.knowledge(right);
                    self.cx.facts.leave(mark);
                    let fails = first.fails.into_iter().chain(second.fails).collect();
                    Knowledge {
                        holds: Vec::new(),
                        fails,
                    }
                }
                BinaryOp::Eq => self.equality(left, right),
                BinaryOp::Ne => {
                    let equal = self.equality(left, right);
                    Knowledge {
                        holds: equal.fails,
                        fails: equal.holds,
                    }
                }
                _ => Knowledge::default(),
            },
            _ => Knowledge::default(),
        }
    }

    /// `x == none`, `x == "low"`, `type_of(x) == "str"`, and the other way round.
    fn equality(&mut self, left: &ast::Expr, right: &ast::Expr) -> Knowledge {
        let (subject, constant) = match (constant_type(left), constant_type(right)) {
            (None, Some(constant)) => (left, constant),
            (Some(constant), None) => (right, constant),
            _ => return Knowledge::default(),
        };
        if let (Some(inner), Type::Literal(Literal::Str(name))) = (type_of_argument(subject), &constant) {
            return self.type_knowledge(inner, name);
        }
        let Some((path, ty)) = self.path_type(subject) else {
            return Knowledge::default();
        };
        let mut known = Knowledge::default();
        if ty.members().contains(&constant) {
            let rest = Type::union(ty.members().iter().filter(|m| **m != constant).cloned());
            known.fails = vec![(path.clone(), rest)];
            known.holds = vec![(path, constant.clone())];
        }
        // What is not `none` behind `?.` has an object that is not `none`.
        let present = match constant {
            Type::None => &mut known.fails,
            _ => &mut known.holds,
        };
        self.optional_objects(subject, present);
        known
    }

    fn optional_objects(&mut self, subject: &ast::Expr, facts: &mut Vec<(Path, Type)>) {
        if let ExprKind::Field { object, optional, .. } = &subject.kind {
            if let (true, Some((path, ty))) = (*optional, self.path_type(object)) {
                facts.insert(0, (path, ty.without_none()));
            }
            self.optional_objects(object, facts);
        }
    }

    fn type_knowledge(&mut self, subject: &ast::Expr, name: &str) -> Knowledge {
        let Some((path, ty)) = self.path_type(subject) else {
            return Knowledge::default();
        };
        let of = |wanted: bool| {
            Type::union(
                ty.members()
                    .iter()
                    .filter(|m| (type_name(m) == name) == wanted)
                    .cloned(),
            )
        };
        match ty {
            Type::Any => Knowledge {
                holds: plain_type(name).map(|ty| (path, ty)).into_iter().collect(),
                fails: Vec::new(),
            },
            _ => Knowledge {
                holds: vec![(path.clone(), of(true))],
                fails: vec![(path, of(false))],
            },
        }
    }

    /// The path that an expression is, with its present type.
    pub fn path_type(&mut self, expr: &ast::Expr) -> Option<(Path, Type)> {
        match &expr.kind {
            ExprKind::Name(name) => {
                let (root, ty, _) = self.peek(name)?;
                let path = Path {
                    root,
                    fields: Vec::new(),
                };
                let ty = self.cx.facts.get(&path).cloned().unwrap_or(ty);
                Some((path, ty))
            }
            ExprKind::Field { object, name, optional } => {
                let (mut path, object_type) = self.path_type(object)?;
                if self.is_mutable_root(object) {
                    return None;
                }
                path.fields.push(name.node.clone());
                if let Some(ty) = self.cx.facts.get(&path) {
                    return Some((path, ty.clone()));
                }
                let base = self.base(&object_type);
                let ty = match field_of(&base, &name.node) {
                    FieldOf::Found(ty) => ty,
                    FieldOf::MaybeNone(ty) if *optional => ty.optional(),
                    _ => return None,
                };
                Some((path, ty))
            }
            _ => None,
        }
    }

    fn is_mutable_root(&mut self, expr: &ast::Expr) -> bool {
        match &expr.kind {
            ExprKind::Name(name) => self.peek(name).is_some_and(|(_, _, mutable)| mutable),
            ExprKind::Field { object, .. } => self.is_mutable_root(object),
            _ => true,
        }
    }

    /// What a path is known to be, narrower than its type.
    pub fn narrowed(&self, path: &Path) -> Option<Type> {
        self.cx.facts.get(path).cloned()
    }
}

fn constant_type(expr: &ast::Expr) -> Option<Type> {
    match &expr.kind {
        ExprKind::None => Some(Type::None),
        ExprKind::Str(text) => Some(Type::Literal(Literal::Str(text.clone()))),
        ExprKind::Int(Some(n)) => Some(Type::Literal(Literal::Int(*n))),
        ExprKind::Bool(b) => Some(Type::Literal(Literal::Bool(*b))),
        _ => None,
    }
}

/// The `x` of `type_of(x)`.
fn type_of_argument(expr: &ast::Expr) -> Option<&ast::Expr> {
    match &expr.kind {
        ExprKind::Call { callee, args } => match (&callee.kind, args.as_slice()) {
            (ExprKind::Name(name), [ast::Arg::Positional(x)]) if name == "type_of" => Some(x),
            _ => None,
        },
        ExprKind::Method { object, name, args, .. } if name.node == "type_of" && args.is_empty() => Some(object),
        _ => None,
    }
}

/// What `type_of` says of the values of a type.
pub(super) fn type_name(ty: &Type) -> &str {
    match ty {
        Type::None => "none",
        Type::Bool | Type::Literal(Literal::Bool(_)) => "bool",
        Type::Int | Type::Literal(Literal::Int(_)) => "int",
        Type::Float => "float",
        Type::Str | Type::Text(_) | Type::Literal(Literal::Str(_)) => "str",
        Type::List(_) => "list",
        Type::Dict(_) => "dict",
        Type::Record(_) => "record",
        Type::Function(_) => "fn",
        Type::Signature(_) => "signature",
        Type::Program(_) => "program",
        Type::Lm => "LM",
        Type::Retriever => "Retriever",
        Type::Optimizer => "Optimizer",
        Type::Opaque(name) => name,
        _ => "any",
    }
}

fn plain_type(name: &str) -> Option<Type> {
    Some(match name {
        "none" => Type::None,
        "bool" => Type::Bool,
        "int" => Type::Int,
        "float" => Type::Float,
        "str" => Type::Str,
        "list" => Type::list(Type::Any),
        "dict" => Type::dict(Type::Any),
        "signature" => Type::Signature(None),
        "program" => Type::Program(None),
        "LM" => Type::Lm,
        _ => return None,
    })
}
