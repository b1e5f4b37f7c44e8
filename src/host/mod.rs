//! The one door to the world: files, network, clock, environment, terminal, processes, databases. Nothing outside this
//! folder names `reqwest`, `std::fs`, `std::env`, `std::process` or sqlite. Permissions are enforced behind the
//! door, denied by default. Randomness needs no door: dsp's generators are seeded values.

mod closed;
pub mod fake;
mod hop;
mod opened;
mod permission;
mod real;

pub use closed::ClosedHost;
pub use opened::{Opened, Reader};
pub use permission::Permissions;
pub use real::{RealHost, shell};

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::ready;
use futures_util::stream::{BoxStream, once};

/// Whether it steers a terminal: a control character, line ends and tabs aside, or one that turns the direction of
/// writing, so that a line looks like another one.
pub fn steers(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        c => c.is_control(),
    }
}

/// A text without what steers a terminal.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let plain = text.replace("\r\n", "\n");
    plain.chars().map(|c| if steers(c) { '\u{b7}' } else { c }).collect()
}

/// A future whose type is not named.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why the world refused. The layer above gives it a place and a `Fault`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    /// What kind of refusal it is.
    pub kind: HostErrorKind,
    /// In lower case, says what was tried and what to do, names in backticks.
    pub message: String,
}

/// Why the world refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostErrorKind {
    /// There is no such file, program or folder.
    NotFound,
    /// Names the flag that would allow it.
    Permission,
    /// There is no room for what was to be written.
    DiskFull,
    /// The system refused.
    Io,
    /// The connection broke: worth another try.
    Connection,
    /// There was none: it was refused, or nobody took it. Worth another try.
    Unreached,
    /// The name of the server leads nowhere. Worth another try.
    UnknownHost,
    /// The server is not who it should be.
    Untrusted,
    /// The proxy on the way wants a password.
    LockedProxy,
    /// It took too long.
    Timeout,
    /// There was no connection in time.
    LateConnection,
    /// An answer did not begin in time.
    LateStart,
    /// Somebody stopped it.
    Cancelled,
    /// It was asked in a way that cannot be.
    Invalid,
}

impl HostError {
    /// A refusal and its words.
    pub fn new(kind: HostErrorKind, message: impl Into<String>) -> Self {
        HostError {
            kind,
            message: message.into(),
        }
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for HostError {}

/// What the world gives, or why not.
pub type HostResult<T> = Result<T, HostError>;

/// Who asks: what a script does is held against its permissions, what dsp does for itself (its cache folder, the
/// library, weights, the state file named on the command line) is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// A script asks: its permissions count.
    Script,
    /// dsp asks for itself.
    Own,
}

/// An HTTP request, whole. `url` holds no secret; secrets stand in headers, which are never logged.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// `GET`, `POST`
    pub method: &'static str,
    /// Without secrets.
    pub url: String,
    /// Names and values.
    pub headers: Vec<Header>,
    /// What is sent.
    pub body: Bytes,
    /// For the whole exchange.
    pub timeout: Duration,
    /// Until the answer begins, where that is to be sooner.
    pub first_byte: Option<Duration>,
}

/// A name and a value that are sent; most stand in the code.
pub type Header = (Cow<'static, str>, Cow<'static, str>);

/// What a server answers.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// `200`
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// What came back.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// What a server answers while it is still answering.
pub struct Incoming {
    /// Status and headers; its body is empty.
    pub head: HttpResponse,
    /// The pieces of the body, as they come.
    pub body: BoxStream<'static, HostResult<Bytes>>,
}

impl Incoming {
    /// A whole answer as one piece.
    pub fn whole(mut response: HttpResponse) -> Incoming {
        let body = std::mem::take(&mut response.body);
        Incoming {
            head: response,
            body: Box::pin(once(ready(Ok(body.into())))),
        }
    }

