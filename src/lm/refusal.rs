//! What a server's refusal means, whether another try may help, and what a person can do about it.

use std::time::Duration;

use serde_json::Value as Json;

use super::endpoint::Endpoint;
use crate::call::{Again, Trouble};
use crate::diag::{Fault, FaultKind};
use crate::host::{HostError, HostErrorKind, HttpResponse};

/// The most of a server's own words that a message shows.
const EXCERPT: usize = 300;

/// The failure that a response without a reply stands for. `now` is the time, for a `Retry-After` that is a date.
pub(super) fn refused(endpoint: &Endpoint<'_>, response: &HttpResponse, now: f64) -> Trouble {
    let status = response.status;
    let said = said(&without_key(endpoint, &response.body));
    let words = if said.is_empty() { said } else { format!(": {said}") };
    let model = &endpoint.model;
    let server = &endpoint.base;
    let (kind, message, help, again) = match status {
        401 | 403 => wrong_key(endpoint),
        400 if mentions(&response.body, &["api key not valid", "api_key_invalid"]) => wrong_key(endpoint),
        402 => (
            FaultKind::Lm,
            format!("`{server}` wants to be paid first"),
            None,
            Again::Never,
        ),
        404 => {
            let help = "is the name right? and does `api_base` end where the server's API begins, as in `…/v1`?";
            let message = format!("model not found: `{server}` has no model `{model}`");
            (FaultKind::Lm, message, Some(help.to_owned()), Again::Never)
        }
        407 => (
            FaultKind::Lm,
            format!("a proxy on the way to `{server}` refused the request"),
            Some("put the proxy's user and password into `HTTPS_PROXY`: `http://USER:PASSWORD@HOST:PORT`".to_owned()),
            Again::Never,
        ),
        429 if mentions(&response.body, &["insufficient_quota", "billing"]) => (
            FaultKind::RateLimit,
            format!("the quota at `{server}` is used up"),
            None,
            Again::Never,
        ),
        429 => {
            let help = "lower `max_concurrency`, or raise `lm_retries`".to_owned();
            let message = format!("`{server}` takes no more requests for now");
            (FaultKind::RateLimit, message, Some(help), asked_pause(response, now))
        }
        408 | 409 | 425 | 500..=599 => (
            FaultKind::Lm,
            format!("`{server}` failed"),
            None,
            asked_pause(response, now),
        ),
        400 | 413 | 422 if status == 413 || is_too_long(&response.body) => {
            let help = "shorten the inputs or use fewer demos".to_owned();
            (
                FaultKind::ContextLength,
                format!("the prompt is too long for `{model}`"),
                Some(help),
                Again::Never,
            )
        }
        _ => (
            FaultKind::Lm,
            format!("`{server}` refused the request"),
            None,
            Again::Never,
        ),
    };
    let mut fault = Fault::new(kind, format!("{message} ({status}){words}"));
    fault.help = help;
    Trouble { fault, again }
}

fn wrong_key(endpoint: &Endpoint<'_>) -> (FaultKind, String, Option<String>, Again) {
    let help = match (endpoint.has_key(), &endpoint.key_env) {
        (true, Some(name)) => format!("check the key in the environment variable `{name}`"),
        (_, Some(name)) => format!("it was asked without a key; set the environment variable `{name}`"),
        (_, None) => {
            "it was asked without a key; name the variable that holds one: `api_key_env: \"MY_KEY\"`".to_owned()
        }
    };
    let message = format!("`{}` refused the key", endpoint.base);
    (FaultKind::Auth, message, Some(help), Again::Never)
}

/// The failure of a response that should hold a reply and does not.
pub(super) fn unreadable(endpoint: &Endpoint<'_>, body: &[u8], why: &str) -> Trouble {
    let shown = excerpt(&without_key(endpoint, body));
    let message = match shown.is_empty() {
        true => format!("`{}` sent an empty answer", endpoint.base),
        false => format!(
            "`{}` sent an answer that is not what a model's should be: {why}: `{shown}`",
            endpoint.base
        ),
    };
    Trouble::last(
        Fault::new(FaultKind::Lm, message).help("is `api_base` the address of the server's API, as in `…/v1`?"),
    )
}

