//! The state of one predictor: instructions, fields' prefixes and descriptions, demos, the model.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::diag::Fault;
use crate::value::{
    Calibration, EcoString, Field, LmKind, LmSpec, Predictor, Record, Signature, Type, Value, infer_prefix,
};

use super::{SignatureShape, fault};

/// What is saved of a predictor.
#[derive(Clone, Debug, PartialEq)]
pub struct PredictorState {
    pub instructions: EcoString,
    /// Prefix and description of each field, by position: inputs, then outputs.
    pub fields: Vec<(EcoString, EcoString)>,
    /// JSON objects of the columns, plus `augmented: true` for bootstrapped ones.
    pub demos: Vec<Json>,
    /// The model as DSPy writes it.
    pub lm: Option<Map<String, Json>>,
    /// What `local` takes off the scores of literals.
    pub calibration: Calibration,
    /// The signature that the state was made for, where dsp wrote it.
    pub shape: Option<SignatureShape>,
}

/// What DSPy writes of a model beside its options.
const NO_OPTIONS: [&str; 8] = [
    "_dspy_lm_class",
    "model",
    "model_type",
    "cache",
    "num_retries",
    "finetuning_model",
    "launch_kwargs",
    "train_kwargs",
];

/// The server's options are never loaded, as in DSPy: a state from somebody else could send a key to another server.
const SERVER: [&str; 3] = ["api_base", "base_url", "model_list"];

/// Never saved: a secret, and options that DSPy would hand on to the provider.
const UNSAVED: [&str; 4] = ["api_key", "api_key_env", "price", "first_byte_timeout"];

impl PredictorState {
    pub fn of(predictor: &Predictor) -> PredictorState {
        let signature = &predictor.signature;
        PredictorState {
            instructions: signature.instructions.clone(),
            fields: signature
                .fields()
                .map(|field| (field.prefix(), description(field)))
                .collect(),
            demos: predictor.demos.iter().map(Value::to_json).collect(),
            lm: predictor.lm.as_ref().and_then(lm_json),
            calibration: predictor.calibration.clone(),
            shape: Some(SignatureShape::of(signature)),
        }
    }

    /// The predictor with this state; call `check` first.
    pub fn apply(&self, predictor: &Predictor) -> Predictor {
        let mut signature = (*predictor.signature).clone();
        signature.instructions = self.instructions.clone();
        for (field, (prefix, desc)) in signature
            .inputs
            .iter_mut()
            .chain(&mut signature.outputs)
            .zip(&self.fields)
        {
            let inferred = format!("{}:", infer_prefix(&field.name));
            field.prefix = (*prefix != inferred).then(|| prefix.clone());
            field.desc = (*desc != own_name(&field.name)).then(|| desc.clone());
        }
        let demos = self.demos.iter().map(|demo| read_demo(demo, &signature)).collect();
        let lm = self
            .lm
            .as_ref()
            .and_then(|lm| read_lm(lm, predictor.lm.as_ref()))
            .or_else(|| predictor.lm.clone());
        Predictor {
            signature: Arc::new(signature),
            demos,
            lm,
            calibration: self.calibration.clone(),
            ..predictor.clone()
        }
    }

