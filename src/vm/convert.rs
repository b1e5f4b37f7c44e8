//! Where an `any` meets a written type: the value is held against it, and becomes it where the language says so (a dict
//! a record, an int a float). Types with their parameters count as `any`. Promises are not looked at: what they become
//! is promised too.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::diag::{Fault, FaultKind, nearest};
use crate::source::Span;
use crate::value::{
    Again, Dict, EcoString, List, Program, Record, RecordType, Source, Type, Value, show, source_text, text_size,
};

use super::settle::{close, promise_convert};

/// The value as one of the type, or an error of kind `type` that names the part that does not fit.
pub fn convert(value: &Value, ty: &Type, span: Span) -> Result<Value, Fault> {
    Conversion { span, depth: 0 }.value(value, ty)
}

/// How often a type may stand inside itself in a value that has to be converted: each time takes from Rust's stack.
const MAX_DEPTH: u32 = 200;

/// So big is a value that can be converted, as text: what it holds several times is converted as often.
const MAX_SIZE: u64 = 1 << 28;

#[derive(Clone, Copy)]
struct Conversion {
    span: Span,
    /// How often the type stood inside itself up to here.
    depth: u32,
}

impl Conversion {
    fn value(self, value: &Value, ty: &Type) -> Result<Value, Fault> {
        if let Value::Promise(promise) = value {
            return match &promise.0.source {
                _ if *ty == Type::Any => Ok(value.clone()),
                Source::Parts(Value::Promise(_)) => Ok(promise_convert(promise, &Arc::new(ty.clone()), self.span)),
                // What is open is known but for its parts: to promise it again would be to wait for nothing.
                Source::Parts(open) if fits(open, ty) => Ok(value.clone()),
                Source::Parts(open) => Ok(close(self.known(open, ty)?)),
                _ => Ok(promise_convert(promise, &Arc::new(ty.clone()), self.span)),
            };
        }
        match fits(value, ty) {
            true => Ok(value.clone()),
            false => self.known(value, ty),
        }
    }

    fn known(self, value: &Value, ty: &Type) -> Result<Value, Fault> {
        match (ty, value) {
            (Type::Float, Value::Int(i)) => Ok(Value::Float(*i as f64)),
            (Type::Text(form), Value::Str(text)) => {
                form.canonical(text).map(Value::Str).ok_or_else(|| misfit(value, ty))
            }
            (Type::List(item), Value::List(items)) => self.items(items, item),
            (Type::Dict(entry), Value::Dict(dict)) => self.entries(dict, entry),
            (Type::Record(record), Value::Record(fields)) => self.record(fields, record),
            (Type::Record(record), Value::Dict(dict)) => {
                let fields: Record = dict.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
                self.record(&fields, record)
            }
            (Type::Again(again), _) => self.inner(value, again),
            (Type::Union(members), value) => self.one_of(value, ty, members),
            _ => Err(misfit(value, ty)),
        }
    }

    fn inner(mut self, value: &Value, again: &Again) -> Result<Value, Fault> {
        let Some(ty) = again.definition() else {
            return Ok(value.clone());
        };
        self.depth += 1;
        if self.depth == 1 && text_size(value) > MAX_SIZE {
            let message = format!("this value is too big to become a `{ty}`");
            let help = "it holds other values many times over, and each of them would become one of its own";
            return Err(Fault::new(FaultKind::Value, message).help(help));
        }
        if self.depth > MAX_DEPTH {
            let message = format!("a `{ty}` is nested deeper than {MAX_DEPTH} levels");
            let help = "a value that is built as one of its type can be nested deeper: it need not be converted";
            return Err(Fault::new(FaultKind::Value, message).help(help));
        }
        self.value(value, &ty)
    }

