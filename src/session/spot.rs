//! Where a cursor stands in an input that is still being written: behind a dot, in a call, in a string. Tokens alone are
//! asked, since such a text has no tree.

use crate::syntax::token::{Bracket, Kind, Token, tokens};

/// The place of a cursor.
#[derive(Debug, PartialEq)]
pub(super) struct Spot<'t> {
    /// Where the word begins that is being written; the cursor, if there is none.
    pub start: usize,
    /// What is there of the word.
    pub word: &'t str,
    pub kind: SpotKind<'t>,
    /// The innermost call whose parentheses are open.
    pub call: Option<OpenCall<'t>>,
}

#[derive(Debug, PartialEq)]
pub(super) enum SpotKind<'t> {
    /// `object.wo`
    Field { object: &'t str },
    /// A name may stand here.
    Name,
    /// Inside a string, a comment or a number: nothing of the language is completed.
    Text,
}

/// `callee(a, b: 1, `
#[derive(Debug, PartialEq)]
pub(super) struct OpenCall<'t> {
    /// The text in front of the parenthesis.
    pub callee: &'t str,
    /// What stands before the callee's dot, if it has one, and its own name: empty for `f(x)(`.
    pub object: Option<&'t str>,
    pub name: &'t str,
    /// How many arguments are whole, and which names they have.
    pub positional: usize,
    pub named: Vec<&'t str>,
    /// Whether an argument begins at the cursor's word.
    pub fresh: bool,
}

impl<'t> Spot<'t> {
    /// The place of the end of `text`.
    pub fn of(text: &'t str) -> Spot<'t> {
        let all = tokens(text);
        if let Some(last) = all.last().filter(|token| token.kind == Kind::Unterminated)
            && let Some(value) = open_value(last.text(text))
        {
            let inside = last.start as usize + value;
            let spot = Spot::of(&text[inside..]);
            return Spot {
                start: spot.start + inside,
                ..spot
            };
        }
        let is_text = |kind| {
            matches!(
                kind,
                Kind::Unterminated | Kind::Comment | Kind::Number | Kind::BadNumber
            )
        };
        let mut tokens: Vec<Token> = all.iter().filter(|token| !token.kind.is_trivia()).copied().collect();
        let touched = all.last().filter(|token| token.end as usize == text.len());
        if touched.is_some_and(|token| is_text(token.kind)) {
            return Spot {
                start: text.len(),
                word: "",
                kind: SpotKind::Text,
                call: None,
            };
        }
        let word = touched
            .filter(|token| matches!(token.kind, Kind::Word | Kind::Reserved))
            .copied();
        if word.is_some() {
            tokens.pop();
        }
        let (start, word) = word.map_or((text.len(), ""), |word| (word.start as usize, word.text(text)));
        Spot {
            start,
            word,
            kind: kind(text, &tokens),
            call: open_call(text, &tokens),
        }
    }
}

/// Where the value begins that is open at the end of an f-string without an end.
fn open_value(string: &str) -> Option<usize> {
    let inside = string.strip_prefix('f')?;
    let brace = inside.rfind('{')?;
    let doubled = inside[..brace].ends_with('{');
    (!doubled && !inside[brace..].contains('}')).then_some(brace + 2)
}

fn kind<'t>(text: &'t str, tokens: &[Token]) -> SpotKind<'t> {
    match tokens.split_last() {
        Some((dot, before)) if matches!(dot.kind, Kind::Dot | Kind::OptionalDot) => {
            let object = operand(before).map(|from| slice(text, &before[from..]));
            object.map_or(SpotKind::Text, |object| SpotKind::Field { object })
        }
        _ => SpotKind::Name,
    }
}

fn slice<'t>(text: &'t str, tokens: &[Token]) -> &'t str {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => text.get(first.start as usize..last.end as usize).unwrap_or(""),
        _ => "",
    }
}

