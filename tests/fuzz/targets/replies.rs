//! Any reply to any adapter, for outputs of every kind of type: whole, strictly, and in pieces. What is read strictly is
//! read leniently too, and a value that was read is read again from its rendering as JSON.
#![no_main]

use std::sync::Arc;

use dsp::adapter::{Adapter, Chat, Compact, Json, Xml};
use dsp::value::{Declared, Field, FieldType, Form, Literal, RecordType, Signature, Type, Value};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static TYPES: (Vec<Type>, Vec<Arc<Declared>>) = types();
}

fn field(name: &str, ty: Type) -> FieldType {
    FieldType { optional: ty.allows_none(), ..FieldType::new(name, ty) }
}

fn record(name: &str, fields: Vec<FieldType>) -> Type {
    Type::Record(RecordType { name: Some(name.into()), fields, ..RecordType::default() }.into())
}

fn types() -> (Vec<Type>, Vec<Arc<Declared>>) {
    let choice = Type::union(["low", "high", "N/A"].map(|name| Type::Literal(Literal::Str(name.into()))));
    let tree = Declared::new("Tree");
    let node = record("Tree", vec![field("label", Type::Str), field("children", Type::list(tree.again()))]);
    tree.settle(node.clone());
    let plain = record("R", vec![field("a", Type::Str), field("b", Type::list(Type::Int)), field("c", choice.clone().optional())]);
    let (one, other) = (Declared::new("One"), Declared::new("Other"));
    let below = || Type::union([one.again(), other.again(), Type::None]);
    one.settle(record("One", vec![field("a", below()), field("b", Type::Int.optional())]));
    other.settle(record("Other", vec![field("a", below()), field("c", Type::Str.optional())]));
    let types = vec![
        Type::list(below()),
        Type::dict(Type::list(Type::Str)),
        Type::union([plain.clone(), record("Q", vec![field("a", Type::Int), field("d", Type::Text(Form::Date))]), Type::dict(Type::Str)]),
        Type::Str,
        Type::Bool,
        Type::Int,
        Type::Float,
        choice,
        Type::Any,
        Type::Int.optional(),
        Type::union([Type::Int, Type::Str]),
        Type::list(Type::Str),
        Type::list(Type::list(Type::Any)),
        Type::dict(Type::Any),
        Type::dict(Type::Float),
        Type::Text(Form::Date),
        Type::Text(Form::DateTime),
        Type::Text(Form::Code("python".into())),
        Type::named("tool_calls").unwrap_or(Type::Any),
        Type::list(plain.clone()),
        Type::union([Type::Int, plain, Type::None]),
        node,
    ];
    (types, vec![tree, one, other])
}

/// Code loses a fence whenever it is read, and a text where anything may be is read as what it looks like, as in DSPy.
fn keeps(ty: &Type) -> bool {
    !matches!(ty, Type::Text(Form::Code(_)) | Type::Any) && !(ty.members().len() > 1 && ty.members().contains(&Type::Str))
}

fuzz_target!(|data: &[u8]| {
    let [choice, cut, text @ ..] = data else { return };
    let Ok(reply) = std::str::from_utf8(text) else { return };
    TYPES.with(|(types, _)| {
        let ty = types[usize::from(*choice) % types.len()].clone();
        let outputs = vec![Field::new("x", ty.clone()), Field::new("y", Type::Str.optional())];
        let signature = Signature { name: "S".into(), instructions: "".into(), inputs: Vec::new(), outputs };
        for adapter in [&Chat as &dyn Adapter, &Compact, &Json, &Xml] {
            let read = adapter.parse(&signature, reply, false);
            if let Ok(strict) = adapter.parse(&signature, reply, true) {
                assert_eq!(read.as_ref(), Ok(&strict), "what is read strictly is read leniently");
                assert!(strict.repairs.is_empty(), "{strict:?}");
            }
            if let Ok(read) = read && keeps(&ty) {
                let rendered = Json.render(&signature, &read.values);
                let again = Json.parse(&signature, &rendered, true);
                let again = again.map(|read| Value::Record(read.values.into()));
                assert_eq!(again, Ok(Value::Record(read.values.into())), "{rendered}");
            }
            let mut splitter = adapter.splitter(&signature);
            let size = usize::from(*cut).max(1);
            let mut rest = reply;
            while !rest.is_empty() {
                let at = (size.min(rest.len())..=rest.len()).find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
                splitter.feed(&rest[..at]);
                rest = &rest[at..];
            }
            splitter.end();
        }
    });
});
