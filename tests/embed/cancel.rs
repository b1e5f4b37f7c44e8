//! Dropping a call's future cancels it, and the session goes on.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use dsp::host::fake::FakeHost;
use dsp::session::{Outcome, Reply, Session};
use dsp::value::Value;

use super::setup::{answer, builder, fault, open};

/// Says when it goes away.
struct Alive(Arc<AtomicBool>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// Polls a call until it waits.
fn begin(call: Outcome<Value>) -> Outcome<Value> {
    let mut call = call;
    let polled = pin!(&mut call).poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Pending));
    call
}

/// A script whose first question is never answered.
fn stuck() -> (FakeHost, Session, Arc<AtomicBool>) {
    let host = FakeHost::new();
    let (alive, asked) = (Arc::new(AtomicBool::new(false)), AtomicUsize::new(0));
    let flag = alive.clone();
    let builder = builder(&host).model("house", move |_| {
        let first = asked.fetch_add(1, Ordering::Relaxed) == 0;
        flag.store(true, Ordering::Relaxed);
        let guard = Alive(flag.clone());
        async move {
            if first {
                std::future::pending::<()>().await;
            }
            drop(guard);
            Ok(Reply {
                text: answer("yes"),
                ..Reply::default()
            })
        }
    });
    let text = r#"
configure(lm: LM("house"))
let greeting = Predict("question -> answer")("hello").answer
fn greet() -> str { greeting }
fn double(n: int) -> int { n * 2 }
"#;
    let session = open(builder, text);
    (host, session, alive)
}

#[test]
fn a_dropped_call_drops_its_request_and_the_session_goes_on() {
    let (host, session, alive) = stuck();
    let call = begin(session.call("greet", []));
    assert!(alive.load(Ordering::Relaxed));
    drop(call);
    assert!(!alive.load(Ordering::Relaxed), "the model is still being asked");
    let doubled = host.block_on(session.call("double", [("n".into(), Value::Int(4))]));
    assert_eq!(doubled.unwrap(), Value::Int(8));
    // What was not finished runs again.
    assert_eq!(host.block_on(session.call("greet", [])).unwrap(), Value::str("yes"));
}

#[test]
fn a_let_that_failed_fails_again_and_one_that_ran_does_not_run_again() {
    let host = FakeHost::new();
    host.put("/work/n.txt", "one");
    let text = r#"
let n = int(read_text("n.txt"))
fn twice() -> int { n * 2 }
"#;
    let session = open(builder(&host), text);
    for _ in 0..2 {
        assert!(fault(host.block_on(session.call("twice", []))).1.contains("one"));
    }
    host.put("/work/n.txt", "21");
    assert_eq!(host.block_on(session.call("twice", [])).unwrap(), Value::Int(42));
    host.put("/work/n.txt", "1");
    assert_eq!(host.block_on(session.call("twice", [])).unwrap(), Value::Int(42));
}

#[test]
fn what_a_whole_run_has_set_stays_set() {
    let host = FakeHost::new();
    let session = open(
        builder(&host),
        "print(\"once\")\nlet n = 1\nfn get() -> int { n }\nconfigure(strict: true)",
    );
    host.block_on(session.run([])).unwrap();
    assert_eq!(host.block_on(session.call("get", [])).unwrap(), Value::Int(1));
    assert_eq!(host.stdout(), "once\n");
}

#[test]
fn a_loop_without_end_can_be_dropped_too() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let host = FakeHost::new();
    let session = open(
        builder(&host),
        "fn spin() -> int { while true { }\n 1 }\nfn one() -> int { 1 }",
    );
    let outcome = runtime.block_on(async {
        let spinning = tokio::time::timeout(std::time::Duration::from_millis(20), session.call("spin", [])).await;
        assert!(spinning.is_err(), "it ended");
        session.call("one", []).await
    });
    assert_eq!(outcome.unwrap(), Value::Int(1));
}
