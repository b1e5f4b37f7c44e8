//! Replies whose form is given: the model fills the gaps, and chooses among literals by how likely each is.

use dsp::chat::{Finish, Request, Slot};
use dsp::diag::FaultKind;
use dsp::host::fake::FakeHost;
use dsp::session::{Builder, Script};

use crate::reference;
use crate::tiny::{self, Tiny, ask, completion, world};

fn text(text: &str) -> Slot {
    Slot::Text(text.to_owned())
}

fn choice(field: &str, options: &[&str], prior: &[f64]) -> Slot {
    Slot::Choice {
        field: field.to_owned(),
        options: options.iter().map(|option| (*option).to_owned()).collect(),
        prior: prior.to_vec(),
    }
}

fn asked(form: Vec<Slot>) -> Request {
    Request {
        form,
        ..completion("Once upon", 200)
    }
}

/// The mean of the log-probabilities of the option's tokens after the text.
fn likelihood(model: &Tiny, before: &str, option: &str) -> f64 {
    let (mut known, option) = (tiny::tokens(before), tiny::tokens(option));
    let each = option.iter().map(|token| {
        let scores = reference::scores(model, &known);
        let whole: f64 = scores.iter().map(|score| score.exp()).sum();
        known.push(*token);
        scores[*token as usize] - whole.ln()
    });
    each.collect::<Vec<f64>>().iter().sum::<f64>() / option.len() as f64
}

#[test]
fn a_choice_is_scored_by_the_mean_likelihood_of_its_tokens_and_the_best_is_taken() {
    for model in [Tiny::plain(), Tiny::qwen2()] {
        let options = ["low", "the highest", "x", "hi"];
        let form = vec![
            text("A: "),
            choice("a", &options, &[]),
            text("; B: "),
            choice("b", &["no", "yes"], &[]),
        ];
        let reply = ask(&model.bytes(), asked(form)).unwrap();
        let scores = &reply.scores[0].1;
        for (option, (name, score)) in options.iter().zip(scores) {
            assert_eq!(option, name);
            assert!(
                (likelihood(&model, "Once uponA: ", option) - score).abs() < 1e-3,
                "{option}: {score}"
            );
        }
        let best = |scores: &[(String, f64)]| scores.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap().0.clone();
        let (a, b) = (best(scores), best(&reply.scores[1].1));
        assert_eq!(reply.text, format!("A: {a}; B: {b}"));
        let right = likelihood(&model, &format!("Once uponA: {a}; B: "), "yes");
        assert!((reply.scores[1].1[1].1 - right).abs() < 1e-3);
        assert_eq!(reply.finish, Finish::Stop);
        assert_eq!(reply.usage.completion_tokens, tiny::tokens(&reply.text).len() as u64);
    }
}

#[test]
fn a_prior_is_taken_off_the_scores_before_they_are_compared() {
    let file = Tiny::plain().bytes();
    let plain = ask(&file, asked(vec![choice("a", &["low", "high"], &[])])).unwrap();
    let (worse, best) = if plain.text == "low" {
        ("high", [50.0, 0.0])
    } else {
        ("low", [0.0, 50.0])
    };
    let calibrated = ask(&file, asked(vec![choice("a", &["low", "high"], &best)])).unwrap();
    assert_eq!(calibrated.text, worse);
    // What is told are the scores as they were.
    assert_eq!(calibrated.scores, plain.scores);
}

#[test]
fn an_open_stretch_is_written_freely_up_to_its_end_and_what_stands_behind_it_follows() {
    let model = Tiny::plain();
    let file = model.bytes();
    let whole = reference::greedy(&model, &tiny::tokens("Once upon"), 60);
    let whole = tiny::text(&whole);
    // Something that is written on the way, and where it first is.
    let until: String = whole.chars().skip(20).take(2).collect();
    let at = whole.find(&until).unwrap();
    let kept = whole[..at].trim_end();
    let form = vec![
        Slot::Open(until),
        text("\n== "),
        choice("b", &["no", "yes"], &[]),
        text(" =="),
    ];
    let reply = ask(&file, asked(form)).unwrap();
    let scores = &reply.scores[0].1;
    let chosen = if scores[0].1 >= scores[1].1 { "no" } else { "yes" };
    assert_eq!(reply.text, format!("{kept}\n== {chosen} =="));
    // The model went on from what the reply shows, not from what it had written beyond.
    let right = likelihood(&model, &format!("Once upon{kept}\n== "), "yes");
    assert!((scores[1].1 - right).abs() < 1e-3, "{} {right}", scores[1].1);
}

