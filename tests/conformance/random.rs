//! CPython's `random.Random`, number for number.

use dsp::value::Random;
use serde_json::{Value as Json, json};

use crate::data::shared;

#[test]
fn random_numbers_are_those_of_cpython() {
    let Some(file) = shared("python_random_cases.json") else {
        return;
    };
    let cases = file["cases"].as_array().unwrap();
    for case in cases {
        let seed = case["seed"].as_i64().unwrap();
        let mut random = Random::new(seed);
        let (kind, expected) = case
            .as_object()
            .unwrap()
            .iter()
            .find(|(key, _)| *key != "seed")
            .unwrap();
        assert_eq!(draw(&mut random, seed, kind, expected), *expected, "{case}");
    }
    println!("python_random_cases: {} of {} ran", cases.len(), cases.len());
    assert!(cases.len() >= 144);
}

/// The case's draws, written as the case writes them.
fn draw(random: &mut Random, seed: i64, kind: &str, case: &Json) -> Json {
    let number = |key: &str| case[key].as_u64().unwrap() as usize;
    match kind {
        "random_x5" => json!((0..5).map(|_| random.random()).collect::<Vec<_>>()),
        "getrandbits32_x8" => json!((0..8).map(|_| random.getrandbits(32) as u64).collect::<Vec<_>>()),
        "sample" => json!({"n": number("n"), "k": number("k"), "out": random.sample(number("n"), number("k"))}),
        "shuffle" => json!({"n": number("n"), "out": shuffled(random, number("n"))}),
        "randint_1_4_x20" => json!((0..20).map(|_| random.randint(1, 4)).collect::<Vec<_>>()),
        "randint_0_1e9_x5" => json!((0..5).map(|_| random.randint(0, 1_000_000_000)).collect::<Vec<_>>()),
        "choice_of_6_x20" => json!(
            (0..20)
                .map(|_| *random.choice(&[0, 1, 2, 3, 4, 5]).unwrap())
                .collect::<Vec<_>>()
        ),
        "randrange_7_x20" => json!((0..20).map(|_| random.below(7)).collect::<Vec<_>>()),
        "choices_weighted" => {
            let weights: Vec<f64> = case["weights"]
                .as_array()
                .unwrap()
                .iter()
                .map(|w| w.as_f64().unwrap())
                .collect();
            let drawn = random.choices(&weights, number("k"));
            json!({"population": case["population"], "weights": weights, "k": number("k"), "out": drawn})
        }
        "gauss_x3" => json!((0..3).map(|_| random.gauss(0.0, 1.0)).collect::<Vec<_>>()),
        "random_search_candidate" => {
            let shuffled = shuffled(random, number("n"));
            json!({"n": number("n"), "shuffled": shuffled, "size_1_4": Random::new(seed).randint(1, 4)})
        }
        other => panic!("a new kind of case: {other}"),
    }
}

fn shuffled(random: &mut Random, n: usize) -> Vec<usize> {
    let mut places: Vec<usize> = (0..n).collect();
    random.shuffle(&mut places);
    places
}
