//! The files that a check reads: imports and datasets, with the script's permissions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::Files;
use crate::evaluate::dataset;
use crate::host::{Access, Host, HostError, HostErrorKind};
use crate::source::SourceFile;
use crate::value::Type;

/// Reads through the host, relative to the file that asks.
pub(super) struct Loader<'a> {
    pub host: &'a dyn Host,
    /// Where relative paths start, by the name of the file.
    pub folders: &'a mut HashMap<String, Arc<PathBuf>>,
}

impl Loader<'_> {
    fn path(&self, from: &SourceFile, path: &str) -> PathBuf {
        let folder = self
            .folders
            .get(&from.name)
            .map_or(Path::new("."), |folder| folder.as_path());
        folder.join(path)
    }

    fn read(&self, path: &Path, asked: &str) -> Result<Vec<u8>, HostError> {
        self.host.read(Access::Script, path).map_err(|error| match error.kind {
            HostErrorKind::NotFound => HostError::new(error.kind, format!("there is no file `{asked}`")),
            _ => error,
        })
    }
}

impl Files for Loader<'_> {
    fn import(&mut self, from: &SourceFile, asked: &str) -> Result<(String, Arc<str>), String> {
        let path = clean(&self.path(from, asked));
        let bytes = self.read(&path, asked).map_err(|error| error.message)?;
        let text = String::from_utf8(bytes).map_err(|_| format!("`{asked}` is no UTF-8 text"))?;
        let name = path.display().to_string();
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        self.folders.insert(name.clone(), Arc::new(folder));
        Ok((name, text.into()))
    }

    /// What may not be read is `any`, so that the run raises its error of kind `permission`, which can be caught.
    fn rows(&mut self, from: &SourceFile, asked: &str) -> Result<Type, String> {
        match self.read(&self.path(from, asked), asked) {
            Ok(bytes) => dataset::row_type(&bytes, asked).map_err(|fault| fault.message),
            Err(error) if error.kind == HostErrorKind::Permission => Ok(Type::Any),
            Err(error) => Err(error.message),
        }
    }
}

/// A path without `.` and with each `name/..` gone, so that one file has one name.
fn clean(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if clean.file_name().is_some() => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}
