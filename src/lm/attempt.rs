//! One request over HTTP: when it may go, what comes back, and what the server tells of its limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::endpoint::Endpoint;
use super::{Listener, limits, refusal, stream};
use crate::call::{Again, LONGEST_PAUSE, Pace, Paces, Rate, Trouble, Waits};
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
    /// Whether it was sent before.
    pub tried: AtomicBool,
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
        // Who was sent has tries of its own, and may be the one that finds the server well again.
        let is_first = !self.tried.swap(true, Ordering::Relaxed);
        if is_first && let Some(why) = server.is_left_alone(self.host.elapsed()) {
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
                if let Again::After(pause) = trouble.again
                    && pause <= LONGEST_PAUSE
                {
                    model.close(now + pause);
                }
                server.answered();
            }
            (Again::Soon | Again::After(_), FaultKind::Lm | FaultKind::Timeout) => {
                server.failed(&trouble.fault.message, sent, self.host.elapsed());
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
        let (elapsed, now) = (self.host.elapsed(), self.host.now());
        if let Some((left, reset)) = limits::requests_left(response, now) {
            self.lanes.model.left(left, elapsed + reset.min(LONGEST_CLOSED));
        }
        if let Some(reset) = limits::no_tokens(response, now) {
            self.lanes.model.close(elapsed + reset.min(LONGEST_CLOSED));
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
        // By itself: handed on as it is, it would have its room twice.
        let asked = Box::pin(async {
            let reply = self.ask(&mut endpoint).await?;
            let reply = endpoint.reply_without_key(reply);
            let used = reply.usage.prompt_tokens + reply.usage.completion_tokens;
            Ok((reply, used))
        });
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
                    // What a stream takes is no burden for a call that has none.
                    return Box::pin(stream::read(endpoint, &self.request, incoming, listener, host.now())).await;
                }
                Ok(incoming) => incoming.rest().await,
                Err(error) => Err(error),
            },
        };
        let response = response.map_err(|error| refusal::unreachable_server(endpoint, error))?;
        if let Some(refused) = way.refusal(endpoint, &response) {
            return Err(refused);
        }
        let reply = endpoint.provider.reply(&response.body, &self.request);
        reply.map_err(|why| refusal::not_an_answer(endpoint, &response.body, &why, host.now()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_known_by_its_address() {
        assert_eq!(server_of("http://localhost:8000/v1"), "http://localhost:8000");
        assert_eq!(server_of("https://api.openai.com"), "https://api.openai.com");
    }
}
