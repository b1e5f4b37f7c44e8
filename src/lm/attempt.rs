//! One request over HTTP: when it may go, what comes back, and what the server tells of its limits.

use std::sync::Arc;
use std::time::Duration;

use super::endpoint::Endpoint;
use super::{Listener, refusal, stream};
use crate::call::{Again, Pace, Paces, Rate, Trouble, Waits};
use crate::chat::{Reply, Request};
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, Host, HttpResponse};

/// A server that says how long it wants nothing is not obeyed for longer than this.
const LONGEST_CLOSED: Duration = Duration::from_secs(60);

/// How a request is sent, whatever it asks.
pub(super) struct Way {
    pub host: Arc<dyn Host>,
    pub lanes: Lanes,
    pub key_env: Option<String>,
    pub timeout: Duration,
    /// Until the answer begins.
    pub first_byte: Option<Duration>,
    pub waits: Waits,
    pub rate: Rate,
}

/// A question to a model.
pub(super) struct Attempt {
    pub way: Way,
    pub request: Arc<Request>,
    pub listener: Option<Listener>,
}

/// Where a request goes along with others.
pub(super) struct Lanes {
    /// All models of the server.
    server: Pace,
    model: Pace,
}

impl Lanes {
    pub(super) fn of(paces: &Paces, base: &str, model: &str) -> Lanes {
        Lanes {
            server: paces.lane(server_of(base)),
            model: paces.lane(&[base, " ", model].concat()),
        }
    }
}

impl Way {
    /// Sends when the limits allow it, and lets them know how it went. `tokens` is about what it takes; `asked` brings what
    /// it really took along with the answer.
    pub(super) async fn send<A>(
        &self,
        base: &str,
        tokens: u64,
        asked: impl Future<Output = Result<(A, u64), Trouble>>,
    ) -> Result<A, Trouble> {
        let Lanes { server, model } = &self.lanes;
        if let Some(why) = server.is_left_alone(self.host.elapsed()) {
            let fault = Fault::new(FaultKind::Lm, format!("`{base}` is left alone for a while: {why}"));
            let fault = fault.help("start the server, or name a second model: `LM([\"openai/a\", \"anthropic/b\"])`");
            return Err(Trouble::last(fault));
        }
        let place = model.place();
        (&place).await;
        let now = self.host.elapsed();
        let admission = model.admit(self.rate, tokens, now);
        if admission.at > now {
            let pause = admission.at - now;
            let _wait = self.waits.begin(now, pause, &format!("the limits of `{base}`"));
            self.host.sleep(pause).await;
        }
        let sent = admission.at.max(now);
        match asked.await {
            Ok((answer, used)) => {
                server.answered();
                model.took(admission, if used > 0 { used } else { tokens });
                Ok(answer)
            }
            Err(trouble) => {
                self.failed(&trouble, sent);
                Err(trouble)
            }
        }
    }

    fn failed(&self, trouble: &Trouble, sent: Duration) {
        let Lanes { server, model } = &self.lanes;
        match (trouble.again, trouble.fault.kind) {
            (Again::Soon | Again::After(_), FaultKind::RateLimit) => {
                let now = self.host.elapsed();
                model.refused(sent, now);
                if let Again::After(pause) = trouble.again {
                    model.close(now + pause.min(LONGEST_CLOSED));
                }
                server.answered();
            }
            (Again::Soon | Again::After(_), FaultKind::Lm | FaultKind::Timeout) => {
                server.failed(&trouble.fault.message, self.host.elapsed());
            }
            _ => server.answered(),
        }
    }

    /// Notes what a response tells of the server's limits; it may be a refusal.
    pub(super) fn refusal(&self, endpoint: &Endpoint<'_>, response: &HttpResponse) -> Option<Trouble> {
        self.learn(response);
        (!is_good(response.status)).then(|| refusal::refused(endpoint, response, self.host.now()))
    }

