//! A client of the Model Context Protocol (<https://modelcontextprotocol.io>, revision 2025-06-18): JSON-RPC over the
//! lines of a program that was started for it. Several calls may be under way; their answers come in any order.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::lock::Mutex as Turn;
use serde_json::{Value as Json, json};

use crate::diag::{Fault, FaultKind};
use crate::host::{Host, HostError, HostErrorKind, Peer};

const REVISION: &str = "2025-06-18";
/// JSON-RPC's code for a method that is not there.
const NO_METHOD: i64 = -32601;
/// A server that goes on handing out pages is not asked for ever.
const MOST_PAGES: usize = 1000;

/// A server that was greeted.
pub struct Client {
    /// As it was started.
    command: String,
    host: Arc<dyn Host>,
    peer: Arc<dyn Peer>,
    timeout: Duration,
    next: AtomicU64,
    /// Whoever holds it reads for all.
    reading: Turn<()>,
    /// Answers that others have read.
    answers: Mutex<HashMap<u64, Json>>,
}

impl Client {
    /// Starts the program and greets it.
    pub async fn start(host: Arc<dyn Host>, command: String, timeout: Duration) -> Result<Client, Fault> {
        let words = shell_words::split(&command).unwrap_or_default();
        let Some((program, args)) = words.split_first() else {
            let message = format!("`{command}` is no command of a program and its arguments");
            return Err(Fault::new(FaultKind::Value, message));
        };
        let peer = host.start(program, args).await.map_err(|error| fault(&error))?;
        let client = Client {
            command,
            host,
            peer,
            timeout,
            next: AtomicU64::new(1),
            reading: Turn::new(()),
            answers: Mutex::default(),
        };
        let greeting = json!({
            "protocolVersion": REVISION,
            "capabilities": {},
            "clientInfo": {"name": "dsp", "version": env!("CARGO_PKG_VERSION")},
        });
        client.ask("initialize", greeting).await?;
        client
            .say(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
            .await?;
        Ok(client)
    }

    /// The tools as the server describes them: `{name, description, inputSchema}`.
    pub async fn tools(&self) -> Result<Vec<Json>, Fault> {
        let mut tools = Vec::new();
        let mut cursor = json!({});
        for _ in 0..MOST_PAGES {
            let mut page = self.ask("tools/list", cursor).await?;
            match page["tools"].take() {
                Json::Array(listed) => tools.extend(listed),
                _ => return Err(self.misspoken("a list of tools")),
            }
            match page["nextCursor"].take() {
                Json::String(next) => cursor = json!({ "cursor": next }),
                _ => return Ok(tools),
            }
        }
        Err(self.misspoken("an end to its list of tools"))
    }

    /// `{content, isError}`
    pub async fn call(&self, tool: &str, arguments: Json) -> Result<Json, Fault> {
        self.ask("tools/call", json!({"name": tool, "arguments": arguments}))
            .await
    }

    async fn ask(&self, method: &str, params: Json) -> Result<Json, Fault> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let exchange = Box::pin(async {
            self.say(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
                .await?;
            self.answer(id).await
        });
        let mut answer = match select(exchange, self.host.sleep(self.timeout)).await {
            Either::Left((answer, _)) => answer?,
            Either::Right(_) => {
                let seconds = self.timeout.as_secs_f64();
                let message = format!("`{}` did not answer `{method}` within {seconds} seconds", self.command);
                return Err(Fault::new(FaultKind::Timeout, message).help("`mcp(…, timeout: seconds)` waits longer"));
            }
        };
        if let Some(error) = answer.get("error") {
            let said = error["message"].as_str().unwrap_or("it does not say why");
            let message = format!("`{}` refused `{method}`: {said}", self.command);
            return Err(Fault::new(FaultKind::Io, message));
        }
        Ok(answer["result"].take())
    }

    async fn say(&self, message: Json) -> Result<(), Fault> {
        self.peer.say(message.to_string()).await.map_err(|error| fault(&error))
    }

    /// Reads until this answer is there. Answers to others are kept for them, and what the server asks is answered.
    async fn answer(&self, id: u64) -> Result<Json, Fault> {
        loop {
            let turn = self.reading.lock().await;
            if let Some(answer) = self.kept().remove(&id) {
                return Ok(answer);
            }
            let line = self.peer.hear().await.map_err(|error| fault(&error))?;
            drop(turn);
            let Ok(message) = serde_json::from_str::<Json>(&line) else {
                // Some servers greet a person before they speak the protocol.
                continue;
            };
            match (message["id"].as_u64(), message["method"].as_str()) {
                (_, Some(method)) => self.oblige(&message["id"], method).await?,
                (Some(whose), None) if whose == id => return Ok(message),
                (Some(whose), None) => {
                    self.kept().insert(whose, message);
                }
                (None, None) => {}
            }
        }
    }

    /// What the server asks of this side; a notification, which has no id, wants no answer.
    async fn oblige(&self, id: &Json, method: &str) -> Result<(), Fault> {
        if id.is_null() {
            return Ok(());
        }
        let answer = match method {
            "ping" => json!({"jsonrpc": "2.0", "id": id, "result": {}}),
            _ => {
                let error = json!({"code": NO_METHOD, "message": format!("dsp does not offer {method}")});
                json!({"jsonrpc": "2.0", "id": id, "error": error})
            }
        };
        self.say(answer).await
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Json>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn misspoken(&self, wanted: &str) -> Fault {
        let message = format!("`{}` does not give {wanted}", self.command);
        Fault::new(FaultKind::Io, message).help("is it a server of the Model Context Protocol?")
    }
}

fn fault(error: &HostError) -> Fault {
    let kind = match error.kind {
        HostErrorKind::Permission => FaultKind::Permission,
        _ => FaultKind::Io,
    };
    Fault::new(kind, error.message.clone())
}
