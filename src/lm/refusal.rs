//! What a server's refusal means, whether another try may help, and what a person can do about it.

use serde_json::Value as Json;

use super::endpoint::Endpoint;
use super::limits;
use crate::call::{Again, LONGEST_PAUSE, Trouble};
use crate::diag::{Fault, FaultKind};
use crate::host::{HostError, HostErrorKind, HttpResponse};

/// The most of a server's own words that a message shows.
const EXCERPT: usize = 300;

/// The failure that a response without a reply stands for. `now` is the time, for a `Retry-After` that is a date.
pub(super) fn refused(endpoint: &Endpoint<'_>, response: &HttpResponse, now: f64) -> Trouble {
    let said = said(&without_key(endpoint, &response.body));
    let Meaning {
        kind,
        message,
        help,
        again,
    } = meaning(endpoint, response, now);
    let words = if said.is_empty() { said } else { format!(": {said}") };
    let mut fault = Fault::new(kind, format!("{message} ({}){words}", response.status));
    fault.help = help;
    let mut again = match response.header("x-should-retry").map(str::trim) {
        Some("false") => Again::Never,
        Some("true") if again == Again::Never => Again::Soon,
        _ => again,
    };
    if let Again::After(pause) = again
        && pause > LONGEST_PAUSE
    {
        let minutes = pause.as_secs() / 60;
        fault.help = Some(format!(
            "it asks to be left alone for {minutes} minutes; name a second model: `LM([\"openai/a\", \"anthropic/b\"])`"
        ));
        again = Again::Never;
    }
    Trouble { fault, again }
}

/// What a refusal means, and what can be done about it.
struct Meaning {
    kind: FaultKind,
    message: String,
    help: Option<String>,
    again: Again,
}

impl Meaning {
    fn new(kind: FaultKind, message: String) -> Meaning {
        Meaning {
            kind,
            message,
            help: None,
            again: Again::Never,
        }
    }

    fn help(self, help: impl Into<String>) -> Meaning {
        let help = Some(help.into());
        Meaning { help, ..self }
    }

    fn again(self, again: Again) -> Meaning {
        Meaning { again, ..self }
    }
}

fn meaning(endpoint: &Endpoint<'_>, response: &HttpResponse, now: f64) -> Meaning {
    let (server, model, body) = (endpoint.base, endpoint.model, &response.body);
    let says = |words: &[&str]| mentions(body, words);
    let later = || limits::pause(response, now).map_or(Again::Soon, Again::After);
    match response.status {
        401 => wrong_key(endpoint, "the key"),
        400 if says(&["api key not valid", "api_key_invalid"]) => wrong_key(endpoint, "the key"),
        402 => Meaning::new(FaultKind::Lm, format!("`{server}` wants to be paid first")),
        400 | 403 if says(&["credit balance is too low"]) => {
            Meaning::new(FaultKind::Lm, format!("`{server}` wants to be paid first"))
        }
        403 => wrong_key(endpoint, "access"),
        404 => missing(endpoint, says(&["try pulling it"])),
        407 => Meaning::new(
            FaultKind::Lm,
            format!("a proxy on the way to `{server}` refused the request"),
        )
        .help(PROXY_KEY),
        429 if says(&["insufficient_quota", "billing_hard_limit", "perday"]) => {
            Meaning::new(FaultKind::RateLimit, format!("the quota at `{server}` is used up"))
                .help("look at the plan and the limits of your account there")
        }
        429 => Meaning::new(
            FaultKind::RateLimit,
            format!("`{server}` takes no more requests for now"),
        )
        .help("lower `max_concurrency`, or raise `lm_retries`")
        .again(later()),
        501 | 505 => Meaning::new(FaultKind::Lm, format!("`{server}` cannot do what it was asked")),
        408 | 409 | 425 | 500..=599 => Meaning::new(FaultKind::Lm, format!("`{server}` failed")).again(later()),
        413 => too_long(model),
        400 | 422 if says(&TOO_LONG) => too_long(model),
        400 | 422 if says(&HELD_BACK) => Meaning::new(
            FaultKind::Lm,
            format!("`{server}` does not let this be asked (content filter)"),
        )
        .help("change what is asked, or ask another model"),
        _ => Meaning::new(FaultKind::Lm, format!("`{server}` refused the request")),
    }
}

const PROXY_KEY: &str = "put the proxy's user and password into `HTTPS_PROXY`: `http://USER:PASSWORD@HOST:PORT`";

/// What servers say of a prompt that is too long.
const TOO_LONG: [&str; 11] = [
    "context_length",
    "context length",
    "context window",
    "context limit",
    "maximum context",
    "context size",
    "prompt is too long",
    "input is too long",
    "maximum prompt length",
    "exceeds the maximum number of tokens",
    "max_new_tokens` must be",
];

/// What they say of one that they do not want to read.
const HELD_BACK: [&str; 4] = [
    "content_filter",
    "content_policy_violation",
    "responsibleaipolicyviolation",
    "content management policy",
];

fn too_long(model: &str) -> Meaning {
    Meaning::new(
        FaultKind::ContextLength,
        format!("the prompt is too long for `{model}`"),
    )
    .help("shorten the inputs or use fewer demos")
}

