//! Long texts that several requests of a recording share, or begin with: each stands once, on a line of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

/// A text of this many bytes is worth a line of its own.
const LONG: usize = 80;

/// The long texts that several messages begin with, or else have, each with its name.
pub fn shared<'a>(requests: impl Iterator<Item = &'a Json>) -> BTreeMap<&'a str, String> {
    let messages = requests.flat_map(messages);
    let contents: Vec<&str> = messages.filter_map(content).collect();
    let different: BTreeSet<&str> = contents.iter().copied().collect();
    let mut shared = several(different.into_iter().map(beginning));
    let others = contents
        .iter()
        .copied()
        .filter(|content| !shared.contains(beginning(content)));
    shared.extend(several(others));
    let name = |content: &str| -> String {
        let digest = Sha256::digest(content.as_bytes());
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    };
    shared.into_iter().map(|content| (content, name(content))).collect()
}

/// The long ones among the texts that occur more than once.
fn several<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    texts
        .filter(|text| text.len() >= LONG)
        .for_each(|text| *times.entry(text).or_default() += 1);
    times
        .into_iter()
        .filter(|(_, times)| *times > 1)
        .map(|(text, _)| text)
        .collect()
}

/// A text up to its last blank line: where a prompt is one text, instructions and examples stand there.
fn beginning(content: &str) -> &str {
    &content[..content.rfind("\n\n").map_or(0, |at| at + 2)]
}

pub fn messages(request: &Json) -> impl Iterator<Item = &Json> {
    request.get("messages").and_then(Json::as_array).into_iter().flatten()
}

pub fn content(message: &Json) -> Option<&str> {
    message.get("content")?.as_str()
}

/// A request with the names of shared texts in place of the texts.
pub fn taken_out(request: &Json, shared: &BTreeMap<&str, String>) -> Json {
    let mut request = request.clone();
    for message in request
        .get_mut("messages")
        .and_then(Json::as_array_mut)
        .into_iter()
        .flatten()
    {
        let Some(whole) = content(message) else { continue };
        let named = [beginning(whole), whole]
            .into_iter()
            .find_map(|part| Some((part, shared.get(part)?)));
        let Some((part, id)) = named else { continue };
        *message = match &whole[part.len()..] {
            "" => json!({"role": message["role"], "text": id}),
            rest => json!({"role": message["role"], "text": id, "content": rest}),
        };
    }
    request
}

/// A request with shared texts in place of their names; the error is a name that there is not.
pub fn put_in(request: &mut Json, texts: &HashMap<String, String>) -> Result<(), String> {
    for message in request
        .get_mut("messages")
        .and_then(Json::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(id) = message.get("text").and_then(Json::as_str) {
            let text = texts.get(id).ok_or_else(|| id.to_owned())?;
            let whole = format!("{text}{}", content(message).unwrap_or_default());
            *message = json!({"role": message["role"], "content": whole});
        }
    }
    Ok(())
}
