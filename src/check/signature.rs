//! Signatures, declared and inline: their fields, defaults and conditions become a value before anything runs.

use std::sync::Arc;

use crate::hir;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::parse::{Written, parse_inline_field, parse_inline_signature};
use crate::value::{Constraint, EcoString, Field, FnId, Function, Signature, Type, Value, cleandoc};

use super::checker::{Checker, Context, Typed};
use super::codes;
use super::decl::{ConditionSource, FnInfo, FnSource, SignatureId, State};
use super::scope::BodyKind;
use super::written::not_one_field;

impl Checker<'_> {
    /// The value of a declared signature; `None` inside itself, and where it is too broken to be one.
    pub fn signature(&mut self, id: SignatureId) -> Option<Arc<Signature>> {
        let info = &self.env.signatures[id.0 as usize];
        match info.state {
            State::Done => return info.value.clone(),
            State::Running => return None,
            State::Waiting => {}
        }
        let (ast, file, global) = (info.ast.clone(), info.file, info.global);
        self.env.signatures[id.0 as usize].state = State::Running;
        let context = Context::new(file, BodyKind::Function);
        let value = self.elsewhere(context, |c| c.signature_value(ast.name.node.clone(), &ast.body));
        let value = Arc::new(value);
        let info = &mut self.env.signatures[id.0 as usize];
        info.state = State::Done;
        info.value = Some(value.clone());
        let global = &mut self.env.program.globals[global.0 as usize];
        global.constant = Some(Value::Signature(value.clone()));
        global.ty = Type::Signature(Some(value.clone()));
        Some(value)
    }

    /// `"question -> answer: str"` where a signature is wanted.
    pub fn inline_signature(&mut self, text: &EcoString, span: Span) -> Typed {
        match parse_inline_signature(text, Written::Literal(self.sources, span)) {
            Ok(body) => {
                let value = Arc::new(self.signature_value(Signature::INLINE.into(), &body));
                let kind = hir::ExprKind::Constant(Value::Signature(value.clone()));
                Typed::new(kind, Type::Signature(Some(value)), span)
            }
            Err(problems) => {
                problems.into_iter().for_each(|problem| self.report(problem));
                self.broken(span)
            }
        }
    }

    /// `"hint: str"` where a field is wanted.
    pub fn inline_field(&mut self, text: &EcoString, span: Span) -> Option<Field> {
        match parse_inline_field(text, Written::Literal(self.sources, span)) {
            Ok(body) => match body.outputs.as_slice() {
                [field] => Some(self.field_value(field, Vec::new(), true)),
                _ => {
                    let help = "add one field after the other: `S.with_input(…).with_output(…)`";
                    self.advise(
                        codes::INLINE_SIGNATURE,
                        not_one_field(text),
                        span,
                        "not one field",
                        help,
                    );
                    None
                }
            },
            Err(problems) => {
                problems.into_iter().for_each(|problem| self.report(problem));
                None
            }
        }
    }

    fn signature_value(&mut self, name: EcoString, body: &ast::SignatureBody) -> Signature {
        self.double_fields(body);
        let mut known: Vec<(EcoString, Type)> = Vec::new();
        let mut fields = |c: &mut Self, list: &[ast::Field], output: bool| {
            let mut values = Vec::new();
            for field in list {
                let value = c.field_value(field, known.clone(), output);
                known.push((value.name.clone(), value.ty.clone()));
                values.push(value);
            }
            values
        };
        let inputs = fields(self, &body.inputs, false);
        let outputs = fields(self, &body.outputs, true);
        let instructions = match &body.instructions {
            Some(text) => cleandoc(&text.node).into(),
            None => Signature::default_instructions(&inputs, &outputs),
        };
        Signature {
            name,
            instructions,
            inputs,
            outputs,
        }
    }

    fn double_fields(&mut self, body: &ast::SignatureBody) {
        let mut seen: Vec<&EcoString> = Vec::new();
        for field in body.inputs.iter().chain(&body.outputs) {
            if seen.contains(&&field.name.node) {
                let message = format!("the field `{}` is declared twice", field.name.node);
                let help = "a name occurs once in a signature, inputs and outputs together";
                self.advise(codes::DOUBLE_FIELD, message, field.name.span, "declared again", help);
            }
            seen.push(&field.name.node);
        }
    }

    fn field_value(&mut self, field: &ast::Field, known: Vec<(EcoString, Type)>, output: bool) -> Field {
        let ty = field.ty.as_ref().map_or(Type::Str, |ty| self.type_expr(ty));
        let mut value = Field::new(field.name.node.clone(), ty);
        value.desc = field.desc.as_ref().map(|desc| desc.node.clone());
        value.declared = Some(field.span);
        if let Some(default) = &field.default {
            match output {
                true => {
                    let help = "write a description without `=`; an output that may be missing has a type `T?`";
                    self.advise(
                        codes::DEFAULT,
                        "an output has no default",
                        default.span,
                        "a default of an output",
                        help,
                    );
                }
                false => value.default = self.constant(default, &value.ty),
            }
        }
        for condition in &field.conditions {
            match output {
                true => value.constraints.push(self.constraint(condition, &value, &known)),
                false => {
                    let help = "conditions stand on outputs: they say what a reply must fulfil";
                    let place = condition.condition.span;
                    self.advise(
                        codes::CONDITION,
                        "a `where` on an input",
                        place,
                        "this is an input's",
                        help,
                    );
                }
            }
        }
        value
    }

    /// Makes the function of a `where`; its body is checked when everything it may use is known.
    fn constraint(&mut self, condition: &ast::Where, field: &Field, known: &[(EcoString, Type)]) -> Constraint {
        let mut fields = vec![(field.name.clone(), field.ty.without_none())];
        fields.extend(known.iter().cloned());
        let span = condition.condition.span;
        let function = hir::Function {
            name: EcoString::from(format!("where of {}", field.name)),
            kind: hir::FunctionKind::Condition,
            file: self.cx.file,
            library: self.in_library(),
            span,
            description: None,
            params: Vec::new(),
            result: None,
            captures: 0,
            slots: 1,
            body: hir::Body::Block(hir::Block {
                stmts: Vec::new(),
                span,
            }),
            reach: hir::Reach::NOTHING,
        };
        let source = ConditionSource {
            condition: condition.condition.clone(),
            fields,
        };
        let info = FnInfo {
            source: FnSource::Condition(Arc::new(source)),
            ..FnInfo::default()
        };
        let id = self.env.add_function(function, info);
        self.need(id);
        let advice = match &condition.advice {
            Some(advice) => advice.node.clone(),
            None => self.text(span),
        };
        let check = Function {
            id,
            name: EcoString::new(),
            captures: Box::new([]),
        };
        Constraint {
            check: Arc::new(check),
            advice,
        }
    }

    pub fn check_condition(&mut self, id: FnId, source: &ConditionSource) {
        let mut context = Context::new(self.env.program.function(id).file, BodyKind::Condition);
        context.bodies[0].fresh_slot();
        context.bodies[0].fields.clone_from(&source.fields);
        let (block, frame) = self.elsewhere(context, |c| {
            let value = c.condition(&source.condition, "a `where`");
            let span = value.span;
            let stmts = vec![hir::Stmt {
                kind: hir::StmtKind::Expr(value),
                span,
            }];
            (hir::Block { stmts, span }, c.leave_body())
        });
        let param = hir::Param {
            name: "fields".into(),
            ty: None,
            default: None,
            rest: false,
            inputs: None,
        };
        self.store(id, hir::Body::Block(block), vec![param], &frame);
        self.env.function_mut(id).result = Some(Type::Bool);
    }

    /// The value of a constant expression that fits a type.
    fn constant(&mut self, e: &ast::Expr, ty: &Type) -> Option<Value> {
        self.want(e, ty, "this default is");
        let value = constant_value(e);
        if value.is_none() {
            let help = "a default is a literal: a text, a number, `true`, `none`, a list, dict or record of these";
            self.advise(
                codes::DEFAULT,
                "this default is no constant",
                e.span,
                "needs a literal",
                help,
            );
        }
        value.map(|value| match (value, ty) {
            (Value::Int(n), Type::Float) => Value::Float(n as f64),
            (value, _) => value,
        })
    }
}