    /// Waits for the rest.
    pub async fn rest(mut self) -> HostResult<HttpResponse> {
        let mut whole = self.head;
        while let Some(piece) = self.body.next().await {
            whole.body.extend_from_slice(&piece?);
        }
        Ok(whole)
    }
}

/// A program that ran to its end.
#[derive(Clone, Debug)]
pub struct Finished {
    /// Its exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub stdout: Vec<u8>,
    /// What it complained of.
    pub stderr: Vec<u8>,
}

/// A program that runs and is spoken with, line by line. It ends when this is let go of.
pub trait Peer: Send + Sync {
    /// Sends it a line.
    fn say(&self, line: String) -> BoxFuture<'_, HostResult<()>>;
    /// The next line that it writes; an error of kind [`HostErrorKind::Io`] where it has ended.
    fn hear(&self) -> BoxFuture<'_, HostResult<String>>;
}

/// Where a text goes that is written now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output: results.
    Out,
    /// Standard error: everything else.
    Err,
}

/// What lasts until a value is written.
pub type Held = Box<dyn Send>;

/// Values by key (the response cache) or in a row (the history), in a file that several processes may share.
pub trait Store: Send + Sync {
    /// What stands under a key.
    fn get(&self, key: &str) -> HostResult<Option<Vec<u8>>>;
    /// Puts a value under a key.
    fn put(&self, key: &str, value: Arc<[u8]>) -> HostResult<()>;
    /// The same without waiting for others to be written with it; what is held is let go when the value is written.
    fn put_held(&self, key: &str, value: Arc<[u8]>, held: Held) -> HostResult<()> {
        let put = self.put(key, value);
        drop(held);
        put
    }
    /// Waits until what was put is written: a store may write in groups.
    fn flush(&self) -> HostResult<()> {
        Ok(())
    }
    /// Adds values behind those that are there, and forgets the oldest of more than `keep`.
    fn append(&self, values: &[Vec<u8>], keep: usize) -> HostResult<()>;
    /// The last `n` values, the oldest of them first.
    fn last(&self, n: usize) -> HostResult<Vec<Vec<u8>>>;
    /// Forgets what is older, and of more than so many bytes the oldest.
    fn trim(&self, oldest: Option<Duration>, most: u64) -> HostResult<()>;
    /// All keys and values, the oldest first.
    fn each(&self, visit: &mut dyn FnMut(&str, &[u8])) -> HostResult<()>;
    /// Forgets everything; says how many entries there were.
    fn clear(&self) -> HostResult<u64>;
    /// Entries and bytes.
    fn stats(&self) -> HostResult<(u64, u64)>;
}

/// Values by key on a server that several machines share. Nothing is connected before the first use.
pub trait Shared: Send + Sync {
    /// What stands under a key.
    fn get(&self, key: &str) -> BoxFuture<'static, HostResult<Option<Vec<u8>>>>;
    /// Puts a value under a key, for so long.
    fn put(&self, key: &str, value: Vec<u8>, lasting: Option<Duration>) -> BoxFuture<'static, HostResult<()>>;
}

/// No table is made to fit fewer columns.
const NARROWEST: usize = 40;
/// The columns of a table that is not for a terminal.
const USUAL: usize = 100;