    /// A server says how many requests it takes until when, and when it has tokens again if none are left.
    fn learn(&self, response: &HttpResponse) {
        // It says itself when to come again.
        if response.header("retry-after").is_some() {
            return;
        }
        let told = |left: &str, reset: &str| {
            let left = response.header(left)?.trim().parse::<u64>().ok()?;
            let reset = span(response.header(reset)?)?;
            Some((left, self.host.elapsed() + reset.min(LONGEST_CLOSED)))
        };
        if let Some((left, until)) = told("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests") {
            self.lanes.model.left(left, until);
        }
        if let Some((0, until)) = told("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens") {
            self.lanes.model.close(until);
        }
    }
}

impl Attempt {
    pub(super) async fn send(&self) -> Result<Reply, Trouble> {
        let Request {
            model,
            api_base,
            interface,
            ..
        } = self.request.as_ref();
        let mut endpoint = Endpoint::find(model, *interface, api_base.as_deref(), self.way.key_env.as_deref())?;
        let base = endpoint.base;
        let asked = async {
            let reply = self.ask(&mut endpoint).await?;
            let reply = endpoint.reply_without_key(reply);
            let used = reply.usage.prompt_tokens + reply.usage.completion_tokens;
            Ok((reply, used))
        };
        self.way.send(base, self.request.tokens(), asked).await
    }

    async fn ask(&self, endpoint: &mut Endpoint<'_>) -> Result<Reply, Trouble> {
        let way = &self.way;
        let host = &way.host;
        let mut http = endpoint.http(host.as_ref(), &self.request, way.timeout, self.listener.is_some())?;
        http.first_byte = way.first_byte;
        let response = match &self.listener {
            None => host.http(Access::Own, http).await,
            Some(listener) => match host.http_stream(Access::Own, http).await {
                Ok(incoming) if is_good(incoming.head.status) => {
                    way.learn(&incoming.head);
                    return stream::read(endpoint, &self.request, incoming, listener).await;
                }
                Ok(incoming) => incoming.rest().await,
                Err(error) => Err(error),
            },
        };
        let response = response.map_err(refusal::unreachable_server)?;
        if let Some(refused) = way.refusal(endpoint, &response) {
            return Err(refused);
        }
        let reply = endpoint.provider.reply(&response.body, &self.request);
        reply.map_err(|why| refusal::unreadable(endpoint, &response.body, &why))
    }
}

fn is_good(status: u16) -> bool {
    (200..300).contains(&status)
}

/// `http://localhost:8000` of `http://localhost:8000/v1`
fn server_of(base: &str) -> &str {
    let start = base.find("://").map_or(0, |at| at + 3);
    let end = base[start..].find('/').map_or(base.len(), |at| start + at);
    &base[..end]
}

/// `1s`, `6m0s`, `20ms`, `1h2m3.5s`; a number alone is seconds.
fn span(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if let Ok(seconds) = rest.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let mut whole = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let (unit, behind) = [("ms", 0.001), ("h", 3600.0), ("m", 60.0), ("s", 1.0)]
            .iter()
            .find_map(|(unit, seconds)| Some((seconds, rest[digits..].strip_prefix(unit)?)))?;
        whole += number * unit;
        rest = behind;
    }
    Duration::try_from_secs_f64(whole).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_servers_write_them() {
        let millis = |text: &str| span(text).map(|span| span.as_millis());
        assert_eq!(millis("20ms"), Some(20));
        assert_eq!(millis("6m0s"), Some(360_000));
        assert_eq!(millis("1h2m3.5s"), Some(3_723_500));
        assert_eq!(millis("2.5"), Some(2500));
        assert_eq!((millis("soon"), millis("-1"), millis("")), (None, None, Some(0)));
    }

    #[test]
    fn a_server_is_known_by_its_address() {
        assert_eq!(server_of("http://localhost:8000/v1"), "http://localhost:8000");
        assert_eq!(server_of("https://api.openai.com"), "https://api.openai.com");
    }
}
