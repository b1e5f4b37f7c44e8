//! Signatures and fields in texts that a running script made: they know the built-in types only.

use crate::syntax::ast::{TypeExpr, TypeExprKind, TypeRecordEntry};
use crate::syntax::parse::{Written, parse_inline_field, parse_inline_signature};
use crate::value::{Field, FieldType, Form, Literal, RecordType, Signature, Type};

/// `"question -> answer: str"` as a signature; the error is a message.
pub fn signature_of_text(text: &str) -> Result<Signature, String> {
    let body = parse_inline_signature(text, Written::AtRunTime).map_err(first_message)?;
    let fields =
        |list: &[crate::syntax::ast::Field]| list.iter().map(field_value).collect::<Result<Vec<Field>, String>>();
    let (inputs, outputs) = (fields(&body.inputs)?, fields(&body.outputs)?);
    let mut names: Vec<&str> = inputs.iter().chain(&outputs).map(|f| f.name.as_str()).collect();
    names.sort_unstable();
    if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("the field `{}` occurs twice in `{text}`", pair[0]));
    }
    let instructions = Signature::default_instructions(&inputs, &outputs);
    Ok(Signature {
        name: Signature::INLINE.into(),
        instructions,
        inputs,
        outputs,
    })
}

/// `"hint: str"` as a field.
pub fn field_of_text(text: &str) -> Result<Field, String> {
    let body = parse_inline_field(text, Written::AtRunTime).map_err(first_message)?;
    match body.outputs.as_slice() {
        [field] => field_value(field),
        _ => Err(not_one_field(text)),
    }
}

pub(super) fn not_one_field(text: &str) -> String {
    format!("`{text}` is not one field: write `name: type`")
}

fn first_message(problems: Vec<crate::diag::Diagnostic>) -> String {
    problems
        .into_iter()
        .next()
        .map_or_else(|| "this is no signature".to_owned(), |p| p.message)
}

fn field_value(field: &crate::syntax::ast::Field) -> Result<Field, String> {
    let ty = field.ty.as_ref().map_or(Ok(Type::Str), written_type)?;
    Ok(Field::new(field.name.node.clone(), ty))
}

fn written_type(e: &TypeExpr) -> Result<Type, String> {
    Ok(match &e.kind {
        TypeExprKind::None => Type::None,
        TypeExprKind::Literal(literal) => Type::Literal(literal.clone()),
        TypeExprKind::Name { qualifier: None, name } => match name.node.as_str() {
            "str" => Type::Str,
            "int" => Type::Int,
            "float" => Type::Float,
            "bool" => Type::Bool,
            "any" => Type::Any,
            "none" => Type::None,
            "list" => Type::list(Type::Any),
            "dict" => Type::dict(Type::Any),
            other if Type::named(other).is_some() => Type::named(other).unwrap_or(Type::Any),
            other => {
                return Err(format!(
                    "there is no type `{other}`: a text that is made at run time knows the built-in types only"
                ));
            }
        },
        TypeExprKind::Generic { name, args } => match (name.node.as_str(), args.as_slice()) {
            ("list", [item]) => Type::list(written_type(item)?),
            ("dict", [_, value]) => Type::dict(written_type(value)?),
            ("code", [language]) => match &language.kind {
                TypeExprKind::Literal(Literal::Str(language)) => Type::Text(Form::Code(language.clone())),
                _ => return Err("the language of code is a text: `code[\"python\"]`".to_owned()),
            },
            (other, _) => {
                return Err(format!(
                    "there is no type `{other}[…]`: write `list[T]`, `dict[str, T]` or `T?`"
                ));
            }
        },
        TypeExprKind::Union(members) => Type::union(members.iter().map(written_type).collect::<Result<Vec<_>, _>>()?),
        TypeExprKind::Optional(inner) => written_type(inner)?.optional(),
        TypeExprKind::Record(entries) => {
            let field = |entry: &TypeRecordEntry| match entry {
                TypeRecordEntry::Field(field) => Ok(FieldType {
                    optional: matches!(field.ty.kind, TypeExprKind::Optional(_)),
                    desc: field.desc.clone(),
                    ..FieldType::new(field.name.node.clone(), written_type(&field.ty)?)
                }),
                TypeRecordEntry::Spread(_) => Err("a record type in a text cannot spread another".to_owned()),
            };
            let fields = entries.iter().map(field).collect::<Result<Vec<_>, String>>()?;
            Type::Record(std::sync::Arc::new(RecordType {
                fields,
                ..RecordType::default()
            }))
        }
        _ => return Err("a field of a text has a type such as `str`, `list[int]` or `\"low\" | \"high\"`".to_owned()),
    })
}
