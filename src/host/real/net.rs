//! HTTP over one pool of connections. The client is made at the first request; one for plain `http` needs none of the
//! system's certificates and so is there at once.

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::unfold;
use reqwest::{Client, ClientBuilder, Url};
use tokio::task::coop::consume_budget;
use tokio::time::{Instant, timeout, timeout_at};

use super::descriptors;
use super::files::system_words;
use crate::host::{
    Access, HostError, HostErrorKind, HostResult, HttpRequest, HttpResponse, Incoming, Permissions, hop,
};

/// A longer answer is refused rather than kept in memory.
const LONGEST_BODY: usize = 256 << 20;

/// A server that does not even take the connection will not answer either.
const LONGEST_CONNECT: Duration = Duration::from_secs(10);

pub(super) struct Net {
    permissions: Arc<Permissions>,
    plain: OnceLock<HostResult<Client>>,
    secure: OnceLock<HostResult<Client>>,
    /// The url that was asked last: most programs ask one all the time.
    last: Mutex<Option<(String, Arc<Url>)>>,
}

impl Net {
    pub(super) fn new(permissions: Arc<Permissions>) -> Net {
        Net {
            permissions,
            plain: OnceLock::new(),
            secure: OnceLock::new(),
            last: Mutex::default(),
        }
    }

    fn client(&self, url: &Url) -> HostResult<Client> {
        match url.scheme() {
            "http" => self
                .plain
                .get_or_init(|| build(|builder| builder.tls_certs_only([])))
                .clone(),
            _ => self.secure.get_or_init(|| build(|builder| builder)).clone(),
        }
    }

    fn parsed(&self, url: &str) -> HostResult<Arc<Url>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = last.as_ref().filter(|(text, _)| text == url) {
            return Ok(known.clone());
        }
        let parsed = Arc::new(hop::parse(url)?);
        *last = Some((url.to_owned(), parsed.clone()));
        Ok(parsed)
    }

    /// The whole answer to a request.
    pub(super) async fn whole(&self, access: Access, mut request: HttpRequest) -> HostResult<HttpResponse> {
        let (first, patience) = (request.url.clone(), request.timeout);
        let answer = async {
            let mut answer = self.open(access, &mut request, &first).await?;
            answer.gather().await?;
            Ok(answer.head)
        };
        timeout(patience, answer)
            .await
            .unwrap_or_else(|_| Err(late(&first, patience)))
    }

    /// The answer to a request as it comes.
    pub(super) async fn in_pieces(&self, access: Access, mut request: HttpRequest) -> HostResult<Incoming> {
        let (first, patience) = (request.url.clone(), request.timeout);
        let deadline = Instant::now().checked_add(patience);
        let answer = timeout(patience, self.open(access, &mut request, &first)).await;
        let answer = answer.unwrap_or_else(|_| Err(late(&first, patience)))?;
        Ok(answer.in_pieces(deadline))
    }

    /// A request and the redirects that it leads to, up to the head of the answer.
    async fn open(&self, access: Access, request: &mut HttpRequest, first: &str) -> HostResult<Answer> {
        // Of thousands that begin at once, the first are answered while the last begin: these take over their connections.
        consume_budget().await;
        for _ in 0..=hop::MAX_HOPS {
            let url = self.parsed(&request.url)?;
            hop::permit(access, &self.permissions, &url)?;
            let client = self.client(&url)?;
            let response = send(&client, &url, request).await?;
            match hop::next(request, &url, &response.head) {
                Some(onward) => *request = onward,
                None => return Ok(response),
            }
        }
        Err(hop::too_many(first))
    }
}

/// What connections are encrypted with.
pub(super) fn choose_cryptography() {
    // Fails only if a program around dsp has installed another, which serves as well.
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
}

fn build(with: impl FnOnce(ClientBuilder) -> ClientBuilder) -> HostResult<Client> {
    choose_cryptography();
    let builder = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(LONGEST_CONNECT)
        .user_agent(concat!("dsp/", env!("CARGO_PKG_VERSION")));
    with(builder).build().map_err(|error| {
        let message = format!("no connection can be made: {}", cause(&error));
        HostError::new(HostErrorKind::Io, message)
    })
}

/// One request, and its answer as it comes.
async fn send(client: &Client, url: &Arc<Url>, request: &HttpRequest) -> HostResult<Answer> {
    let failed = |error: reqwest::Error| failure(url, request.timeout, &error);
    let method = reqwest::Method::from_bytes(request.method.as_bytes()).map_err(|_| {
        HostError::new(
            HostErrorKind::Invalid,
            format!("`{}` is no HTTP method", request.method),
        )
    })?;
    let mut builder = client.request(method, Url::clone(url));
    for (name, value) in &request.headers {
        let mut value = reqwest::header::HeaderValue::from_str(value).map_err(|_| {
            HostError::new(
                HostErrorKind::Invalid,
                format!("the header `{name}` holds characters that none may have"),
            )
        })?;
        value.set_sensitive(true);
        builder = builder.header(name.as_ref(), value);
    }
    let answer = builder.body(request.body.clone()).send();
    let response = match request.first_byte.filter(|soonest| *soonest < request.timeout) {
        None => answer.await,
        Some(soonest) => match timeout(soonest, answer).await {
            Ok(response) => response,
            Err(_) => {
                let (server, seconds) = (shown(url.as_str()), soonest.as_secs_f64());
                let message = format!("`{server}` did not begin to answer within {seconds} s (`first_byte_timeout`)");
                return Err(HostError::new(HostErrorKind::LateStart, message));
            }
        },
    };
    let response = response.map_err(failed)?;
    let status = response.status().as_u16();
    let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect();
    let body = Body {
        response: Some(Box::new(response)),
        url: url.clone(),
        patience: request.timeout,
        taken: 0,
    };
    let head = HttpResponse {
        status,
        headers,
        body: Vec::new(),
    };
    Ok(Answer { head, body })
}

