//! The compact adapter: a text to be gone on with.

use dsp::adapter::{Adapter, Compact};
use dsp::chat::Mode;
use dsp::value::{Field, Literal, Record, Signature, Type, Value};

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
