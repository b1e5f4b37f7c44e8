//! Replies of the chat adapter: what is mended is on record, and strict reading mends nothing.

use dsp::adapter::{Adapter, Chat, Json, Xml};
use dsp::chat::Role;
use dsp::value::{Field, Literal, Record, Signature, Type, Value};

fn signature() -> Signature {
    let urgency = Type::union(["low", "high"].map(|name| Type::Literal(Literal::Str(name.into()))));
    let outputs = vec![
        Field::new("urgency", urgency),
        Field::new("tags", Type::list(Type::Str)),
        Field::new("count", Type::Int.optional()),
    ];
    Signature {
        name: "S".into(),
        instructions: "Do.".into(),
        inputs: vec![Field::new("body", Type::Str)],
        outputs,
    }
}

fn outputs() -> Record {
    let tags = Value::list([Value::str("a"), Value::str("b")]);
    Record::from_iter([
        ("urgency".into(), Value::str("high")),
        ("tags".into(), tags),
        ("count".into(), Value::Int(3)),
    ])
}

/// The repairs of a reply that reads as `outputs`.
fn repairs(reply: &str) -> Vec<String> {
    let parsed = Chat
        .parse(&signature(), reply, false)
        .unwrap_or_else(|fault| panic!("{reply}: {fault}"));
    assert_eq!(parsed.values, outputs(), "{reply}");
    let strict = Chat.parse(&signature(), reply, true);
    assert_eq!(strict.is_ok(), parsed.repairs.is_empty(), "{reply}: {strict:?}");
    parsed.repairs
}

#[test]
fn a_rendered_reply_needs_no_mending() {
    let reply = Chat.render(&signature(), &outputs());
    assert_eq!(
        reply,
        "[[ ## urgency ## ]]\nhigh\n\n[[ ## tags ## ]]\n[\"a\", \"b\"]\n\n[[ ## count ## ]]\n3\n\n[[ ## completed ## ]]\n"
    );
    assert_eq!(repairs(&reply), [""; 0]);
}

#[test]
fn each_mend_has_a_name() {
    let reply = |urgency: &str, tags: &str, count: &str| {
        format!("[[ ## urgency ## ]]\n{urgency}\n\n[[ ## tags ## ]]\n{tags}\n\n[[ ## count ## ]]\n{count}\n")
    };
    let json = r#"["a", "b"]"#;
    assert_eq!(repairs(&reply("  high ", json, "3")), [""; 0]);
    assert_eq!(repairs(&reply("HIGH", json, "3")), ["urgency: case"]);
    assert_eq!(repairs(&reply("\"high\"", json, "3")), ["urgency: quotes"]);
    assert_eq!(repairs(&reply("**high**", json, "3")), ["urgency: quotes"]);
    assert_eq!(repairs(&reply("The urgency is high.", json, "3")), ["urgency: prose"]);
    assert_eq!(
        repairs(&reply("high", "```json\n[\"a\", \"b\"]\n```", "3")),
        ["tags: fence"]
    );
    assert_eq!(repairs(&reply("high", "- a\n- b", "3")), ["tags: bullets"]);
    assert_eq!(repairs(&reply("high", "['a', 'b',]", "3")), ["tags: json"]);
    assert_eq!(repairs(&reply("high", json, "\"3\"")), ["count: quotes"]);
    assert_eq!(repairs(&reply("high", json, "3 items")), ["count: prose"]);
}

