//! What an evaluation stands on: rows of a dataset, the score of a result, the gate that lets rows in and shows how far
//! they are; and what a search stands on: its budget and its journal. The loops over rows and candidates are dsp code,
//! in `stdlib/evaluate.dsp` and `stdlib/optimize/`.

pub mod bars;
pub mod dataset;
pub mod exact;
pub mod export;
pub mod gate;
pub mod identity;
pub mod interval;
pub mod progress;
pub mod rounding;
pub mod score;
pub mod search;
pub mod table;
pub mod tpe;
