//! The one door to the world: files, network, clock, environment, terminal, processes, databases. Nothing outside this
//! folder names `reqwest`, `std::fs`, `std::env`, `std::process` or sqlite. Permissions are enforced behind the
//! door, denied by default. Randomness needs no door: dsp's generators are seeded values.

pub mod fake;
mod hop;
mod permission;
mod real;

pub use permission::Permissions;
pub use real::{RealHost, shell};

use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why the world refused. The layer above gives it a place and a `Fault`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError {
    pub kind: HostErrorKind,
    /// In lower case, says what was tried and what to do, names in backticks.
    pub message: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostErrorKind {
    NotFound,
    /// Names the flag that would allow it.
    Permission,
    DiskFull,
    Io,
    /// Could not connect, or the connection broke: worth another try.
    Connection,
    Timeout,
    Cancelled,
    Invalid,
}

impl HostError {
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

pub type HostResult<T> = Result<T, HostError>;

/// Who asks: what a script does is held against its permissions, what dsp does for itself (its cache folder, the
/// library, weights, the state file named on the command line) is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Script,
    Own,
}

/// An HTTP request, whole. `url` holds no secret; secrets stand in headers, which are never logged.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub timeout: Duration,
}

#[derive(Clone, Debug)]
pub struct HttpResponse {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl HttpResponse {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// A program that ran to its end.
#[derive(Clone, Debug)]
pub struct Finished {
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// Where a text goes that is written now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

/// Values by key (the response cache) or in a row (the history), in a file that several processes may share.
pub trait Store: Send + Sync {
    fn get(&self, key: &str) -> HostResult<Option<Vec<u8>>>;
    fn put(&self, key: &str, value: &[u8]) -> HostResult<()>;
    /// Adds values behind those that are there, and forgets the oldest of more than `keep`.
    fn append(&self, values: &[Vec<u8>], keep: usize) -> HostResult<()>;
    /// The last `n` values, the oldest of them first.
    fn last(&self, n: usize) -> HostResult<Vec<Vec<u8>>>;
    fn clear(&self) -> HostResult<u64>;
    /// Entries and bytes.
    fn stats(&self) -> HostResult<(u64, u64)>;
}

/// The outside world. One implementation is real, one is for tests (`fake`); an embedder may bring its own.
///
/// Paths that come here are absolute or relative to the working folder; scripts' paths were joined to their file's
/// folder by the caller. Links and `..` are resolved before a permission is checked.
pub trait Host: Send + Sync + 'static {
    fn read(&self, access: Access, path: &Path) -> HostResult<Vec<u8>>;
    /// Writes beside, then renames: the old file stays whole whatever happens.
    fn write(&self, access: Access, path: &Path, content: &[u8]) -> HostResult<()>;
    /// Adds to the end of a file, which is made if there is none; the bytes are on the disk when it returns.
    fn append(&self, access: Access, path: &Path, content: &[u8]) -> HostResult<()>;
    /// Deletes a file or an empty folder.
    fn remove(&self, access: Access, path: &Path) -> HostResult<()>;
    fn exists(&self, access: Access, path: &Path) -> bool;
    /// The files below a folder, sorted, as paths that `read` takes. Hidden folders and `target` are passed over.
    fn list(&self, access: Access, folder: &Path) -> HostResult<Vec<PathBuf>>;
    fn is_dir(&self, path: &Path) -> bool;

    fn env(&self, name: &str) -> Option<String>;
    /// Where dsp keeps what it may lose: responses, weights.
    fn cache_dir(&self) -> HostResult<PathBuf>;
    /// Opens (and makes) a shared store at a path.
    fn store(&self, path: &Path) -> HostResult<Arc<dyn Store>>;

    fn http(&self, access: Access, request: HttpRequest) -> BoxFuture<'static, HostResult<HttpResponse>>;
    fn run(&self, access: Access, program: &str, args: &[String]) -> BoxFuture<'static, HostResult<Finished>>;

    /// Seconds since 1970.
    fn now(&self) -> f64;
    /// Monotonic.
    fn elapsed(&self) -> Duration;
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
    /// Runs blocking work (local inference) off the interpreter's thread.
    fn work(&self, job: Box<dyn FnOnce() + Send>);

    fn print(&self, stream: Stream, text: &str) -> HostResult<()>;
    fn is_terminal(&self, stream: Stream) -> bool;
}