/// Where the operand begins that the tokens end with: `xs[0].f(a)`.
fn operand(tokens: &[Token]) -> Option<usize> {
    let mut end = tokens.len();
    loop {
        let last = tokens.get(end.checked_sub(1)?)?;
        end = match last.kind {
            Kind::Word | Kind::Reserved | Kind::String | Kind::Number => end - 1,
            Kind::FStringEnd => tokens[..end]
                .iter()
                .rposition(|token| token.kind == Kind::FStringStart)?,
            Kind::Close(bracket) => {
                let open = opening(&tokens[..end - 1])?;
                let of = open.checked_sub(1).and_then(|at| tokens.get(at));
                let applied = bracket != Bracket::Curly
                    && of.is_some_and(|of| matches!(of.kind, Kind::Word | Kind::Close(_) | Kind::String));
                if applied {
                    end = open;
                    continue;
                }
                open
            }
            _ => return None,
        };
        match end.checked_sub(1).and_then(|at| tokens.get(at)) {
            Some(dot) if matches!(dot.kind, Kind::Dot | Kind::OptionalDot) => end -= 1,
            _ => return Some(end),
        }
    }
}

/// The bracket that is open at the end of the tokens.
fn opening(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate().rev() {
        match token.kind {
            Kind::Close(_) => depth += 1,
            Kind::Open(_) if depth == 0 => return Some(at),
            Kind::Open(_) => depth -= 1,
            _ => {}
        }
    }
    None
}

fn open_call<'t>(text: &'t str, tokens: &[Token]) -> Option<OpenCall<'t>> {
    let open = opening(tokens)?;
    let before = &tokens[..open];
    let name = before
        .last()
        .filter(|_| tokens[open].kind == Kind::Open(Bracket::Round))?;
    let from = operand(before)?;
    let named = match name.kind {
        Kind::Word => true,
        Kind::Close(_) => false,
        // `with (lm: …)` takes settings as a call takes arguments.
        Kind::Reserved if name.text(text) == "with" => true,
        _ => return None,
    };
    let dotted = named && from + 2 < before.len();
    let mut call = OpenCall {
        callee: slice(text, &before[from..]),
        object: dotted.then(|| slice(text, &before[from..before.len() - 2])),
        name: if named { name.text(text) } else { "" },
        positional: 0,
        named: Vec::new(),
        fresh: false,
    };
    let inside = &tokens[open + 1..];
    let mut depth = 0usize;
    let mut begins = true;
    for (at, token) in inside.iter().enumerate() {
        let next = inside.get(at + 1).map(|next| next.kind);
        if begins && depth == 0 {
            match next == Some(Kind::Colon) {
                true => call.named.push(token.text(text)),
                false if token.kind == Kind::Spread => {}
                false => call.positional += 1,
            }
            begins = false;
        }
        match token.kind {
            Kind::Open(_) => depth += 1,
            Kind::Close(_) => depth = depth.saturating_sub(1),
            Kind::Comma if depth == 0 => begins = true,
            _ => {}
        }
    }
    call.fresh = begins;
    Some(call)
}

#[cfg(test)]
mod tests {
    use super::{Spot, SpotKind};

    #[test]
    fn what_stands_before_a_dot_is_taken_whole() {
        for (text, object) in [
            ("router(\"a\", [1]).urg", "router(\"a\", [1])"),
            ("1 + xs[0].f(x).", "xs[0].f(x)"),
            ("f\"{result.ans", "result"),
            ("print(a.b?.c", "a.b"),
            ("if (x) \"text\".", "\"text\""),
        ] {
            assert_eq!(Spot::of(text).kind, SpotKind::Field { object }, "{text}");
        }
    }

    #[test]
    fn the_innermost_open_call_is_found() {
        let spot = Spot::of("f(g(1), xs.map(|x| x, by: 2, na");
        let call = spot.call.unwrap();
        assert_eq!((call.callee, call.object, call.name), ("xs.map", Some("xs"), "map"));
        assert_eq!((call.positional, call.named, call.fresh), (1, vec!["by"], true));
        assert_eq!(spot.word, "na");
        assert!(!Spot::of("f(1 + a").call.unwrap().fresh);
        assert!(Spot::of("f(1) + {a: 1, ").call.is_none());
        let call = Spot::of("1 + Predict(\"a -> b\")(").call.unwrap();
        assert_eq!((call.callee, call.object, call.name), ("Predict(\"a -> b\")", None, ""));
    }

    #[test]
    fn nothing_is_completed_in_texts() {
        for text in ["read_text(\"da", "1 # com", "12", "f\"text"] {
            assert_eq!(Spot::of(text).kind, SpotKind::Text, "{text}");
        }
    }
}
