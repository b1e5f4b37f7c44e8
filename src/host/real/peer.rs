//! Programs that are spoken with, line by line, for as long as they run.

use std::collections::VecDeque;
use std::process::Stdio;
use std::sync::{Arc, Mutex as Now, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::sync::Mutex;

use super::process::not_started;
use crate::host::{BoxFuture, HostError, HostErrorKind, HostResult, Peer};

/// No line may be longer.
const LONGEST: usize = 64 << 20;
/// So much of what it complained of is kept.
const COMPLAINT: usize = 2048;

/// A program that runs; it ends with this.
pub(super) struct Running {
    name: String,
    input: Mutex<ChildStdin>,
    output: Mutex<Output>,
    complaint: Arc<Now<VecDeque<u8>>>,
    _child: Child,
}

struct Output {
    source: BufReader<ChildStdout>,
    /// A line as far as it has come: whoever waits for it may give up.
    line: Vec<u8>,
}

/// Starts a program.
pub(super) fn start(program: &str, args: &[String]) -> HostResult<Running> {
    let mut command = Command::new(program);
    command.args(args).kill_on_drop(true);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| not_started(program, &error))?;
    let (Some(input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        let message = format!("`{program}` has no input and output");
        return Err(HostError::new(HostErrorKind::Io, message));
    };
    let complaint = Arc::default();
    tokio::spawn(listen(errors, Arc::clone(&complaint)));
    Ok(Running {
        name: program.to_owned(),
        input: Mutex::new(input),
        output: Mutex::new(Output {
            source: BufReader::new(output),
            line: Vec::new(),
        }),
        complaint,
        _child: child,
    })
}

/// Keeps the end of what it complains of; a program whose complaints nobody reads stands still.
async fn listen(mut errors: ChildStderr, kept: Arc<Now<VecDeque<u8>>>) {
    let mut piece = [0; 1024];
    while let Ok(count @ 1..) = errors.read(&mut piece).await {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(&piece[..count]);
        let surplus = kept.len().saturating_sub(COMPLAINT);
        kept.drain(..surplus);
    }
}

impl Running {
    async fn write(&self, line: String) -> HostResult<()> {
        let mut input = self.input.lock().await;
        let written = async {
            input.write_all(line.as_bytes()).await?;
            input.write_all(b"\n").await?;
            input.flush().await
        };
        written.await.map_err(|_| self.ended())
    }

    async fn read(&self) -> HostResult<String> {
        let mut output = self.output.lock().await;
        let Output { source, line } = &mut *output;
        loop {
            let piece = source.fill_buf().await.map_err(|_| self.ended())?;
            if piece.is_empty() {
                return Err(self.ended());
            }
            let end = piece.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(piece.len(), |at| at + 1);
            line.extend_from_slice(&piece[..end.unwrap_or(taken)]);
            source.consume(taken);
            if line.len() > LONGEST {
                let message = format!("`{}` wrote a line of more than {LONGEST} bytes", self.name);
                return Err(HostError::new(HostErrorKind::Io, message));
            }
            if end.is_some() {
                return Ok(String::from_utf8_lossy(&std::mem::take(line)).into_owned());
            }
        }
    }

    fn ended(&self) -> HostError {
        let kept = self.complaint.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = kept.iter().copied().collect();
        let complaint = String::from_utf8_lossy(&bytes).into_owned();
        let last = complaint.lines().map(str::trim).rfind(|line| !line.is_empty());
        let message = match last {
            Some(last) => format!("`{}` has ended; the last that it said: {last}", self.name),
            None => format!("`{}` has ended", self.name),
        };
        HostError::new(HostErrorKind::Io, message)
    }
}

impl Peer for Running {
    fn say(&self, line: String) -> BoxFuture<'_, HostResult<()>> {
        Box::pin(self.write(line))
    }

    fn hear(&self) -> BoxFuture<'_, HostResult<String>> {
        Box::pin(self.read())
    }
}
