//! What is right elsewhere: comments and imports of other languages, declarations of the top level in a block.

use crate::diag::Diagnostic;
use crate::syntax::token::{Bracket, Kind};

use super::diagnose::Expected;
use super::spot::Spot;
use super::titles::code;

/// `// a comment`, `/* a comment */`
pub(super) fn comment(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let block = spot.text(0) == "/" && spot.touches(1) && spot.text(1).starts_with('*');
    if !spot.begins_line(0) || !(spot.text(0) == "//" || block) {
        return None;
    }
    let message = "comments begin with `#`";
    let help = "write `# …`, on each line of it; `//` divides and rounds down";
    Some(spot.error(code::FOREIGN_OPERATOR, 0, message, "begins the line", help))
}

/// `fn f() { import "x.dsp" as x }`, `if c { signature S { a -> b } }`
pub(super) fn top_level(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let declares = |offset: isize| match spot.text(offset) {
        "import" => spot.kind(offset + 1) == Some(Kind::String),
        "signature" | "module" | "type" => spot.kind(offset + 1) == Some(Kind::Word),
        "test" => spot.kind(offset + 1) == Some(Kind::String) && spot.text(offset + 2) == "{",
        _ => false,
    };
    let offset = [-1, 0].into_iter().find(|offset| declares(*offset))?;
    if !spot.is_inside(Bracket::Curly) {
        return None;
    }
    let word = spot.text(offset);
    let message = format!("`{word}` stands at the top level");
    let help = format!("move this `{word}` out of the block: what it declares is known in the whole file");
    Some(spot.error(code::UNEXPECTED, offset, message, "inside a block", &help))
}

/// `import "x.dsp" (*)`
pub(super) fn import_all(spot: Spot, _: &Expected, _: usize) -> Option<Diagnostic> {
    let all = spot.text(0) == "*" && spot.text(-1) == "(" && spot.kind(-2) == Some(Kind::String);
    if !all || spot.text(-3) != "import" {
        return None;
    }
    let message = "an import names what it imports";
    let help = "write the names, `import \"file.dsp\" (name, other)`, or `import \"file.dsp\" as file` and `file.name`";
    Some(spot.error(code::IMPORT, 0, message, "here", help))
}
