//! A scripted HTTP/1.1 server on loopback that counts what reaches it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with one request.
#[derive(Clone)]
pub struct Deed {
    pub latency: Duration,
    /// `None` breaks the connection.
    pub response: Option<Response>,
}

/// Status, headers and body.
type Response = (u16, Vec<(String, String)>, String);

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Json,
}

#[derive(Default)]
struct Counts {
    connections: usize,
    requests: Vec<Seen>,
    in_flight: usize,
    most_in_flight: usize,
}

type Script = Arc<dyn Fn(usize, &Seen) -> Deed + Send + Sync>;

pub struct Server {
    pub base: String,
    counts: Arc<Mutex<Counts>>,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    /// Serves by a script from the number of a request (from 0) and the request to what is done.
    pub fn start(script: impl Fn(usize, &Seen) -> Deed + Send + Sync + 'static) -> Server {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let base = format!("http://{}/v1", listener.local_addr().unwrap());
        let counts: Arc<Mutex<Counts>> = Arc::default();
        let (script, shared): (Script, _) = (Arc::new(script), counts.clone());
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().unwrap().connections += 1;
                tokio::spawn(serve(stream, script.clone(), shared.clone()));
            }
        });
        Server {
            base,
            counts,
            _runtime: runtime,
        }
    }

    /// Always the same.
    pub fn always(deed: Deed) -> Server {
        Server::start(move |_, _| deed.clone())
    }

    pub fn connections(&self) -> usize {
        self.counts.lock().unwrap().connections
    }

    pub fn requests(&self) -> Vec<Seen> {
        self.counts.lock().unwrap().requests.clone()
    }

    pub fn most_in_flight(&self) -> usize {
        self.counts.lock().unwrap().most_in_flight
    }
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Deed {
    pub fn status(status: u16, body: &str) -> Deed {
        Deed {
            latency: Duration::ZERO,
            response: Some((status, Vec::new(), body.to_owned())),
        }
    }

    /// A good answer.
    pub fn says(text: &str) -> Deed {
        let body = dsp::host::fake::openai_reply(text).body;
        Deed::status(200, &String::from_utf8(body).unwrap())
    }

    /// OpenAI's shape of a failure.
    pub fn error(status: u16, message: &str) -> Deed {
        Deed::status(status, &json!({"error": {"message": message}}).to_string())
    }

    pub fn breaks() -> Deed {
        Deed {
            latency: Duration::ZERO,
            response: None,
        }
    }

    pub fn header(mut self, name: &str, value: &str) -> Deed {
        if let Some((_, headers, _)) = &mut self.response {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    pub fn after(mut self, latency: Duration) -> Deed {
        self.latency = latency;
        self
    }
}

async fn serve(stream: TcpStream, script: Script, counts: Arc<Mutex<Counts>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let seen = read_request(&mut stream).await?;
        let number = {
            let mut counts = counts.lock().unwrap();
            counts.requests.push(seen.clone());
            counts.in_flight += 1;
            counts.most_in_flight = counts.most_in_flight.max(counts.in_flight);
            counts.requests.len() - 1
        };
        let deed = script(number, &seen);
        tokio::time::sleep(deed.latency).await;
        counts.lock().unwrap().in_flight -= 1;
        let (status, headers, body) = deed.response?;
        let mut text = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            text += &format!("{name}: {value}\r\n");
        }
        text += "\r\n";
        text += &body;
        stream.write_all(text.as_bytes()).await.ok()?;
    }
}

async fn read_request(stream: &mut BufReader<TcpStream>) -> Option<Seen> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|&n| n > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_lowercase(), value.to_owned())),
            None => break,
        }
    }
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, n)| n.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    Some(Seen {
        path,
        headers,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}
