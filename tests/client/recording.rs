//! Recording once, replaying offline.

use dsp::call::{Recording, Source};
use dsp::chat::{Message, Mode, Reply, Role};
use dsp::diag::Fault;
use dsp::host::fake::FakeHost;
use dsp::lm::{Answer, Client, ClientOptions, request};
use futures_util::future::join_all;

use dsp::lm::CallSettings;

use super::setup::{ask, echo, model, once};

fn with(host: &FakeHost, source: Source) -> Client {
    Client::new(
        host.host(),
        ClientOptions {
            source,
            ..ClientOptions::default()
        },
    )
}

fn ask_all(host: &FakeHost, client: &Client, questions: &[&str]) -> Vec<Result<Answer, Fault>> {
    let lm = model("openai/gpt-4o-mini", &[]);
    let settings = CallSettings { cache: false, ..once() };
    host.block_on(join_all(
        questions
            .iter()
            .map(|text| client.call(&lm, ask(&lm, text), settings.clone())),
    ))
}

fn recorded(questions: &[&str]) -> String {
    let host = echo();
    host.set_env("OPENAI_API_KEY", "sk-secret");
    let recording = Recording::default();
    let client = with(&host, Source::Record(recording.clone()));
    assert!(ask_all(&host, &client, questions).iter().all(Result::is_ok));
    recording.text()
}

#[test]
fn what_was_recorded_is_replayed_without_key_or_connection() {
    let text = recorded(&["a", "b", "a"]);
    assert_eq!(text.lines().count(), 2);
    let host = FakeHost::new();
    let client = with(&host, Source::Replay(Recording::read("x.lm.jsonl", &text).unwrap()));
    let answers = ask_all(&host, &client, &["b", "a", "a"]);
    let texts: Vec<_> = answers
        .iter()
        .map(|answer| answer.as_ref().unwrap().reply.text.as_str())
        .collect();
    assert_eq!(texts, ["re: b", "re: a", "re: a"]);
    assert!(answers.iter().all(|answer| !answer.as_ref().unwrap().cached));
    assert!(host.requests().is_empty());
}

#[test]
fn lines_are_sorted_whatever_order_the_calls_are_made_in() {
    let text = recorded(&["b", "c", "a"]);
    assert_eq!(text, recorded(&["c", "a", "b"]));
    let asked: Vec<_> = text
        .lines()
        .map(|line| line.split("\"content\":\"").nth(1).unwrap()[..1].to_owned())
        .collect();
    assert_eq!(asked, ["a", "b", "c"]);
}

#[test]
fn a_long_text_that_requests_share_stands_once() {
    let long = "a text that is long enough to be worth a line of its own, since several requests have it";
    let both = |text: &str| vec![Message::new(Role::System, long), Message::new(Role::User, text)];
    let lm = model("openai/gpt-4o-mini", &[]);
    let request = |text: &str| request(&lm, both(text), Mode::Chat, []).unwrap();
    let host = echo();
    host.set_env("OPENAI_API_KEY", "sk-secret");
    let recording = Recording::default();
    let client = with(&host, Source::Record(recording.clone()));
    let settings = CallSettings { cache: false, ..once() };
    for text in ["a", "b"] {
        host.block_on(client.call(&lm, request(text), settings.clone()))
            .unwrap();
    }
    let text = recording.text();
    assert_eq!((text.matches(long).count(), text.lines().count()), (1, 3), "{text}");
    let again = Recording::read("x.lm.jsonl", &text).unwrap();
    assert_eq!(again.text(), text);
    let client = with(&FakeHost::new(), Source::Replay(again));
    let answer = host.block_on(client.call(&lm, request("b"), settings)).unwrap();
    assert_eq!(answer.reply.text, "re: b");
    let headless = text.lines().skip(1).collect::<Vec<_>>().join("\n");
    let fault = Recording::read("x.lm.jsonl", &headless).unwrap_err();
    assert!(
        fault.message.contains("line 1: no line above it has the text"),
        "{fault}"
    );
}

