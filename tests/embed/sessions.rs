//! Many sessions, limits, permissions, output.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dsp::host::fake::FakeHost;
use dsp::host::{Host, Permissions, RealHost, Stream};
use dsp::session::{Builder, Failure, FailureKind, FaultKind, Limits, Outcome, Reply, Script, Session};
use dsp::value::Value;

use super::setup::{answer, builder, fault, open};

fn is_shared<T: Send + Sync + Clone + 'static>() {}
fn is_sent<T: Send + 'static>(_: &T) {}

#[test]
fn the_handle_is_shared_between_threads_and_futures_are_sent() {
    is_shared::<Session>();
    fn all(session: &Session) -> (Outcome<Value>, Outcome<Value>) {
        (session.run([]), session.call("f", []))
    }
    let host = FakeHost::new();
    let (run, call) = all(&open(builder(&host), "fn f() { 1 }"));
    is_sent(&run);
    is_sent(&call);
}

#[test]
fn sixty_four_sessions_run_in_one_program() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let text = r#"
configure(lm: LM("house"))
fn ask(n: int) -> str {
  let answers = [Predict("question -> answer")(f"{n}.{i}").answer for i in 0..4]
  join(answers, " ")
}
"#;
    let session = |n: i64| async move {
        let host = RealHost::new(Permissions::default());
        let builder =
            Builder::new(Arc::new(host))
                .cache(false)
                .model("house", |request: dsp::session::Request| async move {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    let asked = request
                        .messages
                        .last()
                        .unwrap()
                        .content
                        .lines()
                        .nth(1)
                        .unwrap_or_default()
                        .to_owned();
                    Ok(Reply {
                        text: answer(&asked),
                        ..Reply::default()
                    })
                });
        let session = builder.open(Script::new("s.dsp", text, "."))?;
        session.call("ask", [("n".into(), Value::Int(n))]).await
    };
    let answers = runtime.block_on(async {
        let running: Vec<_> = (0..64).map(|n| tokio::spawn(session(n))).collect();
        let mut answers = Vec::new();
        for one in running {
            answers.push(one.await.unwrap().unwrap());
        }
        answers
    });
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(*answer, Value::str(format!("{n}.0 {n}.1 {n}.2 {n}.3")));
    }
}

#[test]
fn one_session_takes_its_calls_in_turn() {
    let host = FakeHost::new();
    let session = open(builder(&host), "fn f(n: int) -> int { sleep(1)\n n }");
    let calls = (0..3).map(|n| session.call("f", [("n".into(), Value::Int(n))]));
    let all = host.block_on(futures_util::future::join_all(calls));
    let all: Vec<Value> = all.into_iter().map(Result::unwrap).collect();
    assert_eq!(all, [0, 1, 2].map(Value::Int));
    assert_eq!(host.elapsed(), Duration::from_secs(3));
}

#[test]
fn limits_end_a_script_that_goes_too_far() {
    let host = FakeHost::new();
    let run = |limits: Limits, text: &str| fault(host.block_on(open(builder(&host).limits(limits), text).run([])));
    let steps = Limits {
        steps: 10_000,
        ..Limits::default()
    };
    let (_, message) = run(steps, "while true { }");
    assert!(message.contains("steps"), "{message}");
    let depth = Limits {
        depth: 50,
        ..Limits::default()
    };
    let (_, message) = run(depth, "fn f(n: int) -> int { f(n + 1) + 1 }\nprint(f(0))");
    assert!(message.contains("50"), "{message}");
    let memory = Limits {
        memory: 1 << 20,
        ..Limits::default()
    };
    let (_, message) = run(memory, "print(len(repeat(\"x\", 10 ** 9)))");
    assert!(message.contains("limit"), "{message}");
}

