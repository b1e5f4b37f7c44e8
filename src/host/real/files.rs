//! Files. A write goes to a new file beside the old one, which then takes its name: whatever happens, one of the two
//! is there whole.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::pinned;
use crate::host::{HostError, HostErrorKind, HostResult, Opened};

/// Reads what the user named, whatever it is.
pub(super) fn read(path: &Path) -> HostResult<Vec<u8>> {
    fs::read(path).map_err(|error| failure("read", path, &error))
}

/// Reads a file that a script named; none if it is no longer where it was found. A device may have no end.
pub(super) fn read_pinned(path: &Path, shown: &Path) -> HostResult<Option<Vec<u8>>> {
    let Some(mut file) = found(path, shown)? else {
        return Ok(None);
    };
    let mut content = Vec::new();
    let read = file.read_to_end(&mut content);
    read.map_err(|error| failure("read", shown, &error))?;
    Ok(Some(content))
}

/// Opens what the user named.
pub(super) fn open(path: &Path) -> HostResult<Box<dyn Opened>> {
    let file = File::open(path).map_err(|error| failure("read", path, &error))?;
    InParts::of(file, path)
}

/// Opens a file that a script named; none if it is no longer where it was found.
pub(super) fn open_pinned(path: &Path, shown: &Path) -> HostResult<Option<Box<dyn Opened>>> {
    let file = found(path, shown)?;
    file.map(|file| InParts::of(file, shown)).transpose()
}

fn found(path: &Path, shown: &Path) -> HostResult<Option<File>> {
    let failed = |error: io::Error| failure("read", shown, &error);
    if fs::symlink_metadata(path).is_ok_and(|metadata| is_device(&metadata)) {
        return Err(device(shown));
    }
    let Some(file) = pinned::file(path).map_err(failed)? else {
        return Ok(None);
    };
    if is_device(&file.metadata().map_err(failed)?) {
        return Err(device(shown));
    }
    Ok(Some(file))
}

/// A file that is read where it is wanted.
struct InParts {
    file: File,
    size: u64,
    shown: PathBuf,
}

impl InParts {
    fn of(file: File, shown: &Path) -> HostResult<Box<dyn Opened>> {
        let metadata = file.metadata().map_err(|error| failure("read", shown, &error))?;
        if metadata.is_dir() {
            return Err(failure("read", shown, &io::ErrorKind::IsADirectory.into()));
        }
        Ok(Box::new(InParts {
            file,
            size: metadata.len(),
            shown: shown.to_owned(),
        }))
    }
}

impl Opened for InParts {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, start: u64, part: &mut [u8]) -> HostResult<()> {
        let read = read_exact_at(&self.file, start, part);
        read.map_err(|error| failure("read", &self.shown, &error))
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, start: u64, part: &mut [u8]) -> io::Result<()> {
    use std::os::unix::fs::FileExt;
    file.read_exact_at(part, start)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut start: u64, mut part: &mut [u8]) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !part.is_empty() {
        match file.seek_read(part, start)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                part = &mut part[read..];
                start += read as u64;
            }
        }
    }
    Ok(())
}

#[cfg(unix)]
fn is_device(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &fs::Metadata) -> bool {
    false
}

fn device(shown: &Path) -> HostError {
    let message = format!("could not read `{}`: it is a device, not a file", shown.display());
    HostError::new(HostErrorKind::Io, message)
}

/// The path holds no links: a new file would take a link's name, not that of what it leads to. None if its folder is no
/// longer where it was found.
pub(super) fn write(path: &Path, shown: &Path, content: &[u8]) -> HostResult<Option<()>> {
    write_whole(path, content).map_err(|error| failure("write", shown, &error))
}

