//! Starting up: `dsp run` of a one-line script.

use crate::measure::{Table, dsp, least, peak_memory_of_children, run};

pub fn one_line_script(table: &mut Table) {
    let path = format!("{}/tests/bench/scripts/one_line.dsp", env!("CARGO_MANIFEST_DIR"));
    let walls: Vec<f64> = (0..40).map(|_| run(dsp().args(["run", &path])).wall).collect();
    table.figure(
        "start: dsp run of a one-line script, least wall",
        least(&walls) * 1000.0,
        15.0,
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
