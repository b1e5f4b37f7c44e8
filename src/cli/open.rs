//! From a command's FILE to a session: the script's text, the permissions, the runtime that calls run on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::options::Options;
use super::usage::Usage;
use super::{Code, Stop};
use crate::host::{Host, Permissions, RealHost, shell};
use crate::session::{Builder, Script};

/// The script that FILE names; `-` is the standard input.
pub fn script(file: &str) -> Result<Script, Stop> {
    if file == "-" {
        let bytes = shell::standard_input().map_err(|error| Usage::new(error.message))?;
        return Ok(Script::from_bytes(
            "<stdin>".to_owned(),
            bytes,
            &shell::working_folder(),
        )?);
    }
    Ok(Script::read(&RealHost::new(Permissions::default()), Path::new(file))?)
}

/// A session on the real world, for a script of this folder.
pub fn builder(options: &Options, folder: &Path) -> Builder {
    Builder::new(host(options, folder))
        .lm(options.lm.clone())
        .stream(options.stream)
        .trace(options.trace.clone())
        .journal(true)
}

/// The world for a script of this folder.
pub fn host(options: &Options, folder: &Path) -> Arc<dyn Host> {
    Arc::new(RealHost::new(permissions(options, folder)))
}

/// What a script of this folder may do: read and write below it and the working folder, and what was granted.
pub fn permissions(options: &Options, folder: &Path) -> Permissions {
    let granted = options.permissions.clone();
    let mut permissions = Permissions::below([non_empty(folder), shell::working_folder()]);
    permissions.read.extend(granted.read);
    permissions.write.extend(granted.write);
    permissions.net = granted.net;
    permissions.run = granted.run;
    permissions.all = granted.all;
    permissions
}

fn non_empty(folder: &Path) -> PathBuf {
    match folder.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => folder.to_owned(),
    }
}

/// How many tasks that are ready run before the session goes on and sockets are looked at: with thousands of calls in
/// flight, what has been answered comes before what is new, so that its connection serves again.
const READY: u32 = 4096;

/// Runs a session's call to its end on this thread.
pub fn block_on<T>(future: impl Future<Output = T>) -> Result<T, Stop> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .event_interval(READY)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|_| Stop::Code(Code::Failed))?;
    let result = runtime.block_on(future);
    // Work on other threads is not waited for: what it is for is gone.
    runtime.shutdown_background();
    Ok(result)
}
