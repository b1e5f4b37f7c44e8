//! A script before it is checked: its name, its text and the folder that its relative paths start at.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Failure;
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, Host};
use crate::source::SourceMap;
use crate::syntax::{ast, format, parse};
use crate::value::EcoString;

/// The text of a script and where it comes from.
#[derive(Clone, Debug)]
pub struct Script {
    /// As messages name it: a path relative to the working folder, `<stdin>`.
    pub name: String,
    /// The source.
    pub text: Arc<str>,
    /// Where its relative paths start.
    pub folder: PathBuf,
}

impl Script {
    /// A script from its text.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>, folder: impl Into<PathBuf>) -> Script {
        Script {
            name: name.into(),
            text: text.into(),
            folder: folder.into(),
        }
    }

    /// Reads a script that the user named, so no permission is asked.
    pub fn read(host: &dyn Host, path: &Path) -> Result<Script, Failure> {
        let name = path.display().to_string();
        if host.is_dir(path) {
            let fault = Fault::new(FaultKind::Io, format!("`{name}` is a folder"));
            return Err(Failure::load(
                fault.help("name a script, which is a file that ends in `.dsp`"),
            ));
        }
        let bytes = host
            .read(Access::Own, path)
            .map_err(|error| Failure::load(error.into()))?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        Script::from_bytes(name, bytes, folder)
    }

    /// The bytes of a script, from wherever they were read.
    pub fn from_bytes(name: String, bytes: Vec<u8>, folder: &Path) -> Result<Script, Failure> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Script::new(name, text, folder)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
                let fault = Fault::new(FaultKind::Io, format!("`{name}` is no UTF-8 text: see line {line}"));
                Err(Failure::load(
                    fault.help("a script is a text in UTF-8; is this the right file?"),
                ))
            }
        }
    }

    /// The script in its one layout; one that does not parse has none.
    pub fn formatted(&self) -> Result<String, Failure> {
        let mut sources = SourceMap::default();
        let file = sources.add(self.name.clone(), format::plain(&self.text));
        format::format(&sources, file).map_err(|problems| Failure::check(problems, sources))
    }

    /// Whether there are `test` blocks.
    pub fn has_tests(&self) -> bool {
        self.text.lines().any(|line| line.trim_start().starts_with("test \""))
            && self.tree().items.iter().any(|item| matches!(item, ast::Item::Test(_)))
    }

    fn tree(&self) -> ast::File {
        let mut sources = SourceMap::default();
        let file = sources.add(self.name.clone(), self.text.clone());
        parse::parse_file(&sources, file).0
    }

    /// The parameters of `main` by name, and whether each is a `bool`; what does not parse has none.
    pub fn main_parameters(&self) -> Vec<(EcoString, bool)> {
        let tree = self.tree();
        let main = tree.items.iter().find_map(|item| match item {
            ast::Item::Function(function) if function.name.node == "main" => Some(function),
            _ => None,
        });
        main.map(|main| main.params.iter().filter_map(parameter).collect())
            .unwrap_or_default()
    }
}

fn parameter(param: &ast::Param) -> Option<(EcoString, bool)> {
    match &param.kind {
        ast::ParamKind::Named { name, ty, default } => {
            let flag = match (ty, default) {
                (Some(ty), _) => is_bool(ty),
                (None, Some(default)) => matches!(default.kind, ast::ExprKind::Bool(_)),
                (None, None) => false,
            };
            Some((name.node.clone(), flag))
        }
        ast::ParamKind::Rest { .. } | ast::ParamKind::Fields(_) => None,
    }
}

fn is_bool(ty: &ast::TypeExpr) -> bool {
    match &ty.kind {
        ast::TypeExprKind::Name { name, .. } => name.node == "bool",
        ast::TypeExprKind::Optional(inner) => is_bool(inner),
        _ => false,
    }
}
