//! Whatever a model says, reading it ends, and ends in a value or a fault.

use std::time::Instant;

use dsp::adapter::{Adapter, Chat, Compact, Json, Xml};
use dsp::value::{Declared, Field, FieldType, Form, Literal, RecordType, Signature, Type, coerce};
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

/// To try both records anew on each level would never end.
#[test]
fn a_deep_reply_for_types_that_stand_in_each_other_is_read_at_once() {
    let (one, other) = (Declared::new("One"), Declared::new("Other"));
    let below = || Type::union([one.again(), other.again(), Type::None]);
    for (declared, own) in [(&one, "x"), (&other, "y")] {
        let fields = [("c", below()), (own, Type::Int.optional())];
        let fields = fields.map(|(name, ty)| FieldType {
            optional: true,
            ..FieldType::new(name, ty)
        });
        declared.settle(Type::Record(
            RecordType {
                name: Some(own.into()),
                fields: fields.into(),
                ..RecordType::default()
            }
            .into(),
        ));
    }
    let depth = 60;
    for (text, is_read) in [
        (format!("{}null{}", "{\"c\": ".repeat(depth), "}".repeat(depth)), true),
        (format!("{}[3]{}", "{\"c\": ".repeat(depth), "}".repeat(depth)), false),
        (
            format!("Here: {}null{}", "{C: ".repeat(depth), "}".repeat(depth - 3)),
            true,
        ),
    ] {
        for ty in [below(), Type::dict(below())] {
            let read = coerce::read(&ty, &text, false);
            assert!(read.is_ok() || !is_read, "{ty}: {text}");
        }
        // One object is no list of itself.
        let listed = coerce::read(&Type::list(below()), &format!("[{text}]"), false);
        assert!(listed.is_ok() || !is_read || text.starts_with('H'), "{text}");
    }
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

/// Pieces of which many make each reader look ahead.
const REPEATED: [&str; 26] = [
    "[",
    "{",
    "(",
    "[{",
    "{\"a\":",
    "[[ ## x",
    "[[ ## x ## ]]\n",
    "<x>",
    "<item>",
    "\"",
    "[\"",
    "\\",
    "{\"a\": \"b\" ",
    "'a' ",
    "{\"a\": \"b, ",
    "„",
    "```\n{",
    "a: ",
    "a\n",
    "- ",
    " ",
    "\n",
    "&",
    "#",
    "a, b ",
    "[1], ",
];

/// How long the long texts are: what is not optimized reads a tenth of it in the time.
const LONG: usize = if cfg!(debug_assertions) { 10_000 } else { 100_000 };

/// Times that grew with the square of the length would not end while someone waits.
#[test]
fn hostile_replies_come_to_an_end() {
    for piece in REPEATED {
        let start = Instant::now();
        let (many, fewer) = (piece.repeat(LONG / piece.len()), piece.repeat(1_000 / piece.len()));
        read_all(&[Type::Any], &many);
        for before in ["{\"x\": ", "{x: a", "[[ ## x ## ]]\n", "<x>"] {
            read_all(&types(), &format!("{before}{fewer}"));
        }
        println!("{piece:?}: {:?}", start.elapsed());
    }
}

#[test]
fn replies_of_a_megabyte_are_read() {
    let row = "{\"a\": \"some, text: with 'quotes'\", \"b\": [1, 2], \"c\": \"low\"}, ";
    let rows = |end: &str| format!("[{}{end}", row.repeat(10 * LONG / row.len()));
    let members: String = (0..LONG * 6 / 10).map(|i| format!("\"key {i}\": {i}, ")).collect();
    let prose = "This is prose, with a few commas, and more: it goes on and on.\n".repeat(LONG / 6);
    let replies = [
        rows(""),
        format!("[[ ## x ## ]]\n{}\n\n[[ ## y ## ]]\n{prose}", rows("]")),
        format!("{{\"x\": {}, \"y\": \"{}\"}}", rows("]"), prose.replace('\n', "\\n")),
        format!("{{{members}"),
        format!("<x>{}</x><y>{prose}</y>", "<item>1</item>".repeat(LONG * 6 / 10)),
        prose,
    ];
    for reply in replies {
        let start = Instant::now();
        read_all(&types()[4..5], &reply);
        println!("{:?}…: {:?}", &reply[..20], start.elapsed());
    }
}

/// Reads a text as a reply of every adapter, whole and in pieces, and as a value.
fn read_all(types: &[Type], text: &str) {
    for ty in types {
        let strict = coerce::read(ty, text, true);
        assert!(strict.is_err() || coerce::read(ty, text, false) == strict, "{ty}");
        let outputs = vec![Field::new("x", ty.clone()), Field::new("y", Type::Str.optional())];
        let signature = Signature {
            name: "S".into(),
            instructions: "".into(),
            inputs: Vec::new(),
            outputs,
        };
        let adapters: [&dyn Adapter; 4] = [&Chat, &Compact, &Json, &Xml];
        for adapter in adapters {
            let strict = adapter.parse(&signature, text, true);
            let read = adapter.parse(&signature, text, false);
            assert!(strict.is_err() || read == strict, "{ty}");
            let mut splitter = adapter.splitter(&signature);
            splitter.feed(text);
            splitter.end();
        }
    }
}
