//! A server of raw bytes that does wrong on demand.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;

/// What a server does with one request.
#[derive(Clone)]
pub enum Act {
    /// Status line and headers, then the body with its length.
    Says(&'static str, String),
    /// The same, with a body that is gzip.
    Packs(&'static str, String),
    /// These bytes and nothing else; then the connection ends.
    Sends(String),
    /// A byte at a time, for ever.
    Drips(&'static str),
    /// These bytes, and nothing after them.
    Stalls(String),
    /// Nothing at all.
    Waits,
}
use Act::{Drips, Packs, Says, Sends, Stalls, Waits};

/// A server that does one act after another, the last one for ever; it counts requests.
pub fn server(acts: Vec<Act>) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (acts, count) = (Arc::new(acts), Arc::new(AtomicUsize::new(0)));
    let counter = count.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (acts, counter) = (acts.clone(), counter.clone());
            std::thread::spawn(move || serve(stream, &acts, &counter));
        }
    });
    (format!("http://{address}/v1"), count)
}

fn serve(mut stream: TcpStream, acts: &[Act], counter: &AtomicUsize) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    loop {
        let (mut length, mut line) = (0, String::new());
        while reader.read_line(&mut line).ok()? > 0 && line.trim() != "" {
            let header = line.to_lowercase();
            if let Some(value) = header.strip_prefix("content-length: ") {
                length = value.trim().parse().ok()?;
            }
            line.clear();
        }
        reader.read_exact(&mut vec![0; length]).ok()?;
        if length == 0 {
            return None;
        }
        let number = counter.fetch_add(1, Ordering::Relaxed);
        match acts.get(number).or(acts.last())? {
            Says(head, body) => {
                let length = body.len();
                write!(stream, "HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n{body}").ok()?;
            }
            Packs(head, body) => {
                let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
                packed.write_all(body.as_bytes()).ok()?;
                let packed = packed.finish().ok()?;
                let length = packed.len();
                write!(stream, "HTTP/1.1 {head}\r\ncontent-length: {length}\r\n\r\n").ok()?;
                stream.write_all(&packed).ok()?;
            }
            Sends(bytes) => {
                stream.write_all(bytes.as_bytes()).ok()?;
                stream.shutdown(Shutdown::Both).ok()?;
                return None;
            }
            Drips(head) => {
                write!(stream, "HTTP/1.1 {head}\r\ncontent-length: 1000000\r\n\r\n").ok()?;
                loop {
                    stream.write_all(b" ").ok()?;
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
            Stalls(bytes) => {
                stream.write_all(bytes.as_bytes()).ok()?;
                let _end = reader.read(&mut [0]);
                return None;
            }
            Waits => {
                let _end = reader.read(&mut [0]);
                return None;
            }
        }
    }
}