fn write_whole(path: &Path, content: &[u8]) -> io::Result<Option<()>> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::IsADirectory.into());
    };
    let Some(folder) = pinned::Folder::open(folder)? else {
        return Ok(None);
    };
    let place = folder.inside(name);
    let old = fs::symlink_metadata(&place).ok();
    if old.as_ref().is_some_and(fs::Metadata::is_dir) {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if old.as_ref().is_some_and(|old| !old.is_file() && !old.is_symlink()) {
        // A device or a pipe has no old content to keep.
        let opened = fs::OpenOptions::new().write(true).open(&place)?;
        let Some(mut device) = pinned::at(opened, path)? else {
            return Ok(None);
        };
        return device.write_all(content).map(Some);
    }
    let mut new = beside(place.parent().unwrap_or(path))?;
    new.write_all(content)?;
    if let Some(old) = old.filter(fs::Metadata::is_file) {
        new.as_file().set_permissions(old.permissions())?;
    }
    new.as_file().sync_all()?;
    new.persist(&place).map_err(|error| error.error)?;
    Ok(Some(()))
}

pub(super) fn append(path: &Path, shown: &Path, content: &[u8]) -> HostResult<()> {
    append_whole(path, content).map_err(|error| failure("write", shown, &error))
}

fn append_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().ok_or(io::ErrorKind::IsADirectory)?)?;
    let mut file = fs::OpenOptions::new().append(true).create(true).open(path)?;
    file.write_all(content)?;
    file.sync_data()
}

/// A file that vanishes unless it is kept, readable as a new file of the user's would be.
fn beside(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".dsp-").suffix(".new");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
        builder.tempfile_in(folder)
    }
    #[cfg(not(unix))]
    builder.tempfile_in(folder)
}

/// Deletes a file or an empty folder.
pub(super) fn remove(path: &Path, shown: &Path) -> HostResult<()> {
    let removed = if path.is_dir() {
        fs::remove_dir(path)
    } else {
        fs::remove_file(path)
    };
    removed.map_err(|error| failure("delete", shown, &error))
}

/// The files below a folder, as paths that begin with `shown`.
pub(super) fn list(folder: &Path, shown: &Path) -> HostResult<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        let open = folder.join(&below);
        let entries = fs::read_dir(&open).map_err(|error| failure("list", &shown.join(&below), &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| failure("list", &shown.join(&below), &error))?;
            let kind = entry
                .file_type()
                .map_err(|error| failure("list", &shown.join(&below), &error))?;
            let name = entry.file_name();
            let passed_over = name
                .to_str()
                .is_some_and(|name| name.starts_with('.') || name == "target");
            match kind.is_dir() {
                true if passed_over => {}
                true => folders.push(below.join(name)),
                // A link to a folder is not followed: it may lead back up.
                false if kind.is_symlink() && entry.path().is_dir() => {}
                false => found.push(shown.join(below.join(name))),
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What went wrong with a file, for a person.
pub(super) fn failure(deed: &str, path: &Path, error: &io::Error) -> HostError {
    use io::ErrorKind as E;
    let name = path.display();
    let (kind, message) = match error.kind() {
        E::NotFound => (HostErrorKind::NotFound, format!("there is no file `{name}`")),
        E::IsADirectory => (HostErrorKind::Io, format!("could not {deed} `{name}`: it is a folder")),
        E::NotADirectory => (
            HostErrorKind::NotFound,
            format!("could not {deed} `{name}`: it is not in a folder"),
        ),
        E::PermissionDenied => (
            HostErrorKind::Io,
            format!("could not {deed} `{name}`: the system does not let this user do it"),
        ),
        E::ReadOnlyFilesystem => (
            HostErrorKind::Io,
            format!("could not {deed} `{name}`: the disk is read-only"),
        ),
        E::StorageFull | E::QuotaExceeded => (
            HostErrorKind::DiskFull,
            format!("could not {deed} `{name}`: the disk is full; what was there before is unchanged"),
        ),
        _ => (
            HostErrorKind::Io,
            format!("could not {deed} `{name}`: {}", system_words(error)),
        ),
    };
    HostError::new(kind, message)
}

/// The system's words in lower case, without its error number.
pub(super) fn system_words(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}
