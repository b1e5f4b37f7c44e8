//! The language beside CPython: the same work as `scripts/language/NAME.dsp` and `NAME.py`, by CPU time of whole
//! processes; once, and ten times over, so that starting up hardly counts.

use std::process::Command;

use crate::measure::{Table, dsp, least, run};

const WORKS: [(&str, &str); 6] = [
    ("fib", "fib(25)"),
    ("additions", "loop of 1 M additions"),
    ("comprehension", "list of 1 M by a comprehension"),
    ("appended", "list of 1 M by `+=`"),
    ("splits", "200,000 splits and joins"),
    ("f1", "`f1` of 50,000 pairs"),
];

pub fn beside_cpython(table: &mut Table) {
    let python = interpreter();
    for (name, work) in WORKS {
        let path = |ending: &str| {
            format!(
                "{}/tests/bench/scripts/language/{name}.{ending}",
                env!("CARGO_MANIFEST_DIR")
            )
        };
        for (times, suffix) in [("1", ""), ("10", ", ten times")] {
            let (mut ours, mut other) = (Vec::new(), Vec::new());
            for _ in 0..20 {
                ours.push(run(dsp().args(["run", &path("dsp"), "--times", times])).cpu);
                other.push(run(Command::new(&python).args([&path("py"), times])).cpu);
            }
            table.compare(&format!("language: {work}{suffix}, CPython"), least, &ours, &other, 0.7);
        }
    }
}

/// The interpreter itself: what `python3` names may be a script that starts it.
fn interpreter() -> String {
    let asked = Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output();
    let path = asked.expect("python3 is installed").stdout;
    String::from_utf8_lossy(&path).trim().to_owned()
}
