//! An OpenAI-compatible server on loopback that gives one answer after a fixed time. It runs in the benchmark's own
//! process, so that its CPU time is not counted with the children's.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const REPLY: &str = r#"{"id":"mock-1","object":"chat.completion","created":0,"model":"mock","choices":[{"index":0,"message":{"role":"assistant","content":"[[ ## answer ## ]]\nok\n\n[[ ## completed ## ]]"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110}}"#;

/// Starts the server and yields its base url. It lives as long as the process.
pub fn start(latency: Duration) -> String {
    let (sender, receiver) = std::sync::mpsc::channel::<SocketAddr>();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            sender
                .send(listener.local_addr().expect("an address"))
                .expect("the starter waits");
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, latency));
            }
        });
    });
    format!("http://{}/v1", receiver.recv().expect("the server's address"))
}

/// Answers the requests of one connection, one after another.
async fn serve(mut stream: TcpStream, latency: Duration) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        while let Some(end) = request_end(&buffer) {
            buffer.drain(..end);
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                REPLY.len()
            );
            if stream
                .write_all(&[head.as_bytes(), REPLY.as_bytes()].concat())
                .await
                .is_err()
            {
                return;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(n) => buffer.extend_from_slice(&chunk[..n]),
        }
    }
}

/// Where the first whole request in the buffer ends.
fn request_end(buffer: &[u8]) -> Option<usize> {
    let head = buffer.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&buffer[..head]).to_lowercase();
    let length: usize = text
        .split("content-length:")
        .nth(1)?
        .lines()
        .next()?
        .trim()
        .parse()
        .ok()?;
    (buffer.len() >= head + length).then_some(head + length)
}
