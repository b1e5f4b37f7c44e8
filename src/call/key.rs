//! The name of a request: the same for the same question, whatever order its fields are in.

use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::diag::{Fault, FaultKind};

/// Part of every key; another number forgets all that was stored.
const VERSION: &str = "dsp-1";

/// SHA-256 of the canonical JSON, in hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(String);

impl Key {
    pub fn of(request: &impl Serialize) -> Result<Key, Fault> {
        let json = serde_json::to_value(request).map_err(|error| {
            Fault::new(
                FaultKind::Value,
                format!("the request cannot be written as JSON: {error}"),
            )
        })?;
        let mut text = String::from(VERSION);
        write_sorted(&json, &mut text);
        let digest = Sha256::digest(text.as_bytes());
        Ok(Key(digest.iter().map(|byte| format!("{byte:02x}")).collect()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A number that belongs to this key.
    pub fn salt(&self) -> u64 {
        u64::from_str_radix(self.0.get(..16).unwrap_or_default(), 16).unwrap_or_default()
    }
}

fn write_sorted(json: &Json, text: &mut String) {
    match json {
        Json::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in entries {
                text.push_str(&Json::from(name.as_str()).to_string());
                text.push(':');
                write_sorted(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Json::Array(items) => {
            text.push('[');
            for item in items {
                write_sorted(item, text);
                text.push(',');
            }
            text.push(']');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}
