//! The files that a check reads: imports and datasets, with the script's permissions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::Files;
use crate::evaluate::dataset;
use crate::host::{Access, Host, HostError, HostErrorKind, clean};
use crate::source::SourceFile;
use crate::value::Type;

/// Where relative paths start, by the name of the file that they stand in.
#[derive(Clone, Default)]
pub(super) struct Folders {
    by_name: HashMap<String, Arc<PathBuf>>,
    /// Under which name a file was met first, by where it really lies: one that is imported along several paths and links
    /// is one file.
    names: HashMap<PathBuf, String>,
}

impl Folders {
    pub fn get(&self, name: &str) -> Option<&Arc<PathBuf>> {
        self.by_name.get(name)
    }

    pub fn insert(&mut self, name: String, folder: Arc<PathBuf>) {
        self.by_name.insert(name, folder);
    }

    /// A script that was opened under a name.
    pub fn open(&mut self, host: &dyn Host, name: &str, folder: PathBuf) {
        if let Some(file) = Path::new(name).file_name() {
            self.names.insert(host.place(&folder.join(file)), name.to_owned());
        }
        self.insert(name.to_owned(), Arc::new(folder));
    }

    fn name(&mut self, host: &dyn Host, path: &Path) -> String {
        let place = host.place(path);
        if let Some(known) = self.names.get(&place) {
            return known.clone();
        }
        let short = clean(path);
        let path = if host.place(&short) == place { &short } else { &place };
        let name = path.display().to_string();
        self.insert(
            name.clone(),
            Arc::new(path.parent().map(Path::to_owned).unwrap_or_default()),
        );
        self.names.insert(place, name.clone());
        name
    }
}

/// Reads through the host, relative to the file that asks.
pub(super) struct Loader<'a> {
    pub host: &'a dyn Host,
    pub folders: &'a mut Folders,
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
        let path = self.path(from, asked);
        let bytes = self.read(&path, asked).map_err(|error| error.message)?;
        let text = String::from_utf8(bytes).map_err(|_| format!("`{asked}` is no UTF-8 text"))?;
        Ok((self.folders.name(self.host, &path), text.into()))
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
