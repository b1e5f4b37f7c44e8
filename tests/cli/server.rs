//! A server of the chat API on loopback that says what a test tells it to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value as Json;

/// Answers every request with the text of its scripted reply, after a while.
pub struct Server {
    pub base: String,
    requests: Arc<AtomicUsize>,
}

/// The body of a reply to the body of a request.
type Reply = dyn Fn(&[u8]) -> String + Send + Sync;

impl Server {
    pub fn new(latency: Duration, status: u16, body: impl Into<String>) -> Server {
        let body = body.into();
        Server::replying(latency, status, move |_| body.clone())
    }

    fn replying(latency: Duration, status: u16, reply: impl Fn(&[u8]) -> String + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (counter, reply): (_, Arc<Reply>) = (requests.clone(), Arc::new(reply));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (counter, reply) = (counter.clone(), reply.clone());
                std::thread::spawn(move || serve(stream, &counter, latency, status, &*reply));
            }
        });
        Server { base, requests }
    }

    /// One that says this text in a reply of the chat API.
    pub fn saying(latency: Duration, text: &str) -> Server {
        Server::new(latency, 200, chat_reply(text))
    }

    /// One that says what the messages of a request ask for.
    pub fn answering(latency: Duration, answer: impl Fn(&[Json]) -> String + Send + Sync + 'static) -> Server {
        Server::replying(latency, 200, move |request| {
            let request: Json = serde_json::from_slice(request).unwrap();
            chat_reply(&answer(request["messages"].as_array().unwrap()))
        })
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

fn chat_reply(text: &str) -> String {
    serde_json::json!({
        "id": "1", "object": "chat.completion", "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    })
    .to_string()
}

fn serve(mut stream: TcpStream, counter: &AtomicUsize, latency: Duration, status: u16, reply: &Reply) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut length = 0;
        let mut line = String::new();
        loop {
            line.clear();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut request = vec![0; length];
        if reader.read_exact(&mut request).is_err() {
            return;
        }
        counter.fetch_add(1, Ordering::Relaxed);
        std::thread::sleep(latency);
        let body = reply(&request);
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}
