//! Finding the tests: files as they are named, folders recursively.

use std::path::{Path, PathBuf};

use super::case::Case;
use crate::cli::Stop;
use crate::cli::usage::Usage;
use crate::host::{Access, Host, Permissions, RealHost};
use crate::session::Script;

/// All scripts that have a golden beside them or `test` blocks, in order of their paths, each once. A script that is
/// named itself gets its first golden when goldens are `written`.
pub fn cases(paths: &[PathBuf], written: bool) -> Result<Vec<Case>, Stop> {
    let host = RealHost::new(Permissions::default());
    let here = [PathBuf::from(".")];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut cases: Vec<Case> = Vec::new();
    for path in paths {
        let found = match host.is_dir(path) {
            true => in_folder(&host, path)?,
            false => one(&host, path, written)?
                .map(|case| Case { named: true, ..case })
                .into_iter()
                .collect(),
        };
        for case in found {
            if !cases.iter().any(|known| known.path == case.path) {
                cases.push(case);
            }
        }
    }
    Ok(cases)
}

fn in_folder(host: &RealHost, folder: &Path) -> Result<Vec<Case>, Stop> {
    let files = host
        .list(Access::Own, folder)
        .map_err(|error| Usage::new(error.message))?;
    let mut cases = Vec::new();
    for path in files
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "dsp"))
    {
        cases.extend(one(host, path, false)?);
    }
    Ok(cases)
}

fn one(host: &RealHost, path: &Path, written: bool) -> Result<Option<Case>, Stop> {
    let script = Script::read(host, path)?;
    let golden = host.exists(Access::Own, &path.with_extension("golden"));
    let blocks = script.has_tests();
    if !golden && !blocks && !written {
        return Ok(None);
    }
    Ok(Some(Case::new(
        path,
        script.text.to_string(),
        golden || !blocks,
        blocks,
    )))
}