#[test]
fn a_long_beginning_that_prompts_share_stands_once() {
    let beginning = "Sort the sentences by language.\n\nSentence: Nul ne sera tenu en esclavage.\nLanguage: french\n\n";
    let question = |text: &str| format!("{beginning}{text}");
    let questions = ["a", "b", "a\n\nb", "\n\n"].map(question);
    let questions = questions.each_ref().map(String::as_str);
    let text = recorded(&questions);
    let named = text.matches("\"role\":\"user\",\"text\":").count();
    assert_eq!((named, text.lines().count()), (2, 5), "{text}");
    let again = Recording::read("x.lm.jsonl", &text).unwrap();
    assert_eq!(again.text(), text);
    let host = FakeHost::new();
    let answers = ask_all(&host, &with(&host, Source::Replay(again)), &questions);
    for (question, answer) in questions.iter().zip(answers) {
        assert_eq!(answer.unwrap().reply.text, format!("re: {question}"));
    }
}

#[test]
fn a_model_beside_the_script_is_found_wherever_the_test_is_run_from() {
    let lm = model("local/examples/models/a.gguf", &[]);
    let reply = Reply {
        text: "from the line".to_owned(),
        ..Reply::default()
    };
    let known = model("local/models/a.gguf", &[]);
    let line = serde_json::json!({"request": ask(&known, "hello"), "reply": reply}).to_string();
    let read = |begins: &str| {
        let recording = Recording::read("x.lm.jsonl", &line).unwrap().renaming(begins, "local/");
        let host = FakeHost::new();
        let client = with(&host, Source::Replay(recording));
        host.block_on(client.call(&lm, ask(&lm, "hello"), once()))
    };
    assert_eq!(read("local/examples/").unwrap().reply.text, "from the line");
    assert!(read("local/other/").is_err());
}

#[test]
fn only_what_is_missing_is_asked_and_what_nobody_asked_is_known() {
    let host = echo();
    host.set_env("OPENAI_API_KEY", "sk-secret");
    let recording = Recording::read("x.lm.jsonl", &recorded(&["a", "b"])).unwrap();
    let client = with(&host, Source::Record(recording.clone()));
    ask_all(&host, &client, &["b", "c"]);
    assert_eq!((host.requests().len(), recording.len()), (1, 3));
    assert_eq!(recording.unused(), ["openai/gpt-4o-mini: a"]);
    recording.prune();
    assert_eq!(recording.text(), recorded(&["b", "c"]));
}

#[test]
fn what_the_user_names_is_blacked_out_and_still_found() {
    let secret = || vec![regex::Regex::new("tok-[0-9]+").unwrap()];
    let host = echo();
    host.set_env("OPENAI_API_KEY", "sk-secret");
    let recording = Recording::default().redacting(secret());
    let client = with(&host, Source::Record(recording.clone()));
    ask_all(&host, &client, &["with tok-1234 in it"]);
    let text = recording.text();
    assert!(
        !text.contains("tok-") && text.contains("re: with [redacted] in it"),
        "{text}"
    );
    let replay = Recording::read("x.lm.jsonl", &text).unwrap().redacting(secret());
    let client = with(&FakeHost::new(), Source::Replay(replay));
    let answers = ask_all(&host, &client, &["with tok-99 in it"]);
    assert_eq!(answers[0].as_ref().unwrap().reply.text, "re: with [redacted] in it");
}

#[test]
fn no_secret_enters_a_recording() {
    assert!(!recorded(&["a"]).contains("secret"));
}

#[test]
fn a_question_that_was_not_recorded_shows_the_nearest_as_a_diff() {
    let text = recorded(&["the cat sat\non the mat", "something else"]);
    let host = FakeHost::new();
    let client = with(&host, Source::Replay(Recording::read("x.lm.jsonl", &text).unwrap()));
    let fault = ask_all(&host, &client, &["the dog sat\non the mat"])
        .remove(0)
        .unwrap_err();
    assert_eq!(fault.kind.name(), "lm");
    assert!(fault.message.contains("the [-cat-]{+dog+} sat\non the mat"), "{fault}");
    assert!(!fault.message.contains("something else"), "{fault}");
    assert!(fault.help.unwrap().contains("dsp test --record"));
}

