//! A server of the chat API on loopback that says what a test tells it to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Answers every request with the text of its scripted reply, after a while.
pub struct Server {
    pub base: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub fn new(latency: Duration, status: u16, body: impl Into<String>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (counter, body) = (requests.clone(), body.into());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (counter, body) = (counter.clone(), body.clone());
                std::thread::spawn(move || serve(stream, &counter, latency, status, &body));
            }
        });
        Server { base, requests }
    }

    /// One that says this text in a reply of the chat API.
    pub fn saying(latency: Duration, text: &str) -> Server {
        let body = serde_json::json!({
            "id": "1", "object": "chat.completion", "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
        });
        Server::new(latency, 200, body.to_string())
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

fn serve(mut stream: TcpStream, counter: &AtomicUsize, latency: Duration, status: u16, body: &str) {
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
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(format!("{head}{body}").as_bytes()).is_err() {
            return;
        }
    }
}
