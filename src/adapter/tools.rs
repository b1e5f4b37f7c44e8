//! Tools as prompts describe them.

use crate::value::{Value, python_str};

use super::fields::of_demo;

/// ``search, whose description is <desc>…</desc>. It takes arguments {…}.``
pub fn sentence(tool: &Value) -> Value {
    let part = |name: &str| of_demo(tool, name).filter(|value| !value.is_none());
    let text = |name: &str| part(name).map(python_str).unwrap_or_default();
    let desc = match text("desc") {
        desc if desc.is_empty() => ".".to_owned(),
        desc => format!(", whose description is <desc>{desc}</desc>.").replace('\n', "  "),
    };
    let args = part("args").map_or_else(|| "{}".to_owned(), python_str);
    Value::str(format!("{}{desc} It takes arguments {args}.", text("name")))
}

/// As Python shows the object: `Tool(name=search, desc=…, args={…})`.
pub fn shown(tool: &Value) -> String {
    let text = |name: &str| of_demo(tool, name).map_or_else(|| "None".to_owned(), python_str);
    format!(
        "Tool(name={}, desc={}, args={})",
        text("name"),
        text("desc"),
        text("args")
    )
}
