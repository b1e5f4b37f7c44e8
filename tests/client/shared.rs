//! The cache that several machines share: `cache: "redis://…"`. The last tests start Debian's `redis-server`; they are
//! switched on by `DSP_TEST_REDIS=1`.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dsp::host::Permissions;
use dsp::host::fake::FakeHost;
use dsp::lm::Client;
use dsp::value::{LmSpec, Record, Settings, Value};

use super::server::{Deed, Server};
use super::setup::{ask, capped, client, echo, model};

const REDIS: &str = "redis://cache.example:6379/1";

fn sharing(url: &str) -> LmSpec {
    model(
        "openai/test",
        &[("api_base", Value::str("http://model/v1")), ("cache", Value::str(url))],
    )
}

fn permitted() -> FakeHost {
    let host = echo();
    let mut permissions = Permissions::default();
    permissions.net.push("cache.example:6379".to_owned());
    host.permit(permissions);
    host
}

/// Whether the answer came from a cache.
fn answered(host: &FakeHost, client: &Client, lm: &LmSpec, text: &str) -> bool {
    let settings = client.settings(lm, &Settings::default()).unwrap();
    host.block_on(client.call(lm, ask(lm, text), settings)).unwrap().cached
}

#[test]
fn what_one_machine_was_answered_another_finds() {
    let (host, lm) = (permitted(), sharing(REDIS));
    assert!(!answered(&host, &client(&host), &lm, "hi"));
    // Another machine has nothing in its own cache.
    let own = host.host().store(Path::new("/cache/responses.sqlite3")).unwrap();
    assert_eq!(own.clear().unwrap(), 1);
    let other = client(&host);
    assert!(answered(&host, &other, &lm, "hi"));
    assert_eq!(own.stats().unwrap().0, 1, "it is kept here, too");
    assert!(answered(&host, &other, &lm, "hi"));
    assert_eq!(host.requests().len(), 1);
}

#[test]
fn an_answer_of_the_shared_cache_is_not_spent() {
    let (host, lm) = (permitted(), sharing(REDIS));
    answered(&host, &client(&host), &lm, "a");
    host.host()
        .store(Path::new("/cache/responses.sqlite3"))
        .unwrap()
        .clear()
        .unwrap();
    let client = client(&host);
    let caps = Settings::default().with(capped("max_calls", 1.0));
    let settings = client.settings(&lm, &caps).unwrap();
    let asked = |text: &str| host.block_on(client.call(&lm, ask(&lm, text), settings.clone()));
    assert!(asked("a").unwrap().cached);
    assert!(!asked("b").unwrap().cached);
    assert_eq!(asked("c").unwrap_err().kind.name(), "budget");
}

#[test]
fn a_script_may_use_it_only_where_its_host_is_allowed() {
    let host = echo();
    let fault = client(&host)
        .settings(&sharing(REDIS), &Settings::default())
        .unwrap_err();
    assert_eq!(fault.kind.name(), "permission");
    assert!(
        fault.message.contains("`--allow-net cache.example` allows it"),
        "{fault:?}"
    );
}

