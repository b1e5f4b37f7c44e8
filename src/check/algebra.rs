//! The few library functions whose result depends on the text of an argument: signatures with fields added or taken
//! away, and datasets, whose rows have the type of the file's. Their declarations stay in the library; this only says
//! more about the result than a declaration can.

use std::sync::Arc;

use crate::source::Span;
use crate::syntax::ast::ExprKind;
use crate::value::{EcoString, FnId, Signature, Type};

use super::args::Given;
use super::checker::Checker;
use super::codes;
use super::written::field_of_text;

/// A text, or a `bool`, that stands in an argument.
#[derive(Clone, Debug)]
pub(super) enum Text {
    Str(EcoString, Span),
    Bool(bool),
}

/// The literal arguments of a call by position or name.
pub(super) type Literals = Vec<(Option<EcoString>, Option<Text>)>;

pub(super) fn literal_arguments(given: &[Option<Given<'_>>]) -> Literals {
    let literal = |given: &Given<'_>| {
        let (name, e) = match given {
            Given::Positional(e) => (None, e),
            Given::Named(name, e) => (Some(name.node.clone()), e),
            Given::Checked(..) | Given::CheckedNamed(..) | Given::Spread(_) => return (None, None),
        };
        let text = match &e.kind {
            ExprKind::Str(text) => Some(Text::Str(text.clone(), e.span)),
            ExprKind::Bool(b) => Some(Text::Bool(*b)),
            _ => None,
        };
        (name, text)
    };
    given.iter().flatten().map(literal).collect()
}

impl Checker<'_> {
    /// The type of a call's result, better known than its declaration says.
    pub fn known_result(&mut self, id: FnId, ty: Type, first: Option<&Type>, literals: &Literals) -> Type {
        let function = self.env.program.function(id);
        if !function.library {
            return ty;
        }
        let name = function.name.clone();
        let name = name.strip_prefix("signature_").unwrap_or(&name);
        match (name, first) {
            ("dataset", _) => self.dataset_type(literals).unwrap_or(ty),
            (_, Some(Type::Signature(Some(signature)))) => {
                let signature = signature.clone();
                self.changed_signature(name, &signature, literals).unwrap_or(ty)
            }
            _ => ty,
        }
    }

    /// `dataset("path")`: the rows of the file.
    fn dataset_type(&mut self, literals: &Literals) -> Option<Type> {
        let path = literals
            .iter()
            .find(|(name, _)| name.as_deref().is_none_or(|n| n == "path"))?;
        let Some(Text::Str(path, span)) = &path.1 else {
            return None;
        };
        match self.files.rows(&self.sources.get(self.cx.file).clone(), path) {
            Ok(row) => Some(Type::list(row)),
            Err(message) => {
                let help = "the path is relative to the folder of this file";
                self.advise(codes::DATASET, message, *span, "cannot be read", help);
                Some(Type::list(Type::Any))
            }
        }
    }

    fn changed_signature(&mut self, name: &str, signature: &Signature, literals: &Literals) -> Option<Type> {
        let mut changed = signature.clone();
        let text = literals.get(1).and_then(|(_, text)| text.clone());
        match name {
            "with_instructions" => {}
            "with_input" | "with_output" => {
                let Some(Text::Str(text, span)) = text else { return None };
                let field = match field_of_text(&text) {
                    Ok(field) => field,
                    Err(message) => {
                        let help = "write one field: `name: type`";
                        self.advise(codes::INLINE_SIGNATURE, message, span, "not a field", help);
                        return None;
                    }
                };
                let first = literals
                    .iter()
                    .any(|(name, text)| name.as_deref() == Some("first") && matches!(text, Some(Text::Bool(true))));
                changed.inputs.retain(|f| f.name != field.name);
                changed.outputs.retain(|f| f.name != field.name);
                let fields = if name == "with_input" {
                    &mut changed.inputs
                } else {
                    &mut changed.outputs
                };
                let place = if first { 0 } else { fields.len() };
                fields.insert(place, field);
            }
            "without" => {
                let Some(Text::Str(text, span)) = text else { return None };
                if signature.fields().all(|f| f.name != text) {
                    let names = signature.fields().map(|f| f.name.as_str());
                    let help = match crate::diag::nearest(&text, names) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "only a field that is there can be taken away".to_owned(),
                    };
                    let message = format!("`{}` has no field `{text}`", signature.name);
                    self.advise(codes::UNKNOWN_FIELD, message, span, "no such field", help);
                }
                changed.inputs.retain(|f| f.name != text);
                changed.outputs.retain(|f| f.name != text);
            }
            _ => return None,
        }
        Some(Type::Signature(Some(Arc::new(changed))))
    }
}
