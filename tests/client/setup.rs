//! Models, requests and clients as the tests need them.

use std::sync::Arc;
use std::time::Duration;

use dsp::call::Allowance;
use dsp::chat::{Message, Mode, Request, Role};
use dsp::diag::Fault;
use dsp::host::fake::FakeHost;
use dsp::host::{Host, Permissions, RealHost};
use dsp::lm::{self, Answer, CallSettings, Client, ClientOptions, Listener, Watch};
use dsp::value::{EcoString, LmKind, LmSpec, Record, Settings, Value};

/// A model with options.
pub fn model(name: &str, options: &[(&str, Value)]) -> LmSpec {
    let options: Record = options
        .iter()
        .map(|(name, value)| ((*name).into(), value.clone()))
        .collect();
    LmSpec {
        name: name.into(),
        options,
        kind: LmKind::Provider,
    }
}

/// `openai/test` at a server.
pub fn at(base: &str) -> LmSpec {
    model("openai/test", &[("api_base", Value::str(base))])
}

pub fn ask(lm: &LmSpec, text: &str) -> Request {
    lm::request(lm, vec![Message::new(Role::User, text)], Mode::Chat, []).unwrap()
}

/// A call whose parts somebody may listen to.
pub fn watch(listener: Option<Listener>) -> Watch {
    Watch {
        listener,
        ..Watch::default()
    }
}

/// What `with (max_calls: 2)` sets; in `max_calls`, `most` is a whole number.
pub fn capped(cap: &str, most: f64) -> Vec<(EcoString, Value)> {
    let most = match cap {
        "max_calls" => Value::Int(most as i64),
        _ => Value::Float(most),
    };
    Allowance::beside(vec![(cap.into(), most)], &Settings::default())
}

/// A fake host that answers each question with `re: question` after 100 ms.
pub fn echo() -> FakeHost {
    let host = FakeHost::new();
    host.answer(|request| {
        let text = format!("re: {}", dsp::host::fake::last_user_message(request));
        (Duration::from_millis(100), dsp::host::fake::openai_reply(&text))
    });
    host
}

pub fn client(host: &FakeHost) -> Client {
    Client::new(host.host(), ClientOptions::default())
}

/// A client over real connections, without the cache, and a runtime to wait in.
pub fn real() -> (Client, tokio::runtime::Runtime) {
    let host: Arc<dyn Host> = Arc::new(RealHost::new(Permissions::default()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    (
        Client::new(
            host,
            ClientOptions {
                cache: false,
                ..ClientOptions::default()
            },
        ),
        runtime,
    )
}

/// One question over a real connection.
pub fn really(lm: &LmSpec, settings: CallSettings) -> Result<Answer, Fault> {
    let (client, runtime) = real();
    runtime.block_on(client.call(lm, ask(lm, "hello"), settings))
}

/// Settings that do not try again.
pub fn once() -> CallSettings {
    CallSettings {
        lm_retries: 0,
        ..CallSettings::default()
    }
}