/// Runs the binary on a script that asks `questions` one by one, with a cache folder of its own.
fn run(server: &Server, cache: &str, questions: &[&str], folder: &Path, allowed: &str) -> (bool, String, String) {
    let script = folder.join("script.dsp");
    let questions = questions
        .iter()
        .map(|q| format!("{q:?}"))
        .collect::<Vec<_>>()
        .join(", ");
    let text = format!(
        "configure(lm: LM(\"openai/test\", api_base: {:?}), cache: {cache})\n\
         print([Predict(\"question -> answer\")(q).answer for q in [{questions}]])\nprint(usage().cached)\n",
        server.base
    );
    std::fs::write(&script, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dsp"));
    command.arg("run").arg(&script).args(["--allow-net", allowed]);
    command.env("DSP_CACHE_DIR", folder.join("cache")).env("NO_COLOR", "1");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[test]
fn one_that_is_down_is_said_once_and_costs_the_run_nothing() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Server::always(Deed::says("[[ ## answer ## ]]\nfine"));
    let folder = tempfile::tempdir().unwrap();
    let cache = format!("\"redis://user:planted-secret@{free}\"");
    let (good, out, err) = run(&server, &cache, &["a", "b", "c"], folder.path(), "127.0.0.1");
    assert!(good, "{err}");
    assert_eq!(out, "[\"fine\", \"fine\", \"fine\"]\n0\n");
    let warning =
        format!("warning: the shared cache is left aside: `redis://{free}` cannot be used: connection refused");
    assert_eq!(err.to_lowercase().matches(&warning).count(), 1, "{err}");
    assert!(!err.contains("planted-secret"), "{err}");
}

#[test]
fn what_is_no_address_of_one_is_an_error_that_says_so() {
    let server = Server::always(Deed::says("[[ ## answer ## ]]\nfine"));
    let folder = tempfile::tempdir().unwrap();
    let (good, _, err) = run(&server, "\"memcached://x\"", &["a"], folder.path(), "x");
    assert!(
        !good && err.contains("an address such as `\"redis://host:6379\"`"),
        "{err}"
    );
    let (good, _, err) = run(&server, "\"redis://127.0.0.1\"", &["a"], folder.path(), "elsewhere");
    assert!(!good && err.contains("`--allow-net 127.0.0.1` allows it"), "{err}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_state_keeps_no_address_of_one() {
    let lm = model("openai/test", &[("cache", Value::str("redis://u:planted@h"))]);
    let options: &Record = &lm.options;
    assert!(options.get("cache").is_some());
    let request = format!("{:?}", ask(&lm, "hi"));
    assert!(!request.contains("planted"), "{request}");
}

struct RedisServer {
    child: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl RedisServer {
    /// Starts one, or says why not.
    #[allow(clippy::print_stdout, reason = "what is skipped is said")]
    fn start(password: Option<&str>) -> Option<RedisServer> {
        if std::env::var_os("DSP_TEST_REDIS").is_none() {
            println!("skipped: 1 test with a real Redis, since `DSP_TEST_REDIS` is not set");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new("redis-server");
        command.args([
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--port",
            &address.port().to_string(),
        ]);
        command.arg("--dir").arg(folder.path());
        command.args(password.iter().flat_map(|password| ["--requirepass", password]));
        let Ok(child) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
            println!("skipped: 1 test with a real Redis, since there is no `redis-server`");
            return None;
        };
        for _ in 0..500 {
            if std::net::TcpStream::connect(address).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(RedisServer {
            child,
            address,
            _folder: folder,
        })
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn two_machines_share_a_real_redis_and_one_goes_on_when_it_dies() {
    let Some(redis) = RedisServer::start(Some("p@ss")) else {
        return;
    };
    let server = Server::always(Deed::says("[[ ## answer ## ]]\nfine"));
    let machines: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let cache = format!("\"redis://:p%40ss@{}/2\"", redis.address);
    let on = |machine: usize| run(&server, &cache, &["a", "b", "c"], machines[machine].path(), "127.0.0.1");
    let (first, second) = (on(0), on(1));
    assert_eq!(
        (first.0, first.1.as_str()),
        (true, "[\"fine\", \"fine\", \"fine\"]\n0\n"),
        "{}",
        first.2
    );
    assert_eq!(
        (second.0, second.1.as_str()),
        (true, "[\"fine\", \"fine\", \"fine\"]\n3\n"),
        "{}",
        second.2
    );
    assert_eq!(server.requests().len(), 3);
    drop(redis);
    let (good, _, err) = on(2);
    assert!(good && err.contains("warning: the shared cache is left aside"), "{err}");
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn a_real_redis_that_refuses_the_password_costs_the_run_nothing() {
    let Some(redis) = RedisServer::start(Some("right")) else {
        return;
    };
    let server = Server::always(Deed::says("[[ ## answer ## ]]\nfine"));
    let folder = tempfile::tempdir().unwrap();
    let cache = format!("\"redis://:planted-secret@{}\"", redis.address);
    let (good, _, err) = run(&server, &cache, &["a"], folder.path(), "127.0.0.1");
    assert!(
        good && err.contains("refused the password") && !err.contains("planted-secret"),
        "{err}"
    );
}
