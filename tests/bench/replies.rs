//! Reading a reply and rendering a request, beside DSPy 3.4.1 on the same signatures, demos and texts; in one run, by CPU
//! time. DSPy's Python is that of `DSP_BENCH_DSPY`.

use std::hint::black_box;
use std::process::Command;

use dsp::adapter::{Adapter, Chat};
use dsp::value::{Field, FieldType, Literal, Record, RecordType, Signature, Type, Value};

use crate::measure::{Table, least, own_cpu};

/// How often dsp does a thing in a round; DSPy does it a tenth as often, and what that takes is multiplied.
const TIMES: usize = 1000;
const ROUNDS: usize = 20;

pub fn beside_dspy(table: &mut Table) {
    let Some(python) = std::env::var_os("DSP_BENCH_DSPY") else {
        println!("replies: 3 rows skipped, DSP_BENCH_DSPY names no Python that has DSPy 3.4.1");
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/scripts/dspy_replies.py");
    let arguments = [(TIMES / 10).to_string(), ROUNDS.to_string()];
    let told = Command::new(python).arg(script).args(arguments).output();
    let told = told.expect("DSP_BENCH_DSPY is a Python");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let others: serde_json::Value = serde_json::from_slice(&told.stdout).expect("three lists of seconds");
    let other = |name: &str| -> Vec<f64> {
        let seconds = others[name].as_array().expect("a list of seconds");
        seconds
            .iter()
            .filter_map(serde_json::Value::as_f64)
            .map(|s| s * 10.0)
            .collect()
    };
    let typed = typed();
    let reply = format!(
        "[[ ## reasoning ## ]]\n{}\n\n[[ ## label ## ]]\na\n\n[[ ## person ## ]]\n{{\"name\": \"A\", \"age\": 3, \"tags\": \
         [\"x\", \"y\"]}}\n\n[[ ## completed ## ]]",
        "Because. ".repeat(20)
    );
    let clean = Chat.parse(&typed, &reply, true).expect("a clean reply");
    assert!(clean.repairs.is_empty());
    let ours = rounds(|| drop(black_box(Chat.parse(&typed, black_box(&reply), false))));
    table.compare(
        "replies: 1,000 clean ones of 3 fields, DSPy",
        least,
        &ours,
        &other("parse"),
        0.05,
    );
    let qa = qa();
    let inputs = record([("question", "Q?")]);
    for (demos, name) in [(0, "format_0"), (16, "format_16")] {
        let rows: Vec<Value> = (0..demos).map(demo).collect();
        let ours = rounds(|| drop(black_box(Chat.format(&qa, black_box(&rows), &inputs))));
        let what = format!("replies: 1,000 requests of {demos} demos, DSPy");
        table.compare(&what, least, &ours, &other(name), 0.05);
    }
}

fn rounds(work: impl Fn()) -> Vec<f64> {
    let round = || own_cpu(|| (0..TIMES).for_each(|_| work()));
    (0..ROUNDS).map(|_| round()).collect()
}

fn record<const N: usize>(fields: [(&str, &str); N]) -> Record {
    fields
        .into_iter()
        .map(|(name, text)| (name.into(), Value::str(text)))
        .collect()
}

fn demo(i: usize) -> Value {
    let question = format!("What is the capital of country number {i}?").repeat(3);
    let reasoning = "Because the atlas says so. ".repeat(4);
    let answer = format!("City {i}");
    Value::Record(record([("question", &question), ("reasoning", &reasoning), ("answer", &answer)]).into())
}

fn signature(inputs: Vec<Field>, outputs: Vec<Field>, instructions: &str) -> Signature {
    Signature {
        name: "S".into(),
        instructions: instructions.into(),
        inputs,
        outputs,
    }
}

fn qa() -> Signature {
    let text = |name: &str| Field::new(name, Type::Str);
    signature(
        vec![text("question")],
        vec![text("reasoning"), text("answer")],
        "Given the fields `question`, produce the fields `reasoning`, `answer`.",
    )
}

fn typed() -> Signature {
    let person = RecordType {
        name: Some("P".into()),
        fields: vec![
            FieldType::new("name", Type::Str),
            FieldType::new("age", Type::Int),
            FieldType::new("tags", Type::list(Type::Str)),
        ],
        ..RecordType::default()
    };
    let label = Type::union(["a", "b", "c"].map(|name| Type::Literal(Literal::Str(name.into()))));
    signature(
        vec![
            Field::new("context", Type::list(Type::Str)),
            Field::new("question", Type::Str),
        ],
        vec![
            Field::new("reasoning", Type::Str),
            Field::new("label", label),
            Field::new("person", Type::Record(person.into())),
        ],
        "Extract and classify.",
    )
}