#[test]
fn forms_together_and_after_each_other_are_those_made_alone() {
    let file = Tiny::plain().bytes();
    let requests = || {
        ["I", "It was", "Once upon a time there", "x"].map(|before| Request {
            form: vec![
                text("A: "),
                choice("a", &["low", "the highest"], &[]),
                text("; B: "),
                choice("b", &["no", "yes"], &[]),
            ],
            ..completion(before, 200)
        })
    };
    let alone: Vec<_> = requests()
        .into_iter()
        .map(|request| ask(&file, request).unwrap())
        .collect();
    let (host, local) = world(&file);
    for _ in 0..2 {
        let together = futures_util::future::join_all(requests().into_iter().map(|request| local.complete(request)));
        let together: Vec<_> = host.block_on(together).into_iter().map(Result::unwrap).collect();
        assert_eq!(together, alone);
    }
}

#[test]
fn a_form_that_makes_no_sense_is_refused_and_one_without_end_is_cut_off() {
    let file = Tiny::plain().bytes();
    for form in [
        vec![choice("a", &[], &[])],
        vec![choice("a", &["", "x"], &[])],
        vec![choice("a", &["x", "y"], &[]), choice("b", &["x", "y"], &[])],
    ] {
        let fault = ask(&file, asked(form)).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Value);
        assert!(fault.help.is_some());
    }
    let mut endless = asked(vec![
        Slot::Open("never said".to_owned()),
        text(" ="),
        choice("b", &["x", "y"], &[]),
    ]);
    endless.max_tokens = Some(10);
    assert_eq!(ask(&file, endless).unwrap().finish, Finish::Length);
}

/// What a script prints that has the tiny model.
fn printed(host: &FakeHost, text: &str) -> String {
    let settings = format!("configure(lm: LM(\"local/{}\"), adapter: \"compact\")", tiny::PATH);
    let script = Script::new("s.dsp", format!("{settings}\n{text}"), "/work");
    let session = Builder::new(host.host()).cache(false).open(script).unwrap();
    let before = host.stdout().len();
    host.block_on(session.run([])).unwrap();
    host.stdout()[before..].to_owned()
}

#[test]
fn a_calibration_that_was_saved_gives_the_same_answers_when_it_is_loaded() {
    const PROGRAM: &str = "let classify = Predict(\"text -> mood: 'good' | 'bad' | 'mixed'\")\n\
                           let rows = [{text: f\"row {i}, {i * 7 % 5}\"} for i in range(12)]\n";
    let answers = |program: &str| {
        format!("for row in rows {{ print({program}(row.text).mood, meta({program}(row.text)).scores) }}")
    };
    let host = FakeHost::new();
    host.put(tiny::PATH, Tiny::plain().bytes());
    let plain = printed(&host, &format!("{PROGRAM}{}", answers("classify")));
    let search =
        "let even = compile(classify, rows[..6], optimizer: Calibration(num_inputs: 6))\nsave(even, \"even.json\")\n";
    let even = printed(&host, &format!("{PROGRAM}{search}{}", answers("even")));
    let load = "let loaded = load(classify, \"even.json\")\n";
    let loaded = printed(&host, &format!("{PROGRAM}{load}{}", answers("loaded")));
    assert_eq!(loaded, even);
    // It is the calibration that the answers come from: without it they are others.
    assert_ne!(plain, even);
    assert!(host.text("even.json").unwrap().contains("\"calibration\""));
}
