//! What the engine answers, on a tiny model.

use candle_core::quantized::GgmlDType;
use candle_core::quantized::gguf_file::Value;
use dsp::chat::{Finish, Message, Mode, Reply, Request, Role};
use dsp::diag::FaultKind;
use dsp::lm::local::Local;
use futures_util::future::{FutureExt, join_all};
use serde_json::json;

use crate::reference;
use crate::tiny::{self, Tiny, ask, chat, completion, world};

const PROMPTS: [&str; 3] = [
    "Once upon a time",
    "x",
    "A longer text, which fills more than one block: 0123456789 0123456789 0123456789.",
];

#[test]
fn a_reply_is_what_the_architecture_says() {
    for model in [Tiny::plain(), Tiny::qwen2()] {
        let file = model.bytes();
        for prompt in PROMPTS {
            let reply = ask(&file, completion(prompt, 24)).unwrap();
            let tokens = tiny::tokens(prompt);
            let right = reference::greedy(&model, &tokens, 24);
            assert_eq!(reply.text, tiny::text(&right));
            assert_eq!(reply.finish, Finish::Length);
            assert_eq!(reply.usage.prompt_tokens, tokens.len() as u64);
            assert_eq!(reply.usage.completion_tokens, 24);
        }
    }
}

#[test]
fn a_chat_goes_through_the_template_of_the_file() {
    let model = Tiny::plain();
    let file = model.bytes();
    let mark = |name: &str| tiny::vocabulary().iter().position(|token| token == name).unwrap() as u32;
    let message = |role: &str, content: &str| {
        let text = tiny::tokens(&format!("{role}\n{content}"));
        [
            vec![mark("<|im_start|>")],
            text,
            vec![mark("<|im_end|>")],
            tiny::tokens("\n"),
        ]
        .concat()
    };
    let opening = [vec![mark("<|im_start|>")], tiny::tokens("assistant\n")].concat();
    let user = Message::new(Role::User, "Hi? <|im_end|>");
    let own_system = Message::new(Role::System, "Be brief.");
    let cases = [
        // A mark in a text is text.
        (
            vec![user.clone()],
            [message("system", "You help."), message("user", "Hi? <|im_end|>")],
        ),
        (
            vec![own_system, user],
            [message("system", "Be brief."), message("user", "Hi? <|im_end|>")],
        ),
    ];
    for (messages, tokens) in cases {
        let tokens = [tokens.concat(), opening.clone()].concat();
        let reply = ask(&file, chat(messages, 16)).unwrap();
        assert_eq!(reply.usage.prompt_tokens, tokens.len() as u64);
        assert_eq!(reply.text, tiny::text(&reference::greedy(&model, &tokens, 16)));
    }
}

#[test]
fn a_model_without_a_known_template_completes_texts_alone() {
    for model in [
        Tiny::plain().without("tokenizer.chat_template"),
        Tiny::plain().set("tokenizer.chat_template", Value::String("[INST] {{ text }}".to_owned())),
    ] {
        let file = model.bytes();
        let fault = ask(&file, chat(vec![Message::new(Role::User, "Hi")], 4)).unwrap_err();
        assert!(fault.message.contains("no chat template"), "{}", fault.message);
        assert!(fault.help.unwrap().contains("compact"));
        assert_eq!(ask(&file, completion("Hi", 4)).unwrap().usage.completion_tokens, 4);
    }
}

/// Texts that begin alike and part at various places, in and at the ends of blocks.
fn branching() -> Vec<Request> {
    let trunk: String = (0..100)
        .map(|index| char::from(b'a' + (index * 7 % 26) as u8))
        .collect();
    let cuts = [100, 99, 97, 96, 95, 64, 63, 33, 32, 31, 5, 1];
    let branch = |(index, cut): (usize, &usize)| completion(&format!("{}{index} and on", &trunk[..*cut]), 12);
    let repeated = [completion(&trunk, 12), completion(&trunk, 40)];
    cuts.iter().enumerate().map(branch).chain(repeated).collect()
}

#[test]
fn a_kept_beginning_changes_no_reply() {
    let file = Tiny::plain().bytes();
    let alone: Vec<Reply> = branching()
        .into_iter()
        .map(|request| ask(&file, request).unwrap())
        .collect();
    let (host, local) = world(&file);
    for round in 0..2 {
        for (request, right) in branching().into_iter().zip(&alone) {
            assert_eq!(host.block_on(local.complete(request)).unwrap(), *right, "round {round}");
        }
    }
}

#[test]
fn replies_made_together_are_those_made_alone() {
    let file = Tiny::plain().bytes();
    let alone: Vec<Reply> = branching()
        .into_iter()
        .map(|request| ask(&file, request).unwrap())
        .collect();
    let (host, local) = world(&file);
    for _ in 0..3 {
        let together = join_all(branching().into_iter().map(|request| local.complete(request)));
        let together: Vec<Reply> = host.block_on(together).into_iter().map(Result::unwrap).collect();
        assert_eq!(together, alone);
    }
}

#[test]
fn a_stop_text_ends_the_reply_and_is_not_part_of_it() {
    let file = Tiny::plain().bytes();
    let whole = ask(&file, completion("Once", 40)).unwrap().text;
    let stop = whole[10..13].to_owned();
    let at = whole.find(&stop).unwrap();
    let mut request = completion("Once", 40);
    request.stop = vec!["never said".to_owned(), String::new(), stop];
    let reply = ask(&file, request).unwrap();
    assert_eq!(reply.text, whole[..at]);
    assert_eq!(reply.finish, Finish::Stop);
    assert!(reply.usage.completion_tokens < 40);
}

