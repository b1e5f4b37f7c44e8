//! From text to tokens. logos knows the single tokens; strings, whose ends depend on what they hold, are scanned here.

use logos::{Lexer, Logos};

use super::{Bracket, Kind, Token};

#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
enum Raw {
    #[regex(r"[ \t\r\u{FEFF}]+")]
    Space,
    #[token("\n")]
    Newline,
    #[regex(r"#[^\n]*", allow_greedy = true)]
    Comment,
    #[regex(r"[A-Za-z_][A-Za-z0-9_]*")]
    Word,
    #[token("fn")]
    #[token("let")]
    #[token("var")]
    #[token("if")]
    #[token("else")]
    #[token("for")]
    #[token("in")]
    #[token("while")]
    #[token("break")]
    #[token("continue")]
    #[token("return")]
    #[token("match")]
    #[token("try")]
    #[token("catch")]
    #[token("with")]
    #[token("and")]
    #[token("or")]
    #[token("not")]
    #[token("true")]
    #[token("false")]
    #[token("none")]
    #[token("assert")]
    Reserved,
    #[regex(r"[0-9]+(_[0-9]+)*(\.[0-9]+(_[0-9]+)*)?([eE][+-]?[0-9]+(_[0-9]+)*)?", priority = 5)]
    Number,
    #[regex(r"[0-9][0-9A-Za-z_]*(\.[0-9][0-9A-Za-z_]*)?", priority = 4)]
    BadNumber,
    #[token("\"")]
    Quote,
    #[token("\"\"\"")]
    LongQuote,
    #[token("r\"")]
    VerbatimQuote,
    #[token("r\"\"\"")]
    VerbatimLongQuote,
    #[token("f\"")]
    FQuote,
    #[token("f\"\"\"")]
    FLongQuote,
    #[token("'")]
    SingleQuote,
    #[token("(")]
    OpenRound,
    #[token("[")]
    OpenSquare,
    #[token("{")]
    OpenCurly,
    #[token(")")]
    CloseRound,
    #[token("]")]
    CloseSquare,
    #[token("}")]
    CloseCurly,
    #[token(",")]
    Comma,
    #[token(";")]
    Semicolon,
    #[token(":")]
    Colon,
    #[token("->")]
    Arrow,
    #[token("=>")]
    FatArrow,
    #[token("=")]
    #[token("+=")]
    #[token("-=")]
    #[token("*=")]
    #[token("/=")]
    #[token("//=")]
    #[token("%=")]
    #[token("**=")]
    Assign,
    #[token(".")]
    Dot,
    #[token("?.")]
    OptionalDot,
    #[token("..")]
    Range,
    #[token("...")]
    Spread,
    #[token("?")]
    Question,
    #[token("|")]
    Bar,
    #[token("||")]
    Bars,
    #[token("|>")]
    Pipe,
    #[token("??")]
    Coalesce,
    #[token("-")]
    Minus,
    #[token("==")]
    #[token("!=")]
    #[token("<")]
    #[token("<=")]
    #[token(">")]
    #[token(">=")]
    #[token("+")]
    #[token("*")]
    #[token("**")]
    #[token("/")]
    #[token("//")]
    #[token("%")]
    Operator,
}

/// The tokens of a whole text, trivia included.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut scan = Scan {
        lexer: Raw::lexer(text),
        out: Vec::with_capacity(text.len() / 3),
        open: Vec::new(),
    };
    while scan.step() {}
    while !scan.open.is_empty() {
        scan.cut_fstring(text.len());
    }
    scan.out
}

/// An f-string that is being read: its quotes, and how many brackets are open in its present value.
struct OpenFString {
    long: bool,
    depth: usize,
}

struct Scan<'a> {
    lexer: Lexer<'a, Raw>,
    out: Vec<Token>,
    open: Vec<OpenFString>,
}

