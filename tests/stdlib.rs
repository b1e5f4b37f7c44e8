//! The library: its declarations, its bodies, its examples.

#[path = "stdlib/declarations.rs"]
mod declarations;

#[path = "stdlib/checks.rs"]
mod checks;

#[path = "stdlib/types.rs"]
mod types;
