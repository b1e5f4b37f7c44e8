//! The fake host behind the trait.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::FakeHost;
use super::memory::MemoryStore;
use super::peer::FakePeer;
use crate::host::permission::{Deed, lexical};
use crate::host::{
    Access, BoxFuture, Finished, Host, HostError, HostErrorKind, HostResult, HttpRequest, HttpResponse, Peer, Shared,
    Store, Stream, hop,
};

pub(super) const WORKING_FOLDER: &str = "/work";
const CACHE_FOLDER: &str = "/cache";
/// Virtual time begins here: 14 November 2023, 22:13:20 UTC.
const EPOCH: f64 = 1_700_000_000.0;

pub(super) fn absolute(path: &Path) -> PathBuf {
    lexical(&Path::new(WORKING_FOLDER).join(path))
}

impl FakeHost {
    fn admit(&self, access: Access, deed: Deed, path: &Path) -> HostResult<PathBuf> {
        let resolved = absolute(path);
        if access == Access::Script {
            self.state().permissions.check_path(deed, &resolved, path)?;
        }
        Ok(resolved)
    }

    /// One request without redirects.
    async fn ask(&self, request: &HttpRequest) -> HostResult<HttpResponse> {
        let answerer = {
            let mut state = self.state();
            state.requests.push(request.clone());
            state.answerer.clone()
        };
        let Some(answerer) = answerer else {
            let message = format!(
                "could not connect to `{}`: the fake host has no answer for it",
                request.url
            );
            return Err(HostError::new(HostErrorKind::Connection, message));
        };
        let _under_way = UnderWay::new(self);
        let (latency, outcome) = answerer(request);
        if let Some(soonest) = request.first_byte.filter(|soonest| latency > *soonest) {
            self.sleep(soonest).await;
            let (url, seconds) = (&request.url, soonest.as_secs_f64());
            let message = format!("`{url}` did not begin to answer within {seconds} s (`first_byte_timeout`)");
            return Err(HostError::new(HostErrorKind::Timeout, message));
        }
        if latency > request.timeout {
            self.sleep(request.timeout).await;
            let message = format!(
                "no answer from `{}` within {} s",
                request.url,
                request.timeout.as_secs_f64()
            );
            return Err(HostError::new(HostErrorKind::Timeout, message));
        }
        if !latency.is_zero() {
            self.sleep(latency).await;
        }
        outcome
    }
}

/// Counts a request as in flight while it lives.
struct UnderWay(FakeHost);

impl UnderWay {
    fn new(host: &FakeHost) -> Self {
        let mut state = host.state();
        state.in_flight += 1;
        state.most_in_flight = state.most_in_flight.max(state.in_flight);
        UnderWay(host.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.state().in_flight -= 1;
    }
}

fn not_found(path: &Path) -> HostError {
    HostError::new(
        HostErrorKind::NotFound,
        format!("there is no file `{}`", path.display()),
    )
}

impl Host for FakeHost {
    fn read(&self, access: Access, path: &Path) -> HostResult<Vec<u8>> {
        let resolved = self.admit(access, Deed::Read, path)?;
        self.state()
            .files
            .get(&resolved)
            .cloned()
            .ok_or_else(|| not_found(path))
    }

    fn write(&self, access: Access, path: &Path, content: &[u8]) -> HostResult<()> {
        let resolved = self.admit(access, Deed::Write, path)?;
        self.state().files.insert(resolved, content.to_vec());
        Ok(())
    }

    fn append(&self, access: Access, path: &Path, content: &[u8]) -> HostResult<()> {
        let resolved = self.admit(access, Deed::Write, path)?;
        self.state()
            .files
            .entry(resolved)
            .or_default()
            .extend_from_slice(content);
        Ok(())
    }

    fn remove(&self, access: Access, path: &Path) -> HostResult<()> {
        let resolved = self.admit(access, Deed::Write, path)?;
        self.state().files.remove(&resolved);
        Ok(())
    }

    fn exists(&self, access: Access, path: &Path) -> bool {
        let Ok(resolved) = self.admit(access, Deed::Read, path) else {
            return false;
        };
        self.state().files.keys().any(|file| file.starts_with(&resolved))
    }

