//! Fields, indexes and slices.

use crate::diag::nearest;
use crate::hir;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, Name};
use crate::value::{EcoString, Type};

use super::checker::{Checker, Typed};
use super::codes;
use super::fit::{Fit, fit};
use super::habits;
use super::narrow::type_name;

/// What a type says of a field.
#[derive(Debug)]
pub(super) enum FieldOf {
    Found(Type),
    /// It is there unless the object is `none`.
    MaybeNone(Type),
    Missing,
    /// Nothing is known of the object.
    Unknown,
}

impl FieldOf {
    /// Whether `none` is among what the type says of it: then it may be absent, too.
    pub(super) fn may_be_absent(&self) -> bool {
        match self {
            FieldOf::Found(ty) | FieldOf::MaybeNone(ty) => *ty != Type::Any && ty.allows_none(),
            FieldOf::Missing | FieldOf::Unknown => false,
        }
    }
}

/// The field `name` of a value of this type.
pub(super) fn field_of(ty: &Type, name: &str) -> FieldOf {
    match ty {
        Type::Any | Type::Param(_) | Type::InputsOf(_) | Type::OutputsOf(_) | Type::Opaque(_) => FieldOf::Unknown,
        Type::Never => FieldOf::Found(Type::Never),
        Type::Record(record) => match record.fields.iter().find(|f| f.name == name) {
            Some(field) if field.optional => FieldOf::Found(field.ty.clone().optional()),
            Some(field) => FieldOf::Found(field.ty.clone()),
            None if record.spreads.is_empty() => FieldOf::Missing,
            None => FieldOf::Unknown,
        },
        Type::Program(Some(program)) => match program.members.iter().find(|(n, _)| n == name) {
            Some((_, ty)) => FieldOf::Found(ty.clone()),
            None => FieldOf::Missing,
        },
        Type::Program(None) | Type::Optimizer | Type::Retriever => FieldOf::Unknown,
        Type::Signature(_) => match name {
            "instructions" | "name" => FieldOf::Found(Type::Str),
            "inputs" | "outputs" => {
                let desc = Type::Str.optional();
                FieldOf::Found(Type::list(Type::record([
                    ("name", Type::Str),
                    ("type", Type::Str),
                    ("desc", desc),
                ])))
            }
            _ => FieldOf::Missing,
        },
        Type::Again(again) => again.definition().map_or(FieldOf::Unknown, |ty| field_of(&ty, name)),
        Type::Union(members) => field_of_union(members, name),
        _ => FieldOf::Missing,
    }
}

fn field_of_union(members: &[Type], name: &str) -> FieldOf {
    let mut found = Vec::new();
    let mut none = false;
    for member in members {
        match (member, field_of(member, name)) {
            (Type::None, _) => none = true,
            (_, FieldOf::Found(ty) | FieldOf::MaybeNone(ty)) => found.push(ty),
            (_, FieldOf::Unknown) => found.push(Type::Any),
            (_, FieldOf::Missing) => return FieldOf::Missing,
        }
    }
    match none {
        true => FieldOf::MaybeNone(Type::union(found)),
        false => FieldOf::Found(Type::union(found)),
    }
}

/// The names that could stand behind the dot.
pub fn field_names(ty: &Type) -> Vec<EcoString> {
    match ty {
        Type::Record(record) => record.fields.iter().map(|f| f.name.clone()).collect(),
        Type::Program(Some(program)) => {
            let members = program.members.iter().map(|(n, _)| n.clone());
            members.chain(program.helpers.iter().map(|(n, _)| n.clone())).collect()
        }
        Type::Signature(_) => ["instructions", "inputs", "outputs", "name"]
            .map(EcoString::from)
            .to_vec(),
        // Of a union those that every member has.
        Type::Union(members) => {
            let mut each = members.iter().filter(|member| **member != Type::None).map(field_names);
            let first = each.next().unwrap_or_default();
            each.fold(first, |known, names| {
                known.into_iter().filter(|name| names.contains(name)).collect()
            })
        }
        _ => Vec::new(),
    }
}

