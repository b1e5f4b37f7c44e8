//! Comments behind code: those of neighbouring lines stand under each other.

use super::doc::width;
use super::print::COLUMNS;

/// Between the code of a line and its comment.
const GAP: u32 = 2;

/// A comment behind the code of a line.
pub(super) struct Trail<'s> {
    /// Where it belongs in the text.
    pub at: usize,
    pub line: usize,
    /// How wide the code before it is.
    pub column: u32,
    pub text: &'s str,
}

/// The text with its comments set into it.
pub(super) fn set(code: &str, trails: &[Trail]) -> String {
    let mut out = String::with_capacity(code.len() + trails.iter().map(|t| t.text.len() + 8).sum::<usize>());
    let mut written = 0;
    for run in trails.chunk_by(|above, below| below.line == above.line + 1) {
        let widest = run.iter().map(|t| t.column).max().unwrap_or(0);
        let aligned = run.iter().all(|t| widest + GAP + width(t.text) <= COLUMNS);
        for trail in run {
            let gap = GAP + if aligned { widest - trail.column } else { 0 };
            out.push_str(&code[written..trail.at]);
            out.extend(std::iter::repeat_n(' ', gap as usize));
            out.push_str(trail.text);
            written = trail.at;
        }
    }
    out.push_str(&code[written..]);
    out
}