    fn list(&self, access: Access, folder: &Path) -> HostResult<Vec<PathBuf>> {
        let resolved = self.admit(access, Deed::Read, folder)?;
        let passed_over = |path: &Path| {
            let mut folders = path
                .parent()
                .into_iter()
                .flat_map(Path::iter)
                .filter_map(|name| name.to_str());
            folders.any(|name| name.starts_with('.') || name == "target")
        };
        let state = self.state();
        let below = state.files.keys().filter_map(|file| file.strip_prefix(&resolved).ok());
        Ok(below
            .filter(|path| !passed_over(path))
            .map(|path| folder.join(path))
            .collect())
    }

    fn is_dir(&self, path: &Path) -> bool {
        let resolved = absolute(path);
        self.state()
            .files
            .keys()
            .any(|file| *file != resolved && file.starts_with(&resolved))
    }

    fn env(&self, name: &str) -> Option<String> {
        self.state().env.get(name).cloned()
    }

    fn cache_dir(&self) -> HostResult<PathBuf> {
        Ok(PathBuf::from(CACHE_FOLDER))
    }

    fn store(&self, path: &Path) -> HostResult<Arc<dyn Store>> {
        let clock = self.world.clock.clone();
        let new = || Arc::new(MemoryStore::new(clock));
        Ok(self.state().stores.entry(absolute(path)).or_insert_with(new).clone())
    }

    fn shared(&self, access: Access, url: &str) -> HostResult<Arc<dyn Shared>> {
        let mut state = self.state();
        // Permissions know servers by the urls that are asked over HTTP.
        hop::admit(
            access,
            &state.permissions,
            &url.replacen("rediss://", "http://", 1)
                .replacen("redis://", "http://", 1),
        )?;
        let clock = self.world.clock.clone();
        let new = || Arc::new(MemoryStore::new(clock));
        Ok(state.stores.entry(PathBuf::from(url)).or_insert_with(new).clone())
    }

    fn http(&self, access: Access, request: HttpRequest) -> BoxFuture<'static, HostResult<HttpResponse>> {
        let host = self.clone();
        Box::pin(async move {
            let first = request.url.clone();
            let mut request = request;
            for _ in 0..=hop::MAX_HOPS {
                let url = {
                    let state = host.state();
                    hop::admit(access, &state.permissions, &request.url)?
                };
                let response = host.ask(&request).await?;
                match hop::next(&request, &url, &response) {
                    Some(onward) => request = onward,
                    None => return Ok(response),
                }
            }
            Err(hop::too_many(&first))
        })
    }

    fn run(&self, access: Access, program: &str, args: &[String]) -> BoxFuture<'static, HostResult<Finished>> {
        let host = self.clone();
        let program = program.to_owned();
        let args = args.to_vec();
        Box::pin(async move {
            let runner = {
                let state = host.state();
                if access == Access::Script {
                    state.permissions.check_run(&program)?;
                }
                state.runner.clone()
            };
            let Some(runner) = runner else {
                return Err(HostError::new(
                    HostErrorKind::NotFound,
                    format!("there is no program `{program}`"),
                ));
            };
            let (duration, outcome) = runner(&program, &args);
            host.sleep(duration).await;
            outcome
        })
    }

    fn start(&self, program: &str, _: &[String]) -> BoxFuture<'static, HostResult<Arc<dyn Peer>>> {
        let speaker = {
            let state = self.state();
            let allowed = state.permissions.check_run(program);
            allowed.map(|()| state.speaker.clone())
        };
        let started = speaker.and_then(|speaker| match speaker {
            Some(speaker) => Ok(Arc::new(FakePeer {
                host: self.clone(),
                speaker,
                lines: Mutex::default(),
            }) as Arc<dyn Peer>),
            None => {
                let message = format!("there is no program `{program}`");
                Err(HostError::new(HostErrorKind::NotFound, message))
            }
        });
        Box::pin(std::future::ready(started))
    }

    fn now(&self) -> f64 {
        EPOCH + self.elapsed().as_secs_f64()
    }

    fn elapsed(&self) -> Duration {
        self.world.clock.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(self.world.clock.sleep(duration))
    }

    /// At once, on this thread: it takes no virtual time.
    fn work(&self, job: Box<dyn FnOnce() + Send>) {
        job();
    }

    fn print(&self, stream: Stream, text: &str) -> HostResult<()> {
        let mut state = self.state();
        match stream {
            Stream::Out => state.stdout.push_str(text),
            Stream::Err => state.stderr.push_str(text),
        }
        Ok(())
    }

    fn is_terminal(&self, _stream: Stream) -> bool {
        self.state().terminal
    }
}
