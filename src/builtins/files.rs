//! `stdlib/files.dsp`: texts and datasets, through the host's door with the script's permissions.

use std::path::PathBuf;
use std::sync::Arc;

use super::args::{bad_value, opt_int, text};
use super::effect;
use super::media::read_data;
use crate::diag::{Fault, FaultKind};
use crate::evaluate::dataset;
use crate::host::{Access, BoxFuture, Host, HostError, HostErrorKind};
use crate::value::Value;
use crate::vm::{Context, Dry, Native};

pub const NATIVES: &[Native] = &[
    effect("read_text", read_text),
    effect("write_text", write_text).dry(Dry::Skipped),
    effect("read_data", read_data),
    effect("dataset", read_dataset),
];

type Later = BoxFuture<'static, Result<Value, Fault>>;

/// What is known at once, as a future.
pub fn ready(outcome: Result<Value, Fault>) -> Later {
    Box::pin(std::future::ready(outcome))
}

/// A file's failure as the language's: a missing file is `io`, whoever refuses.
pub fn file_fault(error: HostError, path: &str) -> Fault {
    match error.kind {
        HostErrorKind::NotFound => Fault::new(FaultKind::Io, format!("no file `{path}`")),
        HostErrorKind::Permission => Fault::new(FaultKind::Permission, error.message),
        HostErrorKind::DiskFull => {
            Fault::new(FaultKind::Io, error.message).help("make room on the disk, or write to another one")
        }
        _ => Fault::new(FaultKind::Io, error.message),
    }
}

/// A script's file: its path as the host takes it, and its bytes.
pub fn read_file(host: &Arc<dyn Host>, folder: &Arc<PathBuf>, path: &str) -> Result<Vec<u8>, Fault> {
    host.read(Access::Script, &folder.join(path))
        .map_err(|e| file_fault(e, path))
}

fn read_text(cx: Context<'_>, args: Vec<Value>) -> Later {
    ready(text(&args, 0).and_then(|path| {
        let bytes = read_file(cx.host, cx.folder, path)?;
        cx.memory.charge(bytes.len() as u64)?;
        let content = String::from_utf8(bytes).map_err(|e| {
            bad_value(format!(
                "`{path}` is no UTF-8 text: byte {} is wrong",
                e.utf8_error().valid_up_to()
            ))
        })?;
        Ok(Value::str(content.strip_prefix('\u{feff}').unwrap_or(&content)))
    }))
}

fn write_text(cx: Context<'_>, args: Vec<Value>) -> Later {
    ready(text(&args, 0).and_then(|path| {
        let content = text(&args, 1)?;
        let target = cx.folder.join(path.as_str());
        cx.host
            .write(Access::Script, &target, content.as_bytes())
            .map_err(|e| file_fault(e, path))?;
        Ok(Value::None)
    }))
}

fn read_dataset(cx: Context<'_>, args: Vec<Value>) -> Later {
    ready(text(&args, 0).and_then(|path| {
        let limit = match opt_int(&args, 1)? {
            Some(n) => Some(usize::try_from(n).map_err(|_| bad_value("`limit` must not be negative"))?),
            None => None,
        };
        let bytes = read_file(cx.host, cx.folder, path)?;
        cx.memory.charge(bytes.len() as u64 * 2)?;
        dataset::rows(&bytes, path, limit)
    }))
}