    fn one_of(self, value: &Value, ty: &Type, members: &[Type]) -> Result<Value, Fault> {
        for member in members.iter().filter(|member| may_become(value, member)) {
            match self.value(value, member) {
                Err(fault) if fault.kind == FaultKind::Type => {}
                result => return result,
            }
        }
        Err(misfit(value, ty))
    }

    fn items(self, items: &List, ty: &Type) -> Result<Value, Fault> {
        let convert_one = |(i, item)| self.value(item, ty).map_err(|fault| within(fault, &format!("[{i}]")));
        items
            .iter()
            .enumerate()
            .map(convert_one)
            .collect::<Result<List, _>>()
            .map(Value::List)
    }

    fn entries(self, dict: &Dict, ty: &Type) -> Result<Value, Fault> {
        let convert_one = |(key, value): (&EcoString, &Value)| {
            let place = |fault| within(fault, &format!("[{}]", source_text(key)));
            Ok((key.clone(), self.value(value, ty).map_err(place)?))
        };
        let converted = dict.iter().map(convert_one).collect::<Result<Dict, Fault>>()?;
        Ok(Value::Dict(Arc::new(converted)))
    }

    /// Fields beyond the type's stay; optional ones may be absent.
    fn record(self, fields: &Record, ty: &RecordType) -> Result<Value, Fault> {
        let mut converted = fields.clone();
        for field in &ty.fields {
            match fields.index_of(&field.name) {
                Some(i) => {
                    let value = self.value(&fields.values()[i], &field.ty);
                    converted.values_mut()[i] = value.map_err(|fault| within(fault, &format!(".{}", field.name)))?;
                }
                None if field.optional => {}
                None => return Err(missing(fields, ty, &field.name)),
            }
        }
        Ok(Value::Record(Arc::new(converted)))
    }
}

/// Whether a value is worth holding against a member of a union: a look at the value alone and at what tells records
/// apart. So a deep value is not gone through anew for every member on every level.
fn may_become(value: &Value, ty: &Type) -> bool {
    match (ty.unfolded().as_ref(), value) {
        (_, Value::Promise(_)) => true,
        (Type::Union(members), value) => members.iter().any(|member| may_become(value, member)),
        (Type::Record(record), Value::Record(fields)) => may_be_record(record, |name| fields.get(name)),
        (Type::Record(record), Value::Dict(dict)) => may_be_record(record, |name| dict.get(name)),
        (Type::List(_), Value::List(_)) | (Type::Dict(_), Value::Dict(_)) => true,
        (Type::List(_) | Type::Dict(_) | Type::Record(_), _) => false,
        (Type::None | Type::Bool | Type::Int | Type::Float | Type::Str, value) => {
            !matches!(value, Value::List(_) | Value::Dict(_) | Value::Record(_))
        }
        _ => true,
    }
}

fn may_be_record<'v>(record: &RecordType, given: impl Fn(&str) -> Option<&'v Value>) -> bool {
    record.fields.iter().all(|field| match (&field.ty, given(&field.name)) {
        (_, Some(Value::Promise(_))) => true,
        (Type::Literal(literal), Some(value)) => literal.matches(value),
        (_, None) => field.optional,
        _ => true,
    })
}

/// After so many steps it pays to remember which values were met.
const MANY: usize = 1000;

/// Whether the value is one of the type as it stands. An int is no float here, a dict no record.
pub fn fits(value: &Value, ty: &Type) -> bool {
    let mut inner = Vec::new();
    let mut fit = fits_outside(value, ty, &mut inner);
    let (mut steps, mut met) = (0, FxHashSet::default());
    while let Some((value, ty)) = inner.pop().filter(|_| fit) {
        steps += 1;
        // A value may hold another one many times over.
        if steps > MANY && value.address().is_some_and(|at| !met.insert((at, ty.address()))) {
            continue;
        }
        fit = match ty.definition() {
            Some(ty) => fits_outside(value, &ty, &mut inner),
            None => true,
        };
    }
    fit
}

