//! The form of a reply that a local model fills in: the adapter's layout stands there, an output with a few possible
//! values is a choice among them, and any other is written freely.

use crate::chat::Slot;
use crate::value::{EcoString, Field, Record, Signature, Type, Value};

use super::{Adapter, fields};

/// Marks around an output's number that no layout has.
const OPENS: char = '\u{e000}';
const CLOSES: char = '\u{e001}';

/// The form of a reply in an adapter's layout; empty where no output has but a few possible values.
pub fn of(adapter: &dyn Adapter, signature: &Signature) -> Vec<Slot> {
    if !signature.outputs.iter().any(|field| choices(&field.ty).is_some()) {
        return Vec::new();
    }
    let mark = |(index, field): (usize, &Field)| (field.name.clone(), Value::str(format!("{OPENS}{index}{CLOSES}")));
    let marked: Record = signature.outputs.iter().enumerate().map(mark).collect();
    let layout = adapter.render(signature, &marked);
    let mut stretches = layout.split(OPENS);
    let mut form = vec![Slot::Text(stretches.next().unwrap_or_default().to_owned())];
    for stretch in stretches {
        let Some((number, after)) = stretch.split_once(CLOSES) else {
            continue;
        };
        let Some(field) = number
            .parse()
            .ok()
            .and_then(|index: usize| signature.outputs.get(index))
        else {
            continue;
        };
        // A space before the value belongs to it: models know words with the space before them.
        let mut lead = "";
        if let Some(Slot::Text(before)) = form.last_mut()
            && before.ends_with(' ')
        {
            before.pop();
            lead = " ";
        }
        form.push(match choices(&field.ty) {
            Some(options) => Slot::Choice {
                field: field.name.to_string(),
                options: options.iter().map(|option| format!("{lead}{option}")).collect(),
                prior: Vec::new(),
            },
            None => Slot::Open(border(after)),
        });
        form.push(Slot::Text(after.to_owned()));
    }
    form.retain(|slot| !matches!(slot, Slot::Text(text) if text.is_empty()));
    form
}

/// What ends a value: the marks that what follows it begins with, else the end of its line.
fn border(after: &str) -> String {
    let next = after.trim_start();
    let marks = next.find(|c: char| c.is_alphanumeric()).unwrap_or(next.len());
    match (next[..marks].trim_end(), after.starts_with('\n')) {
        ("", true) => "\n".to_owned(),
        ("", false) => after.to_owned(),
        (marks, _) => marks.to_owned(),
    }
}

/// The texts of all values that a type has, if they are few.
pub fn choices(ty: &Type) -> Option<Vec<EcoString>> {
    let text = |value: &Value| EcoString::from(fields::value_text(ty, value));
    match &*ty.unfolded() {
        Type::Bool => Some([true, false].map(|value| text(&Value::Bool(value))).into()),
        Type::None => Some(vec![text(&Value::None)]),
        Type::Literal(literal) => Some(vec![text(&literal.value())]),
        Type::Union(members) => {
            let each = members.iter().map(choices).collect::<Option<Vec<_>>>()?;
            Some(each.concat())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Chat, Compact};
    use super::*;
    use crate::value::Literal;

    fn signature() -> Signature {
        let literals = ["low", "high"].map(|text| Type::Literal(Literal::Str(text.into())));
        let mut signature = Signature {
            name: "Mail".into(),
            instructions: "Judge.".into(),
            inputs: vec![Field::new("mail", Type::Str)],
            outputs: Vec::new(),
        };
        for (name, ty) in [
            ("why", Type::Str),
            ("urgency", Type::union(literals)),
            ("spam", Type::Bool),
        ] {
            signature.outputs.push(Field::new(name, ty));
        }
        signature
    }

    fn text(text: &str) -> Slot {
        Slot::Text(text.to_owned())
    }

    fn choice(field: &str, options: [&str; 2]) -> Slot {
        Slot::Choice {
            field: field.to_owned(),
            options: options.map(str::to_owned).into(),
            prior: Vec::new(),
        }
    }

    #[test]
    fn the_layout_stands_and_the_values_are_gaps() {
        assert_eq!(
            of(&Chat, &signature()),
            [
                text("[[ ## why ## ]]\n"),
                Slot::Open("[[ ##".to_owned()),
                text("\n\n[[ ## urgency ## ]]\n"),
                choice("urgency", ["low", "high"]),
                text("\n\n[[ ## spam ## ]]\n"),
                choice("spam", ["True", "False"]),
                text("\n\n[[ ## completed ## ]]\n"),
            ]
        );
        assert_eq!(
            of(&Compact, &signature()),
            [
                Slot::Open("\n".to_owned()),
                text("\nUrgency:"),
                choice("urgency", [" low", " high"]),
                text("\nSpam:"),
                choice("spam", [" True", " False"]),
            ]
        );
        let mut free = signature();
        free.outputs.truncate(1);
        assert!(of(&Chat, &free).is_empty());
    }
}
