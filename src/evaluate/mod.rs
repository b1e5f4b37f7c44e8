//! What an evaluation stands on: rows of a dataset, the score of a result, the gate that lets rows in and shows how far
//! they are. The loop over the rows is dsp code, in `stdlib/evaluate.dsp`.

pub mod dataset;
pub mod exact;
pub mod gate;
pub mod progress;
pub mod rounding;
pub mod score;
