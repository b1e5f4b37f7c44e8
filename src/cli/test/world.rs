//! The world of a test: the real one, but what is printed is kept, there is no terminal, and no network.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::host::{
    Access, BoxFuture, Finished, Host, HostResult, HttpRequest, HttpResponse, Opened, Permissions, RealHost, Shared,
    Store, Stream,
};

/// A host that one test runs on.
pub struct World {
    real: RealHost,
    /// Whether it may reach servers: only while recording.
    online: bool,
    printed: Mutex<(String, String)>,
}

impl World {
    pub fn new(permissions: Permissions, online: bool) -> Arc<World> {
        let real = RealHost::new(permissions);
        Arc::new(World {
            real: match online {
                true => real,
                false => real.offline("a test runs offline"),
            },
            online,
            printed: Mutex::default(),
        })
    }

    /// What went to stdout and stderr since the last time.
    pub fn take(&self) -> (String, String) {
        std::mem::take(&mut *self.printed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Host for World {
    fn read(&self, access: Access, path: &Path) -> HostResult<Vec<u8>> {
        self.real.read(access, path)
    }

    fn open(&self, access: Access, path: &Path) -> HostResult<Box<dyn Opened>> {
        self.real.open(access, path)
    }

    fn write(&self, access: Access, path: &Path, content: &[u8]) -> HostResult<()> {
        self.real.write(access, path, content)
    }

    fn append(&self, access: Access, path: &Path, content: &[u8]) -> HostResult<()> {
        self.real.append(access, path, content)
    }

    fn exists(&self, access: Access, path: &Path) -> bool {
        self.real.exists(access, path)
    }

    fn remove(&self, access: Access, path: &Path) -> HostResult<()> {
        self.real.remove(access, path)
    }

    fn list(&self, access: Access, folder: &Path) -> HostResult<Vec<PathBuf>> {
        self.real.list(access, folder)
    }

    fn place(&self, path: &Path) -> PathBuf {
        self.real.place(path)
    }

    fn is_dir(&self, path: &Path) -> bool {
        self.real.is_dir(path)
    }

    /// The model of the user's environment is not the test's.
    fn env(&self, name: &str) -> Option<String> {
        match name {
            "DSP_LM" if !self.online => None,
            _ => self.real.env(name),
        }
    }

    fn cache_dir(&self) -> HostResult<PathBuf> {
        self.real.cache_dir()
    }

    fn store(&self, path: &Path) -> HostResult<Arc<dyn Store>> {
        self.real.store(path)
    }

    fn shared(&self, access: Access, url: &str) -> HostResult<Arc<dyn Shared>> {
        self.real.shared(access, url)
    }

    fn http(&self, access: Access, request: HttpRequest) -> BoxFuture<'static, HostResult<HttpResponse>> {
        self.real.http(access, request)
    }

    fn run(&self, access: Access, program: &str, args: &[String]) -> BoxFuture<'static, HostResult<Finished>> {
        self.real.run(access, program, args)
    }

    fn now(&self) -> f64 {
        self.real.now()
    }

    fn elapsed(&self) -> Duration {
        self.real.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.real.sleep(duration)
    }

    fn work(&self, job: Box<dyn FnOnce() + Send>) {
        self.real.work(job);
    }

    fn print(&self, stream: Stream, text: &str) -> HostResult<()> {
        let mut printed = self.printed.lock().unwrap_or_else(PoisonError::into_inner);
        match stream {
            Stream::Out => printed.0.push_str(text),
            Stream::Err => printed.1.push_str(text),
        }
        Ok(())
    }

    fn is_terminal(&self, _stream: Stream) -> bool {
        false
    }
}