impl Scan<'_> {
    fn step(&mut self) -> bool {
        let Some(raw) = self.lexer.next() else { return false };
        match raw {
            Ok(raw) => self.token(raw),
            Err(()) => self.push(Kind::Unknown),
        }
        true
    }

    /// Ends the token that logos read, with whatever was bumped since.
    fn push(&mut self, kind: Kind) {
        let span = self.lexer.span();
        self.emit(kind, span.start, span.end);
    }

    fn emit(&mut self, kind: Kind, start: usize, end: usize) {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        if start < end {
            self.out.push(Token {
                kind,
                start: clamp(start),
                end: clamp(end),
            });
        }
    }

    fn token(&mut self, raw: Raw) {
        match raw {
            Raw::Quote => self.string(string_end(self.lexer.remainder(), false)),
            Raw::LongQuote => self.string(long_string_end(self.lexer.remainder(), false)),
            Raw::VerbatimQuote => self.string(string_end(self.lexer.remainder(), true)),
            Raw::VerbatimLongQuote => self.string(long_string_end(self.lexer.remainder(), true)),
            Raw::FQuote => self.fstring(false),
            Raw::FLongQuote => self.fstring(true),
            Raw::SingleQuote => self.single(),
            Raw::OpenRound | Raw::OpenSquare | Raw::OpenCurly => self.opened(raw),
            Raw::CloseRound | Raw::CloseSquare | Raw::CloseCurly => self.closed(raw),
            Raw::Colon => self.colon(),
            Raw::Newline => self.newline(),
            raw => self.push(plain(raw)),
        }
    }

    fn string(&mut self, end: Result<usize, usize>) {
        let (kind, length) = match end {
            Ok(length) => (Kind::String, length),
            Err(length) => (Kind::Unterminated, length),
        };
        self.lexer.bump(length);
        self.push(kind);
    }

    /// `'…'`, if it ends on its line; else a stray quote.
    fn single(&mut self) {
        match self.lexer.remainder().find(['\'', '\n']) {
            Some(at) if self.lexer.remainder()[at..].starts_with('\'') => {
                self.lexer.bump(at + 1);
                self.push(Kind::SingleString);
            }
            _ => self.push(Kind::Unknown),
        }
    }

    fn fstring(&mut self, long: bool) {
        self.push(Kind::FStringStart);
        self.open.push(OpenFString { long, depth: 0 });
        self.fstring_text();
    }

    /// The text of the innermost f-string up to its next value or its end.
    fn fstring_text(&mut self) {
        let Some(long) = self.open.last().map(|f| f.long) else {
            return;
        };
        let start = self.lexer.span().end;
        let (length, stop) = fstring_text_end(self.lexer.remainder(), long);
        self.lexer.bump(length);
        self.emit(Kind::FStringText, start, start + length);
        let (kind, width) = match stop {
            Stop::Value => (Kind::ValueStart, 1),
            Stop::End => (Kind::FStringEnd, if long { 3 } else { 1 }),
            Stop::Cut => return self.cut_fstring(start + length),
        };
        self.lexer.bump(width);
        self.emit(kind, start + length, start + length + width);
        if kind == Kind::FStringEnd {
            self.open.pop();
        }
    }

    /// The line or the file ends inside the f-string: everything since its start becomes one token.
    fn cut_fstring(&mut self, end: usize) {
        self.open.pop();
        let Some(at) = unclosed_start(&self.out) else { return };
        let start = self.out[at].start as usize;
        self.out.truncate(at);
        self.emit(Kind::Unterminated, start, end);
    }

    fn opened(&mut self, raw: Raw) {
        if let Some(f) = self.open.last_mut() {
            f.depth += 1;
        }
        self.push(plain(raw));
    }

    fn closed(&mut self, raw: Raw) {
        match self.open.last_mut() {
            Some(f) if f.depth == 0 && raw == Raw::CloseCurly => {
                self.push(Kind::ValueEnd);
                return self.fstring_text();
            }
            Some(f) => f.depth = f.depth.saturating_sub(1),
            None => {}
        }
        self.push(plain(raw));
    }

    /// The first `:` outside brackets begins the format of an f-string's value.
    fn colon(&mut self) {
        if self.open.last().is_some_and(|f| f.depth == 0) {
            let length = self
                .lexer
                .remainder()
                .find(['}', '\n', '"'])
                .unwrap_or(self.lexer.remainder().len());
            self.lexer.bump(length);
            return self.push(Kind::FStringFormat);
        }
        self.push(Kind::Colon);
    }

    /// A value of a `f"…"` ends on its line.
    fn newline(&mut self) {
        let start = self.lexer.span().start;
        while self.open.last().is_some_and(|f| !f.long) {
            self.cut_fstring(start);
        }
        self.push(Kind::Newline);
    }
}

