//! Tools as scripts describe them, which is as OpenAI's chat does; a provider has its own way to say the same. What is
//! already said in a provider's way passes as it stands.

use serde_json::{Map, Value as Json};

use crate::chat::ToolCall;

/// `{type: "function", function: {name, description, parameters}}`
pub struct Tool<'a> {
    pub name: &'a str,
    pub description: Option<&'a Json>,
    pub parameters: Option<&'a Json>,
}

impl<'a> Tool<'a> {
    fn of(json: &'a Json) -> Option<Tool<'a>> {
        let function = json.get("function")?;
        Some(Tool {
            name: function.get("name")?.as_str()?,
            description: function.get("description"),
            parameters: function.get("parameters"),
        })
    }

    /// `{name, description}` and the parameters under a name.
    pub fn flat(&self, parameters: &str) -> Map<String, Json> {
        let entries = [("description", self.description), (parameters, self.parameters)];
        let entries = entries
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.clone())));
        [("name".to_owned(), Json::from(self.name))]
            .into_iter()
            .chain(entries)
            .collect()
    }
}

/// The tools among a model's options, taken out of them.
pub fn take(extra: &mut Map<String, Json>, said: impl Fn(&Tool<'_>) -> Json) -> Option<Json> {
    let tools = extra.shift_remove("tools")?;
    let Json::Array(tools) = tools else { return Some(tools) };
    let tools = tools
        .iter()
        .map(|json| Tool::of(json).map_or_else(|| json.clone(), |tool| said(&tool)));
    Some(Json::Array(tools.collect()))
}

/// Whether the model is to use a tool: `tool_choice`
pub enum Choice {
    Auto,
    None,
    Any,
    One(String),
    /// In the provider's own way.
    Own(Json),
}

/// What the options say of it, taken out of them.
pub fn choice(extra: &mut Map<String, Json>) -> Option<Choice> {
    let choice = extra.shift_remove("tool_choice")?;
    let one = choice.pointer("/function/name").and_then(Json::as_str);
    Some(match (choice.as_str(), one) {
        (Some("auto"), _) => Choice::Auto,
        (Some("none"), _) => Choice::None,
        (Some("required" | "any"), _) => Choice::Any,
        (_, Some(name)) => Choice::One(name.to_owned()),
        _ => Choice::Own(choice),
    })
}

/// A call whose arguments came as an object, or as its text. Some servers have `null` or `[]` for none; what else is no
/// object is left as it is, for who reads replies.
pub fn called(id: Option<String>, name: String, arguments: Json) -> ToolCall {
    let read = match &arguments {
        Json::String(text) if text.trim().is_empty() => Some(Json::Null),
        Json::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    };
    let args = match read.unwrap_or_else(|| arguments.clone()) {
        Json::Null => Json::Object(Map::new()),
        Json::Array(items) if items.is_empty() => Json::Object(Map::new()),
        Json::Object(args) => Json::Object(args),
        _ => arguments,
    };
    ToolCall { id, name, args }
}
