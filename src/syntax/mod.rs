//! Text to tree: pest parses (`parse`), logos lexes (`token`). `ast` is the tree.

pub mod ast;
