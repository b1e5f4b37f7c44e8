//! How deep a text may nest. Every pass walks the tree by recursion, so the tree's depth is bounded here, before there is
//! one: by the brackets that are open, and by the operators that hang on each other.

use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::token::{Kind, Token};

use super::layout::Placed;
use super::titles::code;

/// Brackets inside brackets.
const BRACKETS: usize = 100;
/// Operators, calls and fields of one expression, those of the brackets around it included.
const OPERATORS: usize = 256;
/// From here on a text is read on a stack of its own, so that the caller's does not matter.
const DEEP: usize = 24;
const STACK: usize = 64 << 20;
/// Elements, entries and arguments of the brackets that are open: a function has room for so many values at a time.
const ELEMENTS: usize = 65_000;
/// Bytes of one file.
const LENGTH: usize = 16 << 20;

/// How deep a text nests, or the first place that is too deep. `span_of` is the place of a part of the text.
pub(super) fn measure(
    source: &str,
    tokens: &[Placed],
    span_of: impl Fn(usize, usize) -> Span,
) -> Result<Depth, Diagnostic> {
    if source.len() > LENGTH {
        let start = span_of(0, 0);
        let message = format!("this file is too long: {} MB", source.len() >> 20);
        let help = "a script has at most 16 MB; keep data in a file of its own and read it with `dataset`";
        return Err(Diagnostic::error(code::LONG, message, start, "").help(help));
    }
    let mut open: Vec<usize> = vec![0];
    let mut elements: Vec<usize> = vec![0];
    let mut values = 0usize;
    let mut sum = 0usize;
    let mut deepest = 0usize;
    for placed in tokens {
        let token = placed.token;
        let Some(here) = open.last_mut() else { break };
        match token.kind {
            _ if placed.breaks => sum -= std::mem::take(here),
            Kind::Comma | Kind::Semicolon => sum -= std::mem::take(here),
            _ => {}
        }
        if hangs(token, source) {
            *here += 1;
            sum += 1;
        }
        match token.kind {
            Kind::Open(_) | Kind::ValueStart => {
                open.push(0);
                elements.push(0);
            }
            Kind::Close(_) | Kind::ValueEnd if open.len() > 1 => {
                sum -= open.pop().unwrap_or(0);
                values -= elements.pop().unwrap_or(0);
            }
            Kind::Comma => {
                values += 1;
                elements.last_mut().into_iter().for_each(|here| *here += 1);
            }
            _ => {}
        }
        let too_deep = |message: String, help: &str| {
            let span = span_of(token.start as usize, token.end as usize);
            Err(Diagnostic::error(code::DEEP, message, span, "one too many").help(help))
        };
        if open.len() > BRACKETS + 1 {
            let help = "name the inner parts with `let`, or put them into functions";
            return too_deep(format!("more than {BRACKETS} brackets inside each other"), help);
        }
        if sum > OPERATORS {
            let help = "cut it into several `let`s; long lists of texts are joined with `join`";
            return too_deep(format!("more than {OPERATORS} operators in one expression"), help);
        }
        if values >= ELEMENTS {
            let span = span_of(token.start as usize, token.end as usize);
            let message = "more than 65,000 elements are written out here";
            let help = "keep data in a file of its own, and read it with `dataset` or `parse_json(read_text(…))`";
            return Err(Diagnostic::error(code::LONG, message, span, "one too many").help(help));
        }
        deepest = deepest.max(sum + open.len());
    }
    Ok(Depth(deepest))
}

/// Brackets and operators on each other.
pub(super) struct Depth(usize);

impl Depth {
    /// Runs what recurses over the text where there is room for it.
    pub fn run<T: Send>(&self, read: impl Fn() -> T + Sync) -> T {
        if self.0 < DEEP {
            return read();
        }
        std::thread::scope(|scope| {
            match std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, &read) {
                Ok(reader) => reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                // No thread to be had: this stack must do.
                Err(_) => read(),
            }
        })
    }
}

/// Whether the token may make the tree one level deeper.
fn hangs(token: Token, source: &str) -> bool {
    match token.kind {
        Kind::Operator
        | Kind::Minus
        | Kind::Bar
        | Kind::Bars
        | Kind::Pipe
        | Kind::Coalesce
        | Kind::Range
        | Kind::Dot
        | Kind::OptionalDot
        | Kind::Question
        | Kind::Arrow
        | Kind::Open(_)
        | Kind::FStringStart => true,
        Kind::Reserved => matches!(
            token.text(source),
            "and" | "or" | "not" | "in" | "else" | "return" | "fn"
        ),
        _ => false,
    }
}
