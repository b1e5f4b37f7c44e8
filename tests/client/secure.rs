//! Ways to a server: over TLS with an authority of one's own, over HTTP/2 where it is offered, through a proxy.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
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

fn secure() -> Secure {
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
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
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
