//! The few library functions whose result depends on the text of an argument: signatures with fields added or taken
//! away, and datasets, whose rows have the type of the file's. Their declarations stay in the library; this only says
//! more about the result than a declaration can.

use std::sync::Arc;

use crate::hir;
use crate::source::Span;
use crate::syntax::ast::ExprKind;
use crate::value::{EcoString, Field, FnId, Signature, Type, Value};

use super::args::Given;
use super::checker::Checker;
use super::codes;
use super::generics::Bindings;

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
    pub fn known_result(
        &mut self,
        id: FnId,
        ty: Type,
        first: Option<&Type>,
        literals: &Literals,
        args: &mut [hir::Arg],
    ) -> Type {
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
                self.changed_signature(name, &signature, literals, args).unwrap_or(ty)
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

    fn changed_signature(
        &mut self,
        name: &str,
        signature: &Signature,
        literals: &Literals,
        args: &mut [hir::Arg],
    ) -> Option<Type> {
        let mut changed = signature.clone();
        let text = literals.get(1).and_then(|(_, text)| text.clone());
        match name {
            "with_instructions" => {}
            "with_input" | "with_output" => {
                let Some(Text::Str(text, span)) = text else { return None };
                let mut field = self.inline_field(&text, span)?;
                self.hand_on(&field, args);
                if signature.fields().any(|known| known.name == field.name) {
                    let message = format!("the signature has a field `{}` already", field.name);
                    let help = format!(
                        "take the old one away first: `.without(\"{0}\").{name}(\"{text}\")`",
                        field.name
                    );
                    self.advise(codes::DOUBLE_FIELD, message, span, "declared again", help);
                }
                if literals.iter().any(|(name, _)| name.as_deref() == Some("default")) || literals.len() > 4 {
                    // Whatever it is: it may be left out.
                    field.default = Some(Value::None);
                }
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
                    let message = match signature.name.as_str() {
                        Signature::INLINE => format!("the signature has no field `{text}`"),
                        name => format!("`{name}` has no field `{text}`"),
                    };
                    self.advise(codes::UNKNOWN_FIELD, message, span, "no such field", help);
                }
                changed.inputs.retain(|f| f.name != text);
                changed.outputs.retain(|f| f.name != text);
            }
            _ => return None,
        }
        Some(Type::Signature(Some(Arc::new(changed))))
    }

    /// The field itself takes the place of its text, which would be read when it runs, without the file's types.
    fn hand_on(&self, field: &Field, args: &mut [hir::Arg]) {
        let Some(hir::Arg::Positional(e) | hir::Arg::Named(_, e)) = args.get_mut(1) else {
            return;
        };
        let alone = Signature {
            name: Signature::INLINE.into(),
            instructions: EcoString::new(),
            inputs: Vec::new(),
            outputs: vec![field.clone()],
        };
        e.kind = hir::ExprKind::Constant(Value::Signature(Arc::new(alone)));
    }

    /// What a module makes of the signature that it is given: it needs outputs, and fields of other names than those that
    /// the module adds.
    pub fn signature_given(&mut self, module: &EcoString, result: Option<&Type>, bindings: &Bindings) {
        for (param, signature, span) in bindings.signatures() {
            if signature.outputs.is_empty() {
                let message = "this signature has no outputs";
                let help = "add one: `.with_output(\"answer: str\")`";
                self.advise(codes::OUTPUTS, message, span, "nothing to ask for", help);
            }
            let Some(Type::Record(record)) = result else { continue };
            let spreads = |(_, spread): &(usize, Type)| *spread == Type::OutputsOf(param.clone());
            if !record.spreads.iter().any(spreads) {
                continue;
            }
            for added in &record.fields {
                if signature.fields().any(|field| field.name == added.name) {
                    let message = format!(
                        "`{module}` adds a field `{}`, which the signature has already",
                        added.name
                    );
                    let help = "take it out of the signature, or use `Predict`, which adds none of its own";
                    self.advise(
                        codes::DOUBLE_FIELD,
                        message,
                        span,
                        format!("`{}` is in here", added.name),
                        help,
                    );
                }
            }
        }
    }
}
