//! What was typed in earlier sessions: a file in dsp's folder, one JSON string a line, bounded.

use std::path::PathBuf;
use std::sync::Arc;

use crate::host::{Access, Host};

const FILE: &str = "repl_history.jsonl";
/// How many inputs are kept.
const KEPT: usize = 1_000;

/// The inputs of all sessions. One that cannot be kept costs nothing but itself.
pub struct Past {
    host: Arc<dyn Host>,
    path: Option<PathBuf>,
}

impl Past {
    pub fn new(host: Arc<dyn Host>) -> Past {
        let path = host.cache_dir().ok().map(|folder| folder.join(FILE));
        Past { host, path }
    }

    /// The last inputs, oldest first. A file that has grown long is cut.
    pub fn inputs(&self) -> Vec<String> {
        let Some(path) = &self.path else { return Vec::new() };
        let Ok(bytes) = self.host.read(Access::Own, path) else {
            return Vec::new();
        };
        let text = String::from_utf8_lossy(&bytes);
        let inputs: Vec<String> = text
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        let last = &inputs[inputs.len().saturating_sub(KEPT)..];
        if inputs.len() > 2 * KEPT {
            let kept: String = last.iter().map(|input| line(input)).collect();
            let _unkept = self.host.write(Access::Own, path, kept.as_bytes());
        }
        last.to_vec()
    }

    /// Adds an input. One that begins with a blank is not kept, as in other shells.
    pub fn keep(&self, input: &str) {
        if let Some(path) = &self.path
            && !input.trim().is_empty()
            && !input.starts_with(' ')
        {
            let _unkept = self.host.append(Access::Own, path, line(input).as_bytes());
        }
    }
}

fn line(input: &str) -> String {
    serde_json::to_string(input).map(|json| json + "\n").unwrap_or_default()
}
