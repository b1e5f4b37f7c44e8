//! The compact adapter: a text to be gone on with.

use dsp::adapter::{Adapter, Compact};
use dsp::chat::Mode;
use dsp::value::{Declared, Field, FieldType, Form, Literal, Record, RecordType, Signature, Type, Value};

fn choice(names: &[&str]) -> Type {
    Type::union(names.iter().map(|name| Type::Literal(Literal::Str((*name).into()))))
}

fn language() -> Signature {
    Signature {
        name: "Language".into(),
        instructions: "Name the language.".into(),
        inputs: vec![Field::new("sentence", Type::Str)],
        outputs: vec![
            Field::new("language", choice(&["english", "french"])),
            Field::new("why", Type::Str.optional()),
        ],
    }
}

fn record(fields: &[(&str, &str)]) -> Record {
    fields
        .iter()
        .map(|(name, text)| ((*name).into(), Value::str(*text)))
        .collect()
}

fn demo(fields: &[(&str, &str)]) -> Value {
    Value::Record(record(fields).into())
}

#[test]
fn a_prompt_ends_in_the_first_outputs_prefix() {
    let demos = [
        demo(&[
            ("sentence", "Toute personne a droit\nà la vie."),
            ("language", "french"),
            ("why", "words"),
        ]),
        demo(&[("sentence", "No one shall."), ("language", "english")]),
    ];
    let prompt = Compact.format(
        &language(),
        &demos,
        &record(&[("sentence", "Everyone has\r\n\r\nthe right.")]),
    );
    let text = "Name the language.\n\nSentence: No one shall.\nLanguage: english\n\nSentence: Toute personne a droit à la \
                vie.\nLanguage: french\nWhy: words\n\nSentence: Everyone has the right.\nLanguage:";
    assert_eq!(prompt.messages.len(), 1);
    assert_eq!(prompt.messages[0].content, text);
    assert_eq!(
        (prompt.mode, prompt.stop.as_slice()),
        (Mode::Completion, ["\n\n".to_owned()].as_slice())
    );
    assert_eq!(prompt.question(), "Sentence: Everyone has the right.\nLanguage:");
}

#[test]
fn without_demos_the_instructions_come_before_the_inputs() {
    let prompt = Compact.format(&language(), &[], &record(&[("sentence", "Hola")]));
    assert_eq!(
        prompt.messages[0].content,
        "Name the language.\n\nSentence: Hola\nLanguage:"
    );
}

#[test]
fn outputs_are_read_line_by_line_up_to_a_blank_line() {
    let read = |reply: &str| {
        Compact
            .parse(&language(), reply, false)
            .map(|parsed| (parsed.values, parsed.repairs))
    };
    let both = record(&[("language", "french"), ("why", "the words\nand more")]);
    assert_eq!(
        read(" french\nWhy: the words\nand more\n\nSentence: x").unwrap(),
        (both, vec![])
    );
    let alone = [("language".into(), Value::str("english")), ("why".into(), Value::None)]
        .into_iter()
        .collect::<Record>();
    assert_eq!(
        read("english\nSentence: the next example").unwrap(),
        (alone.clone(), vec![])
    );
    assert_eq!(
        read("\n English.\n").unwrap(),
        (alone.clone(), vec!["language: case".to_owned()])
    );
    assert_eq!(
        read("**Language:** english").unwrap(),
        (alone, vec!["language: label".to_owned()])
    );
    assert_eq!(read("").unwrap_err().message, "the reply has no line `Language:`");
    let fault = read("spanish").unwrap_err();
    assert_eq!(
        fault.message,
        "`language`: expected \"english\" | \"french\", found \"spanish\""
    );
    assert_eq!(fault.field.as_deref(), Some("language"));
}

#[test]
fn what_is_rendered_is_read_again() {
    let outputs = record(&[("language", "french"), ("why", "two\nlines")]);
    let reply = Compact.render(&language(), &outputs);
    assert_eq!(reply, " french\nWhy: two lines");
    let read = Compact.parse(&language(), &reply, true).unwrap();
    assert_eq!(read.values, record(&[("language", "french"), ("why", "two lines")]));
}

#[test]
fn asking_again_goes_on_with_the_text() {
    let prompt = Compact.format(&language(), &[], &record(&[("sentence", "Hola")]));
    let again = Compact.reask(
        &language(),
        &prompt,
        " spanish\n\nSentence: x",
        "not one of the choices",
    );
    let text = "Name the language.\n\nSentence: Hola\nLanguage: spanish\n(not one of the choices)\nLanguage:";
    assert_eq!(again.messages[0].content, text);
}