/// The failure of a connection.
pub(super) fn unreachable_server(error: HostError) -> Trouble {
    let again = match error.kind {
        HostErrorKind::Connection | HostErrorKind::Timeout => Again::Soon,
        _ => Again::Never,
    };
    let help = match error.kind {
        HostErrorKind::Timeout => Some("raise the setting `timeout` (seconds) if the model needs longer"),
        HostErrorKind::Connection => Some("start the server, or correct `api_base`"),
        _ => None,
    };
    let of_server = matches!(error.kind, HostErrorKind::Invalid | HostErrorKind::Io);
    let mut fault = Fault::from(error);
    if of_server {
        fault.kind = FaultKind::Lm;
    }
    fault.help = help.map(str::to_owned);
    Trouble { fault, again }
}

fn asked_pause(response: &HttpResponse, now: f64) -> Again {
    // OpenAI's own, where a second is long.
    let millis = response.header("retry-after-ms");
    if let Some(Ok(millis)) = millis.map(|text| text.trim().parse::<u64>()) {
        return Again::After(Duration::from_millis(millis));
    }
    let Some(text) = response.header("retry-after") else {
        return Again::Soon;
    };
    let seconds = text.trim().parse::<f64>().ok().or_else(|| Some(http_date(text)? - now));
    match seconds.map(|seconds| Duration::try_from_secs_f64(seconds.max(0.0))) {
        Some(Ok(pause)) => Again::After(pause),
        Some(Err(_)) => Again::After(Duration::MAX),
        None => Again::Soon,
    }
}

/// The seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<f64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let mut parts = text.split_once(',')?.1.split_whitespace();
    let day = i64::from(parts.next()?.parse::<u8>().ok()?);
    let month = i64::try_from(MONTHS.find(parts.next()?)? / 3).ok()? + 1;
    let year = i64::from(parts.next()?.parse::<u16>().ok()?);
    let mut clock = parts.next()?.split(':').map(str::parse::<u8>);
    let mut next = || clock.next()?.ok().map(i64::from);
    let (hour, minute, second) = (next()?, next()?, next()?);
    // Days since 1970, with years that begin in March so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some((days * 86_400 + hour * 3600 + minute * 60 + second) as f64)
}

/// Whether a server refused what a reply was to be held to.
pub fn refuses_shape(fault: &Fault) -> bool {
    const WORDS: [&str; 5] = [
        "response_format",
        "json_schema",
        "json_object",
        "structured output",
        "schema",
    ];
    let text = fault.message.to_lowercase();
    fault.kind == FaultKind::Lm && WORDS.iter().any(|word| text.contains(word))
}

/// Whether a server refused to be told of tools: `… does not support tools`.
pub fn refuses_tools(fault: &Fault) -> bool {
    let text = fault.message.to_lowercase();
    fault.kind == FaultKind::Lm && ["tool", "function call"].iter().any(|word| text.contains(word))
}

fn mentions(body: &[u8], words: &[&str]) -> bool {
    let text = String::from_utf8_lossy(body).to_lowercase();
    words.iter().any(|word| text.contains(word))
}

fn is_too_long(body: &[u8]) -> bool {
    mentions(
        body,
        &[
            "context_length",
            "context length",
            "context window",
            "maximum context",
            "context size",
            "prompt is too long",
        ],
    )
}

/// Before anything is cut out of it: a part of a key is a part of a key.
fn without_key(endpoint: &Endpoint<'_>, body: &[u8]) -> String {
    endpoint.without_key(&String::from_utf8_lossy(body))
}

/// What the server said, out of the JSON that it came in or as an excerpt.
fn said(body: &str) -> String {
    let json: Json = serde_json::from_str(body).unwrap_or_default();
    let places = ["/error/message", "/error", "/message", "/detail"];
    let message = places.iter().find_map(|place| json.pointer(place)?.as_str());
    excerpt(message.unwrap_or(body))
}

/// One line, without markup, not too long.
pub(super) fn excerpt(text: &str) -> String {
    let mut plain = String::new();
    let mut in_tag = false;
    let is_markup = text.trim_start().starts_with('<');
    for c in text.chars() {
        match c {
            '<' if is_markup => in_tag = true,
            '>' if in_tag => {
                in_tag = false;
                plain.push(' ');
            }
            _ if in_tag => {}
            // What a server says must not steer the terminal.
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let line = if line.is_empty() {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    } else {
        line
    };
    match line.char_indices().nth(EXCERPT) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
