//! How values print: for people, as JSON, in prompts.

use std::sync::Arc;

use dsp::value::{
    FnId, Function, Instance, LmKind, LmSpec, ModuleId, Predictor, Program, Record, Signature, Value, float_text, json,
    python_str, show,
};

fn ada() -> Value {
    Value::record([
        ("name", Value::str("Ada \"L\"\n")),
        ("age", Value::None),
        ("x y", Value::Bool(true)),
    ])
}

#[test]
fn a_string_prints_as_itself_and_as_source_inside_of_others() {
    assert_eq!(show(&Value::str("a\n\"b\"")), "a\n\"b\"");
    let list = Value::list([Value::Int(1), Value::str("a\t\u{7}é"), Value::Float(2.0), Value::None]);
    assert_eq!(show(&list), "[1, \"a\\t\\u{7}é\", 2.0, none]");
    assert_eq!(show(&ada()), "{name: \"Ada \\\"L\\\"\\n\", age: none, \"x y\": true}");
    assert_eq!(show(&Value::dict([("a", Value::Int(1))])), "{\"a\": 1}");
    assert_eq!(show(&Value::dict::<&str>([])), "{}");
}

#[test]
fn floats_print_as_pythons_repr() {
    let written = [
        0.1,
        2.0,
        1e20,
        1e16,
        1e15,
        123_456_789.123,
        1e-5,
        0.0001,
        -0.0,
        5e-324,
        f64::MAX,
        1.0 / 3.0,
    ];
    let expected = "0.1 2.0 1e+20 1e+16 1000000000000000.0 123456789.123 1e-05 0.0001 -0.0 5e-324 \
                    1.7976931348623157e+308 0.3333333333333333";
    assert_eq!(written.map(float_text).join(" "), expected);
    assert_eq!(float_text(f64::NAN), "nan");
}

#[test]
fn what_has_no_source_prints_its_name() {
    let named = |name: &str| {
        Value::Function(Arc::new(Function {
            id: FnId(0),
            name: name.into(),
            captures: Box::new([]),
        }))
    };
    assert_eq!(show(&named("f1")), "<fn f1>");
    assert_eq!(show(&named("")), "<fn>");
    let lm = LmSpec {
        name: "openai/gpt-4o-mini".into(),
        options: Record::default(),
        kind: LmKind::Provider,
    };
    assert_eq!(show(&Value::Lm(Arc::new(lm))), "<LM openai/gpt-4o-mini>");
    let signature = Arc::new(Signature {
        name: "QA".into(),
        instructions: "".into(),
        inputs: Vec::new(),
        outputs: Vec::new(),
    });
    let predictor = Predictor {
        signature: signature.clone(),
        demos: Default::default(),
        lm: None,
        config: Arc::new(Record::default()),
        calibration: None,
        path: None,
        made: None,
    };
    assert_eq!(show(&Value::Signature(signature)), "<signature QA>");
    assert_eq!(
        show(&Value::Program(Arc::new(Program::Predictor(predictor)))),
        "<Predict>"
    );
    let instance = Instance {
        module: ModuleId(0),
        name: "SupportRouter".into(),
        fields: Record::default(),
        made: None,
    };
    assert_eq!(
        show(&Value::Program(Arc::new(Program::Instance(instance)))),
        "<SupportRouter>"
    );
}

#[test]
fn json_is_what_pythons_dumps_writes() {
    assert_eq!(
        json(&ada(), None),
        r#"{"name": "Ada \"L\"\n", "age": null, "x y": true}"#
    );
    let nested = Value::dict([(
        "é",
        Value::list([Value::Float(1e20), Value::list([]), Value::str("\u{1}\u{8}\u{7f}")]),
    )]);
    assert_eq!(json(&nested, None), "{\"é\": [1e+20, [], \"\\u0001\\b\u{7f}\"]}");
    assert_eq!(
        json(&nested, Some(2)),
        "{\n  \"é\": [\n    1e+20,\n    [],\n    \"\\u0001\\b\u{7f}\"\n  ]\n}"
    );
    assert_eq!(json(&Value::Float(f64::NAN), None), "NaN");
}

#[test]
fn prompts_print_values_as_pythons_str() {
    let list = Value::list([
        Value::str("it's"),
        Value::str("\"both'"),
        Value::Bool(true),
        Value::None,
        Value::Float(1e20),
    ]);
    assert_eq!(python_str(&list), r#"["it's", '"both\'', True, None, 1e+20]"#);
    assert_eq!(python_str(&Value::record([("a", Value::str("x"))])), "{'a': 'x'}");
    assert_eq!(python_str(&Value::str("x")), "x");
}