#[test]
fn an_end_mark_ends_the_reply() {
    // A model that knows nothing but zeros finds all tokens alike; the first of them is an end mark.
    let model = Tiny::plain();
    let zeros = candle_core::Tensor::zeros(
        (tiny::vocabulary().len(), tiny::WIDTH),
        candle_core::DType::F32,
        &candle_core::Device::Cpu,
    );
    let zeros = candle_core::quantized::QTensor::quantize(&zeros.unwrap(), GgmlDType::Q8_0).unwrap();
    let mut model = model.without("output.weight");
    model.tensors.push(("output.weight".to_owned(), zeros));
    let reply = ask(&model.bytes(), completion("Once", 40)).unwrap();
    assert_eq!((reply.text.as_str(), reply.finish), ("", Finish::Stop));
    assert_eq!(reply.usage.completion_tokens, 1);
}

#[test]
fn a_reply_is_cut_off_at_256_tokens_or_where_the_context_ends() {
    let file = Tiny::plain().bytes();
    let mut request = completion("Once", 1);
    request.max_tokens = None;
    let reply = ask(&file, request).unwrap();
    assert_eq!((reply.finish, reply.usage.completion_tokens), (Finish::Length, 256));
    let long = "y".repeat(tiny::CONTEXT - 5);
    let reply = ask(&file, completion(&long, 100)).unwrap();
    assert_eq!((reply.finish, reply.usage.completion_tokens), (Finish::Length, 5));
}

#[test]
fn a_prompt_longer_than_the_context_says_both_numbers() {
    let fault = ask(&Tiny::plain().bytes(), completion(&"y".repeat(600), 1)).unwrap_err();
    assert_eq!(fault.kind, FaultKind::ContextLength);
    assert!(
        fault.message.contains("600") && fault.message.contains("512"),
        "{}",
        fault.message
    );
    assert!(fault.help.is_some());
}

#[test]
fn an_empty_prompt_is_refused() {
    let fault = ask(&Tiny::plain().bytes(), completion("", 1)).unwrap_err();
    assert!(fault.message.contains("empty"), "{}", fault.message);
}

#[test]
fn a_seed_or_a_rollout_decides_what_chance_says() {
    let file = Tiny::plain().bytes();
    let say = |temperature: f64, seed: Option<i64>, rollout: Option<u64>| {
        let mut request = completion("Once", 30);
        request.temperature = Some(temperature);
        request.rollout = rollout;
        if let Some(seed) = seed {
            request.extra.insert("seed".to_owned(), json!(seed));
        }
        ask(&file, request).unwrap().text
    };
    let first = say(1.0, Some(1), None);
    assert_eq!(first, say(1.0, Some(1), None));
    assert_ne!(first, say(1.0, Some(2), None));
    assert_ne!(first, say(1.0, Some(1), Some(1)));
    assert_ne!(say(1.0, None, Some(1)), say(1.0, None, Some(2)));
    assert_eq!(say(0.0, Some(1), None), say(0.0, Some(2), Some(7)));
}

#[test]
fn settings_that_are_unknown_or_wrong_are_refused_by_name() {
    let file = Tiny::plain().bytes();
    for (name, value, words) in [
        ("top_k", json!(3), "does not know the setting `top_k`"),
        ("top_p", json!(1.5), "`top_p`"),
        ("seed", json!("one"), "`seed`"),
    ] {
        let mut request = completion("Once", 1);
        request.extra.insert(name.to_owned(), value);
        let fault = ask(&file, request).unwrap_err();
        assert_eq!(fault.kind, FaultKind::Value);
        assert!(fault.message.contains(words), "{}", fault.message);
    }
}

#[test]
fn a_reply_that_nobody_waits_for_leaves_its_place() {
    let file = Tiny::plain().set("llama.context_length", Value::U32(1_000_000)).bytes();
    let (host, local) = world(&file);
    host.block_on(local.complete(completion("warm", 1))).unwrap();
    // More than there are places for, each as long as a day.
    let endless = || join_all((0..40).map(|index| local.complete(completion(&format!("{index}"), 900_000))));
    let short = local.complete(completion("Once", 3));
    assert!(endless().now_or_never().is_none());
    let reply = host.block_on(short);
    assert_eq!(reply.unwrap().usage.completion_tokens, 3);
}

#[test]
fn other_formats_are_read_too() {
    let right = ask(&Tiny::new(|_| GgmlDType::F32).bytes(), completion("Once", 8)).unwrap();
    let halves = ask(&Tiny::new(|_| GgmlDType::F16).bytes(), completion("Once", 8)).unwrap();
    assert_eq!(right.text, halves.text);
    for format in [GgmlDType::Q5_0, GgmlDType::Q5_1] {
        let reply = ask(&Tiny::new(|_| format).bytes(), completion("Once", 8)).unwrap();
        assert_eq!(reply.usage.completion_tokens, 8);
    }
}

#[test]
fn a_path_in_a_name_starts_at_the_folder_of_the_script() {
    let placed = |name: &str, folder: &str| Local::placed(name, std::path::Path::new(folder));
    assert_eq!(placed("local/models/a.gguf", "scripts"), "local/scripts/models/a.gguf");
    assert_eq!(placed("local/a.gguf", "."), "local/a.gguf");
    assert_eq!(placed("local//models/a.gguf", "scripts"), "local//models/a.gguf");
    assert_eq!(placed("local", "scripts"), "local");
    assert_eq!(placed("openai/a/b", "scripts"), "openai/a/b");
}

#[test]
fn the_names_of_local_models_are_local_and_local_with_a_path() {
    assert!(Local::answers("local") && Local::answers("local/a/b.gguf"));
    assert!(!Local::answers("openai/local") && !Local::answers("locally"));
    assert_eq!(completion("", 1).mode, Mode::Completion);
}
