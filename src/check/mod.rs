//! Names, types, signatures, exhaustiveness: a tree becomes a checked program (`hir`), with all problems of all files at
//! once. One pass over each body resolves, lowers and types together. A body with parameters that have no type is
//! checked once with `any` for them, which gives the code, and anew for the argument types of each use, which gives
//! only problems and the type of the result.
//!
//! What a declaration can say about types that are settled at each use:
//!
//! - `[T]`: any type. `[N: int | float]`: one that fits the bound.
//! - `[S: signature]`: a signature; where a parameter's type is `S` itself an inline literal is one.
//!   `inputs(S)` and `outputs(S)` are its records.
//! - `[P: program]`: a module instance, a predictor, or a function. `inputs(P)` is the record of what it takes,
//!   `output(P)` is what it returns.
//! - `[R: inputs(P)]`: rows that have the columns which `P` needs; further columns are labels.
//! - `(fn(R, output(P)) -> any) | (fn(R, output(P), any) -> any)`: which of several function types is meant is
//!   decided by how many parameters the argument takes.
//! - `...inputs(S)` in a parameter list takes the fields as parameters, and the name `inputs` is their record;
//!   `...outputs(S)` in a record type has them as fields.

mod about;
mod access;
mod algebra;
mod args;
mod argument;
mod arity;
mod assigned;
mod binding;
mod call;
mod checker;
pub mod codes;
mod coerce;
mod collect;
mod collection;
mod columns;
mod control;
mod decl;
mod environment;
mod exhaustive;
mod expr;
mod fit;
mod function;
mod generics;
mod habits;
mod import;
mod inputs;
mod instance;
mod lacking;
mod lambda;
mod library;
mod line;
mod lost;
mod method;
mod module;
mod name;
mod named;
mod narrow;
mod open;
mod operator;
mod overload;
mod pattern;
mod pipe;
mod scope;
mod sig;
mod signature;
mod stmt;
mod types;
mod unit;
mod unknown;
mod unread;
mod wanted;
mod written;

pub use about::{About, Parameter, params_of};
pub use access::field_names;
pub use environment::{Environment, Files, Kind, Mark, Natives, on_own_stack};
pub use line::LAST;
pub use written::{field_of_text, signature_of_text};