fn constant_value(e: &ast::Expr) -> Option<Value> {
    Some(match &e.kind {
        ExprKind::None => Value::None,
        ExprKind::Bool(b) => Value::Bool(*b),
        ExprKind::Int(n) => Value::Int((*n)?),
        ExprKind::Float(n) => Value::Float(*n),
        ExprKind::Str(text) => Value::Str(text.clone()),
        ExprKind::Unary {
            op: ast::UnaryOp::Neg,
            operand,
        } => match constant_value(operand)? {
            Value::Int(n) => Value::Int(n.checked_neg()?),
            Value::Float(n) => Value::Float(-n),
            _ => return None,
        },
        ExprKind::List(items) => {
            let item = |item: &ast::ListItem| match item {
                ast::ListItem::Item(e) => constant_value(e),
                ast::ListItem::Spread(_) => None,
            };
            Value::list(items.iter().map(item).collect::<Option<Vec<_>>>()?)
        }
        ExprKind::Record(entries) => {
            let entry = |entry: &ast::RecordEntry| match entry {
                ast::RecordEntry::Field { name, value } => Some((name.node.clone(), constant_value(value)?)),
                _ => None,
            };
            Value::record(entries.iter().map(entry).collect::<Option<Vec<_>>>()?)
        }
        ExprKind::Dict(entries) => {
            let entry = |entry: &ast::DictEntry| match entry {
                ast::DictEntry::Entry { key, value } => Some((key.node.clone(), constant_value(value)?)),
                ast::DictEntry::Spread(_) => None,
            };
            Value::dict(entries.iter().map(entry).collect::<Option<Vec<_>>>()?)
        }
        _ => return None,
    })
}
