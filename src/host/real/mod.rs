//! The real world.

mod descriptors;
mod files;
mod net;
mod peer;
mod pinned;
mod process;
mod redis;
mod resolve;
pub mod shell;
mod store;
mod terminal;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use etcetera::BaseStrategy;

use self::net::Net;
use self::redis::Redis;
use self::store::SqliteStore;
use super::permission::Deed;
use super::{
    Access, BoxFuture, Finished, Host, HostError, HostErrorKind, HostResult, HttpRequest, HttpResponse, Incoming,
    NARROWEST, Opened, Peer, Permissions, Shared, Store, Stream, USUAL, hop,
};

/// How often a path is looked up whose links change meanwhile.
const TRIES: usize = 8;

/// Files, network, clock, environment, terminal and processes of this machine. `http`, `run` and `sleep` give futures
/// that need a tokio runtime. Nothing is opened before it is used.
pub struct RealHost {
    permissions: Arc<Permissions>,
    net: Arc<Net>,
    started: Instant,
    /// Why nothing may be sent, where that is so.
    offline: Option<&'static str>,
    /// Who takes what is printed, where that is not the terminal.
    listener: Option<Arc<Listener>>,
}

type Listener = dyn Fn(Stream, &str) + Send + Sync;

impl RealHost {
    /// A host on which scripts may do what `permissions` grants.
    pub fn new(permissions: Permissions) -> RealHost {
        let permissions = Arc::new(permissions.resolved(place));
        RealHost {
            net: Arc::new(Net::new(permissions.clone())),
            permissions,
            started: Instant::now(),
            offline: None,
            listener: None,
        }
    }

    /// The same, but what scripts print, and what dsp says of them, goes to this function instead of the terminal.
    pub fn printing(self, listener: impl Fn(Stream, &str) + Send + Sync + 'static) -> RealHost {
        RealHost {
            listener: Some(Arc::new(listener)),
            ..self
        }
    }

    /// The same, but nothing is sent, by dsp itself neither; `why` begins the refusals.
    pub fn offline(self, why: &'static str) -> RealHost {
        RealHost {
            offline: Some(why),
            ..self
        }
    }

    fn online(&self, deed: impl FnOnce() -> String) -> HostResult<()> {
        match self.offline {
            None => Ok(()),
            Some(why) => {
                let message = format!("{why}: it may not {}", deed());
                Err(HostError::new(HostErrorKind::Permission, message))
            }
        }
    }

    /// The path that is really meant, if the asker may do this to it.
    fn admit(&self, access: Access, deed: Deed, path: &Path) -> HostResult<PathBuf> {
        let resolved = resolve::resolve(path).map_err(|error| files::failure("find", path, &error))?;
        if access == Access::Script {
            self.permissions.check_path(deed, &resolved, path)?;
        }
        Ok(resolved)
    }
}

impl RealHost {
    /// Finds a path and does something there; anew, permission included, if links have changed in between.
    fn steadily<T>(
        &self,
        access: Access,
        deed: Deed,
        path: &Path,
        act: impl Fn(&Path) -> HostResult<Option<T>>,
    ) -> HostResult<T> {
        for _ in 0..TRIES {
            if let Some(done) = act(&self.admit(access, deed, path)?)? {
                return Ok(done);
            }
        }
        let message = format!("`{}` leads somewhere else each time it is opened", path.display());
        Err(HostError::new(HostErrorKind::Io, message))
    }
}

impl Host for RealHost {
    fn read(&self, access: Access, path: &Path) -> HostResult<Vec<u8>> {
        match access {
            Access::Own => files::read(path),
            Access::Script => self.steadily(access, Deed::Read, path, |found| files::read_pinned(found, path)),
        }
    }

    fn open(&self, access: Access, path: &Path) -> HostResult<Box<dyn Opened>> {
        match access {
            Access::Own => files::open(path),
            Access::Script => self.steadily(access, Deed::Read, path, |found| files::open_pinned(found, path)),
        }
    }

    fn write(&self, access: Access, path: &Path, content: &[u8]) -> HostResult<()> {
        self.steadily(access, Deed::Write, path, |found| files::write(found, path, content))
    }

    fn append(&self, access: Access, path: &Path, content: &[u8]) -> HostResult<()> {
        files::append(&self.admit(access, Deed::Write, path)?, path, content)
    }

