//! `dsp fmt` of 15,000 lines, beside `dsp check` of the same.

use crate::generated::declarations;
use crate::measure::{Table, dsp, least, run};

pub fn formatted(table: &mut Table) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("long.dsp");
    std::fs::write(&path, declarations(15_000)).expect("a file");
    let costs = |args: &[&str]| -> Vec<f64> { (0..20).map(|_| run(dsp().args(args).arg(&path)).cpu).collect() };
    let (check, fmt) = (costs(&["check"]), costs(&["fmt", "--check"]));
    table.compare("fmt: 15,000 lines beside check, least CPU", least, &fmt, &check, 3.0);
}
