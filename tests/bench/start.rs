//! Starting up: `dsp run` of a one-line script, and the first prompt of `dsp repl`.

use std::time::Instant;

use expectrl::Expect;
use expectrl::session::Session;

use crate::measure::{Table, dsp, least, peak_memory_of_children, run};

pub fn one_line_script(table: &mut Table) {
    let path = format!("{}/tests/bench/scripts/one_line.dsp", env!("CARGO_MANIFEST_DIR"));
    let walls: Vec<f64> = (0..40).map(|_| run(dsp().args(["run", &path])).wall).collect();
    table.figure(
        "start: dsp run of a one-line script, least wall",
        least(&walls) * 1000.0,
        10.0,
        "ms",
        walls.len(),
    );
    table.figure(
        "start: its peak memory",
        peak_memory_of_children(),
        20.0,
        "MB",
        walls.len(),
    );
}

pub fn first_prompt(table: &mut Table) {
    let folder = tempfile::tempdir().expect("a folder");
    let walls: Vec<f64> = (0..20)
        .map(|_| {
            let mut command = dsp();
            command.arg("repl").env("TERM", "xterm").current_dir(folder.path());
            let start = Instant::now();
            let mut terminal = Session::spawn(command).expect("a pseudo-terminal");
            terminal.expect("> ").expect("a prompt");
            start.elapsed().as_secs_f64()
        })
        .collect();
    table.figure(
        "repl: its first prompt, least wall",
        least(&walls) * 1000.0,
        30.0,
        "ms",
        walls.len(),
    );
}
