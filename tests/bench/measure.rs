//! Running a command and reading what it cost: CPU time of the child, wall time, peak memory.

use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{Usage, UsageWho, getrusage};

/// What one run of a command cost.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// User and system time, in seconds.
    pub cpu: f64,
    pub wall: f64,
}

/// The binary under test, built by cargo for this benchmark.
pub fn dsp() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dsp"));
    command.env("NO_COLOR", "1");
    command
}

/// Runs a command to its end; a failure ends the benchmark with what it said.
pub fn run(command: &mut Command) -> Cost {
    said(command).0
}

/// The same, and what it printed.
pub fn said(command: &mut Command) -> (Cost, String) {
    let before = children();
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().expect("the command starts");
    let wall = start.elapsed().as_secs_f64();
    let status = output.status;
    assert!(
        status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let cost = Cost {
        cpu: cpu_seconds(&children()) - cpu_seconds(&before),
        wall,
    };
    (cost, String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command to its end: its wall time in seconds, and its own peak of memory in MB.
pub fn watched(command: &mut Command) -> (f64, f64) {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the command starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    loop {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0.0) / 1024.0);
        if let Some(status) = child.try_wait().expect("a child") {
            assert!(status.success(), "{command:?} failed");
            return (start.elapsed().as_secs_f64(), peak);
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// What a part of this process costs, in seconds of CPU.
pub fn own_cpu(part: impl FnOnce()) -> f64 {
    let own = || cpu_seconds(&getrusage(UsageWho::RUSAGE_SELF).expect("usage of this process"));
    let before = own();
    part();
    own() - before
}

/// The instructions of a run as callgrind counts them, which no other load disturbs; `None` without valgrind.
pub fn instructions(command: &Command) -> Option<f64> {
    let mut counted = Command::new("valgrind");
    counted.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    counted.arg(command.get_program()).args(command.get_args());
    counted.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = counted.stdin(Stdio::null()).output().ok()?;
    let words = String::from_utf8_lossy(&output.stderr);
    let count = words.lines().find_map(|line| line.split_once("Collected :"))?.1;
    count.trim().parse().ok()
}

fn children() -> Usage {
    getrusage(UsageWho::RUSAGE_CHILDREN).expect("usage of children")
}

fn cpu_seconds(usage: &Usage) -> f64 {
    let seconds = |t: nix::sys::time::TimeVal| t.tv_sec() as f64 + t.tv_usec() as f64 / 1e6;
    seconds(usage.user_time()) + seconds(usage.system_time())
}

/// The largest peak of memory of any child so far, in MB.
pub fn peak_memory_of_children() -> f64 {
    children().max_rss() as f64 / 1024.0
}

pub fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// Largest less smallest, as a share of the median.
fn spread(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(0.0, f64::max);
    (largest - least(values)) / median(values)
}

/// The lines of the report.
#[derive(Default)]
pub struct Table {
    rows: Vec<[String; 7]>,
}

impl Table {
    /// Compares two series by a statistic; `limit` is what the ratio may be at most.
    pub fn compare(&mut self, what: &str, statistic: fn(&[f64]) -> f64, ours: &[f64], other: &[f64], limit: f64) {
        let (a, b) = (statistic(ours), statistic(other));
        self.rows.push([
            what.to_owned(),
            seconds(a),
            seconds(b),
            format!("{:.2}", a / b),
            format!("≤ {limit}"),
            format!("{} + {}", ours.len(), other.len()),
            format!("{:.0} % / {:.0} %", 100.0 * spread(ours), 100.0 * spread(other)),
        ]);
    }

    /// Compares two counts of instructions.
    pub fn compare_instructions(&mut self, what: &str, ours: f64, other: f64, limit: f64) {
        let millions = |count: f64| format!("{:.0} M", count / 1e6);
        self.rows.push([
            what.to_owned(),
            millions(ours),
            millions(other),
            format!("{:.2}", ours / other),
            format!("≤ {limit}"),
            "1 + 1".to_owned(),
            String::new(),
        ]);
    }

    /// One figure beside its limit.
    pub fn figure(&mut self, what: &str, value: f64, limit: f64, unit: &str, runs: usize) {
        self.rows.push([
            what.to_owned(),
            format!("{value:.1} {unit}"),
            format!("{limit} {unit}"),
            format!("{:.2}", value / limit),
            "≤ 1".to_owned(),
            runs.to_string(),
            String::new(),
        ]);
    }

    pub fn print(&self) {
        let head = ["what", "dsp", "other", "ratio", "limit", "runs", "spread"].map(str::to_owned);
        let all: Vec<&[String; 7]> = std::iter::once(&head).chain(&self.rows).collect();
        for row in &all {
            let cells: Vec<String> = (0..7)
                .map(|i| {
                    let width = all.iter().map(|r| r[i].chars().count()).max().unwrap_or(0);
                    format!("{:<width$}", row[i])
                })
                .collect();
            println!("{}", cells.join("  ").trim_end());
        }
    }
}

fn seconds(value: f64) -> String {
    match value {
        v if v < 1.0 => format!("{:.1} ms", v * 1000.0),
        v => format!("{v:.2} s"),
    }
}
