//! `stdlib/reflection.dsp`: what a function, module or predictor is, for library code and models that are to use it.

use super::args::{misfit, text};
use super::{immediate, signatures};
use crate::diag::Fault;
use crate::hir::{self, ExprKind, Param};
use crate::source::Span;
use crate::value::{EcoString, Field, FnId, Program, Signature, Type, Value, json_schema, source_text};
use crate::vm::{Context, Native, programs};

pub const NATIVES: &[Native] = &[
    immediate("describe", describe),
    immediate("source", source),
    immediate("with_signature", with_signature),
];

type Cx<'a, 'b> = &'a mut Context<'b>;
type Outcome = Result<Value, Fault>;

/// What is told of one parameter.
struct Parameter {
    name: EcoString,
    ty: Type,
    required: bool,
    default: Option<Value>,
}

fn describe(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let callable = args.first().unwrap_or(&Value::None);
    let program = cx.program.as_ref();
    let (name, description) = match callable {
        Value::Function(function) => {
            let function = program.function(function.id);
            (function.name.clone(), function.description.clone())
        }
        Value::Program(value) => match value.as_ref() {
            Program::Predictor(predictor) => (
                predictor.signature.name.clone(),
                Some(predictor.signature.instructions.clone()),
            ),
            Program::Instance(instance) => {
                let module = program.module(instance.module);
                (module.name.clone(), module.description.clone())
            }
        },
        other => return Err(misfit("a function or program", other)),
    };
    let parameters = parameters(program, callable).into_iter().map(|parameter| {
        Value::record([
            ("name", Value::Str(parameter.name)),
            ("type", Value::str(parameter.ty.to_string())),
            ("schema", schema(&parameter.ty, parameter.default.as_ref())),
            ("required", Value::Bool(parameter.required)),
        ])
    });
    Ok(Value::record([
        ("name", Value::Str(name)),
        ("description", description.map_or(Value::None, Value::Str)),
        ("parameters", Value::list(parameters)),
    ]))
}

fn schema(ty: &Type, default: Option<&Value>) -> Value {
    let mut schema = match ty {
        Type::Any => serde_json::json!({}),
        ty => json_schema(ty),
    };
    if let (Some(map), Some(default)) = (schema.as_object_mut(), default) {
        map.insert("default".to_owned(), default.to_json());
    }
    Value::from_json(&schema)
}

fn parameters(program: &hir::Program, callable: &Value) -> Vec<Parameter> {
    match callable {
        Value::Function(function) => of_function(program, function.id, &[]),
        Value::Signature(signature) => of_signature(signature),
        Value::List(several) => several
            .first()
            .map(|first| parameters(program, first))
            .unwrap_or_default(),
        Value::Program(value) => match value.as_ref() {
            Program::Predictor(predictor) => of_signature(&predictor.signature),
            Program::Instance(instance) => {
                let forward = program.module(instance.module).forward;
                of_function(program, forward, instance.fields.values())
            }
        },
        _ => Vec::new(),
    }
}

fn of_signature(signature: &Signature) -> Vec<Parameter> {
    let parameter = |field: &Field| Parameter {
        name: field.name.clone(),
        ty: field.ty.clone(),
        required: field.default.is_none(),
        default: field.default.clone(),
    };
    signature.inputs.iter().map(parameter).collect()
}

fn of_function(program: &hir::Program, id: FnId, fields: &[Value]) -> Vec<Parameter> {
    let mut all = Vec::new();
    for param in &program.function(id).params {
        match &param.inputs {
            Some(hir::InputsFrom::Field(at)) => {
                let settles = fields.get(*at as usize);
                all.extend(settles.map(|value| parameters(program, value)).unwrap_or_default());
            }
            Some(hir::InputsFrom::Type(record)) => all.extend(record.fields.iter().map(|field| Parameter {
                name: field.name.clone(),
                ty: field.ty.clone(),
                required: !field.optional,
                default: None,
            })),
            Some(hir::InputsFrom::Param(_)) => {}
            None => all.push(of_param(param)),
        }
    }
    all
}

fn of_param(param: &Param) -> Parameter {
    let default = match param.default.as_ref().map(|default| &default.kind) {
        Some(ExprKind::Constant(value)) => Some(value.clone()),
        _ => None,
    };
    Parameter {
        name: param.name.clone(),
        ty: param.ty.clone().unwrap_or(Type::Any),
        required: param.default.is_none() && !param.rest,
        default,
    }
}

/// The text of a declaration. A predictor has none: it is written as it could have been made.
fn source(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let program = cx.program.as_ref();
    let text = |span: Span| Ok(Value::str(program.sources.text(span)));
    match args.first().unwrap_or(&Value::None) {
        Value::Function(function) => text(program.function(function.id).span),
        Value::Program(value) => match value.as_ref() {
            Program::Instance(instance) => text(program.module(instance.module).source),
            Program::Predictor(predictor) => Ok(Value::str(made(&predictor.signature))),
        },
        other => Err(misfit("a function or program", other)),
    }
}

/// `Predict("question -> answer: int")`
fn made(signature: &Signature) -> String {
    let fields = |fields: &[Field]| {
        let fields = fields.iter().map(|field| match &field.ty {
            Type::Str => field.name.to_string(),
            ty => format!("{}: {ty}", field.name),
        });
        fields.collect::<Vec<_>>().join(", ")
    };
    let text = format!("{} -> {}", fields(&signature.inputs), fields(&signature.outputs));
    format!("Predict({})", source_text(&text))
}

fn with_signature(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let signature = signatures::signature(args.get(2).unwrap_or(&Value::None))?;
    programs::with_signature(args.first().unwrap_or(&Value::None), text(args, 1)?, &signature)
}
