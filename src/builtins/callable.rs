//! What a value that can be called takes.

use crate::hir::{self, InputsFrom};
use crate::value::{EcoString, Program, Signature, Type, Value};

/// A parameter that can be given by name.
pub struct Parameter {
    pub name: EcoString,
    pub has_default: bool,
    /// Whether it is `none` where a record that is spread lacks it.
    pub is_optional: bool,
}

/// The parameters of a function, module instance or predictor; `None` for what cannot be called.
pub fn parameters(program: &hir::Program, callable: &Value) -> Option<Vec<Parameter>> {
    match callable {
        Value::Function(function) => Some(of_function(program, program.function(function.id), &[])),
        Value::Program(value) => match &**value {
            Program::Predictor(predictor) => Some(of_signature(&predictor.signature)),
            Program::Instance(instance) => {
                let forward = program.module(instance.module).forward;
                Some(of_function(
                    program,
                    program.function(forward),
                    instance.fields.values(),
                ))
            }
        },
        _ => None,
    }
}

fn of_signature(signature: &Signature) -> Vec<Parameter> {
    let inputs = signature.inputs.iter();
    let parameter = |field: &crate::value::Field| Parameter {
        name: field.name.clone(),
        has_default: field.default.is_some(),
        is_optional: field.ty.is_optional(),
    };
    inputs.map(parameter).collect()
}

fn of_function(program: &hir::Program, function: &hir::Function, fields: &[Value]) -> Vec<Parameter> {
    let mut all = Vec::new();
    for parameter in &function.params {
        match &parameter.inputs {
            // `...inputs(S)` stands for the inputs of the signature or program in a field of the instance.
            Some(InputsFrom::Field(field)) => match fields.get(*field as usize) {
                Some(Value::Signature(signature)) => all.extend(of_signature(signature)),
                Some(Value::List(several)) => {
                    let first = several.first().and_then(|first| parameters(program, first));
                    all.extend(first.unwrap_or_default());
                }
                Some(inner) => all.extend(parameters(program, inner).unwrap_or_default()),
                None => {}
            },
            Some(InputsFrom::Type(record)) => all.extend(record.fields.iter().map(|field| Parameter {
                name: field.name.clone(),
                has_default: field.optional,
                is_optional: field.optional,
            })),
            Some(InputsFrom::Param(_)) => {}
            None => all.push(Parameter {
                name: parameter.name.clone(),
                has_default: parameter.default.is_some(),
                is_optional: parameter.ty.as_ref().is_some_and(Type::is_optional),
            }),
        }
    }
    all
}
