//! Searches and evaluations: beside DSPy (the Python that `DSP_BENCH_DSPY` names) against the same server, beside the
//! least that their calls can take, and what they cost without their calls.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::measure::{Cost, Table, dsp, least, median, run, said};
use crate::mock;

const LATENCY: f64 = 0.02;
const IN_FLIGHT: f64 = 16.0;
const RUNS: usize = 7;
/// Those of DSPy take a quarter of a minute each.
const DSPY_RUNS: usize = 3;
const ROWS: usize = 5000;

fn script(name: &str, args: &[&str]) -> Command {
    let mut command = dsp();
    let path = format!("{}/tests/bench/scripts/{name}.dsp", env!("CARGO_MANIFEST_DIR"));
    command.args(["run", &path]).args(args);
    command
}

/// Wall time of a random search: 100 rows, 10 + 3 candidates, 20 ms a call, 16 in flight.
pub fn random_search(table: &mut Table) {
    let base = mock::start(Duration::from_secs_f64(LATENCY));
    let mut ours = Vec::new();
    let mut calls = 0.0;
    for _ in 0..RUNS {
        let mut command = script("search", &[]);
        command.env("DSP_BENCH_BASE", &base);
        let (cost, out) = said(&mut command);
        calls = out.trim().parse().expect("a number of calls");
        ours.push(cost.wall);
    }
    let ideal = calls / IN_FLIGHT * LATENCY;
    let what = format!("search: wall of {calls} calls, all 16 lanes full");
    table.compare(&what, median, &ours, &[ideal], 1.15);
    let Some(python) = std::env::var_os("DSP_BENCH_DSPY") else {
        println!("search: 1 row skipped, DSP_BENCH_DSPY names no Python that has DSPy 3.4.1");
        return;
    };
    let path = format!("{}/tests/bench/scripts/dspy_search.py", env!("CARGO_MANIFEST_DIR"));
    let mut others = Vec::new();
    for _ in 0..DSPY_RUNS {
        let (_, out) = said(Command::new(&python).arg(&path).arg(&base));
        // Optuna and others print of themselves; what the script tells is its last line.
        let line = out.lines().last().unwrap_or_default();
        let told: Value = serde_json::from_str(line).expect("a line of JSON");
        others.push(told["seconds"].as_f64().expect("seconds"));
    }
    table.compare("search: wall of the same, DSPy", median, &ours, &others, 0.2);
}

/// CPU time of evaluating a row, without the row's call.
pub fn evaluated_rows(table: &mut Table) {
    let rows = ROWS.to_string();
    let cpu = |args: &[&str]| {
        let costs: Vec<f64> = (0..20).map(|_| run(&mut script("evaluated", args)).cpu).collect();
        least(&costs)
    };
    let whole = cpu(&["--rows", &rows]);
    let alone = cpu(&["--rows", &rows, "--alone"]);
    let each = 1e6 * (whole - alone) / ROWS as f64;
    table.figure("evaluate: CPU of a row beyond its call", each, 60.0, "µs", 20);
}

/// CPU time of a light MIPROv2, whose model answers at once.
pub fn proposed(table: &mut Table) {
    let costs: Vec<Cost> = (0..RUNS).map(|_| run(&mut script("proposed", &[]))).collect();
    let cpu: Vec<f64> = costs.iter().map(|cost| cost.cpu).collect();
    table.figure(
        "mipro: CPU of a light one, its calls with it",
        least(&cpu),
        2.0,
        "s",
        RUNS,
    );
}
