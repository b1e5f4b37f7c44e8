//! One outside call, of whatever kind: recording → cache → single flight → limits → retry. All that decides an order is
//! done when the call is made; the future that it returns only waits.

mod allowance;
mod budget;
mod flight;
mod forecast;
mod key;
mod limit;
mod pace;
mod recent;
mod recording;
mod retry;
mod shared;
mod shelf;
mod texts;
mod waits;

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

pub use allowance::Allowance;
pub use budget::{BUDGET, Budget, Caps, Spent};
pub use forecast::{Bill, Cost, FORECAST, Forecast, WAYS};
pub use key::Key;
pub use limit::{Limiter, Ticket};
pub use pace::{Pace, Paces, Rate};
pub use recording::Recording;
pub use retry::{Again, LONGEST_PAUSE, Trouble};
pub use shared::SharedId;
pub use shelf::FILE as RESPONSES;
pub use waits::{Wait, Waits, Watcher};

use self::flight::Flights;
use self::shared::{SharedCache, SharedCaches};
use self::shelf::Shelf;
use crate::diag::Fault;
use crate::host::{BoxFuture, Held, Host};

/// Where answers come from.
#[derive(Clone, Debug, Default)]
pub enum Source {
    /// From the world, and the cache.
    #[default]
    Live,
    /// From a recording alone; nothing is sent.
    Replay(Recording),
    /// From the world, and into a recording. The cache is passed over; a question asked twice has one answer, as it
    /// will have when it is replayed.
    Record(Recording),
}

/// How one call is to be made.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Attempts after the first, where the trouble may pass.
    pub retries: u32,
    /// The most in flight at a time; `None` does not queue.
    pub limit: Option<usize>,
    pub cache: bool,
    /// Whether its place in flight is held until the cache keeps its answer: a process that is killed loses no more
    /// answers than calls were in flight.
    pub held: bool,
    /// The cache behind that of this machine.
    pub shared: Option<SharedId>,
    /// What may still be spent; what is answered from the recording counts as if it were sent.
    pub allowance: Allowance,
}

/// An answer and what it took.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered<A> {
    pub answer: A,
    /// It came from the cache, or from the same request that another call had sent.
    pub cached: bool,
    /// How many requests were sent for it; 0 if `cached`.
    pub requests: u32,
}

/// What an answer must be able to do.
pub trait Storable: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

impl<A: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> Storable for A {}

/// The outside calls of a session.
pub struct Calls<A: Storable> {
    host: Arc<dyn Host>,
    source: Source,
    limiter: Arc<Limiter>,
    flights: Arc<Flights<A>>,
    shelf: Arc<Shelf>,
    shared: Arc<SharedCaches>,
    waits: Waits,
}

impl<A: Storable> Calls<A> {
    pub fn new(host: Arc<dyn Host>, source: Source) -> Calls<A> {
        let shelf = Arc::new(Shelf::new(host.clone()));
        Calls {
            host,
            source,
            limiter: Arc::default(),
            flights: Arc::default(),
            shelf,
            shared: Arc::default(),
            waits: Waits::default(),
        }
    }

