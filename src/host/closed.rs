//! A world with nothing in it but time: what code written by a model may see. Nothing is read, written, sent or run; what
//! is printed is kept for whoever asks for it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{
    Access, BoxFuture, Finished, Host, HostError, HostErrorKind, HostResult, HttpRequest, HttpResponse, Shared, Store,
    Stream,
};

/// As much as is kept of what is printed, in bytes.
const KEPT: usize = 20_000;

/// Nothing outside can be reached through it.
pub struct ClosedHost {
    /// Only its time is asked for.
    clock: Arc<dyn Host>,
    printed: Mutex<String>,
}

impl ClosedHost {
    /// A closed world whose time passes as that of another one.
    pub fn new(clock: Arc<dyn Host>) -> ClosedHost {
        ClosedHost {
            clock,
            printed: Mutex::default(),
        }
    }

    /// What was printed so far.
    pub fn printed(&self) -> String {
        self.printed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn closed<T>(what: &str) -> HostResult<T> {
    let message = format!("code that a model wrote may not {what}");
    Err(HostError::new(HostErrorKind::Permission, message))
}

impl Host for ClosedHost {
    fn read(&self, _: Access, _: &Path) -> HostResult<Vec<u8>> {
        closed("read files")
    }

    fn write(&self, _: Access, _: &Path, _: &[u8]) -> HostResult<()> {
        closed("write files")
    }

    fn append(&self, _: Access, _: &Path, _: &[u8]) -> HostResult<()> {
        closed("write files")
    }

    fn remove(&self, _: Access, _: &Path) -> HostResult<()> {
        closed("remove files")
    }

    fn exists(&self, _: Access, _: &Path) -> bool {
        false
    }

    fn list(&self, _: Access, _: &Path) -> HostResult<Vec<PathBuf>> {
        closed("list folders")
    }

    fn is_dir(&self, _: &Path) -> bool {
        false
    }

    fn env(&self, _: &str) -> Option<String> {
        None
    }

    fn cache_dir(&self) -> HostResult<PathBuf> {
        closed("read or write files")
    }

    fn store(&self, _: &Path) -> HostResult<Arc<dyn Store>> {
        closed("read or write files")
    }

    fn shared(&self, _: Access, _: &str) -> HostResult<Arc<dyn Shared>> {
        closed("use the network")
    }

    fn http(&self, _: Access, _: HttpRequest) -> BoxFuture<'static, HostResult<HttpResponse>> {
        Box::pin(std::future::ready(closed("use the network")))
    }

    fn run(&self, _: Access, _: &str, _: &[String]) -> BoxFuture<'static, HostResult<Finished>> {
        Box::pin(std::future::ready(closed("run programs")))
    }

    /// It stands still, so that code that runs twice comes to the same.
    fn now(&self) -> f64 {
        0.0
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.clock.sleep(duration)
    }

    fn work(&self, job: Box<dyn FnOnce() + Send>) {
        self.clock.work(job);
    }

    fn print(&self, _: Stream, text: &str) -> HostResult<()> {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        let room = KEPT.saturating_sub(printed.len());
        let end = (0..=room.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
        printed.push_str(&text[..end.unwrap_or(0)]);
        Ok(())
    }

    fn is_terminal(&self, _: Stream) -> bool {
        false
    }
}
