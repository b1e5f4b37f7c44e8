//! Texts that DSPy refuses or that have no format at all, against a published lenient parser. Read from the shared
//! folder only.

use dsp::value::{FieldType, Literal, RecordType, Type, Value, coerce};
use serde_json::{Map, Value as Json};

use crate::data::{shared, text};

/// A case's type; dsp has no aliases, so a field or a member is called by its alias.
fn read_type(json: &Json) -> Result<Type, String> {
    if let Some(value) = json.get("const") {
        return Ok(Type::Literal(match value {
            Json::String(text) => Literal::Str(text.as_str().into()),
            Json::Bool(b) => Literal::Bool(*b),
            number => Literal::Int(number.as_i64().ok_or("a float literal")?),
        }));
    }
    if json.get("ref").is_some() {
        // The one recursive type of the cases is any JSON.
        return Ok(Type::Any);
    }
    let list = |key: &str| json[key].as_array().unwrap();
    Ok(match text(json, "type") {
        "null" => Type::None,
        "int" => Type::Int,
        "float" => Type::Float,
        "bool" => Type::Bool,
        "string" => Type::Str,
        "optional" => read_type(&json["inner"])?.optional(),
        "list" => Type::list(read_type(&json["items"])?),
        "map" => Type::dict(read_type(&json["values"])?),
        "union" => Type::union(list("anyOf").iter().map(read_type).collect::<Result<Vec<_>, _>>()?),
        "enum" => Type::union(
            list("values")
                .iter()
                .map(|value| Type::Literal(Literal::Str(called(value).into()))),
        ),
        "class" => {
            let fields = list("fields").iter().map(|field| {
                let ty = read_type(&field["type"])?;
                Ok(FieldType {
                    optional: ty.allows_none(),
                    ..FieldType::new(called(field), ty)
                })
            });
            let fields = fields.collect::<Result<Vec<_>, String>>()?;
            Type::Record(
                RecordType {
                    name: Some(text(json, "name").into()),
                    fields,
                    ..RecordType::default()
                }
                .into(),
            )
        }
        other => return Err(format!("the type {other}")),
    })
}

fn called(json: &Json) -> &str {
    json["alias"].as_str().unwrap_or_else(|| text(json, "name"))
}

/// The expected value with aliases for names.
fn aliased(expected: &Json, ty: &Json) -> Json {
    match (expected, ty["type"].as_str()) {
        (Json::Array(items), _) => items.iter().map(|item| aliased(item, &ty["items"])).collect(),
        (Json::String(name), Some("enum")) => {
            let member = ty["values"]
                .as_array()
                .unwrap()
                .iter()
                .find(|value| value["name"] == *name)
                .unwrap();
            called(member).into()
        }
        (Json::Object(map), Some("class")) => {
            let fields = ty["fields"].as_array().unwrap();
            let entries = fields.iter().filter_map(|field| {
                let value = map.get(text(field, "name"))?;
                Some((called(field).to_owned(), aliased(value, &field["type"])))
            });
            Json::Object(entries.collect::<Map<_, _>>())
        }
        (Json::Object(map), Some("union")) => {
            let class = ty["anyOf"].as_array().unwrap().iter().find(|class| {
                let fields = class["fields"].as_array();
                fields.is_some_and(|fields| map.keys().all(|key| fields.iter().any(|field| field["name"] == *key)))
            });
            class.map_or_else(|| expected.clone(), |class| aliased(expected, class))
        }
        (value, Some("optional")) => aliased(value, &ty["inner"]),
        (value, _) => value.clone(),
    }
}

#[test]
fn lenient_texts_are_read() {
    let Some(file) = shared("lenient_parse_cases.json") else {
        return;
    };
    let cases = file.as_array().unwrap();
    let (mut right, mut left_out, mut wrong) = (0, 0, Vec::new());
    for case in cases {
        let name = text(case, "name");
        let ty = match read_type(&case["type"]) {
            Ok(ty) => ty,
            Err(rule) => {
                println!("{name}: left out, {rule}");
                continue;
            }
        };
        let read = coerce::read(&ty, text(case, "text"), false);
        let fits = match &read {
            Ok(read) => case.get("error").is_none() && same(&read.value, &aliased(&case["expected"], &case["type"])),
            Err(_) => case.get("error").is_some(),
        };
        if fits {
            right += 1;
        } else if of_several(case) {
            println!("{name}: left out, of several objects the last one counts, as in DSPy");
            left_out += 1;
        } else if read.is_ok_and(|read| by_dspy(&ty, text(case, "text")) == Some(read.value)) {
            println!("{name}: left out, DSPy's own reading comes first");
            left_out += 1;
        } else {
            let read = coerce::read(&ty, text(case, "text"), false);
            wrong.push(format!("{name} as {ty}: {read:?}, not {}", case["expected"]));
        }
    }
    println!("lenient_parse_cases: {right} of {} the same", cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(right >= 137 && left_out <= 5, "{right} the same, {left_out} left out");
}

/// What DSPy makes of a text: it repairs it as JSON and holds that against the type.
fn by_dspy(ty: &Type, text: &str) -> Option<Value> {
    let (tree, _) = coerce::loads(text);
    coerce::read_data(ty, &[tree], false, false).ok().map(|read| read.value)
}

/// Where one object is wanted and several stand side by side, DSPy has the last.
fn of_several(case: &Json) -> bool {
    let (mut depth, mut objects) = (0, 0);
    for c in text(case, "text").chars() {
        match c {
            '{' => {
                objects += usize::from(depth == 0);
                depth += 1;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    case["expected"].is_object() && objects > 1
}

fn same(value: &Value, expected: &Json) -> bool {
    Value::from_json(&value.to_json()) == Value::from_json(expected)
}
