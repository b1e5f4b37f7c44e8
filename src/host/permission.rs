//! What a script may do: read and write below its own folder and the working folder, and nothing else unless a flag
//! allows it. Every refusal names its flag.

use std::path::{Component, Path, PathBuf};

use super::{HostError, HostErrorKind, HostResult};

/// What scripts were granted. The default grants nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Files and folders that may be read, with all that is below them.
    pub read: Vec<PathBuf>,
    /// Files and folders that may be written, with all that is below them.
    pub write: Vec<PathBuf>,
    /// `example.org`, `localhost:8080`
    pub net: Vec<String>,
    /// Names of programs, as the script writes them.
    pub run: Vec<String>,
    /// `--allow-all`
    pub all: bool,
}

/// What is done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Read,
    Write,
}

impl Deed {
    fn verb(self) -> &'static str {
        match self {
            Deed::Read => "read",
            Deed::Write => "write",
        }
    }
}

impl Permissions {
    /// What every script has: reading and writing below these folders (its own and the working folder).
    pub fn below(folders: impl IntoIterator<Item = PathBuf>) -> Permissions {
        let folders: Vec<PathBuf> = folders.into_iter().collect();
        Permissions {
            read: folders.clone(),
            write: folders,
            ..Permissions::default()
        }
    }

    /// `--allow-all`
    pub fn all() -> Permissions {
        Permissions {
            all: true,
            ..Permissions::default()
        }
    }

    /// The same grants with paths that hold no link and no `..`, so that they can be compared with resolved ones.
    pub(super) fn resolved(mut self, resolve: impl Fn(&Path) -> PathBuf) -> Permissions {
        for path in self.read.iter_mut().chain(&mut self.write) {
            *path = resolve(path);
        }
        self
    }

    /// Whether a resolved path lies below a granted one; `asked` is how the script named it.
    pub(super) fn check_path(&self, deed: Deed, resolved: &Path, asked: &Path) -> HostResult<()> {
        let granted = match deed {
            Deed::Read => &self.read,
            Deed::Write => &self.write,
        };
        if self.all || granted.iter().any(|root| resolved.starts_with(root)) {
            return Ok(());
        }
        let verb = deed.verb();
        let leads = match resolved == asked {
            true => String::new(),
            false => format!(" (it leads to `{}`)", resolved.display()),
        };
        Err(refusal(format!(
            "the script may not {verb} `{}`{leads}: it lies outside the script's folder and the working folder; \
             `--allow-{verb} {}` allows it",
            asked.display(),
            resolved.display()
        )))
    }

    /// Whether a script may talk to the host of a url.
    pub(super) fn check_url(&self, url: &reqwest::Url) -> HostResult<()> {
        if self.all {
            return Ok(());
        }
        let host = plain_host(url.host_str().unwrap_or_default());
        let port = url.port_or_known_default();
        let matches = |grant: &String| {
            granted_host(grant)
                .is_some_and(|(allowed, only)| allowed == host && only.is_none_or(|only| port == Some(only)))
        };
        match self.net.iter().any(matches) {
            true => Ok(()),
            false => Err(refusal(format!(
                "the script may not connect to the host `{host}`; `--allow-net {host}` allows it"
            ))),
        }
    }

    /// Whether a script may start a program.
    pub(super) fn check_run(&self, program: &str) -> HostResult<()> {
        match self.all || self.run.iter().any(|name| name == program) {
            true => Ok(()),
            false => Err(refusal(format!(
                "the script may not run the program `{program}`; `--allow-run {program}` allows it"
            ))),
        }
    }
}

/// A grant's host as urls have it, and its port if it names one: `example.org`, `[::1]:8080`, `Bücher.example`.
fn granted_host(grant: &str) -> Option<(String, Option<u16>)> {
    let bare_v6 = grant.matches(':').count() > 1 && !grant.starts_with('[');
    let (host, port) = match grant.rsplit_once(':') {
        _ if bare_v6 => (format!("[{grant}]"), None),
        Some((host, port)) if !port.contains(']') => (host.to_owned(), Some(port.parse().ok()?)),
        _ => (grant.to_owned(), None),
    };
    let url = reqwest::Url::parse(&format!("http://{host}/")).ok()?;
    // Whatever else stands in it (`user@`, a path) makes it the name of no host.
    let whole = url.username().is_empty() && url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    Some((plain_host(url.host_str().filter(|_| whole)?), port))
}

/// `example.org.` is `example.org`.
fn plain_host(host: &str) -> String {
    host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase()
}

fn refusal(message: String) -> HostError {
    HostError::new(HostErrorKind::Permission, message)
}

/// An absolute path without `.` and `..`, for a file system without links.
pub(super) fn lexical(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}
