//! dsp binary
fn main() {}
