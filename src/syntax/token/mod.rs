//! The tokens of a text, by logos: for the layout pass before the grammar, for colours, for the formatter's comments and
//! for the question whether an input is finished. Every byte belongs to a token, so the slices glue back to the text.

mod lex;
mod unfinished;

pub use lex::tokens;
pub use unfinished::{goes_on, is_complete};

use std::ops::Range;

/// One token: what it is and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
}

impl Token {
    pub fn range(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The token's text in the text that it was read from.
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        source.get(self.range()).unwrap_or("")
    }
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Blanks, tabs, carriage returns, a byte order mark.
    Space,
    Newline,
    /// `# to the end of the line`
    Comment,
    /// `answer`, also the contextual `signature`, `module`, …
    Word,
    /// One of `RESERVED`.
    Reserved,
    /// `1_000`, `1.5`, `2e-3`
    Number,
    /// `1x`, `1_`, `0x1F`
    BadNumber,
    /// `"…"`, `"""…"""`, `r"…"`, `r"""…"""`
    String,
    /// `'…'`: only inline signatures know it.
    SingleString,
    /// The `f"` or `f"""` of an f-string.
    FStringStart,
    /// Text between the values.
    FStringText,
    /// The `{` of a value.
    ValueStart,
    /// `:.2f`
    FStringFormat,
    /// The `}` of a value.
    ValueEnd,
    /// The closing quotes of an f-string.
    FStringEnd,
    /// A string or f-string value that its line or the file ends before it does.
    Unterminated,
    /// `(` `[` `{`
    Open(Bracket),
    /// `)` `]` `}`
    Close(Bracket),
    Comma,
    Semicolon,
    Colon,
    /// `->`
    Arrow,
    /// `=>`
    FatArrow,
    /// `=`, `+=`, `**=` …
    Assign,
    /// `.`
    Dot,
    /// `?.`
    OptionalDot,
    /// `..`
    Range,
    /// `...`
    Spread,
    /// `?`
    Question,
    /// `|`
    Bar,
    /// `||`
    Bars,
    /// `|>`
    Pipe,
    /// `??`
    Coalesce,
    /// `-`
    Minus,
    /// `==`, `<`, `+`, `**` …: binary and nothing else.
    Operator,
    /// A character that the language does not know.
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bracket {
    Round,
    Square,
    Curly,
}

impl Bracket {
    pub fn close(self) -> char {
        match self {
            Bracket::Round => ')',
            Bracket::Square => ']',
            Bracket::Curly => '}',
        }
    }
}

impl Kind {
    /// Blanks, newlines and comments.
    pub fn is_trivia(self) -> bool {
        matches!(self, Kind::Space | Kind::Newline | Kind::Comment)
    }
}

/// The words that cannot stand alone as a name.
pub const RESERVED: [&str; 22] = [
    "fn", "let", "var", "if", "else", "for", "in", "while", "break", "continue", "return", "match", "try", "catch",
    "with", "and", "or", "not", "true", "false", "none", "assert",
];

/// The words that are keywords only where their construct can begin.
pub const CONTEXTUAL: [&str; 8] = [
    "signature",
    "module",
    "forward",
    "type",
    "test",
    "import",
    "as",
    "where",
];
