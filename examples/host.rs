//! dsp as the scripting language of a program, which lends it a function, a model and a retriever, limits what it may
//! do, and calls it: `cargo run --example host`.

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
    let asked = &request.messages.last().expect("a request has a question").content;
    let advice = if asked.contains("Hold the button") {
        "Hold it."
    } else {
        "Ask again."
    };
    let text = format!("[[ ## answer ## ]]\n{advice}\n\n[[ ## completed ## ]]");
    Ok(Reply {
        text,
        ..Reply::default()
    })
}

async fn manual(query: String, k: usize) -> Result<Vec<Passage>, Fault> {
    let pages = ["The lamp is green while it charges.", "To reset it: Hold the button."];
    let found = pages
        .iter()
        .filter(|page| query.split(' ').any(|word| page.contains(word)));
    let passage = |page: &&str| Passage {
        text: (*page).to_owned(),
        ..Passage::default()
    };
    Ok(found.take(k).map(passage).collect())
}

/// What the script answers.
pub async fn answer(question: &str) -> Result<Value, Failure> {
    let host = RealHost::new(Permissions::default()).printing(|_, text| print!("script: {text}"));
    let session = Builder::new(Arc::new(host))
        .function("fn name_of(customer: int) -> str", |args| async move {
            Ok(Value::str(format!("customer number {}", args[0].to_json())))
        })?
        .model("house", house)
        .retriever("manual", manual)
        .limits(Limits {
            steps: 1_000_000,
            ..Limits::default()
        })
        .open(Script::new("support.dsp", SCRIPT, "."))?;
    let inputs = [
        ("customer".into(), Value::Int(7)),
        ("question".into(), Value::str(question)),
    ];
    let answer = session.call("support", inputs).await?;
    println!("{} call of a model", session.account().usage().total.calls);
    Ok(answer)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    println!("{}", answer("how do I reset").await?.to_json());
    Ok(())
}
