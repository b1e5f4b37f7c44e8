//! dsp as the scripting language of a program, which lends it a function, a model and a retriever, limits what it may
//! do, and calls it: `cargo run --example host`.
#![allow(clippy::print_stdout)]

use std::sync::Arc;

use dsp::host::{Permissions, RealHost};
use dsp::session::{Builder, Failure, Fault, Limits, Passage, Reply, Request, Script};
use dsp::value::Value;

const SCRIPT: &str = r#"
configure(lm: LM("house"), rm: retriever("manual"))
module Support {
  answer = Predict("question, context: list[str] -> answer")
  forward(customer: int, question: str) {
    print(f"asked by {name_of(customer)}")
    answer(question, retrieve(question, k: 1)).answer
  }
}
let support = Support()
"#;

/// Stands for whatever model the program has at hand.
async fn house(request: Request) -> Result<Reply, Fault> {
    let knows = request.messages.iter().any(|m| m.content.contains("Hold the button"));
    let advice = if knows { "Hold it." } else { "Ask again." };
    Ok(Reply::text(format!("[[ ## answer ## ]]\n{advice}")))
}

async fn manual(query: String, k: usize) -> Result<Vec<Passage>, Fault> {
    let pages = ["The lamp is green when full.", "To reset it: Hold the button."];
    let fits = |page: &&str| query.split(' ').any(|word| page.contains(word));
    Ok(pages.iter().copied().filter(fits).take(k).map(Passage::text).collect())
}

/// What the script answers, and how many calls of a model that took.
pub async fn answer(question: &str) -> Result<(Value, u64), Failure> {
    let host = RealHost::new(Permissions::default()).printing(|_, text| print!("script: {text}"));
    let session = Builder::new(Arc::new(host))
        .function("fn name_of(customer: int) -> str", |args| async move {
            Ok(Value::str(format!("customer number {}", args[0])))
        })?
        .model("house", house)
        .retriever("manual", manual)
        .limits(Limits::default())
        .open(Script::new("support.dsp", SCRIPT, "."))?;
    let customer = ("customer".into(), Value::Int(7));
    let question = ("question".into(), Value::str(question));
    let answer = session.call("support", [customer, question]).await?;
    Ok((answer, session.account().usage().total.calls))
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (answer, calls) = answer("how do I reset").await?;
    println!("{answer} ({calls} call)");
    Ok(())
}