#[test]
fn a_run_that_takes_too_long_ends_and_the_session_goes_on() {
    let host = FakeHost::new();
    let limits = Limits {
        time: Some(Duration::from_secs(2)),
        ..Limits::default()
    };
    let text = "fn nap(seconds: float) -> str { try { sleep(seconds) } catch e { return \"caught\" }\n \"awake\" }";
    let session = open(builder(&host).limits(limits), text);
    let nap = |seconds: f64| host.block_on(session.call("nap", [("seconds".into(), Value::Float(seconds))]));
    let too_long = (
        FaultKind::Budget,
        "the program ran longer than the limit of 2 s".to_owned(),
    );
    assert_eq!(fault(nap(2.5)), too_long);
    // Every call has the whole time.
    for _ in 0..2 {
        assert_eq!(nap(1.5).unwrap(), Value::str("awake"));
    }
    assert_eq!(fault(nap(3600.0)), too_long);
    assert_eq!(host.elapsed(), Duration::from_secs(7));
}

fn real(permissions: Permissions, folder: &std::path::Path, text: &str) -> (Result<Value, Failure>, String) {
    let said = Arc::new(Mutex::new(String::new()));
    let listener = said.clone();
    let host = RealHost::new(permissions).printing(move |stream, text| {
        let name = if stream == Stream::Out { "out" } else { "err" };
        listener.lock().unwrap().push_str(&format!("{name}: {text}"));
    });
    let session = Builder::new(Arc::new(host))
        .cache(false)
        .open(Script::new("s.dsp", text, folder))
        .unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let outcome = runtime.block_on(session.run([]));
    let said = said.lock().unwrap().clone();
    (outcome, said)
}

#[test]
fn a_script_may_do_what_the_host_permits_and_its_prints_go_to_the_host() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "text").unwrap();
    let script = "print(read_text(\"a.txt\"))\ndebug(1)";
    let allowed = Permissions::below([folder.path().to_owned()]);
    let (outcome, said) = real(allowed, folder.path(), script);
    assert_eq!((outcome.unwrap(), said.as_str()), (Value::None, "out: text\nerr: 1\n"));
    let (outcome, said) = real(Permissions::default(), folder.path(), script);
    assert_eq!((fault(outcome).0, said.as_str()), (FaultKind::Permission, ""));
}

#[test]
fn failures_say_their_kind_their_problems_and_their_text() {
    let host = FakeHost::new();
    let open = |text: &str| builder(&host).open(Script::new("s.dsp", text, "/work"));
    let failure = open("print(nme)\nlet name = 1\nlet x: int = \"a\"").err().unwrap();
    assert_eq!((failure.kind(), failure.problems().len()), (FailureKind::Check, 2));
    assert!(failure.to_string().contains("s.dsp:1"), "{failure}");
    let failure = host
        .block_on(open("fn f() -> int { 1 // 0 }").unwrap().call("f", []))
        .unwrap_err();
    assert_eq!(
        (failure.kind(), failure.fault().unwrap().kind),
        (FailureKind::Run, FaultKind::Value)
    );
    assert!(failure.to_string().contains("s.dsp:1:17"), "{failure}");
    host.put("/work/bad.dsp", [0xff, 0xfe]);
    let failure = Script::read(host.host().as_ref(), std::path::Path::new("/work/bad.dsp")).unwrap_err();
    assert_eq!(failure.kind(), FailureKind::Load);
}

#[test]
fn a_module_a_program_and_a_function_are_called_by_name() {
    let host = FakeHost::new();
    let text = r#"
configure(lm: DummyLM({"1": {b: "one"}, "2": {b: "two"}}))
module Twice(suffix: str = "!") {
  say = Predict("a -> b")
  forward(a: str) -> str { say(a).b + suffix }
}
let program = Twice()
fn f(x: int, y: int = 2) -> int { x - y }
"#;
    let session = open(builder(&host), text);
    let call =
        |name: &str, arguments: Vec<(dsp::value::EcoString, Value)>| host.block_on(session.call(name, arguments));
    assert_eq!(
        call("program", vec![("a".into(), Value::str("1"))]).unwrap(),
        Value::str("one!")
    );
    assert_eq!(call("f", vec![("x".into(), Value::Int(5))]).unwrap(), Value::Int(3));
    assert_eq!(session.account().usage().total.calls, 1);
    let (kind, message) = fault(call("f", vec![("z".into(), Value::Int(5))]));
    assert!(kind == FaultKind::Type && message.contains("`x`"), "{message}");
}
