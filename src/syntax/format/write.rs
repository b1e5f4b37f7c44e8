//! Walks the tokens beside the tree: each token is written as it was, with the comments that belong to it, so that no
//! part of the text can be lost.

use crate::source::Span;
use crate::syntax::parse::long_content;
use crate::syntax::token::{Bracket, Kind, Token};

use super::doc::{Doc, Long, Op};

/// A comment, and how many newlines stand before it.
#[derive(Clone, Copy)]
struct Comment<'s> {
    text: &'s str,
    newlines: u32,
}

/// A token that is written.
#[derive(Clone, Copy)]
struct Lexeme {
    token: Token,
    /// Behind the last comment before it.
    comments: usize,
    /// Newlines before it, behind the last comment.
    newlines: u32,
    /// A `;` stands before it, which is what a newline is.
    semicolon: bool,
    /// The token that closes this bracket.
    partner: usize,
}

/// The steps of a layout, written in the order of the source.
pub(super) struct Writer<'s> {
    pub source: &'s str,
    pub doc: Doc<'s>,
    /// Everything stands on one line: inside the value of an f-string.
    pub flat: bool,
    lexemes: Vec<Lexeme>,
    comments: Vec<Comment<'s>>,
    /// The next token, and the next comment.
    at: usize,
    said: usize,
    /// The indent that the lines of the present f-string lose.
    string_indent: Option<&'s str>,
}

impl<'s> Writer<'s> {
    pub fn new(source: &'s str, tokens: &[Token]) -> Self {
        let mut writer = Writer {
            source,
            doc: Doc::default(),
            flat: false,
            lexemes: Vec::with_capacity(tokens.len() / 2 + 1),
            comments: Vec::new(),
            at: 0,
            said: 0,
            string_indent: None,
        };
        writer.gather(tokens);
        writer
    }

    fn gather(&mut self, tokens: &[Token]) {
        let mut newlines = 1;
        let mut semicolon = false;
        let mut open = Vec::new();
        for token in tokens {
            match token.kind {
                Kind::Space => {}
                Kind::Semicolon => {
                    semicolon = true;
                    newlines = 0;
                }
                Kind::Newline => newlines += 1,
                Kind::Comment => {
                    let text = token.text(self.source).trim_end();
                    self.comments.push(Comment { text, newlines });
                    newlines = 0;
                }
                _ => {
                    self.pair(token.kind, &mut open);
                    for token in bars_apart(*token) {
                        self.lexemes.push(self.lexeme(token, newlines, semicolon));
                        newlines = 0;
                        semicolon = false;
                    }
                }
            }
        }
        let end = u32::try_from(self.source.len()).unwrap_or(u32::MAX);
        let token = Token {
            kind: Kind::Newline,
            start: end,
            end,
        };
        self.lexemes.push(self.lexeme(token, newlines, semicolon));
    }

    fn lexeme(&self, token: Token, newlines: u32, semicolon: bool) -> Lexeme {
        Lexeme {
            token,
            comments: self.comments.len(),
            newlines,
            semicolon,
            partner: 0,
        }
    }

    fn pair(&mut self, kind: Kind, open: &mut Vec<usize>) {
        let here = self.lexemes.len();
        match kind {
            Kind::Open(_) | Kind::ValueStart | Kind::FStringStart => open.push(here),
            Kind::Close(_) | Kind::ValueEnd | Kind::FStringEnd => {
                if let Some(opened) = open.pop().and_then(|at| self.lexemes.get_mut(at)) {
                    opened.partner = here;
                }
            }
            _ => {}
        }
    }

    fn next(&self) -> Lexeme {
        // The last one stands for the end and is never taken.
        self.lexemes[self.at.min(self.lexemes.len() - 1)]
    }

    pub fn kind(&self) -> Kind {
        self.next().token.kind
    }