/// A value of every type of field, and its line.
fn lines() -> Vec<(Type, Value, &'static str)> {
    let text = |text: &str| Value::str(text);
    let tags = || Value::list([text("a"), text("b c")]);
    let person = RecordType {
        name: Some("Person".into()),
        fields: vec![
            FieldType::new("name", Type::Str),
            FieldType::new("tags", Type::list(Type::Str)),
        ],
        ..RecordType::default()
    };
    let declared = Declared::new("Tree");
    let tree = Type::Record(
        RecordType {
            name: Some("Tree".into()),
            fields: vec![
                FieldType::new("label", Type::Str),
                FieldType::new("children", Type::list(declared.again())),
            ],
            ..RecordType::default()
        }
        .into(),
    );
    declared.settle(tree.clone());
    // It lives as long as the test.
    std::mem::forget(declared);
    let node = |label: &str, children: Vec<Value>| {
        Value::record([("label", text(label)), ("children", Value::list(children))])
    };
    let tool = || {
        Value::record([
            ("name", text("search")),
            ("desc", text("Finds.")),
            ("args", Value::dict::<&str>([])),
        ])
    };
    let calls = Value::record([(
        "tool_calls",
        Value::list([Value::record([
            ("name", text("search")),
            ("args", Value::dict([("q", text("x"))])),
        ])]),
    )]);
    vec![
        (Type::Str, text("two\nlines, \"quoted\""), "two lines, \"quoted\""),
        (Type::Int, Value::Int(-7), "-7"),
        (Type::Float, Value::Float(2.0), "2.0"),
        (Type::Bool, Value::Bool(true), "True"),
        (choice(&["low", "high"]), text("high"), "high"),
        (Type::Int.optional(), Value::Int(3), "3"),
        (Type::union([Type::Int, Type::Str]), text("many"), "many"),
        (Type::list(Type::Str), tags(), r#"["a", "b c"]"#),
        (
            Type::dict(Type::Int),
            Value::dict([("a", Value::Int(1))]),
            r#"{"a": 1}"#,
        ),
        (
            Type::Any,
            Value::dict([("a", Value::list([Value::None]))]),
            r#"{"a": [null]}"#,
        ),
        (
            Type::Record(person.clone().into()),
            Value::record([("name", text("Ada")), ("tags", tags())]),
            r#"{"name": "Ada", "tags": ["a", "b c"]}"#,
        ),
        (
            tree,
            node("a", vec![node("b", vec![])]),
            r#"{"label": "a", "children": [{"label": "b", "children": []}]}"#,
        ),
        (
            Type::union([Type::Record(person.into()), Type::list(Type::Int)]),
            Value::list([Value::Int(1), Value::Int(2)]),
            "[1, 2]",
        ),
        (Type::Text(Form::Date), text("2024-02-29"), "2024-02-29"),
        (
            Type::Text(Form::DateTime),
            text("2024-02-29T13:05:07Z"),
            "2024-02-29T13:05:07Z",
        ),
        (Type::Text(Form::Code("python".into())), text("x = 1"), "x = 1"),
        (
            Type::Text(Form::Code("python".into())),
            text("if x:\n    y = \"1\""),
            r#""if x:\n    y = \"1\"""#,
        ),
        (
            Type::named("tool").unwrap(),
            tool(),
            "search, whose description is <desc>Finds.</desc>. It takes arguments {}.",
        ),
        (
            Type::named("tool_calls").unwrap(),
            calls,
            r#"{"tool_calls": [{"name": "search", "args": {"q": "x"}}]}"#,
        ),
    ]
}

#[test]
fn a_field_of_every_type_has_its_line() {
    for (ty, value, line) in lines() {
        let signature = Signature {
            name: "S".into(),
            instructions: "Do.".into(),
            inputs: vec![Field::new("given", ty.clone())],
            outputs: vec![Field::new("made", ty.clone()), Field::new("more", ty.clone())],
        };
        let row = Record::from_iter(["given", "made", "more"].map(|name| (name.into(), value.clone())));
        let prompt = Compact.format(&signature, &[Value::Record(row.clone().into())], &row);
        let text = format!("Do.\n\nGiven: {line}\nMade: {line}\nMore: {line}\n\nGiven: {line}\nMade:");
        assert_eq!(prompt.messages[0].content, text, "{ty}");
        let reply = Compact.render(&signature, &row);
        assert_eq!(reply, format!(" {line}\nMore: {line}"), "{ty}");
        // A tool is described to a model, not said by it; lines of a text become one.
        if ty == Type::named("tool").unwrap() || ty == Type::Str {
            continue;
        }
        let read = Compact
            .parse(&signature, &reply, true)
            .unwrap_or_else(|fault| panic!("{ty}: {fault}"));
        let outputs = Record::from_iter(["made", "more"].map(|name| (name.into(), value.clone())));
        assert_eq!(read.values, outputs, "{ty}");
    }
}

#[test]
fn an_image_stands_in_its_line_as_a_part_of_its_own() {
    let signature = Signature {
        inputs: vec![
            Field::new("photo", Type::Text(Form::Image)),
            Field::new("sounds", Type::list(Type::Text(Form::Audio))),
            Field::new("sentence", Type::Str),
        ],
        ..language()
    };
    let sounds = Value::list([Value::str("data:audio/wav;base64,aGk=")]);
    let inputs = Record::from_iter([
        ("photo".into(), Value::str("https://example.org/a.png")),
        ("sounds".into(), sounds),
        ("sentence".into(), Value::str("Hola")),
    ]);
    let prompt = Compact.format(&signature, &[], &inputs);
    let parts = prompt.messages[0].content_json();
    let expected = serde_json::json!([
        {"type": "text", "text": "Name the language.\n\nPhoto: "},
        {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}},
        {"type": "text", "text": "\nSounds: [\""},
        {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
        {"type": "text", "text": "\"]\nSentence: Hola\nLanguage:"},
    ]);
    assert_eq!(parts, expected);
}

#[test]
fn what_was_said_before_are_blocks_like_demos() {
    let mut signature = language();
    signature
        .inputs
        .push(Field::new("history", Type::named("history").unwrap()));
    let turn = Value::record([
        ("sentence", Value::str("Guten Tag.")),
        ("language", Value::str("english")),
    ]);
    let inputs = Record::from_iter([
        ("sentence".into(), Value::str("Bonjour.")),
        ("history".into(), Value::list([turn])),
    ]);
    let prompt = Compact.format(&signature, &[], &inputs);
    let text = "Name the language.\n\nSentence: Guten Tag.\nLanguage: english\n\nSentence: Bonjour.\nLanguage:";
    assert_eq!(prompt.messages[0].content, text);
    assert_eq!(prompt.question(), "Sentence: Bonjour.\nLanguage:");
}
