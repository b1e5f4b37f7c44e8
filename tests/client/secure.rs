//! Ways to a server: over TLS with an authority of one's own, over HTTP/2 where it is offered, through a proxy.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::server::{Deed, Server};

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/client/tls")
        .join(name)
}

/// A server of HTTP/2 over TLS; its certificate is of the authority in `tls/ca.pem`.
struct Secure {
    base: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
    _runtime: tokio::runtime::Runtime,
}

/// What takes TLS connections in the name of the certificate in `tls`, speaking one of these.
fn acceptor(protocols: &[&[u8]]) -> (tokio::runtime::Runtime, TlsAcceptor) {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let certificate = CertificateDer::from_pem_file(fixture("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let config = rustls::ServerConfig::builder().with_no_client_auth();
    let mut config = config.with_single_cert(vec![certificate], key).unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    (runtime, TlsAcceptor::from(Arc::new(config)))
}

fn secure() -> Secure {
    let (runtime, acceptor) = acceptor(&[b"h2", b"http/1.1"]);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let base = format!("https://{}/v1", listener.local_addr().unwrap());
    let (connections, requests): (Arc<AtomicUsize>, Arc<AtomicUsize>) = Default::default();
    let counts = (connections.clone(), requests.clone());
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(acceptor.clone(), stream, counts.clone()));
        }
    });
    Secure {
        base,
        connections,
        requests,
        _runtime: runtime,
    }
}

async fn serve(acceptor: TlsAcceptor, stream: TcpStream, counts: (Arc<AtomicUsize>, Arc<AtomicUsize>)) -> Option<()> {
    let stream = acceptor.accept(stream).await.ok()?;
    if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
        return None;
    }
    counts.0.fetch_add(1, Ordering::Relaxed);
    let mut connection = h2::server::handshake(stream).await.ok()?;
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        counts.1.fetch_add(1, Ordering::Relaxed);
        let reply = dsp::host::fake::openai_reply("[[ ## answer ## ]]\nfine").body;
        let head = http::Response::builder()
            .header("content-type", "application/json")
            .body(())
            .unwrap();
        let mut body = respond.send_response(head, false).ok()?;
        body.send_data(reply.into(), true).ok()?;
    }
    Some(())
}

/// Runs a script that asks one question, then `count` at once, at a model of this base, in this environment.
fn run(base: &str, count: usize, environment: &[(&str, &str)]) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script.dsp");
    let text = format!(
        "configure(lm: LM(\"openai/test\", api_base: {base:?}), lm_retries: 0, cache: false)\n\
         let p = Predict(\"question -> answer\")\nprint(p(\"first\").answer)\nprint([p(f\"{{i}}\").answer for i in 0..{count}])\n",
    );
    std::fs::write(&script, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dsp"));
    command
        .arg("run")
        .arg(&script)
        .env("DSP_CACHE_DIR", folder.path())
        .env("NO_COLOR", "1");
    for name in [
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "HTTP_PROXY",
        "http_proxy",
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "NO_PROXY",
        "no_proxy",
    ] {
        command.env_remove(name);
    }
    let output = command
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = if output.status.success() {
        output.stdout
    } else {
        output.stderr
    };
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn an_authority_of_ones_own_is_trusted_where_the_environment_names_it_and_http_2_is_spoken() {
    let server = secure();
    let authority = fixture("ca.pem");
    let (good, said) = run(&server.base, 12, &[("SSL_CERT_FILE", authority.to_str().unwrap())]);
    assert!(good && said.matches("fine").count() == 13, "{said}");
    assert_eq!(server.requests.load(Ordering::Relaxed), 13);
    assert_eq!(
        server.connections.load(Ordering::Relaxed),
        1,
        "all calls share the first one's connection"
    );
}

#[test]
fn an_authority_that_nobody_named_is_not_trusted() {
    let server = secure();
    let (good, said) = run(&server.base, 1, &[]);
    assert!(!good && said.contains("is not trusted"), "{said}");
    assert_eq!(server.requests.load(Ordering::Relaxed), 0);
}

#[test]
fn a_proxy_of_the_environment_is_asked_unless_the_host_is_excepted() {
    let proxy = Server::always(Deed::says("[[ ## answer ## ]]\nby the proxy"));
    let server = Server::always(Deed::says("[[ ## answer ## ]]\nby the server"));
    let address = proxy.base.trim_end_matches("/v1");
    let (good, said) = run("http://model.example/v1", 1, &[("http_proxy", address)]);
    assert!(good && said.contains("by the proxy"), "{said}");
    assert_eq!(proxy.requests()[0].path, "http://model.example/v1/chat/completions");
    let excepted = [("http_proxy", address), ("no_proxy", "127.0.0.1")];
    let (good, said) = run(&server.base, 1, &excepted);
    assert!(good && said.contains("by the server"), "{said}");
}

#[test]
fn a_proxy_that_refuses_is_an_error_that_says_so() {
    let proxy = Server::always(Deed::error(403, "not through here"));
    let address = proxy.base.trim_end_matches("/v1");
    let (good, said) = run("https://model.example/v1", 1, &[("https_proxy", address)]);
    assert!(
        !good && said.contains("`https://model.example/v1/chat/completions`"),
        "{said}"
    );
    assert_eq!(proxy.requests().len(), 1);
}

#[test]
fn a_proxy_that_wants_a_password_is_an_error_that_says_where_that_goes() {
    let proxy = Server::always(Deed::error(407, "who are you?"));
    let address = proxy.base.trim_end_matches("/v1");
    for (base, variable) in [
        ("https://model.example/v1", "https_proxy"),
        ("http://model.example/v1", "http_proxy"),
    ] {
        let known = proxy.requests().len();
        let (good, said) = run(base, 1, &[(variable, address)]);
        assert!(
            !good && said.contains("a proxy on the way to") && said.contains("USER:PASSWORD"),
            "{said}"
        );
        assert_eq!(proxy.requests().len(), known + 1);
    }
}

#[test]
fn a_file_of_authorities_that_holds_none_is_named() {
    let server = secure();
    let key = fixture("server.key");
    let (good, said) = run(&server.base, 1, &[("SSL_CERT_FILE", key.to_str().unwrap())]);
    assert!(
        !good && said.contains("what `SSL_CERT_FILE` names holds no certificate"),
        "{said}"
    );
}

/// A Redis over TLS that has nothing, and says yes to everything else; and how many commands it took.
fn secure_redis() -> (tokio::runtime::Runtime, String, Arc<AtomicUsize>) {
    let (runtime, acceptor) = acceptor(&[]);
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let commands: Arc<AtomicUsize> = Arc::default();
    let counted = commands.clone();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(speak_redis(acceptor.clone(), stream, counted.clone()));
        }
    });
    (runtime, address, commands)
}

