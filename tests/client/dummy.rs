//! `DummyLM`.

use dsp::lm::dummy::{Script, Scripted, model};
use dsp::value::{LmKind, Value};

fn says(text: &str) -> Scripted {
    Scripted::Text(text.into())
}

#[test]
fn a_list_hands_out_its_answers_in_order_and_then_says_that_none_is_left() {
    let lm = model(&Value::list([
        Value::str("one"),
        Value::record([("answer", Value::Int(2))]),
    ]))
    .unwrap();
    let script = Script::of(&lm.kind).unwrap();
    assert_eq!(script.next("?").unwrap(), says("one"));
    assert!(matches!(script.next("?").unwrap(), Scripted::Record(record) if record.get("answer").is_some()));
    let fault = script.next("?").unwrap_err();
    assert_eq!(fault.kind.name(), "lm");
    assert_eq!(
        fault.message,
        "the `DummyLM` has no answer left: its 2 answers have been given"
    );
}

#[test]
fn a_dict_answers_by_the_first_of_its_keys_that_is_in_the_inputs() {
    let answers = Value::dict([("refund", Value::str("first")), ("money", Value::str("second"))]);
    let lm = model(&answers).unwrap();
    let script = Script::of(&lm.kind).unwrap();
    assert_eq!(script.next("my money, a refund").unwrap(), says("first"));
    assert_eq!(script.next("my money").unwrap(), says("second"));
    let fault = script.next("hello").unwrap_err();
    assert_eq!(
        fault.message,
        "the `DummyLM` has no answer for this prompt: none of its keys (`refund`, `money`) is in it"
    );
}

#[test]
fn anything_else_is_a_type_error() {
    assert_eq!(model(&Value::Int(1)).unwrap_err().kind.name(), "type");
    assert_eq!(model(&Value::list([Value::Int(1)])).unwrap_err().kind.name(), "type");
    assert!(matches!(model(&Value::list([])).unwrap().kind, LmKind::Scripted(_)));
}
