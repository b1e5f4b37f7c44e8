//! Calls of a model over HTTP, beside a bare loop of reqwest and serde_json that sends and reads the same JSON.

use std::process::Command;
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::measure::{Table, dsp, instructions, least, median, run};
use crate::mock;

/// The argument that makes this program the bare loop: `BARE base calls in-flight`.
pub const BARE: &str = "bare-loop";

const SEQUENTIAL_CALLS: usize = 10_000;
const ROWS: usize = 1000;

pub fn script(name: &str, base: &str) -> Command {
    let mut command = dsp();
    let path = format!("{}/tests/bench/scripts/{name}", env!("CARGO_MANIFEST_DIR"));
    command.args(["run", &path]).env("DSP_BENCH_BASE", base);
    command
}

pub fn bare(base: &str, calls: usize, in_flight: usize) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args([BARE, base, &calls.to_string(), &in_flight.to_string()]);
    command
}

/// CPU time of sequential calls with the cache off.
pub fn sequential(table: &mut Table) {
    let base = mock::start(Duration::ZERO);
    let (mut ours, mut other) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        ours.push(run(&mut script("sequential.dsp", &base)).cpu);
        other.push(run(&mut bare(&base, SEQUENTIAL_CALLS, 1)).cpu);
    }
    table.compare(
        "calls: CPU of 10,000 in a row, bare reqwest loop",
        least,
        &ours,
        &other,
        1.3,
    );
    let ours = instructions(&script("sequential.dsp", &base));
    let other = instructions(&bare(&base, SEQUENTIAL_CALLS, 1));
    if let (Some(ours), Some(other)) = (ours, other) {
        table.compare_instructions("calls: instructions of the same", ours, other, 1.3);
    }
}

/// Wall time of an evaluation of 1,000 rows, 50 ms each, 64 in flight.
pub fn rows_in_flight(table: &mut Table) {
    let base = mock::start(Duration::from_millis(50));
    let (mut ours, mut other) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        ours.push(run(&mut script("rows.dsp", &base)).wall);
        other.push(run(&mut bare(&base, ROWS, 64)).wall);
    }
    table.compare(
        "rows: wall of 1,000 × 50 ms, 64 in flight, bare loop",
        median,
        &ours,
        &other,
        1.08,
    );
}

/// Wall time of a `forward` with two independent calls of 100 ms beside one with one call.
pub fn two_in_one_forward(table: &mut Table) {
    let base = mock::start(Duration::from_millis(100));
    let (mut two, mut one) = (Vec::new(), Vec::new());
    for _ in 0..7 {
        two.push(run(&mut script("two_calls.dsp", &base)).wall);
        one.push(run(&mut script("one_call.dsp", &base)).wall);
    }
    table.compare(
        "overlap: wall of two calls of 100 ms, one call",
        median,
        &two,
        &one,
        1.1,
    );
}

/// What a program without dsp would do: one client, JSON in, JSON out.
pub fn bare_loop(args: &[String]) {
    let [base, calls, in_flight] = args else {
        panic!("usage: {BARE} base calls in-flight")
    };
    let (calls, in_flight): (usize, usize) = (calls.parse().expect("a number"), in_flight.parse().expect("a number"));
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("the first provider");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::builder().tls_certs_only([]).build().expect("a client");
        let done = futures_util::stream::iter(0..calls)
            .map(|i| ask(&client, base, i))
            .buffer_unordered(in_flight)
            .filter(|answer| std::future::ready(answer.contains("ok")))
            .count()
            .await;
        assert_eq!(done, calls);
    });
}

async fn ask(client: &reqwest::Client, base: &str, i: usize) -> String {
    let system = "Your input fields are:\n1. `question` (str):\nYour output fields are:\n1. `answer` (str):\nAll interactions will be structured in the following way, with the appropriate values filled in.\n\n[[ ## question ## ]]\n{question}\n\n[[ ## answer ## ]]\n{answer}\n\n[[ ## completed ## ]]\nIn adhering to this structure, your objective is: \n        Given the fields `question`, produce the fields `answer`.";
    let user = format!(
        "[[ ## question ## ]]\nquestion {i}\n\nRespond with the corresponding output fields, starting with the field `[[ ## answer ## ]]`, and then ending with the marker for `[[ ## completed ## ]]`."
    );
    let body = json!({"model": "mock", "messages": [{"role": "system", "content": system}, {"role": "user", "content": user}]});
    let request = client
        .post(format!("{base}/chat/completions"))
        .header("content-type", "application/json")
        .body(body.to_string());
    let bytes = request.send().await.expect("an answer").bytes().await.expect("a body");
    let reply: Value = serde_json::from_slice(&bytes).expect("JSON");
    reply["choices"][0]["message"]["content"]
        .as_str()
        .expect("a text")
        .to_owned()
}
