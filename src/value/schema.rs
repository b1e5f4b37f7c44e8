//! JSON schemas of types, as pydantic writes them: what prompts show of a typed field.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::{About, EcoString, FieldType, Form, Literal, RecordType, Signature, Type, Value};

/// The schema as prompts show it: in one line, in every object `type` first and then by alphabet.
pub fn prompt_schema(ty: &Type) -> String {
    super::json(&Value::from_json(&type_first(&json_schema(ty))), None)
}

fn type_first(json: &Json) -> Json {
    match json {
        Json::Object(map) => {
            let mut entries: Vec<(&String, &Json)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| (key.as_str() != "type", key.as_str()));
            Json::Object(entries.into_iter().map(|(k, v)| (k.clone(), type_first(v))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(type_first).collect()),
        other => other.clone(),
    }
}

/// The schema of a type: named record types that stand inside others are collected under `$defs`.
pub fn json_schema(ty: &Type) -> Json {
    let mut definitions = Definitions::default();
    let mut schema = match ty {
        Type::Record(record) => definitions.object(record),
        other => definitions.schema(other),
    };
    // A type that contains itself is among the definitions.
    if let Some((name, ..)) = definitions.found.iter().find(|(_, known, _)| known == ty) {
        schema = reference(name);
    }
    sorted(&definitions.beside(schema), "")
}

/// The schema of a signature's outputs as OpenAI's structured outputs want it: nothing beside what is named, and all
/// of it required.
pub fn outputs_schema(signature: &Signature) -> Json {
    let fields = signature.outputs.iter();
    let outputs = RecordType {
        name: Some("DSPyProgramOutputs".into()),
        fields: fields
            .map(|field| FieldType::new(field.name.clone(), field.ty.clone()))
            .collect(),
        ..RecordType::default()
    };
    let mut definitions = Definitions::default();
    let mut schema = definitions.object(&outputs);
    if let Some(map) = schema.as_object_mut() {
        map.insert("additionalProperties".to_owned(), Json::Bool(false));
    }
    let mut schema = sorted(&definitions.beside(schema), "");
    close(&mut schema);
    schema
}

/// Keys by alphabet, as pydantic has them; names of fields stay in their order.
fn sorted(json: &Json, key: &str) -> Json {
    match json {
        Json::Object(map) => {
            let mut entries: Vec<(&String, &Json)> = map.iter().collect();
            if !matches!(key, "properties" | "default") {
                entries.sort_by_key(|(key, _)| key.as_str());
            }
            Json::Object(entries.into_iter().map(|(k, v)| (k.clone(), sorted(v, k))).collect())
        }
        Json::Array(items) => Json::Array(items.iter().map(|item| sorted(item, "")).collect()),
        other => other.clone(),
    }
}

/// Closes the objects of a schema, but not those of unions, as DSPy does.
fn close(schema: &mut Json) {
    let Some(map) = schema.as_object_mut() else { return };
    match map.get("type").and_then(Json::as_str) {
        Some("object") => {
            let properties = map.entry("properties").or_insert_with(|| json!({}));
            let properties = properties.as_object_mut();
            let names: Vec<String> = properties.iter().flat_map(|map| map.keys().cloned()).collect();
            properties
                .into_iter()
                .flatten()
                .for_each(|(_, property)| close(property));
            map.insert("required".to_owned(), json!(names));
            map.insert("additionalProperties".to_owned(), Json::Bool(false));
        }
        Some("array") => map.get_mut("items").into_iter().for_each(close),
        _ => {}
    }
    let definitions = map.get_mut("$defs").and_then(Json::as_object_mut);
    definitions.into_iter().flatten().for_each(|(_, schema)| close(schema));
}

/// The record that one of DSPy's own types is in JSON.
fn model(form: &Form) -> Option<RecordType> {
    let text = |name: &str| FieldType::new(name, Type::Str);
    let fields = match form {
        Form::Date | Form::DateTime => return None,
        Form::Code(_) => vec![text("code")],
        Form::Image => vec![text("url")],
        Form::Audio => vec![text("data"), text("audio_format")],
        Form::File => vec![text("file_data")],
    };
    Some(RecordType {
        name: Some(form.python_name().into()),
        fields,
        ..RecordType::default()
    })
}

fn reference(name: &str) -> Json {
    json!({"$ref": format!("#/$defs/{name}")})
}

/// The named types that were met, each with its schema.
#[derive(Default)]
struct Definitions {
    found: Vec<(EcoString, Type, Json)>,
}

impl Definitions {
    /// A schema with the definitions that it refers to.
    fn beside(self, mut schema: Json) -> Json {
        if let (Some(map), false) = (schema.as_object_mut(), self.found.is_empty()) {
            let found = self.found.into_iter();
            let found = found.map(|(name, _, schema)| (name.to_string(), schema));
            map.insert("$defs".to_owned(), Json::Object(found.collect()));
        }
        schema
    }

    fn schema(&mut self, ty: &Type) -> Json {
        match ty {
            Type::None => json!({"type": "null"}),
            Type::Bool => json!({"type": "boolean"}),
            Type::Int => json!({"type": "integer"}),
            Type::Float => json!({"type": "number"}),
            Type::Str => json!({"type": "string"}),
            Type::Text(form) => match (form, model(form)) {
                (_, Some(model)) => self.record(&Arc::new(model)),
                (Form::Date, None) => json!({"format": "date", "type": "string"}),
                _ => json!({"format": "date-time", "type": "string"}),
            },
            Type::Literal(literal) => literals(&[literal]),
            Type::Union(members) => self.union(members),
            Type::List(item) => json!({"items": self.schema(item), "type": "array"}),
            Type::Dict(value) => {
                let values = match **value {
                    Type::Any => Json::Bool(true),
                    ref other => self.schema(other),
                };
                json!({"additionalProperties": values, "type": "object"})
            }
            Type::Record(record) => self.record(record),
            Type::Again(again) => match again.definition() {
                Some(Type::Record(record)) => self.record(&record),
                Some(ty) => self.named(again.name(), &ty),
                None => json!({}),
            },
            _ => json!({}),
        }
    }

    fn record(&mut self, record: &Arc<RecordType>) -> Json {
        match &record.name {
            Some(name) => self.named(name, &Type::Record(record.clone())),
            None => self.object(record),
        }
    }

    /// A named type is referred to; two different ones of one name cannot both be.
    fn named(&mut self, name: &EcoString, ty: &Type) -> Json {
        match self.found.iter().position(|(known, ..)| known == name) {
            Some(place) if self.found[place].1 != *ty => return self.written_out(ty),
            Some(_) => {}
            None => {
                let place = self.found.len();
                self.found.push((name.clone(), ty.clone(), Json::Null));
                self.found[place].2 = self.written_out(ty);
            }
        }
        reference(name)
    }

    fn written_out(&mut self, ty: &Type) -> Json {
        match ty {
            Type::Record(record) => self.object(record),
            other => self.schema(other),
        }
    }

    fn object(&mut self, record: &RecordType) -> Json {
        let mut properties = Map::new();
        for field in &record.fields {
            properties.insert(field.name.to_string(), self.property(field, record.name.is_some()));
        }
        let required: Vec<&str> = record
            .fields
            .iter()
            .filter(|f| !f.optional && f.default.is_none())
            .map(|f| f.name.as_str())
            .collect();
        let mut schema = Map::new();
        if let About::Doc(doc) = &record.about {
            schema.insert("description".to_owned(), json!(doc.as_str()));
        }
        schema.insert("properties".to_owned(), Json::Object(properties));
        if !required.is_empty() {
            schema.insert("required".to_owned(), json!(required));
        }
        if let Some(name) = &record.name {
            schema.insert("title".to_owned(), json!(name.as_str()));
        }
        schema.insert("type".to_owned(), json!("object"));
        Json::Object(schema)
    }

    fn property(&mut self, field: &FieldType, titled: bool) -> Json {
        let mut schema = self.schema(&field.ty);
        let Some(map) = schema.as_object_mut() else {
            return schema;
        };
        if let Some(default) = &field.default {
            map.insert("default".to_owned(), default.to_json());
        } else if field.optional {
            map.insert("default".to_owned(), Json::Null);
        }
        if let Some(desc) = &field.desc {
            map.insert("description".to_owned(), json!(desc.as_str()));
        }
        let referred = match field.ty.without_none() {
            Type::Record(record) => record.name.is_some(),
            Type::Again(_) => true,
            Type::Text(form) => model(&form).is_some(),
            _ => false,
        };
        if titled && !referred {
            map.insert("title".to_owned(), json!(title(&field.name)));
        }
        schema
    }

    /// Literals that stand together are one `enum`.
    fn union(&mut self, members: &[Type]) -> Json {
        let choices: Vec<&Literal> = literal_members(members).collect();
        let mut schemas = Vec::new();
        for member in members {
            match member {
                Type::Literal(first) if choices.first() == Some(&first) => schemas.push(literals(&choices)),
                Type::Literal(_) => {}
                other => schemas.push(self.schema(other)),
            }
        }
        match schemas.len() {
            1 => schemas.remove(0),
            _ => json!({"anyOf": schemas}),
        }
    }
}

/// The literals among a union's members.
pub fn literal_members(members: &[Type]) -> impl Iterator<Item = &Literal> {
    members.iter().filter_map(|member| match member {
        Type::Literal(literal) => Some(literal),
        _ => None,
    })
}

fn literals(choices: &[&Literal]) -> Json {
    let values: Vec<Json> = choices.iter().map(|literal| literal.value().to_json()).collect();
    let kind = |literal: &Literal| match literal {
        Literal::Str(_) => "string",
        Literal::Int(_) => "integer",
        Literal::Bool(_) => "boolean",
    };
    let mut schema = Map::new();
    match values.as_slice() {
        [one] => schema.insert("const".to_owned(), one.clone()),
        _ => schema.insert("enum".to_owned(), Json::Array(values)),
    };
    if let Some(first) = choices.first()
        && choices.iter().all(|literal| kind(literal) == kind(first))
    {
        schema.insert("type".to_owned(), json!(kind(first)));
    }
    Json::Object(schema)
}

/// `full_name` → `Full Name`, as pydantic titles a field.
fn title(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut inside = false;
    for c in name.chars() {
        match inside {
            true => out.extend(c.to_lowercase()),
            false => out.extend(c.to_uppercase()),
        }
        inside = c.is_alphabetic();
    }
    out.replace('_', " ").trim().to_owned()
}