async fn speak_redis(acceptor: TlsAcceptor, stream: TcpStream, counted: Arc<AtomicUsize>) -> Option<()> {
    let mut stream = BufReader::new(acceptor.accept(stream).await.ok()?);
    let mut line = String::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await.ok().filter(|n| *n > 0)?;
        let words: usize = line.trim().strip_prefix('*')?.parse().ok()?;
        let mut command = Vec::new();
        for _ in 0..words {
            line.clear();
            stream.read_line(&mut line).await.ok()?;
            let mut word = vec![0; line.trim().strip_prefix('$')?.parse::<usize>().ok()? + 2];
            stream.read_exact(&mut word).await.ok()?;
            command.push(word);
        }
        counted.fetch_add(1, Ordering::Relaxed);
        let answer: &[u8] = if command.first()?.starts_with(b"GET") {
            b"$-1\r\n"
        } else {
            b"+OK\r\n"
        };
        stream.write_all(answer).await.ok()?;
        stream.flush().await.ok()?;
    }
}

#[test]
fn a_shared_cache_is_reached_over_tls_by_those_who_trust_its_authority() {
    let (_runtime, address, commands) = secure_redis();
    let server = Server::always(Deed::says("[[ ## answer ## ]]\nfine"));
    let authority = fixture("ca.pem");
    let asked = |environment: &[(&str, &str)]| {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("script.dsp");
        let text = format!(
            "configure(lm: LM(\"openai/test\", api_base: {:?}), cache: \"rediss://:planted@{address}\")\n\
             print(Predict(\"question -> answer\")(\"q\").answer)\n",
            server.base
        );
        std::fs::write(&script, text).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dsp"));
        command.arg("run").arg(&script).args(["--allow-net", "127.0.0.1"]);
        command.env("DSP_CACHE_DIR", folder.path()).env("NO_COLOR", "1");
        let output = command.envs(environment.iter().copied()).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "fine\n", "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let said = asked(&[("SSL_CERT_FILE", authority.to_str().unwrap())]);
    assert!(!said.contains("warning"), "{said}");
    assert_eq!(
        commands.load(Ordering::Relaxed),
        3,
        "a password, a question and an answer"
    );
    let said = asked(&[]);
    assert!(
        said.contains(&format!("`rediss://{address}` cannot be used: ")) && said.contains("certificate"),
        "{said}"
    );
    assert!(!said.contains("planted"), "{said}");
    assert_eq!(commands.load(Ordering::Relaxed), 3);
}
