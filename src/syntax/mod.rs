//! Text to tree: logos lexes (`token`), pest parses (`parse`). `ast` is the tree.

pub mod ast;
pub mod parse;
pub mod token;
