//! Field prefixes against DSPy's. Inline signatures are read by the parser, which has its own tests.

use dsp::value::infer_prefix;

use crate::data::{shared, text};

#[test]
fn prefixes_are_inferred_as_dspy_does() {
    let Some(file) = shared("signature_cases.json") else {
        return;
    };
    let cases = file["infer_prefix"].as_array().unwrap();
    for case in cases {
        assert_eq!(infer_prefix(text(case, "in")), text(case, "out"), "{case}");
    }
    println!("signature_cases, infer_prefix: {} ran", cases.len());
}