/// The questions are one line each, and all else is the same.
#[test]
fn of_requests_as_near_by_their_lines_the_one_with_the_same_words_is_shown() {
    let text = recorded(&["red as a rose", "blue as the sky", "green as grass"]);
    let host = FakeHost::new();
    for (asked, shown) in [
        ("red as a fox", "red as a [-rose-]{+fox+}"),
        ("blue as the sea", "blue as the [-sky-]{+sea+}"),
        ("green as moss", "green as [-grass-]{+moss+}"),
    ] {
        let client = with(&host, Source::Replay(Recording::read("x.lm.jsonl", &text).unwrap()));
        let fault = ask_all(&host, &client, &[asked]).remove(0).unwrap_err();
        assert!(fault.message.contains(shown), "{fault}");
    }
}

#[test]
fn a_local_model_is_replayed_without_its_weights() {
    let lm = model("local", &[]);
    let reply = Reply {
        text: "from the line".to_owned(),
        ..Reply::default()
    };
    let line = serde_json::json!({"request": ask(&lm, "hello"), "reply": reply}).to_string();
    let host = FakeHost::new();
    let client = with(&host, Source::Replay(Recording::read("x.lm.jsonl", &line).unwrap()));
    let answer = host.block_on(client.call(&lm, ask(&lm, "hello"), once())).unwrap();
    assert_eq!(answer.reply.text, "from the line");
}

#[test]
fn a_local_model_whose_file_is_missing_is_an_error_that_names_it() {
    let host = FakeHost::new();
    let lm = model("local/none.gguf", &[]);
    let client = with(&host, Source::Live);
    let fault = host.block_on(client.call(&lm, ask(&lm, "hello"), once())).unwrap_err();
    assert!(fault.message.contains("`none.gguf`"), "{fault}");
}

#[test]
fn an_empty_recording_says_so_with_the_question() {
    let host = FakeHost::new();
    let client = with(&host, Source::Replay(Recording::default()));
    let fault = ask_all(&host, &client, &["hello"]).remove(0).unwrap_err();
    assert!(
        fault.message.contains("which is empty") && fault.message.contains("hello"),
        "{fault}"
    );
}

#[test]
fn a_line_that_is_no_recording_is_named() {
    let text = recorded(&["a"]) + "{\"request\": 1}\n";
    let fault = Recording::read("x.lm.jsonl", &text).unwrap_err();
    assert!(
        fault.message.starts_with("`x.lm.jsonl` is not a recording: line 2:"),
        "{fault}"
    );
}

#[test]
fn a_failed_request_is_replayed_as_it_failed_and_recorded_anew() {
    let host = FakeHost::new();
    host.set_env("OPENAI_API_KEY", "sk-secret");
    let recording = Recording::default();
    let asked = ask_all(&host, &with(&host, Source::Record(recording.clone())), &["a"]).remove(0);
    let fault = asked.unwrap_err();
    let text = recording.text();
    assert!(
        text.contains("\"error\":{\"kind\":") && !text.contains("sk-secret"),
        "{text}"
    );
    let read = Recording::read("x.lm.jsonl", &text).unwrap();
    let again = ask_all(&host, &with(&host, Source::Replay(read.clone())), &["a"]).remove(0);
    let again = again.unwrap_err();
    assert_eq!((again.kind, &again.message), (fault.kind, &fault.message));
    assert!(read.take_missed().is_empty());
    // What was in the file before stays where a test failed; what is new goes.
    read.forget_new_failures();
    recording.forget_new_failures();
    assert_eq!((read.len(), recording.len()), (1, 0));
    host.answer(|_| (std::time::Duration::ZERO, dsp::host::fake::openai_reply("well")));
    let recorded = ask_all(&host, &with(&host, Source::Record(read.clone())), &["a"]).remove(0);
    assert_eq!(recorded.unwrap().reply.text, "well");
    assert!(!read.text().contains("error"));
}