/// As `fits`, but for what stands where a type contains itself: that is left to the caller, since a value can be nested
/// there deeper than Rust's stack.
fn fits_outside<'v>(value: &'v Value, ty: &Type, inner: &mut Vec<(&'v Value, Again)>) -> bool {
    match (ty, value) {
        (Type::Any | Type::Param(_) | Type::InputsOf(_) | Type::OutputsOf(_), _) => true,
        (Type::None, Value::None)
        | (Type::Bool, Value::Bool(_))
        | (Type::Int, Value::Int(_))
        | (Type::Float, Value::Float(_))
        | (Type::Str, Value::Str(_))
        | (Type::Lm, Value::Lm(_))
        | (Type::Function(_), Value::Function(_) | Value::Program(_))
        | (Type::Optimizer, Value::Function(_))
        // A text that is parsed when it is used.
        | (Type::Signature(_), Value::Signature(_) | Value::Str(_))
        | (Type::Program(None), Value::Program(_) | Value::Function(_)) => true,
        (Type::Literal(literal), value) => literal.matches(value),
        (Type::Text(form), Value::Str(text)) => form.has(text),
        (Type::Again(again), value) => {
            inner.push((value, again.clone()));
            true
        }
        (Type::Union(members), value) => fits_one_of(members, value, inner),
        (Type::List(item), Value::List(items)) => {
            **item == Type::Any || items.iter().all(|v| fits_outside(v, item, inner))
        }
        (Type::Dict(entry), Value::Dict(dict)) => {
            **entry == Type::Any || dict.values().all(|v| fits_outside(v, entry, inner))
        }
        (Type::Record(record), Value::Record(fields)) => record.fields.iter().all(|field| match fields.get(&field.name) {
            Some(value) => fits_outside(value, &field.ty, inner),
            None => field.optional,
        }),
        (Type::Program(Some(known)), Value::Program(program)) => match program.as_ref() {
            Program::Instance(instance) => instance.name == known.name,
            Program::Predictor(_) => known.name == "Predict",
        },
        (Type::Retriever, Value::Opaque(opaque)) => opaque.type_name() == "Retriever",
        (Type::Opaque(name), Value::Opaque(opaque)) => opaque.type_name() == *name,
        _ => false,
    }
}

/// Where a look at the value leaves one member, that one decides.
fn fits_one_of<'v>(members: &[Type], value: &'v Value, inner: &mut Vec<(&'v Value, Again)>) -> bool {
    let mut possible = members.iter().filter(|member| may_become(value, member));
    match (possible.next(), possible.next()) {
        (None, _) => false,
        (Some(member), None) => fits_outside(value, member, inner),
        _ => members.iter().any(|member| fits(value, member)),
    }
}

fn missing(fields: &Record, ty: &RecordType, name: &str) -> Fault {
    let fault = Fault::new(
        FaultKind::Type,
        format!("expected `{ty}`, but there is no field `{name}`"),
    );
    match nearest(name, fields.names().iter().map(EcoString::as_str)) {
        Some(near) => fault.help(format!("there is `{near}`")),
        None => fault,
    }
}

/// The same fault, said of a part: `at .people[2].age: expected …`.
fn within(mut fault: Fault, step: &str) -> Fault {
    if fault.kind != FaultKind::Type {
        return fault;
    }
    fault.message = match fault.message.strip_prefix("at ") {
        Some(rest) => format!("at {step}{rest}"),
        None => format!("at {step}: {}", fault.message),
    };
    fault
}

fn misfit(value: &Value, ty: &Type) -> Fault {
    let text = match value {
        Value::Str(text) => source_text(text),
        other => show(other),
    };
    let short: String = text.chars().take(60).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    let kind = value.type_name();
    let message = match value {
        Value::None => format!("expected `{ty}`, found `none`"),
        _ => format!("expected `{ty}`, found the {kind} `{short}{dots}`"),
    };
    Fault::new(FaultKind::Type, message)
}
