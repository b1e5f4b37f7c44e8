//! The fields of a signature with their types: by these a state knows the signature it was made for. Instructions,
//! prefixes and descriptions do not count, since tuning changes them.

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::diag::Fault;
use crate::value::{EcoString, Signature, prompt_schema};

use super::predictor::changed;

/// `{hash, fields: [{name, io, type}]}`
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureShape {
    hash: String,
    fields: Vec<FieldShape>,
}

#[derive(Clone, Debug, PartialEq)]
struct FieldShape {
    name: EcoString,
    io: EcoString,
    /// As dsp source; what named types stand for is in the hash.
    ty: EcoString,
}

impl SignatureShape {
    pub fn of(signature: &Signature) -> SignatureShape {
        let (mut hash, mut fields) = (Sha256::new(), Vec::new());
        let sides = [("input", &signature.inputs), ("output", &signature.outputs)];
        for (io, field) in sides
            .into_iter()
            .flat_map(|(io, fields)| fields.iter().map(move |field| (io, field)))
        {
            hash.update(format!(
                "{io} {}: {} {}\n",
                field.name,
                field.ty,
                prompt_schema(&field.ty)
            ));
            fields.push(FieldShape {
                name: field.name.clone(),
                io: io.into(),
                ty: field.ty.to_string().into(),
            });
        }
        SignatureShape {
            hash: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
            fields,
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let field = |field: &FieldShape| json!({"name": field.name.as_str(), "io": field.io.as_str(), "type": field.ty.as_str()});
        json!({"hash": self.hash, "fields": self.fields.iter().map(field).collect::<Vec<_>>()})
    }

    pub(super) fn from_json(json: &Json) -> Option<SignatureShape> {
        let field = |field: &Json| {
            let text = |key: &str| field[key].as_str().map(EcoString::from);
            Some(FieldShape {
                name: text("name")?,
                io: text("io")?,
                ty: text("type")?,
            })
        };
        let fields = json["fields"].as_array()?.iter().map(field).collect::<Option<_>>()?;
        Some(SignatureShape {
            hash: json["hash"].as_str()?.to_owned(),
            fields,
        })
    }

    pub(super) fn check(&self, path: &str, signature: &Signature) -> Result<(), Fault> {
        let now = SignatureShape::of(signature);
        if now.hash == self.hash {
            return Ok(());
        }
        let find = |fields: &[FieldShape], wanted: &FieldShape| fields.iter().find(|f| f.name == wanted.name).cloned();
        for field in &now.fields {
            let name = &field.name;
            let message = match find(&self.fields, field) {
                None => format!("this state has no field `{name}` of `{path}`"),
                Some(saved) if saved.io != field.io => {
                    format!(
                        "the field `{name}` of `{path}` is an {} here and an {} in this state",
                        field.io, saved.io
                    )
                }
                Some(saved) if saved.ty != field.ty => {
                    format!(
                        "the field `{name}` of `{path}` is `{}` here and `{}` in this state",
                        field.ty, saved.ty
                    )
                }
                Some(_) => continue,
            };
            return Err(changed(message, name));
        }
        let gone = self.fields.iter().find(|field| find(&now.fields, field).is_none());
        Err(match gone {
            Some(field) => changed(
                format!(
                    "this state has a field `{}` of `{path}` that the program does not have",
                    field.name
                ),
                &field.name,
            ),
            None => {
                let first = now
                    .fields
                    .iter()
                    .zip(&self.fields)
                    .find(|(now, saved)| now != saved)
                    .map(|(now, _)| now);
                let name = first.or(now.fields.first()).map_or("", |field| field.name.as_str());
                changed(
                    format!("the fields of `{path}` are in another order, or a type that they use has changed"),
                    name,
                )
            }
        })
    }
}
