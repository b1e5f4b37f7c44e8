//! Answers from the cache beside DSPy's, from memory and from the disk: CPU time of one more call that hits.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::measure::{Table, dsp, least, run};
use crate::mock;

/// The variable that names a Python with DSPy.
const DSPY: &str = "DSP_BENCH_DSPY";

const RUNS: usize = 20;

/// Runs of DSPy take seconds each.
const DSPY_RUNS: usize = 3;

/// What one more call costs that asks `questions` questions `passes` times.
fn script(base: &str, folder: &Path, questions: usize, passes: usize) -> Command {
    let mut command = dsp();
    let path = format!("{}/tests/bench/scripts/cached.dsp", env!("CARGO_MANIFEST_DIR"));
    command.args([
        "run",
        &path,
        "--questions",
        &questions.to_string(),
        "--passes",
        &passes.to_string(),
    ]);
    command.env("DSP_BENCH_BASE", base).env("DSP_CACHE_DIR", folder);
    command
}

pub fn beside_dspy(table: &mut Table) {
    let folder = tempfile::tempdir().expect("a folder");
    let base = mock::start(Duration::ZERO);
    let cpu = |questions: usize, passes: usize| run(&mut script(&base, folder.path(), questions, passes)).cpu;
    cpu(4400, 1);
    let (mut memory, mut disk) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        memory.push((cpu(400, 21) - cpu(400, 1)) / 8000.0);
        disk.push((cpu(4400, 1) - cpu(400, 1)) / 4000.0);
    }
    let Some((dspy_memory, dspy_disk)) = dspy() else {
        println!("skipped: cache hits beside DSPy; `{DSPY}` names no Python that has it, or gcc is missing");
        println!(
            "dsp alone: {:.1} µs from memory, {:.1} µs from the disk",
            1e6 * least(&memory),
            1e6 * least(&disk)
        );
        return;
    };
    table.compare(
        "cache: CPU of a hit in memory, DSPy",
        least,
        &memory,
        &dspy_memory,
        0.05,
    );
    table.compare("cache: CPU of a hit on disk, DSPy", least, &disk, &dspy_disk, 0.125);
}

/// CPU seconds of DSPy's hits in memory and on disk, by its own benchmark.
fn dspy() -> Option<(Vec<f64>, Vec<f64>)> {
    let python = std::env::var_os(DSPY)?;
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/bench/dspy");
    let folder = tempfile::tempdir().ok()?;
    for name in ["common.py", "bench_cache.py", "mockserver.c"] {
        std::fs::write(folder.path().join(name), std::fs::read(scripts.join(name)).ok()?).ok()?;
    }
    let mut compile = Command::new("gcc");
    compile
        .args(["-O2", "-w", "-o", "mockserver", "mockserver.c"])
        .current_dir(folder.path());
    compile.status().ok().filter(std::process::ExitStatus::success)?;
    let (mut memory, mut disk) = (Vec::new(), Vec::new());
    for _ in 0..DSPY_RUNS {
        let mut bench = Command::new(&python);
        let output = bench.arg("bench_cache.py").current_dir(folder.path()).output().ok()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let figure = |name: &str| {
            let mut lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            let line = lines.find(|line| line["bench"] == name)?;
            line["cpu_ms_per_call"].as_f64().map(|ms| ms / 1000.0)
        };
        memory.push(figure("predict_hit_memory")?);
        disk.push(figure("predict_hit_disk")?);
    }
    Some((memory, disk))
}
