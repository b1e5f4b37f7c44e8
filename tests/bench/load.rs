//! Many calls in flight beside the bare loop, and what many rows take in memory.

use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::calls::{bare, script};
use crate::measure::{Table, median, watched};
use crate::mock;

const CALLS: usize = 20_000;
const IN_FLIGHT: usize = 10_000;

/// Files of a process beside its connections.
const OTHERS: u64 = 100;

/// Lets this process and those it starts have a connection for each call. What the system allows may be too little.
fn raise_limit() -> bool {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).expect("the limit of open files");
    setrlimit(Resource::RLIMIT_NOFILE, most, most).expect("the soft limit can be the hard one");
    let enough = most >= IN_FLIGHT as u64 + OTHERS;
    if !enough {
        println!("load: 3 rows skipped, {IN_FLIGHT} connections are more than `ulimit -Hn` ({most}) allows");
    }
    enough
}

/// Wall time and peak memory of an evaluation whose calls are all in flight at once, with the cache off and on.
pub fn ten_thousand_in_flight(table: &mut Table) {
    if !raise_limit() {
        return;
    }
    let base = mock::start(Duration::from_millis(200));
    let folder = tempfile::tempdir().expect("a folder");
    let (mut off, mut on, mut other) = (Vec::new(), Vec::new(), Vec::new());
    let (mut ours, mut bare_memory) = (Vec::new(), Vec::new());
    for round in 0..7 {
        let load = |cache: &str| {
            let mut command = script("load.dsp", &base);
            let rows = CALLS.to_string();
            command.args(["--rows", &rows, "--in-flight", &IN_FLIGHT.to_string(), "--cache", cache]);
            command.env("DSP_CACHE_DIR", folder.path().join(round.to_string()));
            watched(&mut command)
        };
        let (without, loop_alone, with) = (load("false"), watched(&mut bare(&base, CALLS, IN_FLIGHT)), load("true"));
        off.push(without.0);
        other.push(loop_alone.0);
        on.push(with.0);
        println!(
            "load: peak memory {:.0} MB, with the cache {:.0} MB, the loop {:.0} MB",
            without.1, with.1, loop_alone.1
        );
        ours.push(without.1.max(with.1));
        bare_memory.push(loop_alone.1);
    }
    let what = |cache: &str| format!("load: wall of 20,000 × 200 ms, 10,000 in flight, cache {cache}, bare loop");
    table.compare(&what("off"), median, &off, &other, 1.0 / 0.85);
    table.compare(&what("on"), median, &on, &other, 1.0 / 0.7);
    table.figure(
        "load: peak memory beyond the loop's",
        median(&ours) - median(&bare_memory),
        120.0,
        "MB",
        14,
    );
}

/// Peak memory of evaluations of few and of many rows, beside a loop by hand that makes the same calls, a thousand at a time,
/// and keeps the same rows: what is beyond it is what the evaluation takes for itself.
pub fn rows_in_a_window(table: &mut Table) {
    let base = mock::start(Duration::ZERO);
    let peak = |name: &str, rows: &str| {
        let mut command = script(name, &base);
        command.args(["--rows", rows, "--in-flight", "64", "--cache", "false"]);
        watched(&mut command).1
    };
    let own = ["1000", "10000", "100000"].map(|rows| {
        let (evaluation, kept) = (peak("load.dsp", rows), peak("kept.dsp", rows));
        println!("peak memory of {rows} rows: {evaluation:.0} MB, {kept:.0} MB of a loop that keeps the same");
        evaluation - kept
    });
    let [few, _, many] = own;
    table.figure(
        "memory: 100,000 rows beyond 1,000, above a loop's",
        many - few,
        5.0,
        "MB",
        1,
    );
}