/// Where the last f-string start without an end stands.
fn unclosed_start(tokens: &[Token]) -> Option<usize> {
    let mut ended = 0usize;
    for (i, token) in tokens.iter().enumerate().rev() {
        match token.kind {
            Kind::FStringEnd => ended += 1,
            Kind::FStringStart if ended == 0 => return Some(i),
            Kind::FStringStart => ended -= 1,
            _ => {}
        }
    }
    None
}

/// Behind the opening quote: how far the string reaches with its closing quote, or as far as its line goes.
fn string_end(rest: &str, raw: bool) -> Result<usize, usize> {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return Ok(at + 1),
            b'\n' => return Err(at - usize::from(at > 0 && bytes[at - 1] == b'\r')),
            b'\\' if !raw && bytes.get(at + 1).is_some_and(|b| *b != b'\n') => at += 2,
            _ => at += 1,
        }
    }
    Err(rest.len())
}

fn long_string_end(rest: &str, raw: bool) -> Result<usize, usize> {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' if bytes[at..].starts_with(b"\"\"\"") => return Ok(at + 3),
            b'\\' if !raw => at += 2,
            _ => at += 1,
        }
    }
    Err(rest.len())
}

enum Stop {
    Value,
    End,
    Cut,
}

fn fstring_text_end(rest: &str, long: bool) -> (usize, Stop) {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' if !long || bytes[at..].starts_with(b"\"\"\"") => return (at, Stop::End),
            b'\n' if !long => return (at, Stop::Cut),
            b'{' if bytes.get(at + 1) == Some(&b'{') => at += 2,
            b'{' => return (at, Stop::Value),
            b'\\' if bytes[at..].starts_with(b"\\u{") => at += 3,
            b'\\' if bytes.get(at + 1).is_some_and(|b| long || *b != b'\n') => at += 2,
            _ => at += 1,
        }
    }
    (rest.len(), Stop::Cut)
}

fn plain(raw: Raw) -> Kind {
    match raw {
        Raw::Space => Kind::Space,
        Raw::Newline => Kind::Newline,
        Raw::Comment => Kind::Comment,
        Raw::Word => Kind::Word,
        Raw::Reserved => Kind::Reserved,
        Raw::Number => Kind::Number,
        Raw::BadNumber => Kind::BadNumber,
        Raw::Quote | Raw::LongQuote | Raw::VerbatimQuote | Raw::VerbatimLongQuote => Kind::String,
        Raw::FQuote | Raw::FLongQuote => Kind::FStringStart,
        Raw::SingleQuote => Kind::SingleString,
        Raw::OpenRound => Kind::Open(Bracket::Round),
        Raw::OpenSquare => Kind::Open(Bracket::Square),
        Raw::OpenCurly => Kind::Open(Bracket::Curly),
        Raw::CloseRound => Kind::Close(Bracket::Round),
        Raw::CloseSquare => Kind::Close(Bracket::Square),
        Raw::CloseCurly => Kind::Close(Bracket::Curly),
        Raw::Comma => Kind::Comma,
        Raw::Semicolon => Kind::Semicolon,
        Raw::Colon => Kind::Colon,
        Raw::Arrow => Kind::Arrow,
        Raw::FatArrow => Kind::FatArrow,
        Raw::Assign => Kind::Assign,
        Raw::Dot => Kind::Dot,
        Raw::OptionalDot => Kind::OptionalDot,
        Raw::Range => Kind::Range,
        Raw::Spread => Kind::Spread,
        Raw::Question => Kind::Question,
        Raw::Bar => Kind::Bar,
        Raw::Bars => Kind::Bars,
        Raw::Pipe => Kind::Pipe,
        Raw::Coalesce => Kind::Coalesce,
        Raw::Minus => Kind::Minus,
        Raw::Operator => Kind::Operator,
    }
}
