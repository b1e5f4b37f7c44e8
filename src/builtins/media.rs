//! `read_data`: a file as a `data:` address, which is how images, sounds and files reach a model.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::args::{bad_value, opt_text, text};
use super::files::{read_file, ready};
use crate::diag::{Fault, FaultKind};
use crate::host::BoxFuture;
use crate::value::Value;
use crate::vm::Context;

/// No provider takes a request with more.
const MOST: usize = 50 << 20;

/// How files of a kind begin.
const BEGINNINGS: [(&[u8], &str); 9] = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mp3"),
    (b"\xff\xfb", "audio/mp3"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"BM", "image/bmp"),
];

/// What their names end with, for what has no beginning of its own.
const ENDINGS: [(&str, &str); 12] = [
    ("txt", "text/plain"),
    ("md", "text/markdown"),
    ("csv", "text/csv"),
    ("html", "text/html"),
    ("xml", "text/xml"),
    ("json", "application/json"),
    ("py", "text/x-python"),
    ("svg", "image/svg+xml"),
    ("m4a", "audio/mp4"),
    ("aac", "audio/aac"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
];

/// `read_data("cat.png")`
pub(super) fn read_data(cx: Context<'_>, args: Vec<Value>) -> BoxFuture<'static, Result<Value, Fault>> {
    ready(data(cx, &args))
}

fn data(cx: Context<'_>, args: &[Value]) -> Result<Value, Fault> {
    let path = text(args, 0)?;
    let bytes = read_file(cx.host, cx.folder, path)?;
    if bytes.len() > MOST {
        let megabytes = bytes.len() >> 20;
        let message = format!(
            "`{path}` is {megabytes} MB long: no model is sent more than {} MB",
            MOST >> 20
        );
        return Err(Fault::new(FaultKind::Value, message)
            .help("make it smaller, or put it where the provider can fetch it and give its web address"));
    }
    if bytes.is_empty() {
        return Err(bad_value(format!("`{path}` is empty")));
    }
    let kind = match opt_text(args, 1)? {
        Some(kind) => kind.as_str(),
        None => kind(path, &bytes).ok_or_else(|| unknown(path))?,
    };
    cx.memory.charge(bytes.len() as u64 * 4 / 3)?;
    Ok(Value::str(format!("data:{kind};base64,{}", STANDARD.encode(bytes))))
}

fn unknown(path: &str) -> Fault {
    let message = format!("`{path}` is of a kind that is not known");
    Fault::new(FaultKind::Value, message).help(format!("name it: `read_data(\"{path}\", kind: \"image/png\")`"))
}

/// What a file is: as it begins, else by its name.
fn kind(path: &str, bytes: &[u8]) -> Option<&'static str> {
    let within = |kind: &[u8]| bytes.get(8..8 + kind.len()) == Some(kind);
    if bytes.starts_with(b"RIFF") {
        return match () {
            () if within(b"WEBP") => Some("image/webp"),
            () if within(b"WAVE") => Some("audio/wav"),
            () => None,
        };
    }
    let begins = BEGINNINGS.iter().find(|(start, _)| bytes.starts_with(start));
    let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    let ends = || ENDINGS.iter().find(|(known, _)| ending.as_deref() == Some(known));
    begins.map(|(_, kind)| *kind).or_else(|| ends().map(|(_, kind)| *kind))
}
