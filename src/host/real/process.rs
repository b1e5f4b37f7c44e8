//! Other programs, and work on other threads.

use std::process::Stdio;

use tokio::process::Command;

use crate::host::{Finished, HostError, HostErrorKind, HostResult};

/// Runs a program to its end; it ends with the future that waits for it.
pub(super) async fn run(program: &str, args: &[String]) -> HostResult<Finished> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await.map_err(|error| not_started(program, &error))?;
    Ok(Finished {
        code: output.status.code(),
        stdout: output.stdout,
        stderr: output.stderr,
    })
}

/// Why a program did not start.
pub(super) fn not_started(program: &str, error: &std::io::Error) -> HostError {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            HostError::new(HostErrorKind::NotFound, format!("there is no program `{program}`"))
        }
        _ => {
            let words = super::files::system_words(error);
            HostError::new(HostErrorKind::Io, format!("could not run `{program}`: {words}"))
        }
    }
}

/// Runs a job on a thread of its own. Where the system gives no thread, the caller learns of it as of a job that
/// panicked: what the job holds is dropped.
pub(super) fn work(job: Box<dyn FnOnce() + Send>) {
    let _thread = std::thread::Builder::new().name("dsp-work".to_owned()).spawn(job);
}
