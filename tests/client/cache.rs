//! The response cache on disk.

use std::fs;
use std::sync::Arc;

use dsp::host::{Host, Permissions, RealHost};

fn host() -> Arc<dyn Host> {
    Arc::new(RealHost::new(Permissions::default()))
}

#[test]
fn two_processes_share_what_they_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/responses.sqlite3");
    let (a, b) = (host().store(&path).unwrap(), host().store(&path).unwrap());
    a.put("k", Arc::new(*b"one")).unwrap();
    assert_eq!(a.get("k").unwrap().as_deref(), Some(&b"one"[..]));
    // What was put is written a moment later, at the latest when its counts are wanted.
    assert_eq!(a.stats().unwrap(), (1, 3));
    assert_eq!(b.get("k").unwrap().as_deref(), Some(&b"one"[..]));
    b.put("k", Arc::new(*b"two")).unwrap();
    b.put("l", Arc::new(*b"three")).unwrap();
    assert_eq!(b.stats().unwrap(), (2, 8));
    assert_eq!(a.get("k").unwrap().as_deref(), Some(&b"two"[..]));
    assert_eq!(a.stats().unwrap(), (2, 8));
    assert_eq!(a.clear().unwrap(), 2);
    assert_eq!(b.get("k").unwrap(), None);
}

#[test]
fn many_writers_that_open_a_new_store_at_once_all_succeed() {
    (0..5).for_each(|_| write_at_once());
}

fn write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("responses.sqlite3");
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let path = path.clone();
            std::thread::spawn(move || {
                let store = host().store(&path).unwrap();
                for n in 0..50 {
                    store.put(&format!("{writer}-{n}"), Arc::new([7; 1500])).unwrap();
                }
            })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    assert_eq!(host().store(&path).unwrap().stats().unwrap(), (200, 300_000));
}

#[test]
fn a_file_that_is_no_database_is_moved_aside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("responses.sqlite3");
    fs::write(
        &path,
        "this is no database, and it is long enough to be looked at as one".repeat(20),
    )
    .unwrap();
    let store = host().store(&path).unwrap();
    store.put("k", Arc::new(*b"v")).unwrap();
    assert_eq!(store.get("k").unwrap().as_deref(), Some(&b"v"[..]));
    assert!(folder.path().join("responses.sqlite3.damaged").exists());
}

#[test]
fn damage_in_the_middle_costs_the_entries_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("responses.sqlite3");
    let store = host().store(&path).unwrap();
    for n in 0..200 {
        store.put(&format!("key {n}"), Arc::new([1; 2000])).unwrap();
    }
    drop(store);
    let mut bytes = fs::read(&path).unwrap();
    bytes[4096..].fill(0xAB);
    fs::write(&path, bytes).unwrap();
    let store = host().store(&path).unwrap();
    for n in 0..200 {
        store.put(&format!("new {n}"), Arc::new(*b"v")).unwrap();
        assert_eq!(store.get(&format!("new {n}")).unwrap().as_deref(), Some(&b"v"[..]));
    }
}

#[test]
fn a_cache_that_cannot_be_opened_is_an_error_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    fs::write(&blocked, "").unwrap();
    let error = host().store(&blocked.join("responses.sqlite3")).err().unwrap();
    assert!(error.message.starts_with("could not make"), "{error}");
}

#[test]
fn a_locked_store_is_read_from_and_what_it_cannot_take_is_told_of_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("responses.sqlite3");
    let first = host().store(&path).unwrap();
    first.put("known", Arc::new(*b"v")).unwrap();
    drop(first);
    let holder = rusqlite::Connection::open(&path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    let store = host().store(&path).unwrap();
    assert_eq!(store.get("known").unwrap().as_deref(), Some(&b"v"[..]));
    store.put("new", Arc::new(*b"v")).unwrap();
    let error = store.stats().unwrap_err();
    assert!(error.message.contains("database is locked"), "{error}");
    store.put("newer", Arc::new(*b"v")).unwrap();
    assert_eq!(store.stats().unwrap().0, 1);
}

#[test]
fn a_store_forgets_what_is_old_and_the_oldest_of_too_much() {
    let folder = tempfile::tempdir().unwrap();
    let store = host().store(&folder.path().join("responses.sqlite3")).unwrap();
    for n in 0..1000 {
        store.put(&format!("key {n}"), Arc::new([1; 2000])).unwrap();
    }
    store.trim(Some(std::time::Duration::from_secs(3600)), 500_000).unwrap();
    let (entries, bytes) = store.stats().unwrap();
    assert!(
        (100..250).contains(&entries) && bytes <= 500_000,
        "{entries} entries, {bytes} bytes"
    );
    assert!(store.get("key 999").unwrap().is_some());
    assert!(store.get("key 0").unwrap().is_none());
    let mut keys = Vec::new();
    store.each(&mut |key, _| keys.push(key.to_owned())).unwrap();
    assert_eq!(
        (keys.len() as u64, keys.last().map(String::as_str)),
        (entries, Some("key 999"))
    );
}

#[test]
fn answers_older_than_the_environment_says_are_asked_for_anew() {
    let host = super::setup::echo();
    host.set_env("DSP_CACHE_TTL", "2h");
    let lm = super::setup::at("http://model/v1");
    let ask = || {
        let request = super::setup::ask(&lm, "hi");
        let answer = host.block_on(super::setup::client(&host).call(&lm, request, Default::default()));
        answer.unwrap().cached
    };
    assert!(!ask());
    assert!(ask());
    host.block_on(host.sleep(std::time::Duration::from_secs(7201)));
    assert!(!ask());
}
