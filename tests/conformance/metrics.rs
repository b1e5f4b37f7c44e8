//! Text metrics against DSPy's.

use dsp::builtins::metrics::{exact_match, f1, hotpot_f1, normalize_text, passage_has_answer, precision};
use serde_json::Value as Json;

use crate::data::{shared, text};

fn texts(json: &Json) -> Vec<&str> {
    match json {
        Json::String(one) => vec![one],
        many => many
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item.as_str().unwrap())
            .collect(),
    }
}

#[test]
fn normalized_text_is_dspys() {
    let Some(file) = shared("metrics_cases.json") else {
        return;
    };
    let cases = file["normalize_text"].as_array().unwrap();
    for case in cases {
        assert_eq!(normalize_text(text(case, "in")), text(case, "out"), "{case}");
    }
    println!("metrics_cases, normalize_text: {} ran", cases.len());
}

#[test]
fn overlap_scores_are_dspys() {
    let Some(file) = shared("metrics_cases.json") else {
        return;
    };
    let cases = file["pairs"].as_array().unwrap();
    for case in cases {
        let (prediction, answers) = (text(case, "pred"), texts(&case["answers"]));
        let best = |score: fn(&str, &str) -> f64| answers.iter().map(|a| score(prediction, a)).fold(0.0, f64::max);
        assert_eq!(answers.iter().any(|a| exact_match(prediction, a)), case["EM"], "{case}");
        assert_eq!(best(f1), case["F1"].as_f64().unwrap(), "{case}");
        assert_eq!(best(hotpot_f1), case["HotPotF1"].as_f64().unwrap(), "{case}");
        assert_eq!(
            precision(prediction, answers[0]),
            case["precision_first"].as_f64().unwrap(),
            "{case}"
        );
    }
    println!("metrics_cases, pairs: {} ran", cases.len());
}

#[test]
fn answers_are_found_in_passages_as_dspy_finds_them() {
    let Some(file) = shared("metrics_cases.json") else {
        return;
    };
    let cases = file["answer_passage_match"].as_array().unwrap();
    for case in cases {
        let answers = texts(&case["answer"]);
        let found = texts(&case["context"])
            .iter()
            .any(|p| passage_has_answer(p, answers.iter().copied()));
        assert_eq!(found, case["out"], "{case}");
    }
    println!("metrics_cases, answer_passage_match: {} ran", cases.len());
}
