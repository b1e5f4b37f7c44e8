//! Types as they are written.

use std::sync::Arc;

use crate::diag::nearest;
use crate::source::Span;
use crate::syntax::ast::{Name, TypeExpr, TypeExprKind, TypeRecordEntry};
use crate::value::{EcoString, FieldType, Form, Literal, RecordType, Type};

use super::checker::Checker;
use super::codes;
use super::scope::Entry;

/// The types that need no declaration; those whose type is `Never` here are made when they are named.
const BUILT_IN: [(&str, Type); 15] = [
    ("str", Type::Str),
    ("int", Type::Int),
    ("float", Type::Float),
    ("bool", Type::Bool),
    ("any", Type::Any),
    ("never", Type::Never),
    ("signature", Type::Signature(None)),
    ("program", Type::Program(None)),
    ("LM", Type::Lm),
    ("Retriever", Type::Retriever),
    ("Optimizer", Type::Optimizer),
    ("Error", Type::Never),
    ("list", Type::Never),
    ("dict", Type::Never),
    ("none", Type::None),
];

impl Checker<'_> {
    pub fn type_expr(&mut self, e: &TypeExpr) -> Type {
        match &e.kind {
            TypeExprKind::None => Type::None,
            TypeExprKind::Literal(literal) => Type::Literal(literal.clone()),
            TypeExprKind::Name { qualifier: None, name } => self.named_type(name),
            TypeExprKind::Name {
                qualifier: Some(qualifier),
                name,
            } => self.foreign_type(qualifier, name),
            TypeExprKind::Generic { name, args } => self.generic_type(name, args, e.span),
            TypeExprKind::Union(members) => {
                let members: Vec<Type> = members.iter().map(|m| self.type_expr(m)).collect();
                Type::union(members)
            }
            TypeExprKind::Optional(inner) => self.type_expr(inner).optional(),
            TypeExprKind::Record(entries) => self.record_type(entries),
            TypeExprKind::Function { params, result } => {
                let params = params.iter().map(|p| self.type_expr(p)).collect();
                Type::function(params, self.type_expr(result))
            }
            TypeExprKind::Of { what, name } => self.type_of_param(what, name, e.span),
        }
    }

    fn named_type(&mut self, name: &Name) -> Type {
        if self.cx.type_params.iter().any(|p| p.name == name.node) {
            return Type::Param(name.node.clone());
        }
        match self.entry_of_type(name) {
            Some(Some(ty)) => return ty,
            Some(None) => return Type::Any,
            None => {}
        }
        match name.node.as_str() {
            "Error" => return super::control::error_type(),
            "list" => return Type::list(Type::Any),
            "dict" => return Type::dict(Type::Any),
            _ => {}
        }
        if let Some((_, ty)) = BUILT_IN.iter().find(|(n, _)| *n == name.node) {
            return ty.clone();
        }
        if let Some(ty) = Type::named(&name.node) {
            return ty;
        }
        if let Some(opaque) = self.env.natives.types.iter().find(|n| **n == name.node) {
            return Type::Opaque(opaque);
        }
        self.unknown_type(name);
        Type::Any
    }

    /// What a declared name means as a type; `Some(None)` where that was reported.
    fn entry_of_type(&mut self, name: &Name) -> Option<Option<Type>> {
        if BUILT_IN.iter().any(|(n, _)| *n == name.node) || Type::named(&name.node).is_some() {
            // Only a declaration of the file itself can shadow a built-in type, and only a type does.
            let scope = self.env.scopes.get(&self.cx.file)?;
            if !matches!(
                scope.names.get(&name.node),
                Some((Entry::Type(_) | Entry::Signature(_) | Entry::Module(_), _))
            ) {
                return None;
            }
        }
        let entry = self.entry(&name.node)?;
        self.type_of_entry(entry, name)
    }

    fn type_of_entry(&mut self, entry: Entry, name: &Name) -> Option<Option<Type>> {
        match entry {
            Entry::Type(id) => Some(Some(self.declared_type(id, name.span))),
            Entry::Signature(id) => Some(self.outputs_of_signature(id, name)),
            Entry::Module(id) => Some(Some(Type::Program(Some(self.module_type(id, name.span))))),
            Entry::Broken => Some(None),
            Entry::Function(_) | Entry::Overloaded(_) | Entry::Globals(_) | Entry::Namespace(_) => {
                if self.env.natives.types.contains(&name.node.as_str()) {
                    return None;
                }
                let message = format!("`{}` is {}, not a type", name.node, entry.describe());
                let help =
                    "a type is built in (`str`, `list[int]` …), or the name of a `type`, `signature` or `module`";
                self.advise(codes::UNKNOWN_TYPE, message, name.span, "a type is wanted here", help);
                Some(None)
            }
        }
    }

    fn foreign_type(&mut self, qualifier: &Name, name: &Name) -> Type {
        match self.entry(&qualifier.node) {
            Some(Entry::Namespace(file)) => match self.foreign_entry(file, name) {
                Some(entry) => self.type_of_entry(entry, name).flatten().unwrap_or(Type::Any),
                None => Type::Any,
            },
            Some(Entry::Broken) => Type::Any,
            _ => {
                let message = format!("`{}` is not an imported file", qualifier.node);
                let help = format!("import it first: `import \"…\" as {}`", qualifier.node);
                self.advise(
                    codes::UNKNOWN_TYPE,
                    message,
                    qualifier.span,
                    "no file has this name",
                    help,
                );
                Type::Any
            }
        }
    }

    fn unknown_type(&mut self, name: &Name) {
        if self.may_be_unread(&name.node) {
            return;
        }
        let mut names: Vec<EcoString> = BUILT_IN.iter().map(|(n, _)| EcoString::from(*n)).collect();
        names.extend(Type::NAMED.map(EcoString::from));
        if let Some(scope) = self.env.scopes.get(&self.cx.file) {
            let types = scope
                .names
                .iter()
                .filter(|(_, (e, _))| matches!(e, Entry::Type(_) | Entry::Signature(_) | Entry::Module(_)));
            names.extend(types.map(|(n, _)| n.clone()));
        }
        names.sort();
        let near = nearest(&name.node, names.iter().map(EcoString::as_str));
        let help = match (foreign_spelling(&name.node), near) {
            (Some(spelling), _) => format!("write `{spelling}`"),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => format!("declare it: `type {} = …`", name.node),
        };
        let message = format!("there is no type `{}`", name.node);
        self.advise(codes::UNKNOWN_TYPE, message, name.span, "unknown type", help);
    }

    fn generic_type(&mut self, name: &Name, args: &[TypeExpr], span: Span) -> Type {
        let types: Vec<Type> = args.iter().map(|a| self.type_expr(a)).collect();
        match (name.node.as_str(), types.as_slice()) {
            ("list", [item]) => Type::list(item.clone()),
            ("dict", [Type::Str, value]) => Type::dict(value.clone()),
            ("code", [Type::Literal(Literal::Str(language))]) => Type::Text(Form::Code(language.clone())),
            ("code", _) => self.wrong_generic(span, "code is in one language: `code[\"python\"]`"),
            ("list", _) => self.wrong_generic(span, "a list has one type of elements: `list[str]`"),
            ("dict", _) => self.wrong_generic(span, "a dict has text keys and one type of values: `dict[str, int]`"),
            ("List" | "Sequence" | "Array" | "Vec", _) => self.wrong_generic(span, "write `list[…]`"),
            ("Dict" | "Mapping" | "Map", _) => self.wrong_generic(span, "write `dict[str, …]`"),
            ("Optional" | "Option", _) => self.wrong_generic(span, "write `T?` for a `T` that may be `none`"),
            ("Literal", _) => self.wrong_generic(span, "write the literals themselves: `\"low\" | \"high\"`"),
            ("Union", _) => self.wrong_generic(span, "write `A | B`"),
            ("tuple" | "Tuple", _) => {
                self.wrong_generic(span, "there are no tuples: use a record, `{first: str, second: int}`")
            }
            ("set" | "Set", _) => self.wrong_generic(span, "there are no sets: use a list and `unique`"),
            _ => {
                let message = format!("`{}` takes no types in brackets", name.node);
                let help = "only `list[T]` and `dict[str, T]` do";
                self.advise(codes::UNKNOWN_TYPE, message, span, "this is no type", help);
                Type::Any
            }
        }
    }

    fn wrong_generic(&mut self, span: Span, help: &str) -> Type {
        let text = self.text(span);
        self.advise(
            codes::UNKNOWN_TYPE,
            format!("there is no type `{text}`"),
            span,
            "unknown type",
            help,
        );
        Type::Any
    }

    fn record_type(&mut self, entries: &[TypeRecordEntry]) -> Type {
        let mut fields: Vec<FieldType> = Vec::new();
        let mut spreads = Vec::new();
        for entry in entries {
            match entry {
                TypeRecordEntry::Field(field) => {
                    if fields.iter().any(|f| f.name == field.name.node) {
                        let message = format!("the field `{}` is declared twice", field.name.node);
                        let help = "each field of a record has a name of its own";
                        self.advise(codes::DOUBLE_FIELD, message, field.name.span, "declared again", help);
                    }
                    let ty = self.type_expr(&field.ty);
                    let optional = ty.members().len() > 1 && ty.members().contains(&Type::None);
                    fields.push(FieldType {
                        optional,
                        desc: field.desc.clone(),
                        ..FieldType::new(field.name.node.clone(), ty)
                    });
                }
                TypeRecordEntry::Spread(ty) => match self.type_expr(ty).unfolded().into_owned() {
                    Type::Record(inner) => {
                        spreads.extend(inner.spreads.iter().map(|(at, ty)| (fields.len() + at, ty.clone())));
                        fields.extend(inner.fields.iter().cloned());
                    }
                    Type::Any => {}
                    inner @ (Type::InputsOf(_) | Type::OutputsOf(_) | Type::Param(_)) => {
                        spreads.push((fields.len(), inner))
                    }
                    Type::Again(again) => self.endless_type(again.name(), ty.span),
                    other => {
                        let message = format!("`{other}` is no record type");
                        self.advise(
                            codes::WRONG_TYPE,
                            message,
                            ty.span,
                            "only a record can be spread",
                            "name a record type",
                        );
                    }
                },
            }
        }
        Type::Record(Arc::new(RecordType {
            fields,
            spreads,
            ..RecordType::default()
        }))
    }

    /// `inputs(S)`, `outputs(S)`, `output(P)`
    fn type_of_param(&mut self, what: &str, name: &Name, span: Span) -> Type {
        let known = self.cx.type_params.iter().any(|p| p.name == name.node);
        match (what, known) {
            ("inputs", true) => return Type::InputsOf(name.node.clone()),
            ("outputs" | "output", true) => return Type::OutputsOf(name.node.clone()),
            _ => {}
        }
        // A declared signature or module is as good as a type parameter that is settled.
        let of = match self.entry(&name.node) {
            Some(Entry::Signature(id)) => self.signature(id).map(|s| Type::Signature(Some(s))),
            Some(Entry::Module(id)) => Some(Type::Program(Some(self.module_type(id, name.span)))),
            _ => None,
        };
        match (what, of) {
            ("inputs", Some(of)) => super::generics::inputs_of(&of),
            ("outputs" | "output", Some(of)) => super::generics::outputs_of(&of),
            (_, None) => {
                let message = format!("`{}` is neither a type parameter nor a signature", name.node);
                let help = format!("declare it as a type parameter: `fn name[{}: signature](…)`", name.node);
                self.advise(codes::UNKNOWN_TYPE, message, name.span, "unknown", help);
                Type::Any
            }
            (_, Some(_)) => {
                let help = "there are `inputs(S)` and `outputs(S)`, and `output(P)` of a program";
                self.advise(
                    codes::UNKNOWN_TYPE,
                    format!("there is no `{what}(…)` type"),
                    span,
                    "unknown type",
                    help,
                );
                Type::Any
            }
        }
    }
}

/// What another language calls it.
fn foreign_spelling(name: &str) -> Option<&'static str> {
    Some(match name {
        "string" | "String" | "text" | "Str" => "str",
        "integer" | "Integer" | "Int" | "i64" | "i32" | "number" => "int",
        "double" | "Float" | "f64" | "f32" | "real" => "float",
        "boolean" | "Boolean" | "Bool" => "bool",
        "None" | "null" | "void" | "unit" => "none",
        "Any" | "object" | "unknown" => "any",
        "List" | "array" | "Array" | "tuple" | "set" => "list[…]",
        "Dict" | "map" | "Map" | "Mapping" => "dict[str, …]",
        "Signature" => "signature",
        "Module" | "Program" => "program",
        _ => return None,
    })
}
