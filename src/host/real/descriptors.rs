//! How many files and connections the process may have open at a time.

use std::io;

/// Raises the limit to what the system grants without being asked for more.
#[cfg(unix)]
pub(super) fn raise() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        // Where it cannot be raised, what runs into it says so.
        let _as_it_was = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

#[cfg(not(unix))]
pub(super) fn raise() {}

/// What to do, if the failure is that the limit is reached.
#[cfg(unix)]
pub(super) fn advice(error: &io::Error) -> Option<String> {
    use nix::errno::Errno;
    use nix::sys::resource::{Resource, getrlimit};
    let code = error.raw_os_error().map(Errno::from_raw);
    if !matches!(code, Some(Errno::EMFILE | Errno::ENFILE)) {
        return None;
    }
    let most = getrlimit(Resource::RLIMIT_NOFILE).map_or_else(|_| "so many".to_owned(), |(soft, _)| soft.to_string());
    Some(format!(
        "the system lets this process have {most} files and connections at a time; raise that (`ulimit -n 65536`), or lower \
         `max_concurrency`"
    ))
}

#[cfg(not(unix))]
pub(super) fn advice(_: &io::Error) -> Option<String> {
    None
}
