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

impl Server {
    pub fn new(latency: Duration, status: u16, body: impl Into<String>) -> Server {
        let body = body.into();
        Server::replying(latency, status, move |_| body.clone())
    }

    fn replying(latency: Duration, status: u16, reply: impl Fn(&[u8]) -> String + Send + Sync + 'static) -> Server {
        Server::judging(latency, move |request| (status, reply(request)))
    }

    /// One whose status hangs on the request, too.
    pub fn judging(latency: Duration, judge: impl Fn(&[u8]) -> (u16, String) + Send + Sync + 'static) -> Server {
        let (base, requests) = listening(move |request, stream| {
            std::thread::sleep(latency);
            let (status, body) = judge(request);
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
            stream.write_all(format!("{head}{body}").as_bytes()).ok()
        });
        Server {
            base: base + "/v1",
            requests,
        }
    }

    /// One that says this text in a reply of the chat API.
    pub fn saying(latency: Duration, text: &str) -> Server {
        Server::new(latency, 200, chat_reply(text))
    }

    /// A script that asks it a question and prints the answer.
    pub fn script(&self, question: &str) -> String {
        format!(
            "configure(lm: LM(\"openai/m\", api_base: \"{}\"))\n\
             print(Predict(\"question -> answer\")(question: \"{question}\").answer)\n",
            self.base
        )
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

pub fn chat_reply(text: &str) -> String {
    serde_json::json!({
        "id": "1", "object": "chat.completion", "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
    })
    .to_string()
}

/// The next request's body.
fn request(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let (mut length, mut line) = (0, String::new());
    while line.trim() != "" || line.is_empty() {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

/// A server that answers the body of each request with whatever `answer` writes, as long as that says to go on: its
/// address, and how many requests it was sent.
pub fn listening(
    answer: impl Fn(&[u8], &mut TcpStream) -> Option<()> + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let (count, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
    let counter = count.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let (counter, answer) = (counter.clone(), answer.clone());
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().ok()?);
                while let Some(body) = request(&mut reader) {
                    counter.fetch_add(1, Ordering::Relaxed);
                    answer(&body, &mut stream)?;
                }
                Some(())
            });
        }
    });
    (base, count)
}
