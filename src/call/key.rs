//! The name of a request: the same for the same question, whatever order its fields are in.

use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::diag::{Fault, FaultKind};
use crate::value::EcoString;

/// Part of every key; another number forgets all that was stored.
const VERSION: &str = "dsp-1";

/// SHA-256 of the canonical JSON, in hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(EcoString);

impl Key {
    pub fn of(request: &impl Serialize) -> Result<Key, Fault> {
        let unwritable = |error: serde_json::Error| {
            Fault::new(
                FaultKind::Value,
                format!("the request cannot be written as JSON: {error}"),
            )
        };
        let json = serde_json::to_value(request).map_err(unwritable)?;
        let mut text = VERSION.as_bytes().to_vec();
        write_sorted(&json, &mut text).map_err(unwritable)?;
        let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
        let bytes = Sha256::digest(&text).into_iter();
        let hex: String = bytes.flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        // Each call under way and each answer kept has one: it is no longer than its text.
        Ok(Key(EcoString::from(hex)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A number that belongs to this key.
    pub fn salt(&self) -> u64 {
        u64::from_str_radix(self.0.get(..16).unwrap_or_default(), 16).unwrap_or_default()
    }
}

fn write_sorted(json: &Json, text: &mut Vec<u8>) -> serde_json::Result<()> {
    match json {
        Json::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(name, _)| *name);
            text.push(b'{');
            for (name, value) in entries {
                serde_json::to_writer(&mut *text, name)?;
                text.push(b':');
                write_sorted(value, text)?;
                text.push(b',');
            }
            text.push(b'}');
        }
        Json::Array(items) => {
            text.push(b'[');
            for item in items {
                write_sorted(item, text)?;
                text.push(b',');
            }
            text.push(b']');
        }
        scalar => serde_json::to_writer(text, scalar)?,
    }
    Ok(())
}
