//! `dsp test` of 1,000 golden files on two threads.

use crate::measure::{Table, dsp, least, run};

const FILES: usize = 1000;

pub fn thousand_files(table: &mut Table) {
    let folder = tempfile::tempdir().expect("a folder");
    for n in 0..FILES {
        let script = format!(
            r#"configure(lm: DummyLM([{{urgency: "high"}}]))

signature Classify {{
  subject: str "email subject line"
  ->
  urgency: "low" | "high"
}}

fn twice(n: int) -> int {{
  n * 2
}}

let classify = Predict(Classify)
print(twice({n}), classify(subject: "Invoice {n}").urgency)
"#
        );
        let write = |name: String, text: String| std::fs::write(folder.path().join(name), text).expect("a file");
        write(format!("g{n}.dsp"), script);
        write(format!("g{n}.golden"), format!("{} high\n", 2 * n));
    }
    let walls: Vec<f64> = (0..5)
        .map(|_| run(dsp().args(["test", "--jobs", "2"]).current_dir(folder.path())).wall)
        .collect();
    table.figure(
        "goldens: 1,000 golden files, least wall",
        least(&walls),
        3.0,
        "s",
        walls.len(),
    );
}