    fn remove(&self, access: Access, path: &Path) -> HostResult<()> {
        files::remove(&self.admit(access, Deed::Write, path)?, path)
    }

    fn exists(&self, access: Access, path: &Path) -> bool {
        self.admit(access, Deed::Read, path).is_ok_and(|path| path.exists())
    }

    fn list(&self, access: Access, folder: &Path) -> HostResult<Vec<PathBuf>> {
        files::list(&self.admit(access, Deed::Read, folder)?, folder)
    }

    fn is_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn place(&self, path: &Path) -> PathBuf {
        place(path)
    }

    fn env(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    /// `DSP_CACHE_DIR`, else `dsp` in the user's cache folder (`XDG_CACHE_HOME`, `~/.cache`).
    fn cache_dir(&self) -> HostResult<PathBuf> {
        if let Some(folder) = std::env::var_os("DSP_CACHE_DIR").filter(|folder| !folder.is_empty()) {
            return Ok(PathBuf::from(folder));
        }
        let user = etcetera::choose_base_strategy().map_err(|_| {
            let message = "there is no home folder to keep a cache in; set the environment variable `DSP_CACHE_DIR`";
            HostError::new(HostErrorKind::NotFound, message)
        })?;
        Ok(user.cache_dir().join("dsp"))
    }

    fn store(&self, path: &Path) -> HostResult<Arc<dyn Store>> {
        Ok(Arc::new(SqliteStore::open(path)?))
    }

    fn shared(&self, access: Access, url: &str) -> HostResult<Arc<dyn Shared>> {
        let redis = Redis::at(url)?;
        self.online(|| "use a shared cache".to_owned())?;
        hop::permit(access, &self.permissions, &hop::parse(&redis.place())?)?;
        Ok(Arc::new(redis))
    }

    fn http(&self, access: Access, request: HttpRequest) -> BoxFuture<'static, HostResult<HttpResponse>> {
        let online = self.online(|| format!("ask `{}`", net::shown(&request.url)));
        let net = self.net.clone();
        Box::pin(async move {
            online?;
            net.whole(access, request).await
        })
    }

    fn http_stream(&self, access: Access, request: HttpRequest) -> BoxFuture<'static, HostResult<Incoming>> {
        let online = self.online(|| format!("ask `{}`", net::shown(&request.url)));
        let net = self.net.clone();
        Box::pin(async move {
            online?;
            net.in_pieces(access, request).await
        })
    }

    fn run(&self, access: Access, program: &str, args: &[String]) -> BoxFuture<'static, HostResult<Finished>> {
        let allowed = match access {
            Access::Own => self.online(|| format!("run `{program}`")),
            Access::Script => self.permissions.check_run(program),
        };
        let (program, args) = (program.to_owned(), args.to_vec());
        Box::pin(async move {
            allowed?;
            process::run(&program, &args).await
        })
    }

    fn start(&self, program: &str, args: &[String]) -> BoxFuture<'static, HostResult<Arc<dyn Peer>>> {
        let allowed = self.permissions.check_run(program);
        let (program, args) = (program.to_owned(), args.to_vec());
        Box::pin(async move {
            allowed?;
            Ok(Arc::new(peer::start(&program, &args)?) as Arc<dyn Peer>)
        })
    }

    fn now(&self) -> f64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs_f64()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async move { tokio::time::sleep(duration).await })
    }

    fn work(&self, job: Box<dyn FnOnce() + Send>) {
        process::work(job);
    }

    fn print(&self, stream: Stream, text: &str) -> HostResult<()> {
        match &self.listener {
            Some(listener) => {
                listener(stream, text);
                Ok(())
            }
            None => terminal::print(stream, text),
        }
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        self.listener.is_none() && terminal::is_terminal(stream)
    }

    fn columns(&self) -> usize {
        let given = || {
            let columns = self.env("COLUMNS").and_then(|text| text.trim().parse().ok());
            columns.or_else(terminal::columns)
        };
        // What a listener compares must not depend on the terminal that is there.
        let columns = self.listener.is_none().then(given).flatten();
        columns.filter(|columns| *columns >= NARROWEST).unwrap_or(USUAL)
    }
}

fn place(path: &Path) -> PathBuf {
    resolve::resolve(path).unwrap_or_else(|_| path.to_owned())
}