fn missing(endpoint: &Endpoint<'_>, can_be_pulled: bool) -> Meaning {
    let (server, model) = (endpoint.base, endpoint.model);
    let message = format!("model not found: `{server}` has no model `{model}`");
    let help = match can_be_pulled || endpoint.provider.name() == "ollama" {
        true => format!("fetch it: `ollama pull {model}`; `ollama list` shows what is there"),
        false => "is the name right? and does `api_base` end where the server's API begins, as in `…/v1`?".to_owned(),
    };
    Meaning::new(FaultKind::Lm, message).help(help)
}

fn wrong_key(endpoint: &Endpoint<'_>, what: &str) -> Meaning {
    let help = match (endpoint.has_key(), &endpoint.key_env) {
        (true, Some(name)) => {
            format!("check the key in the environment variable `{name}`, and what it may be used for")
        }
        (_, Some(name)) => format!("it was asked without a key; set the environment variable `{name}`"),
        (_, None) => {
            "it was asked without a key; name the variable that holds one: `api_key_env: \"MY_KEY\"`".to_owned()
        }
    };
    Meaning::new(FaultKind::Auth, format!("`{}` refused {what}", endpoint.base)).help(help)
}

/// The failure of a response that should hold a reply and does not; some servers refuse with a body alone.
pub(super) fn not_an_answer(endpoint: &Endpoint<'_>, body: &[u8], why: &str, now: f64) -> Trouble {
    match status_inside(body) {
        Some(status) => {
            let response = HttpResponse {
                status,
                headers: Vec::new(),
                body: body.to_vec(),
            };
            refused(endpoint, &response, now)
        }
        None => unreadable(endpoint, body, why),
    }
}

/// The status of a refusal that came with a status of success: `{"error": {"code": 429, …}}`
fn status_inside(body: &[u8]) -> Option<u16> {
    let json: Json = serde_json::from_slice(body).ok()?;
    let errors = ["/error", "/choices/0/error"].map(|place| json.pointer(place));
    let error = errors
        .into_iter()
        .flatten()
        .find(|error| error.is_object() || error.is_string())?;
    if let Some(status) = error["code"].as_u64().filter(|code| (400..600).contains(code)) {
        return u16::try_from(status).ok();
    }
    let words = [&error["code"], &error["type"]].map(|word| word.as_str().unwrap_or_default());
    let says = |part: &[&str]| words.iter().any(|word| part.iter().any(|part| word.contains(part)));
    Some(match () {
        () if says(&["rate_limit"]) => 429,
        () if says(&["server_error", "overloaded", "api_error", "unavailable"]) => 500,
        () => 400,
    })
}

/// The same, where it is no refusal.
pub(super) fn unreadable(endpoint: &Endpoint<'_>, body: &[u8], why: &str) -> Trouble {
    let is_gzip = body.starts_with(&[0x1f, 0x8b]);
    let (shown, why) = match is_gzip {
        true => ("gzip".to_owned(), "it is compressed, and the server does not say so"),
        false => (excerpt(&without_key(endpoint, body)), why),
    };
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
pub(super) fn unreachable_server(endpoint: &Endpoint<'_>, error: HostError) -> Trouble {
    use HostErrorKind as Kind;
    let again = match error.kind {
        Kind::Connection | Kind::Unreached | Kind::UnknownHost => Again::Soon,
        Kind::Timeout | Kind::LateConnection | Kind::LateStart => Again::Soon,
        _ => Again::Never,
    };
    let own = endpoint.is_of_ones_own();
    let help = match error.kind {
        Kind::Timeout => Some("raise the setting `timeout` (seconds) if the model needs longer"),
        Kind::LateStart => Some("raise `first_byte_timeout` (seconds) if the model needs longer"),
        Kind::Connection => Some("it may pass: raise `lm_retries` if it often does"),
        Kind::Unreached | Kind::LateConnection if own => Some("start the server, or correct `api_base`"),
        Kind::UnknownHost if own => Some("is the server's name in `api_base` right, and known to this machine?"),
        Kind::Unreached | Kind::UnknownHost => {
            Some("is this machine on the network? where only a proxy leads out of it, `HTTPS_PROXY` names that")
        }
        Kind::Untrusted => Some("if that is right, name the file of its authority: `SSL_CERT_FILE=ca.pem`"),
        Kind::LockedProxy => Some(PROXY_KEY),
        Kind::Invalid => Some("an `api_base` is written as `https://host/v1`"),
        _ => None,
    };
    let of_server = matches!(
        error.kind,
        Kind::Invalid | Kind::Io | Kind::Untrusted | Kind::LockedProxy
    );
    let mut fault = Fault::from(error);
    if of_server {
        fault.kind = FaultKind::Lm;
    }
    fault.help = help.map(str::to_owned);
    Trouble { fault, again }
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

/// Before anything is cut out of it: a part of a key is a part of a key.
fn without_key(endpoint: &Endpoint<'_>, body: &[u8]) -> String {
    endpoint.without_key(&String::from_utf8_lossy(body))
}

/// What the server said, out of the JSON that it came in or as an excerpt.
fn said(body: &str) -> String {
    let json: Json = serde_json::from_str(body).unwrap_or_default();
    let places = [
        "/error/message",
        "/error",
        "/message",
        "/detail",
        "/choices/0/error/message",
    ];
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
