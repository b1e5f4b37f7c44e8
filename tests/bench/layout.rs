//! `dsp fmt` of 15,000 lines, beside `dsp check` of the same.

use crate::measure::{Table, dsp, least, run};

const LINES: usize = 15_000;

/// One of the declarations that the text is made of, in its layout.
const DECLARATIONS: &str = r#"
signature Classify_N {
  "Classify a customer email by urgency and category."
  subject: str "email subject line"
  body: str    "full email body text"
  ->
  urgency: "low" | "medium" | "high"
  category: str where len(category) < 100 "short"
}

module Router_N(k: int = 3) {
  classify  = ChainOfThought(Classify_N)
  summarize = Predict("body -> summary")

  forward(subject: str, body: str) {
    let verdict = classify(subject, body)  # these two calls
    let summary = summarize(body).summary  # are in flight together
    {urgency: verdict.urgency, category: verdict.category, summary}
  }
}

# How many count.
fn count_N(xs: list[int], limit: int) -> int {
  var total = 0
  for i, x in xs {
    if x > limit and i % 2 == 0 {
      total += x * 2
    } else {
      total -= 1
    }
  }
  let kept = [x + 1 for x in xs if x < limit] |> sort |> take(3)
  match total {
    0 => len(kept)
    n if n > 10 => n
    _ => total + sum(kept)
  }
}
"#;

pub fn formatted(table: &mut Table) {
    let count = LINES / DECLARATIONS.lines().count();
    let text: String = (0..count)
        .map(|n| DECLARATIONS.replace("_N", &format!("_{n}")))
        .collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("long.dsp");
    std::fs::write(&path, text.trim_start()).expect("a file");
    let costs = |args: &[&str]| -> Vec<f64> { (0..20).map(|_| run(dsp().args(args).arg(&path)).cpu).collect() };
    let (check, fmt) = (costs(&["check"]), costs(&["fmt", "--check"]));
    table.compare("fmt: 15,000 lines beside check, least CPU", least, &fmt, &check, 3.0);
}
