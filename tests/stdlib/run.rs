//! Runs texts of dsp against a host in memory.

use dsp::host::fake::FakeHost;
use dsp::session::{Builder, Script};
use dsp::value::{Value, show, source_text};

/// Runs a script without the response cache; what it wrote to stdout, or the message of what went wrong.
pub fn script(host: &FakeHost, text: &str) -> Result<String, String> {
    run(host, text, false)
}

/// The same with the cache.
pub fn cached(host: &FakeHost, text: &str) -> Result<String, String> {
    run(host, text, true)
}

fn run(host: &FakeHost, text: &str, cache: bool) -> Result<String, String> {
    let script = Script::new("script.dsp", text, "/work");
    let session = Builder::new(host.host()).cache(cache).open(script);
    let session = session.map_err(|failure| failure.render(false))?;
    host.block_on(session.run(Vec::new()))
        .map_err(|failure| failure.render(false))?;
    Ok(host.stdout())
}

/// What a script prints that must run.
pub fn printed(text: &str) -> String {
    script(&FakeHost::new(), text).unwrap_or_else(|message| panic!("{message}"))
}

/// The kind and message of the error that a text raises.
pub fn error(text: &str) -> String {
    printed(&format!(
        "try {{ print({text}) }} catch e {{ print(f\"{{e.kind}}: {{e.message}}\") }}"
    ))
    .trim_end()
    .to_owned()
}

/// One `>>>` example after the other, in one session; what does not come out as it stands there.
pub fn examples(description: &str) -> Vec<String> {
    examples_after("", description)
}

/// The same after the declarations of a script.
pub fn examples_after(declarations: &str, description: &str) -> Vec<String> {
    let host = FakeHost::new();
    let builder = Builder::new(host.host()).cache(false);
    let session = match declarations {
        "" => builder.empty("/work".into()),
        text => match builder.open(Script::new("script.dsp", text, "/work")) {
            Ok(session) => session,
            Err(failure) => return vec![failure.render(false)],
        },
    };
    let mut wrong = Vec::new();
    let mut lines = description.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(input) = line.trim().strip_prefix(">>> ") else {
            continue;
        };
        let mut expected = Vec::new();
        while let Some(output) = lines.next_if(|next| !next.trim().is_empty() && !next.trim().starts_with(">>>")) {
            expected.push(output.trim());
        }
        let before = host.stdout().len();
        let outcome = host.block_on(session.line(input, false));
        let printed = host.stdout()[before..].trim_end().to_owned();
        let found = match outcome {
            Err(failure) => failure.render(false),
            Ok(_) if expected.is_empty() => String::new(),
            Ok(_) if !printed.is_empty() => printed,
            Ok(line) => source(&line.value),
        };
        if found != expected.join("\n") {
            wrong.push(format!(">>> {input}\n{found}\ninstead of\n{}", expected.join("\n")));
        }
    }
    wrong
}

fn source(value: &Value) -> String {
    match value {
        Value::Str(text) => source_text(text),
        other => show(other),
    }
}