/// An answer of which the head has come.
pub(super) struct Answer {
    head: HttpResponse,
    body: Body,
}

impl Answer {
    /// Waits for the rest.
    async fn gather(&mut self) -> HostResult<()> {
        while let Some(piece) = self.body.next().await {
            self.head.body.extend_from_slice(&piece?);
        }
        Ok(())
    }

    fn in_pieces(self, deadline: Option<Instant>) -> Incoming {
        let pieces = unfold(self.body, move |mut body| async move {
            let piece = match deadline {
                None => body.next().await?,
                Some(deadline) => match timeout_at(deadline, body.next()).await {
                    Ok(piece) => piece?,
                    Err(_) => Err(body.late()?),
                },
            };
            Some((piece, body))
        });
        Incoming {
            head: self.head,
            body: Box::pin(pieces),
        }
    }
}

/// The rest of an answer.
struct Body {
    /// `None` once it has ended.
    response: Option<Box<reqwest::Response>>,
    url: Arc<Url>,
    patience: Duration,
    taken: usize,
}

impl Body {
    async fn next(&mut self) -> Option<HostResult<Bytes>> {
        let piece = match self.response.as_mut()?.chunk().await {
            Ok(Some(piece)) if self.taken + piece.len() <= LONGEST_BODY => {
                self.taken += piece.len();
                return Some(Ok(piece));
            }
            Ok(Some(_)) => {
                let server = shown(self.url.as_str());
                let message = format!("the answer of `{server}` is longer than {} MB", LONGEST_BODY >> 20);
                Some(Err(HostError::new(HostErrorKind::Invalid, message)))
            }
            Ok(None) => None,
            Err(error) => Some(Err(failure(&self.url, self.patience, &error))),
        };
        self.response = None;
        piece
    }

    /// The rest did not come in time, and is not waited for.
    fn late(&mut self) -> Option<HostError> {
        self.response.take().map(|_| late(self.url.as_str(), self.patience))
    }
}

/// A url as messages show it: without user, password and query, which may hold secrets.
pub(super) fn shown(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else {
        return url.to_owned();
    };
    // These fail for urls that cannot have them, and so have none.
    let _no_password = url.set_password(None);
    let _no_user = url.set_username("");
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

fn late(url: &str, patience: Duration) -> HostError {
    let message = format!("no answer from `{}` within {} s", shown(url), patience.as_secs_f64());
    HostError::new(HostErrorKind::Timeout, message)
}

fn failure(url: &Url, patience: Duration, error: &reqwest::Error) -> HostError {
    let shown = shown(url.as_str());
    if error.is_timeout() && error.is_connect() && patience > LONGEST_CONNECT {
        let message = format!("no connection to `{shown}` within {} s", LONGEST_CONNECT.as_secs());
        return HostError::new(HostErrorKind::LateConnection, message);
    }
    if error.is_timeout() {
        return late(url.as_str(), patience);
    }
    if error.is_builder() {
        return HostError::new(
            HostErrorKind::Invalid,
            format!("`{shown}` cannot be asked: {}", cause(error)),
        );
    }
    if let Some(advice) = innermost(error).downcast_ref().and_then(descriptors::advice) {
        return HostError::new(HostErrorKind::Io, format!("no connection to `{shown}`: {advice}"));
    }
    let cause = cause(error);
    if cause.contains("certificate") {
        let message = format!("`{shown}` is not trusted: {cause}");
        return HostError::new(HostErrorKind::Untrusted, message);
    }
    if !error.is_connect() {
        return HostError::new(
            HostErrorKind::Connection,
            format!("the connection to `{shown}` broke: {cause}"),
        );
    }
    let by = by_proxy(url);
    if is_lookup(&cause) {
        let host = url.host_str().unwrap_or_default();
        let message = format!("could not connect to `{shown}`: the name `{host}` is not found{by}: {cause}");
        return HostError::new(HostErrorKind::UnknownHost, message);
    }
    let running = match by.is_empty() {
        // What TLS says of a server that answers in plain text.
        true if cause.contains("InvalidContentType") => "; does the server speak `http://` alone?",
        true => "; is the server running?",
        false => "",
    };
    let message = format!("could not connect to `{shown}`{by}: {cause}{running}");
    HostError::new(HostErrorKind::Unreached, message)
}

/// The words of the system for a name that it does not know.
fn is_lookup(cause: &str) -> bool {
    ["lookup", "dns error", "resolve", "not known", "no such host"]
        .iter()
        .any(|word| cause.to_lowercase().contains(word))
}

/// Who may stand between, where the environment names somebody.
fn by_proxy(url: &Url) -> String {
    let names: [&str; 4] = match url.scheme() {
        "http" => ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
        _ => ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
    };
    let set = |name: &&&str| std::env::var_os(name).is_some_and(|proxy| !proxy.is_empty());
    let set = names.iter().find(set);
    set.map(|name| format!(" (perhaps by the proxy that `{name}` names)"))
        .unwrap_or_default()
}

fn innermost(error: &reqwest::Error) -> &(dyn Error + 'static) {
    let mut inner: &(dyn Error + 'static) = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    inner
}

/// The innermost reason.
fn cause(error: &reqwest::Error) -> String {
    let inner = innermost(error);
    match inner.downcast_ref::<io::Error>() {
        Some(error) => system_words(error),
        None => inner.to_string(),
    }
}
