//! A host for tests: files in memory, a simulated clock, scripted answers. Deterministic on one thread.
//!
//! ```
//! use dsp::host::{Host, fake::{self, FakeHost}};
//! use std::time::Duration;
//!
//! let host = FakeHost::new();
//! host.put("/work/notes.txt", "hello");
//! host.answer(|_request| (Duration::from_millis(50), fake::openai_reply("hi")));
//! host.block_on(host.sleep(Duration::from_secs(3600)));
//! assert_eq!(host.elapsed(), Duration::from_secs(3600));
//! ```

mod clock;
mod door;
mod memory;
mod peer;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::json;

use self::clock::{Alarm, Clock};
use self::memory::MemoryStore;
use super::{Finished, Host, HostResult, HttpRequest, HttpResponse, Permissions};

/// How long `block_on` waits, in real time, for another thread when no timer is set.
const PATIENCE: Duration = Duration::from_secs(30);

/// A world in memory. Clones share it. Its working folder is `/work`, its cache folder `/cache`; scripts may read
/// and write below `/work` until `permit` says otherwise.
#[derive(Clone)]
pub struct FakeHost {
    world: Arc<World>,
}

struct World {
    clock: Arc<Clock>,
    state: Mutex<State>,
}

type Answerer = Arc<dyn Fn(&HttpRequest) -> (Duration, HostResult<HttpResponse>) + Send + Sync>;
/// What a program writes for a line that it is told.
type Speaker = Arc<dyn Fn(&str) -> Vec<String> + Send + Sync>;
type Runner = Arc<dyn Fn(&str, &[String]) -> (Duration, HostResult<Finished>) + Send + Sync>;

struct State {
    files: BTreeMap<PathBuf, Vec<u8>>,
    env: BTreeMap<String, String>,
    stores: BTreeMap<PathBuf, Arc<MemoryStore>>,
    permissions: Permissions,
    answerer: Option<Answerer>,
    runner: Option<Runner>,
    speaker: Option<Speaker>,
    requests: Vec<HttpRequest>,
    in_flight: usize,
    most_in_flight: usize,
    stdout: String,
    stderr: String,
    terminal: bool,
}

impl Default for FakeHost {
    fn default() -> Self {
        FakeHost::new()
    }
}

impl FakeHost {
    /// An empty world.
    pub fn new() -> FakeHost {
        let state = State {
            files: BTreeMap::new(),
            env: BTreeMap::new(),
            stores: BTreeMap::new(),
            permissions: Permissions::below([PathBuf::from(door::WORKING_FOLDER)]),
            answerer: None,
            runner: None,
            speaker: None,
            requests: Vec::new(),
            in_flight: 0,
            most_in_flight: 0,
            stdout: String::new(),
            stderr: String::new(),
            terminal: false,
        };
        FakeHost {
            world: Arc::new(World {
                clock: Arc::default(),
                state: Mutex::new(state),
            }),
        }
    }

    /// The trait object that sessions and clients take.
    pub fn host(&self) -> Arc<dyn Host> {
        Arc::new(self.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.world.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a file where scripts and dsp find it.
    pub fn put(&self, path: impl AsRef<Path>, content: impl Into<Vec<u8>>) {
        let path = door::absolute(path.as_ref());
        self.state().files.insert(path, content.into());
    }

    /// A file's text, lossily.
    pub fn text(&self, path: impl AsRef<Path>) -> Option<String> {
        let state = self.state();
        state
            .files
            .get(&door::absolute(path.as_ref()))
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    /// Sets a variable of the environment.
    pub fn set_env(&self, name: impl Into<String>, value: impl Into<String>) {
        self.state().env.insert(name.into(), value.into());
    }

    /// Replaces what scripts may do.
    pub fn permit(&self, permissions: Permissions) {
        self.state().permissions = permissions;
    }

    /// Whether the streams are a terminal.
    pub fn set_terminal(&self, terminal: bool) {
        self.state().terminal = terminal;
    }

    /// Scripts the network: every request gets this answer after this much virtual time.
    pub fn answer(&self, answer: impl Fn(&HttpRequest) -> (Duration, HttpResponse) + Send + Sync + 'static) {
        self.answer_or_fail(move |request| {
            let (latency, response) = answer(request);
            (latency, Ok(response))
        });
    }

    /// As `answer`, with failures of the connection.
    pub fn answer_or_fail(
        &self,
        answer: impl Fn(&HttpRequest) -> (Duration, HostResult<HttpResponse>) + Send + Sync + 'static,
    ) {
        self.state().answerer = Some(Arc::new(answer));
    }

    /// Scripts the programs that `run` starts.
    pub fn programs(&self, run: impl Fn(&str, &[String]) -> (Duration, HostResult<Finished>) + Send + Sync + 'static) {
        self.state().runner = Some(Arc::new(run));
    }

    /// Programs that scripts speak with are played by this function: what is written for a line that is said.
    pub fn speak(&self, speak: impl Fn(&str) -> Vec<String> + Send + Sync + 'static) {
        self.state().speaker = Some(Arc::new(speak));
    }

    /// Every request that was sent, in order.
    pub fn requests(&self) -> Vec<HttpRequest> {
        self.state().requests.clone()
    }

    /// The most requests that were under way at one time.
    pub fn most_in_flight(&self) -> usize {
        self.state().most_in_flight
    }

    /// What was printed so far.
    pub fn stdout(&self) -> String {
        self.state().stdout.clone()
    }

    /// What was printed to standard error so far.
    pub fn stderr(&self) -> String {
        self.state().stderr.clone()
    }

    /// Drives a future to its end on this thread. Whenever nothing is ready, the clock leaps to the earliest timer.
    ///
    /// # Panics
    ///
    /// If nothing can ever wake the future: no timer is set, and no other thread wakes it for 30 real seconds.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        let alarm = Arc::new(Alarm::default());
        let waker = Waker::from(alarm.clone());
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            let goes_on = alarm.take() || self.world.clock.leap() || alarm.wait(PATIENCE);
            assert!(
                goes_on,
                "the future waits for something that never comes: no timer is set and nobody wakes it"
            );
        }
    }
}

/// A response of the chat API of OpenAI that says this text, with one token a word.
pub fn openai_reply(text: &str) -> HttpResponse {
    let tokens = text.split_whitespace().count();
    json_response(
        200,
        &json!({
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": "fake",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 10, "completion_tokens": tokens, "total_tokens": tokens + 10},
        }),
    )
}

/// A response with a JSON body.
pub fn json_response(status: u16, body: &serde_json::Value) -> HttpResponse {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    HttpResponse {
        status,
        headers,
        body: body.to_string().into_bytes(),
    }
}

/// The text of the last user message of a request to a chat API: what scripted answers usually look at.
pub fn last_user_message(request: &HttpRequest) -> String {
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let messages = body["messages"].as_array().cloned().unwrap_or_default();
    let last = messages.iter().rev().find(|message| message["role"] == "user");
    last.and_then(|message| message["content"].as_str())
        .unwrap_or_default()
        .to_owned()
}