    /// Calls with another kind of answer, that share queue, cache and recording with these.
    pub fn beside<B: Storable>(&self) -> Calls<B> {
        Calls {
            host: self.host.clone(),
            source: self.source.clone(),
            limiter: self.limiter.clone(),
            flights: Arc::default(),
            shelf: self.shelf.clone(),
            shared: self.shared.clone(),
            waits: self.waits.clone(),
        }
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What calls wait for.
    pub fn waits(&self) -> &Waits {
        &self.waits
    }

    /// A cache that several machines share, at an address that a script named.
    pub fn share(&self, url: &str) -> Result<SharedId, Fault> {
        Ok(self.shared.at(&self.host, url)?)
    }

    /// Waits until the cache keeps all answers that there are.
    pub fn flush(&self) {
        self.shelf.flush();
    }

    /// What the cache has under a key that the caller sees to itself.
    pub fn kept(&self, key: &Key) -> Option<A> {
        self.shelf.get(key)
    }

    /// Keeps an answer under such a key.
    pub fn keep(&self, key: &Key, answer: &A) {
        self.shelf.put(key, answer, None);
    }

    /// Makes a call: `send` is one attempt. It takes its place in the queue now; nothing is sent before the future is
    /// polled. Dropping the future cancels the call, unless another waits for the same answer.
    pub fn call<R, S>(&self, request: &R, terms: Terms, send: S) -> BoxFuture<'static, Result<Answered<A>, Fault>>
    where
        R: Serialize,
        S: Fn() -> BoxFuture<'static, Result<A, Trouble>> + Send + Sync + 'static,
    {
        match self.begin(request, terms, send) {
            Ok(call) => call,
            Err(fault) => Box::pin(std::future::ready(Err(fault))),
        }
    }

    fn begin<R, S>(
        &self,
        request: &R,
        terms: Terms,
        send: S,
    ) -> Result<BoxFuture<'static, Result<Answered<A>, Fault>>, Fault>
    where
        R: Serialize,
        S: Fn() -> BoxFuture<'static, Result<A, Trouble>> + Send + Sync + 'static,
    {
        match &self.source {
            Source::Replay(recording) => {
                let asked = recording.ask(request)?;
                recorded(recording.replay(&asked)?, &terms)
            }
            Source::Record(recording) => {
                let asked = recording.ask(request)?;
                if let Some(answer) = recording.answer(&asked)? {
                    return recorded(answer, &terms);
                }
                let (recording, allowance) = (recording.clone(), terms.allowance.clone());
                let key = asked.key.clone();
                let flight = self.flights.join(&key, || {
                    let salt = asked.key.salt();
                    self.attempts(terms, salt, send, move |answer, _| recording.fill(&asked, answer))
                });
                if flight.joined {
                    allowance.admit()?;
                }
                Ok(Box::pin(flight.landed()))
            }
            Source::Live if terms.cache => {
                let key = Key::of(request)?;
                if let Some(answer) = self.shelf.get(&key) {
                    return Ok(ready(Answered {
                        answer,
                        cached: true,
                        requests: 0,
                    }));
                }
                let shelf = self.shelf.clone();
                let flight = self.flights.join(&key, || {
                    let kept = key.clone();
                    let keep = move |answer: Result<&A, &Fault>, place: Option<Ticket>| {
                        let Ok(answer) = answer else { return };
                        let held = place.filter(|_| terms.held);
                        shelf.put(&kept, answer, held.map(|place| Box::new(place) as Held));
                    };
                    match terms.shared.and_then(|id| self.shared.get(id)) {
                        Some(shared) => self.shared_first(shared, &key, terms, send, keep),
                        None => self.attempts(terms, key.salt(), send, keep),
                    }
                });
                Ok(Box::pin(flight.shared_out()))
            }
            Source::Live => Ok(self.attempts(terms, 0, send, |_, _| ())),
        }
    }

    /// Takes its place in the queue; the future is done when the call may go.
    fn place(&self, terms: &Terms) -> Option<Ticket> {
        terms.limit.map(|limit| self.limiter.ticket(limit))
    }

    fn tries<S>(&self, terms: &Terms, salt: u64, send: S) -> Tries<S> {
        Tries {
            host: self.host.clone(),
            waits: self.waits.clone(),
            retries: terms.retries,
            salt,
            send,
        }
    }

    /// Queues, then tries until it goes well or is hopeless; `keep` gets what came of it, and the place in flight.
    fn attempts<S, K>(
        &self,
        terms: Terms,
        salt: u64,
        send: S,
        keep: K,
    ) -> BoxFuture<'static, Result<Answered<A>, Fault>>
    where
        S: Fn() -> BoxFuture<'static, Result<A, Trouble>> + Send + Sync + 'static,
        K: FnOnce(Result<&A, &Fault>, Option<Ticket>) + Send + 'static,
    {
        if let Err(fault) = terms.allowance.admit() {
            return Box::pin(std::future::ready(Err(fault)));
        }
        let (place, tries) = (self.place(&terms), self.tries(&terms, salt, send));
        Box::pin(async move {
            if let Some(place) = &place {
                place.await;
            }
            let answered = tries.answer().await;
            keep(answered.as_ref().map(|answered| &answered.answer), place);
            answered
        })
    }

    /// Queues, looks whether another machine has the answer, and else asks for it; an answer from there is not spent.
    fn shared_first<S, K>(
        &self,
        shared: Arc<SharedCache>,
        key: &Key,
        terms: Terms,
        send: S,
        keep: K,
    ) -> BoxFuture<'static, Result<Answered<A>, Fault>>
    where
        S: Fn() -> BoxFuture<'static, Result<A, Trouble>> + Send + Sync + 'static,
        K: FnOnce(Result<&A, &Fault>, Option<Ticket>) + Send + 'static,
    {
        let (place, tries) = (self.place(&terms), self.tries(&terms, key.salt(), send));
        let (shelf, key) = (self.shelf.clone(), key.clone());
        Box::pin(async move {
            if let Some(place) = &place {
                place.await;
            }
            if let Some(answer) = shared.get(&key).await {
                keep(Ok(&answer), place);
                return Ok(Answered {
                    answer,
                    cached: true,
                    requests: 0,
                });
            }
            terms.allowance.admit()?;
            let answered = tries.answer().await?;
            if let Ok(bytes) = serde_json::to_vec(&answered.answer) {
                shared.put(&key, bytes, shelf.oldest()).await;
            }
            keep(Ok(&answered.answer), place);
            Ok(answered)
        })
    }
}

/// An answer of the recording: as if it had been asked for.
fn recorded<A: Storable>(answer: A, terms: &Terms) -> Result<BoxFuture<'static, Result<Answered<A>, Fault>>, Fault> {
    terms.allowance.admit()?;
    Ok(ready(Answered {
        answer,
        cached: false,
        requests: 1,
    }))
}

/// The attempts at one answer.
struct Tries<S> {
    host: Arc<dyn Host>,
    waits: Waits,
    retries: u32,
    salt: u64,
    send: S,
}

impl<S> Tries<S> {
    /// Tries until it goes well or is hopeless.
    async fn answer<A>(&self) -> Result<Answered<A>, Fault>
    where
        S: Fn() -> BoxFuture<'static, Result<A, Trouble>>,
    {
        let mut attempt = 1;
        loop {
            let trouble = match (self.send)().await {
                Ok(answer) => {
                    return Ok(Answered {
                        answer,
                        cached: false,
                        requests: attempt,
                    });
                }
                Err(trouble) => trouble,
            };
            match retry::pause(trouble.again, attempt, self.salt).filter(|_| attempt <= self.retries) {
                Some(pause) => {
                    let _wait = self.waits.begin(self.host.elapsed(), pause, &trouble.fault.message);
                    self.host.sleep(pause).await;
                }
                None => return Err(after(attempt, trouble.fault)),
            }
            attempt += 1;
        }
    }
}

fn ready<A: Storable>(answered: Answered<A>) -> BoxFuture<'static, Result<Answered<A>, Fault>> {
    Box::pin(std::future::ready(Ok(answered)))
}

/// Says how often it was tried, where that is more than once.
fn after(attempts: u32, mut fault: Fault) -> Fault {
    if attempts > 1 {
        fault.message = format!("{} (tried {attempts} times)", fault.message);
    }
    fault
}
