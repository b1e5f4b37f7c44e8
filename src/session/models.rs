//! The local models that have a name, as `dsp models` sees them.

use std::path::PathBuf;

use crate::diag::{Fault, FaultKind, nearest};
use crate::host::Host;
use crate::lm::local::catalog::{self, KNOWN, Known};
use crate::lm::local::weights;

/// A model, and whether its files are there.
#[derive(Clone, Debug)]
pub struct LocalModel {
    /// `smollm2-135m`: as `LM("local/NAME")` has it.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// As its packages state it.
    pub licence: &'static str,
    /// What is fetched.
    pub bytes: usize,
    /// Whether the files are there.
    pub is_present: bool,
}

/// All of them.
pub fn local_models(host: &dyn Host) -> Vec<LocalModel> {
    let entry = |known: &Known| LocalModel {
        name: known.name,
        about: known.about,
        licence: known.licence,
        bytes: known.bytes(),
        is_present: weights::has(host, known),
    };
    KNOWN.iter().map(entry).collect()
}

/// Fetches one; where its files lie.
pub async fn pull_local_model(host: &dyn Host, name: &str) -> Result<Vec<PathBuf>, Fault> {
    weights::pull(host, find(name)?).await
}

/// Removes the files of one; whether there were any.
pub fn remove_local_model(host: &dyn Host, name: &str) -> Result<bool, Fault> {
    weights::remove(host, find(name)?)
}

fn find(name: &str) -> Result<&'static Known, Fault> {
    catalog::find(name).ok_or_else(|| {
        let names: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
        let help = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "there are `{}`; any other model is named by its file: `LM(\"local/path/to/model.gguf\")`",
                names.join("`, `")
            ),
        };
        Fault::new(FaultKind::Value, format!("there is no model `{name}`")).help(help)
    })
}
