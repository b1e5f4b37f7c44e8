//! Any text: tokens, tree and pictures of its problems; nothing may panic, hang or grow without bound.
#![no_main]

use dsp::diag::{Format, Renderer};
use dsp::source::SourceMap;
use dsp::syntax::parse::{Written, parse_file, parse_inline_signature};
use dsp::syntax::token;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = SourceMap::default();
    let file = sources.add("fuzz.dsp", text);
    let (_, problems) = parse_file(&sources, file);
    for problem in &problems.sorted() {
        for format in [Format::Text { color: false }, Format::Json] {
            Renderer { sources: &sources, format }.render(problem);
        }
    }
    let glued: String = token::tokens(text).iter().map(|token| token.text(text)).collect();
    assert_eq!(glued, text, "the tokens are the text");
    token::is_complete(text);
    let _ = parse_inline_signature(text, Written::AtRunTime);
});
