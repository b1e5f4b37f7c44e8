//! The standard streams.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::host::{HostError, HostErrorKind, HostResult, Stream};

/// Whether the process ends when nobody reads its standard output any more.
static ENDS_UNREAD: AtomicBool = AtomicBool::new(false);
/// What a shell says of a program that the signal of a broken pipe ended.
const UNREAD: i32 = 141;

/// From now on a reader that went away ends the process, quietly, as it ends `cat`.
pub(super) fn end_unread() {
    ENDS_UNREAD.store(true, Ordering::Relaxed);
}

/// Writes now. A reader that went away (`| head`) is no failure: what it does not want is dropped.
pub(super) fn print(stream: Stream, text: &str) -> HostResult<()> {
    let written = match stream {
        Stream::Out => put(&mut io::stdout().lock(), text),
        Stream::Err => put(&mut io::stderr().lock(), text),
    };
    let gone = matches!(&written, Err(error) if error.kind() == io::ErrorKind::BrokenPipe);
    if gone && stream == Stream::Out && ENDS_UNREAD.load(Ordering::Relaxed) {
        std::process::exit(UNREAD);
    }
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let words = super::files::system_words(&error);
            let kind = match error.kind() {
                io::ErrorKind::StorageFull => HostErrorKind::DiskFull,
                _ => HostErrorKind::Io,
            };
            Err(HostError::new(kind, format!("could not print: {words}")))
        }
        _ => Ok(()),
    }
}

fn put(stream: &mut impl Write, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}

pub(super) fn is_terminal(stream: Stream) -> bool {
    match stream {
        Stream::Out => io::stdout().is_terminal(),
        Stream::Err => io::stderr().is_terminal(),
    }
}

/// The columns of the terminal, if stdout is one.
pub(super) fn columns() -> Option<usize> {
    if !is_terminal(Stream::Out) {
        return None;
    }
    let (columns, _) = rustyline::DefaultEditor::new().ok()?.dimensions()?;
    Some(usize::from(columns))
}
