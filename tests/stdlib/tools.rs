//! `mcp`: tools of a server that is spoken with line by line; a scripted one, and the protocol's own.

use dsp::host::Permissions;
use dsp::host::fake::FakeHost;
use serde_json::{Value as Json, json};

use super::run::script;

/// A server with two tools on two pages, which chats before it speaks and asks in between.
fn host() -> FakeHost {
    let host = FakeHost::new();
    host.permit(Permissions {
        all: true,
        ..Permissions::default()
    });
    host.speak(|line| {
        let asked: Json = serde_json::from_str(line).unwrap();
        let id = &asked["id"];
        let result = match asked["method"].as_str() {
            Some("initialize") => json!({"protocolVersion": "2025-06-18", "capabilities": {}}),
            Some("tools/list") if asked["params"]["cursor"] == "more" => json!({"tools": [shouts()]}),
            Some("tools/list") => json!({"tools": [adds()], "nextCursor": "more"}),
            Some("tools/call") => called(&asked["params"]),
            _ => return Vec::new(),
        };
        let answer = match result.get("refused") {
            Some(why) => json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32602, "message": why}}),
            None => json!({"jsonrpc": "2.0", "id": id, "result": result}),
        };
        let ping = json!({"jsonrpc": "2.0", "id": "p", "method": "ping"});
        vec!["hello, I am a server".to_owned(), ping.to_string(), answer.to_string()]
    });
    host
}

fn adds() -> Json {
    json!({"name": "add", "description": "Adds.", "inputSchema": {
        "type": "object",
        "properties": {"a": {"type": "integer"}, "b": {"type": "integer", "default": 1}},
        "required": ["a"],
    }})
}

fn shouts() -> Json {
    json!({"name": "shout", "inputSchema": {"type": "object"}})
}

fn called(params: &Json) -> Json {
    let text = |text: &str| json!({"type": "text", "text": text});
    let given = &params["arguments"];
    match params["name"].as_str() {
        Some("add") => match given["a"].as_i64() {
            Some(a) => {
                json!({"content": [text(&(a + given["b"].as_i64().unwrap_or(1)).to_string())]})
            }
            None => json!({"content": [text("a is no number")], "isError": true}),
        },
        Some("shout") => json!({"content": [text("HEY"), text("YOU")]}),
        _ => json!({"refused": "no such tool"}),
    }
}

fn printed(text: &str) -> String {
    script(&host(), text).unwrap_or_else(|message| panic!("{message}"))
}

#[test]
fn tools_say_what_they_do_and_are_used() {
    let out = printed(
        r#"
let tools = mcp("server --stdio", timeout: 5)
for tool in tools { print(tool.name, tool.description, [f"{p.name}: {p.type} {p.required}" for p in tool.parameters]) }
print(tools[0].call({"a": 2, "b": 40}), tools[1].call({}))
try { tools[0].call({"a": "x"}) } catch e { print(e.kind, e.message) }
"#,
    );
    let wanted = "add Adds. [\"a: integer true\", \"b: integer false\"]\nshout none []\n42 [\"HEY\", \"YOU\"]\n\
                  user a is no number\n";
    assert_eq!(out, wanted);
}

#[test]
fn an_agent_uses_them_beside_functions() {
    let out = printed(
        r#"
fn double(x: int) -> int { "Doubles."; x * 2 }
let steps = DummyLM([
  {next_thought: "t", next_tool_name: "add", next_tool_args: {"a": 20}},
  {next_thought: "t", next_tool_name: "double", next_tool_args: {"x": 21}},
  {next_thought: "t", next_tool_name: "add", next_tool_args: {"c": 1}},
  {next_thought: "t", next_tool_name: "add", next_tool_args: {}},
  {next_thought: "t", next_tool_name: "finish", next_tool_args: {}},
  {reasoning: "r", answer: "42"},
])
with (lm: steps) {
  let p = ReAct("question -> answer", tools: [double] + mcp("server"))("q")
  for i in 0..5 { print(p.trajectory[f"observation_{i}"]) }
}
let told = with (lm: DummyLM([{next_thought: "t", next_tool_name: "finish", next_tool_args: {}}, {reasoning: "r", answer: "a"}])) {
  ReAct("question -> answer", tools: mcp("server"))("q")
}
print(told.answer)
inspect_history(2)
"#,
    );
    let seen = "21\n42\nExecution error in add: `add` takes no `c`, it takes [\"a\", \"b\"]\n\
                Execution error in add: a is no number\nCompleted.\na\n";
    assert!(out.starts_with(seen), "{out}");
    let told =
        "(1) add: Adds. Arguments: {\"a\": {\"type\": \"integer\"}, \"b\": {\"type\": \"integer\", \"default\": 1}}";
    assert!(out.contains(told), "{out}");
}

#[test]
fn what_a_server_does_wrong_is_told() {
    let said = |text: &str| {
        let text = format!("try {{ print({text}) }} catch e {{ print(f\"{{e.kind}}: {{e.message}}\") }}");
        script(&host(), &text).unwrap_or_else(|message| panic!("{message}"))
    };
    assert_eq!(
        said(r#"mcp("")"#),
        "value: `` is no command of a program and its arguments\n"
    );
    let silent = host();
    silent.speak(|_| Vec::new());
    let out = script(
        &silent,
        "try { mcp(\"server\", timeout: 2.5) } catch e { print(e.kind, e.message) }",
    );
    assert_eq!(
        out.unwrap(),
        "timeout `server` did not answer `initialize` within 2.5 seconds\n"
    );
    let other = host();
    other.speak(|line| {
        let asked: Json = serde_json::from_str(line).unwrap();
        vec![json!({"jsonrpc": "2.0", "id": asked["id"], "result": {}}).to_string()]
    });
    let out = script(&other, "try { mcp(\"server\") } catch e { print(e.kind, e.message) }");
    assert_eq!(out.unwrap(), "io `server` does not give a list of tools\n");
}

#[test]
fn without_permission_no_server_is_started() {
    let out = script(
        &FakeHost::new(),
        "try { mcp(\"npx server\") } catch e { print(e.kind, e.message) }",
    );
    let out = out.unwrap();
    assert!(
        out.starts_with("permission ") && out.contains("--allow-run npx"),
        "{out}"
    );
}

/// The protocol's own server, from npm: `DSP_TEST_MCP=1 cargo test --release --test stdlib everything`.
#[test]
fn the_protocols_own_server_answers() {
    if std::env::var_os("DSP_TEST_MCP").is_none() {
        println!("1 test skipped: set DSP_TEST_MCP=1 to speak with a real server, by `npx`");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tools.dsp");
    let text = r#"
let tools = mcp("npx -y @modelcontextprotocol/server-everything@2026.8.31", timeout: 300)
print(len(tools) > 5)
for tool in tools {
  if tool.name == "echo" { print(tool.call({"message": "hi dsp"})) }
  if tool.name == "get-sum" { print([tool.call({"a": n, "b": 40}) for n in 1..4]) }
}
"#;
    std::fs::write(&path, text).unwrap();
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_dsp"))
        .args(["run", path.to_str().unwrap(), "--allow-run", "npx"])
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&ran.stdout).into_owned();
    let wanted = "true\nEcho: hi dsp\n[\"The sum of 1 and 40 is 41.\", \"The sum of 2 and 40 is 42.\", \"The sum of 3 and 40 is 43.\"]\n";
    assert_eq!(out, wanted, "{}", String::from_utf8_lossy(&ran.stderr));
}
