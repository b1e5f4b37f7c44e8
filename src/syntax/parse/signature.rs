//! Signatures, as declarations and inside strings.

use crate::syntax::ast::{Field, SignatureBody, SignatureDecl, Where};

use super::build::{Builder, Node};
use super::grammar::Rule;
use super::titles::code;

impl Builder<'_> {
    pub fn signature(&mut self, node: Node) -> Option<SignatureDecl> {
        let span = self.span(&node);
        let mut parts = node.into_inner().skip(1);
        let name = self.name(&parts.next()?);
        let body = self.signature_body(parts.next()?)?;
        Some(SignatureDecl { name, body, span })
    }

    /// The inside of a block signature, or an inline one.
    pub fn signature_body(&mut self, node: Node) -> Option<SignatureBody> {
        let span = self.span(&node);
        let mut body = SignatureBody {
            instructions: None,
            inputs: Vec::new(),
            outputs: Vec::new(),
        };
        let mut behind_arrow = false;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::instructions => body.instructions = Some(self.string(&part.into_inner().next()?)),
                Rule::arrow => behind_arrow = true,
                Rule::EOI => {}
                _ => {
                    let fields = part
                        .into_inner()
                        .map(|f| self.signature_field(f))
                        .collect::<Option<_>>()?;
                    *(if behind_arrow {
                        &mut body.outputs
                    } else {
                        &mut body.inputs
                    }) = fields;
                }
            }
        }
        if body.outputs.is_empty() {
            let help = "name what the model produces after `->`: `question -> answer`";
            self.advise(
                code::OUTPUTS,
                "this signature has no outputs",
                span,
                "nothing after `->`",
                help,
            );
            return None;
        }
        Some(body)
    }

    fn signature_field(&mut self, node: Node) -> Option<Field> {
        let span = self.span(&node);
        let mut parts = node.into_inner();
        let name = self.name(&parts.next()?);
        let mut field = Field {
            name,
            ty: None,
            default: None,
            desc: None,
            conditions: Vec::new(),
            span,
        };
        for part in parts {
            match part.as_rule() {
                Rule::r#type => field.ty = Some(self.type_expr(part)?),
                Rule::field_default => field.default = Some(self.only_expr(part)?),
                Rule::string => field.desc = Some(self.string(&part)),
                _ => field.conditions.push(self.field_condition(part)?),
            }
        }
        Some(field)
    }

    /// `where len(words(query)) <= 15 "at most 15 words"`
    fn field_condition(&mut self, node: Node) -> Option<Where> {
        let mut parts = node.into_inner().skip(1);
        let condition = self.expr(parts.next()?)?;
        let advice = parts.next().map(|text| self.string(&text));
        Some(Where { condition, advice })
    }
}
