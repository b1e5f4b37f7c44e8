//! Virtual time.

use std::path::Path;
use std::time::{Duration, Instant};

use dsp::host::fake::FakeHost;
use dsp::host::{Access, Host, HostErrorKind, Stream};
use futures_util::future::join_all;

use super::setup::{ask, at, client, echo, once};

#[test]
fn an_hour_of_sleep_takes_no_time_and_shows_on_the_clock() {
    let host = FakeHost::new();
    let before = (Instant::now(), host.now());
    host.block_on(host.sleep(Duration::from_secs(3600)));
    assert_eq!(host.elapsed(), Duration::from_secs(3600));
    assert_eq!(host.now() - before.1, 3600.0);
    assert!(before.0.elapsed() < Duration::from_secs(5));
}

#[test]
fn sleeps_overlap_and_end_in_the_order_of_their_times() {
    let host = FakeHost::new();
    let sleeps = [30, 10, 20].map(|seconds| {
        let (host, sleep) = (host.clone(), host.sleep(Duration::from_secs(seconds)));
        async move {
            sleep.await;
            host.print(Stream::Out, &format!("{seconds} at {:?}\n", host.elapsed()))
                .unwrap();
        }
    });
    host.block_on(join_all(sleeps));
    assert_eq!(host.stdout(), "10 at 10s\n20 at 20s\n30 at 30s\n");
}

#[test]
fn a_dropped_sleep_is_not_waited_for() {
    let host = FakeHost::new();
    drop(host.sleep(Duration::from_secs(5)));
    host.block_on(host.sleep(Duration::from_secs(1)));
    assert_eq!(host.elapsed(), Duration::from_secs(1));
}

#[test]
fn two_independent_calls_take_the_time_of_one() {
    let host = echo();
    let (client, lm) = (client(&host), at("http://model/v1"));
    let calls = ["a", "b"].map(|text| client.call(&lm, ask(&lm, text), once()));
    let replies = host.block_on(join_all(calls));
    assert_eq!(replies[1].as_ref().unwrap().reply.text, "re: b");
    assert_eq!(host.elapsed(), Duration::from_millis(100));
}

#[test]
fn an_answer_that_comes_too_late_is_a_time_out_at_its_time() {
    let host = FakeHost::new();
    host.answer(|_| (Duration::from_secs(90), dsp::host::fake::openai_reply("late")));
    let lm = at("http://model/v1");
    let fault = host
        .block_on(client(&host).call(&lm, ask(&lm, "a"), once()))
        .unwrap_err();
    assert_eq!(fault.kind.name(), "timeout");
    assert_eq!(host.elapsed(), Duration::from_secs(60));
    assert_eq!(
        fault.message,
        "no answer from `http://model/v1/chat/completions` within 60 s"
    );
}

#[test]
fn files_of_the_fake_host_are_in_memory() {
    let host = FakeHost::new();
    host.put("data/b.txt", "b");
    host.put("data/.hidden/c.txt", "c");
    host.write(Access::Script, Path::new("data/a.txt"), b"a").unwrap();
    assert_eq!(
        host.read(Access::Script, Path::new("/work/data/../data/a.txt"))
            .unwrap(),
        b"a"
    );
    let listed = host.list(Access::Script, Path::new("data")).unwrap();
    assert_eq!(listed, [Path::new("data/a.txt"), Path::new("data/b.txt")]);
    assert!(host.is_dir(Path::new("data")));
    let outside = host.read(Access::Script, Path::new("../etc/passwd")).unwrap_err();
    assert_eq!(outside.kind, HostErrorKind::Permission);
    assert_eq!(
        host.read(Access::Own, Path::new("/etc/passwd")).unwrap_err().kind,
        HostErrorKind::NotFound
    );
}
