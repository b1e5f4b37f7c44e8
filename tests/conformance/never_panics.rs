//! Whatever a model says, reading it ends, and ends in a value or a fault.

use std::time::{Duration, Instant};

use dsp::adapter::{Adapter, Chat, Compact, Json, Xml};
use dsp::value::{Field, FieldType, Form, Literal, RecordType, Signature, Type, coerce};
use proptest::prelude::*;

use crate::seed;

fn types() -> Vec<Type> {
    let choice = Type::union(["low", "high", "N/A"].map(|name| Type::Literal(Literal::Str(name.into()))));
    let field = |name: &str, ty: Type| FieldType {
        optional: ty.allows_none(),
        ..FieldType::new(name, ty)
    };
    let fields = vec![
        field("a", Type::Str),
        field("b", Type::list(Type::Int)),
        field("c", choice.clone().optional()),
    ];
    let record = Type::Record(
        RecordType {
            name: Some("R".into()),
            fields,
            ..RecordType::default()
        }
        .into(),
    );
    vec![
        Type::Bool,
        Type::Int,
        Type::Float,
        choice,
        Type::Any,
        Type::list(Type::Str),
        Type::Text(Form::Date),
        Type::Text(Form::Code("python".into())),
        Type::dict(Type::Any),
        Type::list(record.clone()),
        Type::union([Type::Int, record, Type::None]),
    ]
}

/// Texts of the pieces that the readers look for.
fn reply() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "\"",
        "'",
        "`",
        "```",
        "```json\n",
        "\n",
        " ",
        ",",
        ":",
        "\\",
        "\\u12",
        "\\\"",
        "“",
        "”",
        "#",
        "//",
        "/*",
        "*/",
        "a",
        "b",
        "é",
        "ß",
        "\u{300}",
        "İ",
        "null",
        "True",
        "1",
        "-2.5e3",
        "1,234",
        "0x",
        "[[ ## x ## ]]",
        "[[",
        "## x ##",
        "x:",
        "X: ",
        "<think>",
        "</think>",
        "<x>",
        "</x>",
        "<y key=\"k\">",
        "<item>",
        "</item>",
        "&amp;",
        "{\"x\": ",
        "2024-02-29",
        "low",
        "yes",
        "- ",
        "...",
        "\u{2028}",
        "北",
        "\u{feff}",
        "€",
        "$",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(seed::cases(1500))]

    #[test]
    fn any_text_is_a_value_or_a_misfit(text in reply()) {
        for ty in types() {
            let strict = coerce::read(&ty, &text, true);
            let lenient = coerce::read(&ty, &text, false);
            prop_assert!(strict.is_err() || lenient == strict, "{ty}: {strict:?}, {lenient:?}");
        }
    }

    #[test]
    fn any_reply_is_read_or_a_fault(reply in reply()) {
        for ty in types() {
            let outputs = vec![Field::new("x", ty), Field::new("y", Type::Str.optional())];
            let signature = Signature { name: "S".into(), instructions: "".into(), inputs: Vec::new(), outputs };
            let adapters: [&dyn Adapter; 4] = [&Chat, &Compact, &Json, &Xml];
            for adapter in adapters {
                let strict = adapter.parse(&signature, &reply, true);
                prop_assert!(strict.is_err() || adapter.parse(&signature, &reply, false).is_ok(), "{strict:?}");
            }
        }
    }
}

#[test]
fn hostile_replies_are_read_in_time() {
    let repeated = [
        "[",
        "{\"a\":",
        "\"",
        "{",
        "[\"",
        "\\",
        "{\"a\": \"b\" ",
        "'a' ",
        "(",
        "```\n{",
        "a: ",
        "- ",
    ];
    for piece in repeated {
        let text = piece.repeat(5_000);
        let start = Instant::now();
        for ty in types() {
            let _ = coerce::read(&ty, &text, false);
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{piece:?} took {:?}",
            start.elapsed()
        );
        println!("{piece:?} × 5000: {:?}", start.elapsed());
    }
}
