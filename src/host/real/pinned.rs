//! Files and folders held open where a check found them. Between a check and a use somebody may put a link in the way, so
//! what was opened is asked where it lies, and a folder is gone on from by its handle, not by its name.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A file that was found at a path without links; none if it lies elsewhere by now.
pub(super) fn file(path: &Path) -> io::Result<Option<File>> {
    at(File::open(path)?, path)
}

/// A handle, if it is of what stood at the path when that was resolved.
pub(super) fn at(file: File, path: &Path) -> io::Result<Option<File>> {
    // Where the system does not tell, the check alone must do.
    let elsewhere = real_path(&file).is_some_and(|real| real != path);
    Ok((!elsewhere).then_some(file))
}

#[cfg(target_os = "linux")]
fn real_path(file: &File) -> Option<PathBuf> {
    fs::read_link(handle(file)).ok()
}

#[cfg(not(target_os = "linux"))]
fn real_path(_: &File) -> Option<PathBuf> {
    None
}

#[cfg(target_os = "linux")]
fn handle(file: &File) -> PathBuf {
    use std::os::fd::AsRawFd;
    PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
}

/// An open folder.
pub(super) struct Folder {
    path: PathBuf,
    #[cfg(target_os = "linux")]
    held: File,
}

impl Folder {
    /// The folder of this path without links, made with all above it that is missing; none if it lies elsewhere by now.
    pub(super) fn open(path: &Path) -> io::Result<Option<Folder>> {
        let opened = match (File::open(path), path.parent(), path.file_name()) {
            (Err(error), Some(above), Some(name)) if error.kind() == io::ErrorKind::NotFound => {
                let Some(above) = Folder::open(above)? else {
                    return Ok(None);
                };
                match fs::create_dir(above.inside(name)) {
                    Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                    _ => File::open(above.inside(name)),
                }
            }
            (opened, ..) => opened,
        };
        let opened = opened?;
        if !opened.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let path = path.to_owned();
        #[cfg(target_os = "linux")]
        return Ok(at(opened, &path)?.map(|held| Folder { path, held }));
        #[cfg(not(target_os = "linux"))]
        return Ok(Some(Folder { path }));
    }

    /// A name in the folder, as a path that leads there whatever becomes of the folder's own name.
    #[cfg(target_os = "linux")]
    pub(super) fn inside(&self, name: &OsStr) -> PathBuf {
        match real_path(&self.held) {
            Some(_) => handle(&self.held).join(name),
            None => self.path.join(name),
        }
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn inside(&self, name: &OsStr) -> PathBuf {
        self.path.join(name)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_that_came_after_the_check_is_noticed() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        fs::create_dir(place.join("in")).unwrap();
        fs::create_dir(place.join("out")).unwrap();
        fs::write(place.join("out/secret"), "secret").unwrap();
        symlink(place.join("out/secret"), place.join("in/file")).unwrap();
        symlink(place.join("out"), place.join("in/folder")).unwrap();
        assert!(file(&place.join("in/file")).unwrap().is_none());
        assert!(file(&place.join("in/folder/secret")).unwrap().is_none());
        assert!(file(&place.join("out/secret")).unwrap().is_some());
        assert!(Folder::open(&place.join("in/folder")).unwrap().is_none());
        assert!(Folder::open(&place.join("in/folder/new/deep")).unwrap().is_none());
        assert!(!place.join("out/new").exists());
        assert!(Folder::open(&place.join("in/new/deep")).unwrap().is_some());
        assert!(place.join("in/new/deep").is_dir());
    }

    #[test]
    fn a_folder_is_gone_on_from_by_its_handle() {
        let place = tempfile::tempdir().unwrap();
        let place = place.path().canonicalize().unwrap();
        fs::create_dir(place.join("out")).unwrap();
        let folder = Folder::open(&place.join("in")).unwrap().unwrap();
        fs::rename(place.join("in"), place.join("moved")).unwrap();
        symlink(place.join("out"), place.join("in")).unwrap();
        fs::write(folder.inside(OsStr::new("file")), "x").unwrap();
        assert!(place.join("moved/file").exists() && !place.join("out/file").exists());
    }
}