    /// Whether the state was made for this signature.
    pub fn check(&self, path: &str, signature: &Signature) -> Result<(), Fault> {
        if let Some(shape) = &self.shape {
            return shape.check(path, signature);
        }
        let fields: Vec<&Field> = signature.fields().collect();
        for (i, (prefix, _)) in self.fields.iter().enumerate() {
            let moved = fields
                .iter()
                .position(|field| field.prefix() == *prefix)
                .filter(|at| *at != i);
            if let (Some(moved), Some(here)) = (moved, fields.get(i)) {
                let message = format!(
                    "this state has the field `{}` of `{path}` where the program has `{}`",
                    fields[moved].name, here.name
                );
                return Err(changed(message, &fields[moved].name));
            }
        }
        match (fields.get(self.fields.len()), self.fields.get(fields.len())) {
            (Some(field), _) => Err(changed(
                format!("this state has no field `{}` of `{path}`", field.name),
                &field.name,
            )),
            (_, Some((prefix, _))) => Err(changed(
                format!("this state has a field `{prefix}` of `{path}` that the program does not have"),
                prefix.trim_end_matches(':'),
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn to_json(&self) -> Map<String, Json> {
        let fields: Vec<Json> = self
            .fields
            .iter()
            .map(|(prefix, description)| json!({"prefix": prefix.as_str(), "description": description.as_str()}))
            .collect();
        Map::from_iter([
            ("traces".to_owned(), json!([])),
            ("train".to_owned(), json!([])),
            ("demos".to_owned(), Json::Array(self.demos.clone())),
            (
                "signature".to_owned(),
                json!({"instructions": self.instructions.as_str(), "fields": fields}),
            ),
            ("lm".to_owned(), self.lm.clone().map_or(Json::Null, Json::Object)),
        ])
    }

    pub(super) fn from_json(path: &str, json: &Json) -> Result<PredictorState, Fault> {
        let broken = |what: &str| fault(format!("this is no saved state: `{path}` has no {what}"));
        let signature = json.get("signature").ok_or_else(|| broken("`signature`"))?;
        let instructions = signature["instructions"]
            .as_str()
            .ok_or_else(|| broken("`signature.instructions`"))?;
        let fields = signature["fields"]
            .as_array()
            .ok_or_else(|| broken("`signature.fields`"))?;
        let field = |field: &Json| {
            let text = |key: &str| field[key].as_str().map(EcoString::from);
            text("prefix")
                .zip(text("description"))
                .ok_or_else(|| broken("`prefix` and `description` of each field"))
        };
        let demos = json
            .get("demos")
            .and_then(Json::as_array)
            .ok_or_else(|| broken("list of `demos`"))?;
        if !demos.iter().all(Json::is_object) {
            return Err(broken("list of objects as `demos`"));
        }
        Ok(PredictorState {
            instructions: instructions.into(),
            fields: fields.iter().map(field).collect::<Result<_, _>>()?,
            demos: demos.clone(),
            lm: json.get("lm").and_then(Json::as_object).cloned(),
            calibration: None,
            shape: None,
        })
    }
}

/// The fault of a state whose signature is not the program's.
pub(super) fn changed(message: String, field: &str) -> Fault {
    fault(message)
        .field(field)
        .help("the signature has changed since the state was saved: compile the program again")
}

/// DSPy's mark for a field without a description.
fn own_name(name: &str) -> EcoString {
    format!("${{{name}}}").into()
}

fn description(field: &Field) -> EcoString {
    field.desc.clone().unwrap_or_else(|| own_name(&field.name))
}

/// A demo's values, dicts where the signature has dicts.
fn read_demo(demo: &Json, signature: &Signature) -> Value {
    let Json::Object(fields) = demo else { return Value::None };
    let types = |name: &str| {
        signature
            .fields()
            .find(|field| field.name == name)
            .map(|field| &field.ty)
    };
    Value::record(fields.iter().map(|(name, value)| {
        let value = types(name).map_or_else(|| Value::records_from_json(value), |ty| typed(value, ty));
        (name.as_str(), value)
    }))
}

fn typed(json: &Json, ty: &Type) -> Value {
    let ty = &*ty.unfolded();
    let member = |wanted: fn(&Type) -> bool| ty.members().iter().find(|member| wanted(member));
    match json {
        Json::Array(items) => {
            let item = match member(|ty| matches!(ty, Type::List(_))) {
                Some(Type::List(item)) => (**item).clone(),
                _ => Type::Any,
            };
            Value::list(items.iter().map(|json| typed(json, &item)))
        }
        Json::Object(entries) => match member(|ty| matches!(ty, Type::Dict(_) | Type::Record(_))) {
            Some(Type::Record(record)) => Value::record(entries.iter().map(|(name, json)| {
                let field = record.fields.iter().find(|field| field.name == *name);
                (
                    name.as_str(),
                    field.map_or_else(|| Value::from_json(json), |field| typed(json, &field.ty)),
                )
            })),
            Some(Type::Dict(value)) => {
                Value::dict(entries.iter().map(|(key, json)| (key.as_str(), typed(json, value))))
            }
            _ => Value::from_json(json),
        },
        Json::Number(number) if matches!(ty, Type::Float) => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
        other => Value::from_json(other),
    }
}

/// A model by name; others (a `DummyLM`, one that the host registered) cannot be saved.
fn lm_json(lm: &Value) -> Option<Map<String, Json>> {
    let Value::Lm(lm) = lm else { return None };
    if !matches!(lm.kind, LmKind::Provider) {
        return None;
    }
    let mut json = Map::from_iter([
        ("_dspy_lm_class".to_owned(), json!("dspy.clients.lm.LM")),
        ("model".to_owned(), json!(lm.name.as_str())),
        ("model_type".to_owned(), json!("chat")),
        ("cache".to_owned(), json!(true)),
        ("num_retries".to_owned(), json!(3)),
    ]);
    // The address of a shared cache may hold a password.
    let is_address = |name: &str, value: &Value| name == "cache" && value.as_str().is_some();
    let saved = |(name, value): &(&EcoString, &Value)| !UNSAVED.contains(&name.as_str()) && !is_address(name, value);
    let options = lm.options.iter().filter(saved);
    json.extend(options.map(|(name, value)| (name.to_string(), value.to_json())));
    for (name, value) in [
        ("finetuning_model", Json::Null),
        ("launch_kwargs", json!({})),
        ("train_kwargs", json!({})),
    ] {
        json.entry(name).or_insert(value);
    }
    Some(json)
}

/// The saved model; its server and key are those that the program gives the same model.
fn read_lm(json: &Map<String, Json>, own: Option<&Value>) -> Option<Value> {
    let name = json.get("model")?.as_str()?;
    let left_out = |name: &str| NO_OPTIONS.contains(&name) || SERVER.contains(&name) || UNSAVED.contains(&name);
    // The only `model_type` that is no default.
    let responses = |name: &str, value: &Json| name == "model_type" && value == "responses";
    let mut options: Record = json
        .iter()
        .filter(|(name, value)| responses(name, value) || !left_out(name) && !value.is_null())
        .map(|(name, value)| (EcoString::from(name.as_str()), Value::from_json(value)))
        .collect();
    if let Some(Value::Lm(own)) = own
        && own.name == name
    {
        for key in SERVER.iter().chain(&UNSAVED) {
            if let Some(value) = own.options.get(key) {
                options.set(*key, value.clone());
            }
        }
    }
    Some(Value::Lm(Arc::new(LmSpec {
        name: name.into(),
        options,
        kind: LmKind::Provider,
    })))
}