    pub fn peek(&self) -> &'s str {
        self.next().token.text(self.source)
    }

    /// Whether a bare `where` follows the next token.
    pub fn second_is_bare_where(&self) -> bool {
        let text = |ahead: usize| {
            self.lexemes
                .get(self.at + ahead)
                .map_or("", |l| l.token.text(self.source))
        };
        text(1) == "where" && text(2) != ":"
    }

    /// Where the next token begins.
    pub fn place(&self) -> u32 {
        self.next().token.start
    }

    pub fn is_done(&self) -> bool {
        self.at + 1 >= self.lexemes.len()
    }

    /// Whether the next token is this bracket.
    pub fn opens(&self, bracket: Bracket) -> bool {
        self.kind() == Kind::Open(bracket)
    }

    pub fn space(&mut self) {
        self.doc.push(Op::Spaces(1));
    }

    /// The next token.
    pub fn tok(&mut self) {
        self.lead();
        let next = self.next();
        let text = next.token.text(self.source);
        match next.token.kind {
            Kind::String if text.contains('\n') => self.long_string(text),
            Kind::FStringText if text.contains('\n') => self.long_part(text),
            _ => self.doc.text(text),
        }
        self.pass();
    }

    /// The next token and a blank.
    pub fn word(&mut self) {
        self.tok();
        self.space();
    }

    /// The tokens up to a place, without blanks between them.
    pub fn glued(&mut self, end: u32) {
        while self.place() < end && !self.is_done() {
            self.tok();
        }
    }

    /// The next token is not written; its comments are.
    pub fn drop_token(&mut self) {
        let behind = self.lexemes.get(self.at + 1).map(|lexeme| lexeme.token.kind);
        let ends = matches!(behind, Some(Kind::Close(_))) || self.at + 2 >= self.lexemes.len();
        match ends {
            true => self.comments_before_end(),
            false => self.lead(),
        }
        self.pass();
    }

    /// Whether a `;` stands before the next token.
    pub fn semicolon_ahead(&self) -> bool {
        self.next().semicolon
    }

    fn pass(&mut self) {
        if self.is_done() {
            return;
        }
        self.at += 1;
        let behind = self.pending().filter(|comment| comment.newlines == 0);
        // Else it has a line of its own.
        if let Some(comment) = behind.filter(|_| self.doc.takes_remark()) {
            self.doc.remark(comment.text);
            self.said += 1;
        }
    }

    /// The next comment before the next token.
    fn pending(&self) -> Option<Comment<'s>> {
        (self.said < self.next().comments)
            .then(|| self.comments.get(self.said).copied())
            .flatten()
    }

    /// Whether an empty line stands before what comes next.
    pub fn blank_ahead(&self) -> bool {
        self.pending().map_or(self.next().newlines, |comment| comment.newlines) > 1
    }

    /// Whether a comment stands before the next token, on a line of its own.
    pub fn comment_ahead(&self) -> bool {
        self.pending().is_some()
    }

    /// Whether a comment stands before the next token or directly behind it.
    pub fn commented(&self) -> bool {
        let behind = self.lexemes.get(self.at + 1).map_or(0, |next| next.comments);
        self.doc.has_remark() || self.said < behind
    }

    /// Keeps an empty line before what comes next.
    pub fn keep_blank(&mut self) {
        if self.blank_ahead() {
            self.doc.push(Op::Blank);
        }
    }

    /// The comments before the next token, each on a line of its own. Where a group begins they come first, or they would
    /// break it.
    pub fn lead(&mut self) {
        while let Some(comment) = self.pending() {
            self.said += 1;
            self.doc.push(Op::Hard);
            self.doc.text(comment.text);
            self.keep_blank();
            self.doc.push(Op::Hard);
        }
    }

    /// The comments before a closing bracket or the end.
    pub fn comments_before_end(&mut self) {
        while let Some(comment) = self.pending() {
            self.keep_blank();
            self.said += 1;
            self.doc.push(Op::Hard);
            self.doc.text(comment.text);
        }
    }

    fn long_string(&mut self, text: &'s str) {
        let raw = usize::from(text.starts_with('r'));
        let body = text.get(raw + 3..text.len().saturating_sub(3)).unwrap_or("");
        let (_, _, indent) = long_content(body);
        self.doc.push(Op::Quote);
        self.doc.push(Op::Long(Long {
            text,
            indent,
            closes: true,
        }));
    }

    fn long_part(&mut self, text: &'s str) {
        let behind = self.lexemes.get(self.at + 1).map(|next| next.token.kind);
        self.doc.push(Op::Long(Long {
            text,
            indent: self.string_indent,
            closes: behind == Some(Kind::FStringEnd),
        }));
    }

    /// The opening quotes of an f-string.
    pub fn fstring_start(&mut self) {
        let start = self.next();
        let text = self.peek();
        let end = self.lexemes.get(start.partner).map_or(0, |end| end.token.start);
        let body = self.source.get(start.token.end as usize..end as usize).unwrap_or("");
        self.string_indent = match text.len() > 2 {
            true => long_content(body).2,
            false => None,
        };
        self.lead();
        self.doc.push(Op::Quote);
        self.tok();
    }

    /// The next token opens the value of an f-string: one with comments or lines in it is written as it stands.
    pub fn verbatim_value(&mut self) -> bool {
        let start = self.next();
        let inner = self.at + 1..start.partner;
        let Some(end) = self.lexemes.get(start.partner).copied() else {
            return false;
        };
        let lexemes = self.lexemes.get(inner).unwrap_or(&[]);
        let has_lines = |lexeme: &Lexeme| lexeme.token.text(self.source).contains('\n');
        if end.comments == start.comments && !lexemes.iter().any(has_lines) {
            return false;
        }
        let range = start.token.start as usize..end.token.end as usize;
        self.doc.push(Op::Long(Long {
            text: self.source.get(range).unwrap_or(""),
            indent: None,
            closes: false,
        }));
        self.said = end.comments;
        self.at = start.partner + 1;
        true
    }

    /// How many parentheses stand around all of this place.
    pub fn parentheses(&self, span: Span) -> usize {
        if self.source.as_bytes().get(span.start as usize) != Some(&b'(') {
            return 0;
        }
        let mut first = self.lexemes.partition_point(|l| l.token.start < span.start);
        let mut last = self.lexemes.partition_point(|l| l.token.start < span.end);
        let begin = first;
        while self
            .lexemes
            .get(first)
            .is_some_and(|l| l.token.kind == Kind::Open(Bracket::Round) && last > first && l.partner + 1 == last)
        {
            first += 1;
            last -= 1;
        }
        first - begin
    }

    /// How many parentheses stand before a type or pattern, whose place in the tree leaves them out.
    pub fn parentheses_before(&self, start: u32) -> usize {
        let ahead = self.lexemes.get(self.at..).unwrap_or(&[]);
        let before = ahead.iter().take_while(|l| l.token.start < start);
        before.filter(|l| l.token.kind == Kind::Open(Bracket::Round)).count()
    }
}

/// A token; `||` as two, for in `|x|| y| x` they close one lambda's parameters and open another's.
fn bars_apart(token: Token) -> impl Iterator<Item = Token> {
    let split = (token.kind == Kind::Bars).then_some(token.start + 1);
    let first = Token {
        end: split.unwrap_or(token.end),
        ..token
    };
    let second = split.map(|start| Token { start, ..token });
    std::iter::once(first).chain(second)
}
