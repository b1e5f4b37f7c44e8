//! A folder of its own for a test, and the binary run in it without the user's settings.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder that goes away with the test.
pub struct Sandbox {
    folder: tempfile::TempDir,
}

/// What a run left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Sandbox {
    pub fn new() -> Sandbox {
        Sandbox {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// With one script, `s.dsp`.
    pub fn with(script: &str) -> Sandbox {
        let sandbox = Sandbox::new();
        sandbox.put("s.dsp", script);
        sandbox
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The binary, about to run here.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dsp"));
        command
            .current_dir(self.path())
            .env_remove("DSP_LM")
            .env_remove("OPENAI_API_KEY")
            .env_remove("NO_COLOR");
        command.env("DSP_CACHE_DIR", self.path().join(".cache"));
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        finish(self.command().args(args).stdin(Stdio::null()))
    }

    pub fn run_with_input(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.command();
        command
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        ran(&child.wait_with_output().unwrap())
    }
}

pub fn finish(command: &mut Command) -> Ran {
    ran(&command.output().unwrap())
}

fn ran(output: &std::process::Output) -> Ran {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

impl Ran {
    /// The run ended with this code, and stderr says each of these.
    #[track_caller]
    pub fn fails(&self, code: i32, says: &[&str]) -> &Ran {
        assert_eq!(self.code, code, "{self:#?}");
        let seen = self.err.split_whitespace().collect::<Vec<_>>().join(" ");
        let seen = seen.replace(" │ ", " ");
        for text in says {
            assert!(seen.contains(text), "`{text}` is not in\n{}", self.err);
        }
        assert!(
            !self.err.contains("panicked") && !self.err.contains("dsp itself failed"),
            "{}",
            self.err
        );
        self
    }

    /// The run went well and printed this.
    #[track_caller]
    pub fn prints(&self, out: &str) -> &Ran {
        assert_eq!((self.code, self.out.as_str()), (0, out), "{self:#?}");
        self
    }
}
