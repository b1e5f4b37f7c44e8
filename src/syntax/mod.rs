//! Text to tree: logos lexes (`token`), pest parses (`parse`). `ast` is the tree, `format` writes it in its one layout.

pub mod ast;
pub mod format;
pub mod highlight;
pub mod parse;
pub mod token;
