//! Long texts: so many signatures, modules and functions.

/// One of each, in its layout.
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

/// A text of at least so many lines, and at most 40 more.
pub fn declarations(lines: usize) -> String {
    let each = DECLARATIONS.lines().count();
    // The first begins with an empty line, which goes.
    let text: String = (0..(lines + 1).div_ceil(each))
        .map(|n| DECLARATIONS.replace("_N", &format!("_{n}")))
        .collect();
    let text = text.trim_start().to_owned();
    assert!((lines..lines + 40).contains(&text.lines().count()), "{lines} lines");
    text
}