#[test]
fn the_layout_is_mended_where_dspy_finds_no_section() {
    let values = ["high", "[\"a\", \"b\"]", "3"];
    let sections = |headers: [&str; 3]| {
        headers
            .iter()
            .zip(values)
            .map(|(header, value)| format!("{header}\n{value}\n\n"))
            .collect::<String>()
    };
    let plain = ["[[ ## urgency ## ]]", "[[ ## tags ## ]]", "[[ ## count ## ]]"];
    assert_eq!(repairs(&format!("Sure!\n{}", sections(plain))), ["reply: prose"]);
    let bold = ["**[[ ## urgency ## ]]**", "[[##tags##]]", "[[ ## Count ## ]]"];
    assert_eq!(
        repairs(&sections(bold)),
        ["urgency: header", "tags: header", "count: case"]
    );
    let glued = format!(
        "Here: [[ ## urgency ## ]] {} [[ ## tags ## ]] {} [[ ## count ## ]] {}",
        values[0], values[1], values[2]
    );
    assert_eq!(repairs(&glued), ["urgency: header", "tags: header", "count: header"]);
    assert_eq!(
        repairs(r#"{"urgency": "high", "tags": ["a", "b"], "count": 3}"#),
        ["reply: json"]
    );
    let labels = ["**Urgency:**", "Tags:", "Count:"];
    assert_eq!(
        repairs(&sections(labels)),
        ["urgency: label", "tags: label", "count: label"]
    );
}

#[test]
fn a_header_inside_of_a_line_is_text_for_an_output_that_was_seen() {
    let signature = Signature {
        outputs: vec![Field::new("answer", Type::Str)],
        ..signature()
    };
    let parsed = Chat
        .parse(&signature, "[[ ## answer ## ]]\nsee [[ ## answer ## ]] there", false)
        .unwrap();
    assert_eq!(
        parsed.values.get("answer"),
        Some(&Value::str("see [[ ## answer ## ]] there"))
    );
    let indented = Chat.parse(&signature, "   [[ ## answer ## ]] Paris", true).unwrap();
    assert_eq!(indented.values.get("answer"), Some(&Value::str("Paris")));
}

#[test]
fn a_fault_says_what_is_wrong_and_where() {
    let fault = Chat
        .parse(&signature(), "I am sorry, I cannot do that.", false)
        .unwrap_err();
    let missing = "the reply has no section `[[ ## urgency ## ]]` and no section `[[ ## tags ## ]]`";
    assert_eq!(
        (fault.message.as_str(), fault.field.as_deref()),
        (missing, Some("urgency"))
    );
    let fault = Chat
        .parse(&signature(), "[[ ## urgency ## ]]\nmedium\n[[ ## tags ## ]]\n[]", false)
        .unwrap_err();
    assert_eq!(
        fault.message,
        "`urgency`: expected \"low\" | \"high\", found \"medium\""
    );
}

#[test]
fn an_optional_output_that_is_not_there_is_none() {
    let parsed = Chat
        .parse(&signature(), "[[ ## urgency ## ]]\nlow\n[[ ## tags ## ]]\n[]", true)
        .unwrap();
    assert_eq!(parsed.values.get("count"), Some(&Value::None));
}

#[test]
fn asking_again_repeats_the_reply_and_says_what_is_wrong() {
    let inputs = Record::from_iter([("body".into(), Value::str("x"))]);
    let prompt = Chat.format(&signature(), &[], &inputs);
    let again = Chat.reask(&signature(), &prompt, "nonsense", "the reply has no sections");
    let added = &again.messages[prompt.messages.len()..];
    assert_eq!(
        (added[0].role, added[0].content.as_str()),
        (Role::Assistant, "nonsense")
    );
    assert!(
        added[1]
            .content
            .starts_with("That reply cannot be used:\nthe reply has no sections\n\nRespond again with the")
    );
    assert_eq!(again.question(), prompt.question());
    assert!(prompt.question().starts_with("[[ ## body ## ]]\nx"));
}

fn one(ty: Type) -> Signature {
    Signature {
        outputs: vec![Field::new("x", ty)],
        ..signature()
    }
}

/// Found by the fuzzer of replies.
#[test]
fn what_a_field_holds_is_read_again_from_its_json() {
    let number_or_text = Type::union([Type::Int, Type::Str]);
    let values = [
        (Type::Any, Value::str("")),
        (number_or_text.clone(), Value::str("[[ ## items #")),
        (number_or_text, Value::str("[\"def\u{e}: 3.14159, \"children\": []}")),
        (Type::Str, Value::str("[[ ## x ## ]]\n{\"x\": 1}</x>\u{1b}[31m")),
    ];
    for (ty, value) in values {
        let outputs = Record::from_iter([("x".into(), value)]);
        let reply = Json.render(&one(ty.clone()), &outputs);
        assert_eq!(Json.parse(&one(ty), &reply, true).unwrap().values, outputs, "{reply}");
    }
}

/// Found by the fuzzer of replies.
#[test]
fn a_number_between_tags_is_not_mended() {
    let signature = one(Type::union([Type::Int, Type::Str]));
    for strict in [true, false] {
        let read = Xml.parse(&signature, "<x>3</x>", strict).unwrap();
        assert_eq!((read.values.get("x"), read.repairs.len()), (Some(&Value::Int(3)), 0));
    }
}

#[test]
fn layout_in_a_value_stays_in_its_field() {
    let text = "a\n[[ ## tags ## ]]\n<b>&amp;</b></x>\n{\"x\": 1}\n```json\n{}\n```";
    let outputs = Record::from_iter([("x".into(), Value::str(text))]);
    let signature = one(Type::Str);
    for adapter in [&Json as &dyn Adapter, &Xml] {
        let read = adapter
            .parse(&signature, &adapter.render(&signature, &outputs), true)
            .unwrap();
        assert_eq!(read.values, outputs, "{}", adapter.name());
    }
    for adapter in [&Chat as &dyn Adapter, &Json, &Xml] {
        assert_eq!(
            adapter.said(&signature, &outputs, true).unwrap().values,
            outputs,
            "{}",
            adapter.name()
        );
    }
}

#[test]
fn thoughts_before_the_answer_are_set_aside() {
    let json = r#"<think>{"urgency": "low"} or [[ ## urgency ## ]]?</think>
{"urgency": "high", "tags": ["a", "b"], "count": 3}"#;
    let read = Json.parse(&signature(), json, false).unwrap();
    assert_eq!(read.values, outputs());
    let chat = "<think>\nurgency: low\n</think>\n[[ ## urgency ## ]]\nhigh\n[[ ## tags ## ]]\n[\"a\", \"b\"]\n[[ ## count ## ]]\n3";
    assert_eq!(Chat.parse(&signature(), chat, false).unwrap().values, outputs());
}