/// The outside world. One implementation is real, one is for tests (`fake`); an embedder may bring its own.
///
/// Paths that come here are absolute or relative to the working folder; scripts' paths were joined to their file's
/// folder by the caller. Links and `..` are resolved before a permission is checked.
pub trait Host: Send + Sync + 'static {
    /// The bytes of a file.
    fn read(&self, access: Access, path: &Path) -> HostResult<Vec<u8>>;
    /// Opens a file that is too large to be read as a whole. A host that cannot do so reads it.
    fn open(&self, access: Access, path: &Path) -> HostResult<Box<dyn Opened>> {
        Ok(Box::new(self.read(access, path)?))
    }
    /// Writes beside, then renames: the old file stays whole whatever happens.
    fn write(&self, access: Access, path: &Path, content: &[u8]) -> HostResult<()>;
    /// Adds to the end of a file, which is made if there is none; the bytes are on the disk when it returns.
    fn append(&self, access: Access, path: &Path, content: &[u8]) -> HostResult<()>;
    /// Deletes a file or an empty folder.
    fn remove(&self, access: Access, path: &Path) -> HostResult<()>;
    /// Whether there is such a file or folder, as far as the asker may know.
    fn exists(&self, access: Access, path: &Path) -> bool;
    /// The files below a folder, sorted, as paths that `read` takes. Hidden folders and `target` are passed over.
    fn list(&self, access: Access, folder: &Path) -> HostResult<Vec<PathBuf>>;
    /// Whether it is a folder.
    fn is_dir(&self, path: &Path) -> bool;
    /// Where a path really leads: one file has one place, whichever links and `..` lead to it.
    fn place(&self, path: &Path) -> PathBuf {
        clean(path)
    }

    /// A variable of the environment.
    fn env(&self, name: &str) -> Option<String>;
    /// Where dsp keeps what it may lose: responses, weights.
    fn cache_dir(&self) -> HostResult<PathBuf>;
    /// Opens (and makes) a shared store at a path.
    fn store(&self, path: &Path) -> HostResult<Arc<dyn Store>>;
    /// The store that several machines share, at a url. A host need not have any.
    fn shared(&self, _access: Access, _url: &str) -> HostResult<Arc<dyn Shared>> {
        let message = "no cache can be shared with other machines from here";
        Err(HostError::new(HostErrorKind::Invalid, message))
    }

    /// Sends a request and waits for the whole answer; redirects are followed as far as they are permitted.
    fn http(&self, access: Access, request: HttpRequest) -> BoxFuture<'static, HostResult<HttpResponse>>;
    /// The same, but the answer's body is handed on as it comes. A host that cannot do so hands it on whole.
    fn http_stream(&self, access: Access, request: HttpRequest) -> BoxFuture<'static, HostResult<Incoming>> {
        let answer = self.http(access, request);
        Box::pin(async move { Ok(Incoming::whole(answer.await?)) })
    }
    /// Runs a program to its end.
    fn run(&self, access: Access, program: &str, args: &[String]) -> BoxFuture<'static, HostResult<Finished>>;
    /// Starts a program that a script then speaks with. A host that does not say how refuses.
    fn start(&self, program: &str, _args: &[String]) -> BoxFuture<'static, HostResult<Arc<dyn Peer>>> {
        let message = format!("`{program}` cannot be started here");
        Box::pin(ready(Err(HostError::new(HostErrorKind::Permission, message))))
    }

    /// Seconds since 1970.
    fn now(&self) -> f64;
    /// Monotonic.
    fn elapsed(&self) -> Duration;
    /// Waits.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
    /// Runs blocking work (local inference) off the interpreter's thread.
    fn work(&self, job: Box<dyn FnOnce() + Send>);

    /// Writes a text now, byte for byte.
    fn print(&self, stream: Stream, text: &str) -> HostResult<()>;
    /// Writes a text that may hold what others said: on a terminal nothing in it steers it.
    fn print_shown(&self, stream: Stream, text: &str) -> HostResult<()> {
        match self.is_terminal(stream) {
            true => self.print(stream, &harmless(text)),
            false => self.print(stream, text),
        }
    }
    /// Whether a person reads the stream.
    fn is_terminal(&self, stream: Stream) -> bool;
    /// How many columns a table may have.
    fn columns(&self) -> usize {
        let columns = self.env("COLUMNS").and_then(|text| text.trim().parse().ok());
        columns.filter(|columns| *columns >= NARROWEST).unwrap_or(USUAL)
    }
}

/// A path without `.` and with each `name/..` gone, as far as that can be told without looking at links.
pub(crate) fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}
