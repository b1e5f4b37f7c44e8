//! One script with what belongs to its tests: the files beside it and its leading comments.

use std::path::{Path, PathBuf};

use regex::Regex;

/// A script that has a golden beside it, or `test` blocks.
#[derive(Clone, Debug)]
pub struct Case {
    pub path: PathBuf,
    pub text: String,
    /// The command line names the script itself, not a folder above it.
    pub named: bool,
    pub golden: bool,
    pub blocks: bool,
    /// `# args: --question "…"`
    pub args: Vec<String>,
    /// `# exit: 1`
    pub exit: u8,
    /// `# redact: sk-[a-z0-9]+`: what must not enter the recording.
    pub redact: Vec<Regex>,
    /// What is wrong with these comments: the script is not run.
    pub wrong: Option<String>,
}

impl Case {
    /// Reads the leading comments.
    pub fn new(path: &Path, text: String, golden: bool, blocks: bool) -> Case {
        let mut args = Vec::new();
        let mut exit = 0;
        let mut redact = Vec::new();
        let mut wrong = None;
        for line in text.lines().take_while(|line| line.starts_with('#')) {
            let line = line.trim_start_matches('#').trim();
            if let Some(words) = line.strip_prefix("args:") {
                match shell_words::split(words) {
                    Ok(words) => args.extend(words),
                    Err(_) => wrong = Some("a quote in `# args:` is not closed".to_owned()),
                }
            } else if let Some(code) = line.strip_prefix("exit:") {
                let code = code.trim();
                match code.parse() {
                    Ok(code) => exit = code,
                    Err(_) => wrong = Some(format!("`{code}` in `# exit:` is no exit code")),
                }
            } else if let Some(pattern) = line.strip_prefix("redact:") {
                let pattern = pattern.trim();
                match Regex::new(pattern) {
                    Ok(regex) => redact.push(regex),
                    Err(_) => wrong = Some(format!("`{pattern}` in `# redact:` is no regular expression")),
                }
            }
        }
        Case {
            path: path.to_owned(),
            text,
            named: false,
            golden,
            blocks,
            args,
            exit,
            redact,
            wrong,
        }
    }

    /// `x.golden`, `x.err.golden`, `x.lm.jsonl` beside `x.dsp`
    pub fn beside(&self, extension: &str) -> PathBuf {
        self.path.with_extension(extension)
    }

    pub fn folder(&self) -> PathBuf {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        }
    }

    /// As the report names it.
    pub fn name(&self) -> String {
        self.path.strip_prefix(".").unwrap_or(&self.path).display().to_string()
    }

    /// As its own messages name it: without the folder, so that they are the same wherever the tests run.
    pub fn file_name(&self) -> String {
        self.path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_comments_set_arguments_and_exit_code() {
        let text = "#!/usr/bin/env dsp\n# args: --question \"two words\" -n 3\n# exit: 1\nprint(1)\n# exit: 2\n";
        let case = Case::new(Path::new("x.dsp"), text.to_owned(), true, false);
        assert_eq!(case.args, ["--question", "two words", "-n", "3"]);
        assert_eq!(case.exit, 1);
        let wrong = |text: &str| Case::new(Path::new("x.dsp"), text.to_owned(), true, false).wrong;
        assert_eq!(wrong("# args: \"\n").unwrap(), "a quote in `# args:` is not closed");
        assert_eq!(wrong("# exit: no\n").unwrap(), "`no` in `# exit:` is no exit code");
        assert!(wrong("# args: a\n").is_none());
        let two = Case::new(
            Path::new("x.dsp"),
            "# args: --n 3\n# args: --m 4\n".to_owned(),
            true,
            false,
        );
        assert_eq!(two.args, ["--n", "3", "--m", "4"]);
    }
}