impl Checker<'_> {
    /// `x.f`, `x?.f`, `rag.name`
    pub fn field(&mut self, e: &ast::Expr, object: &ast::Expr, name: &Name, optional: bool) -> Typed {
        if let Some(file) = self.namespace(object) {
            return self.foreign_name(file, name, e.span, None);
        }
        let path = self.path_type(e).map(|(path, _)| path);
        let object_typed = self.expr(object, None);
        let base = self.base(&object_typed.ty);
        let found = field_of(&base, &name.node);
        let absent = found.may_be_absent();
        let ty = match found {
            FieldOf::Found(ty) => ty,
            FieldOf::MaybeNone(ty) if optional => ty.optional(),
            FieldOf::MaybeNone(ty) => {
                self.may_be_none(object, &format!("`.{}`", name.node));
                ty
            }
            FieldOf::Unknown => Type::Any,
            FieldOf::Missing if optional && base == Type::None => Type::None,
            FieldOf::Missing => {
                let object = self.short_text(object.span);
                self.missing_field(&base, name, Some(&object));
                Type::Any
            }
        };
        let ty = path.and_then(|path| self.narrowed(&path)).unwrap_or(ty);
        let object = Box::new(object_typed.expr);
        Typed::new(
            hir::ExprKind::Field {
                object,
                name: name.node.clone(),
                optional,
                absent,
            },
            ty,
            e.span,
        )
    }

    /// `object` is what stands before the dot, where there is one.
    pub fn missing_field(&mut self, ty: &Type, name: &Name, object: Option<&str>) {
        let names = field_names(ty);
        if let Type::Program(Some(program)) = ty
            && program.helpers.iter().any(|(n, _)| *n == name.node)
        {
            let message = format!("`{}` is a helper of `{}`, not a member", name.node, program.name);
            let help = format!(
                "call it, `.{0}(…)`, or pass a lambda that does: `|x| m.{0}(x)`",
                name.node
            );
            return self.advise(codes::UNKNOWN_FIELD, message, name.span, "a helper is no value", help);
        }
        let message = match ty {
            Type::Program(Some(program)) => format!("`{}` has no member `{}`", program.name, name.node),
            Type::Dict(_) => format!("a dict has no fields, so there is no `.{}`", name.node),
            _ if names.is_empty() => format!("`{ty}` has no field `{}`", name.node),
            Type::Record(record) if record.name.is_none() => format!("this record has no field `{}`", name.node),
            _ => format!("`{ty}` has no field `{}`", name.node),
        };
        let near = nearest(&name.node, names.iter().map(EcoString::as_str));
        let help = match near {
            _ if returns(ty, &name.node) => {
                format!(
                    "call the program first: `{}(…).{}`",
                    object.unwrap_or("program"),
                    name.node
                )
            }
            Some(near) => format!("did you mean `{near}`?"),
            None if matches!(ty, Type::Dict(_)) => format!("read a dict's entry with `[\"{}\"]`", name.node),
            None if object.is_none() && names.is_empty() => {
                "only a record has fields that can be taken; an element of a list is read by its index: `xs[0]`"
                    .to_owned()
            }
            None if names.is_empty() => match self.field_as_function(ty, &name.node, object.unwrap_or("x")) {
                Some(help) => help,
                None => "`.name` reads a field of a record or a member of a module".to_owned(),
            },
            None => format!("it has {}", list_names(&names)),
        };
        self.advise(codes::UNKNOWN_FIELD, message, name.span, "there is no such field", help);
    }

    /// `xs.length`, `text.upper`: what is no field but a function.
    fn field_as_function(&mut self, ty: &Type, name: &str, object: &str) -> Option<String> {
        let known = self
            .library_entry(name)
            .is_some_and(|entry| entry.functions().is_some());
        match habits::of_length(name, object) {
            Some(help) => Some(help),
            None if known => Some(format!("`{name}` is a function: call it, `{name}({object})`")),
            None => habits::of_method(ty, name, object),
        }
    }

    /// A value is used that may be `none`.
    pub fn may_be_none(&mut self, e: &ast::Expr, used_for: &str) {
        let text = self.text(e.span);
        let what = if text.len() <= 40 && !text.contains('\n') {
            format!("`{text}`")
        } else {
            "this".to_owned()
        };
        let help = match e.kind {
            ExprKind::Name(_) | ExprKind::Field { .. } => {
                format!("test it first (`if {text} != none {{ … }}`), or give a value for `none` with `??`")
            }
            _ => "give a value for `none` with `??`, or bind it and test it with `!= none`".to_owned(),
        };
        self.advise(
            codes::MAYBE_NONE,
            format!("{what} may be `none`"),
            e.span,
            format!("{used_for} needs a value"),
            help,
        );
    }

    /// `xs[i]`, `d["k"]`
    pub fn index(&mut self, e: &ast::Expr, object: &ast::Expr, index: &ast::Expr) -> Typed {
        let object_typed = self.expr(object, None);
        let base = self.without_none(&object_typed.ty, object, "an index");
        let (wanted, ty) = self.element_by_index(&base, object.span, index);
        let index = match wanted {
            Some(wanted) => self.want(index, &wanted, &format!("an index of `{base}` is")),
            None => self.expr(index, None).expr,
        };
        let kind = hir::ExprKind::Index {
            object: Box::new(object_typed.expr),
            index: Box::new(index),
        };
        Typed::new(kind, ty, e.span)
    }

    /// What indexes a value of this type, and what comes out.
    fn element_by_index(&mut self, base: &Type, span: Span, index: &ast::Expr) -> (Option<Type>, Type) {
        match base {
            Type::Any | Type::Never => (None, Type::Any),
            Type::List(item) => (Some(Type::Int), (**item).clone()),
            Type::Dict(value) => (Some(Type::Str), (**value).clone()),
            t if fit(t, &Type::Str) == Fit::Yes => (Some(Type::Int), Type::Str),
            Type::Union(members) => {
                let each: Vec<_> = members.iter().map(|m| self.element_by_index(m, span, index)).collect();
                (None, Type::union(each.into_iter().map(|(_, ty)| ty)))
            }
            Type::Record(_) => {
                let help = match &index.kind {
                    ExprKind::Str(name) => format!("a record's field is read with a dot: `.{name}`"),
                    _ => "a record's field is read with a dot, as in `r.name`".to_owned(),
                };
                self.advise(
                    codes::NOT_A_LIST,
                    "a record cannot be indexed",
                    span,
                    "this is a record",
                    help,
                );
                (None, Type::Any)
            }
            other => {
                let message = format!("`{other}` cannot be indexed");
                let help = "lists, dicts and strings can be indexed";
                self.advise(codes::NOT_A_LIST, message, span, format!("this is `{other}`"), help);
                (None, Type::Any)
            }
        }
    }

    /// `xs[1..3]`
    pub fn slice(&mut self, e: &ast::Expr, object: &ast::Expr, slice: &ast::Slice) -> Typed {
        let object_typed = self.expr(object, None);
        let base = self.without_none(&object_typed.ty, object, "a slice");
        let sliceable =
            |m: &Type| matches!(m, Type::List(_) | Type::Any | Type::Never) || fit(m, &Type::Str) == Fit::Yes;
        let ty = match base.members().iter().all(sliceable) {
            true if fit(&base, &Type::Str) == Fit::Yes => Type::Str,
            true => base.clone(),
            false => {
                let help = "lists and strings can be sliced";
                let message = format!("`{base}` cannot be sliced");
                self.advise(
                    codes::NOT_A_LIST,
                    message,
                    object.span,
                    format!("this is `{base}`"),
                    help,
                );
                Type::Any
            }
        };
        let mut end_of = |end: &Option<ast::Expr>| {
            end.as_ref()
                .map(|end| Box::new(self.want(end, &Type::Int, "the end of a slice is")))
        };
        let (start, end) = (end_of(&slice.start), end_of(&slice.end));
        Typed::new(
            hir::ExprKind::Slice {
                object: Box::new(object_typed.expr),
                start,
                end,
            },
            ty,
            e.span,
        )
    }

    /// The type of a value that is looked at: an error if it may be `none`.
    pub fn without_none(&mut self, ty: &Type, e: &ast::Expr, used_for: &str) -> Type {
        let base = self.base(ty);
        match &base {
            Type::Union(members) if members.contains(&Type::None) => {
                self.may_be_none(e, used_for);
                base.without_none()
            }
            _ => base,
        }
    }

    /// What a `for` over a value of this type binds: index or key (if there are two names), and element.
    pub fn elements(&mut self, ty: &Type, e: &ast::Expr, two: bool) -> (Type, Type) {
        let base = self.without_none(ty, e, "a loop");
        let mut first = Vec::new();
        let mut second = Vec::new();
        for member in base.members() {
            let (a, b) = match member {
                Type::Any | Type::Never => (Type::Any, Type::Any),
                Type::List(item) => (Type::Int, (**item).clone()),
                Type::Dict(value) if two => (Type::Str, (**value).clone()),
                Type::Dict(_) => (Type::Int, Type::Str),
                t if fit(t, &Type::Str) == Fit::Yes => (Type::Int, Type::Str),
                other => {
                    let help = match other {
                        Type::Record(_) => "`items(r)` gives a record's names and values as a list",
                        Type::Int => "`for i in 0..n { … }` counts",
                        _ => "lists, ranges, dicts and strings can be looped over",
                    };
                    let message = format!("a `for` cannot go through `{other}`");
                    self.advise(
                        codes::NOT_A_LIST,
                        message,
                        e.span,
                        format!("this is `{}`", type_name(other)),
                        help,
                    );
                    (Type::Any, Type::Any)
                }
            };
            first.push(a);
            second.push(b);
        }
        (Type::union(first), Type::union(second))
    }
}

/// `a`, `b` and `c`
pub(super) fn list_names(names: &[EcoString]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Whether a call of the program yields a record with this field.
fn returns(ty: &Type, name: &str) -> bool {
    let Type::Program(Some(program)) = ty else {
        return false;
    };
    matches!(&program.output, Type::Record(record) if record.fields.iter().any(|field| field.name == *name))
}
