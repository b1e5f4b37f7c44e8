//! What a script may not do, and the flag that would allow it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dsp::host::{Access, Host, HostErrorKind, HttpRequest, Permissions, RealHost};
use tempfile::TempDir;

use super::server::{Deed, Server};

/// A granted folder `in` beside a file `secret` that is not granted.
struct Scene {
    folder: TempDir,
    host: RealHost,
}

impl Scene {
    fn new() -> Scene {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("in/deep")).unwrap();
        fs::write(folder.path().join("in/mine"), "mine").unwrap();
        fs::write(folder.path().join("secret"), "secret").unwrap();
        let host = RealHost::new(Permissions::below([folder.path().join("in")]));
        Scene { folder, host }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    #[track_caller]
    fn refuses(&self, path: &Path) {
        let read = self.host.read(Access::Script, path).unwrap_err();
        assert_eq!(read.kind, HostErrorKind::Permission, "{read}");
        assert!(read.message.contains("`--allow-read /"), "{read}");
        let write = self.host.write(Access::Script, path, b"x").unwrap_err();
        assert_eq!(write.kind, HostErrorKind::Permission, "{write}");
        assert!(write.message.contains("`--allow-write /"), "{write}");
        assert!(!self.host.exists(Access::Script, path));
        assert_eq!(fs::read(self.path("secret")).unwrap(), b"secret");
    }
}

#[test]
fn what_is_below_a_granted_folder_is_open() {
    let scene = Scene::new();
    assert_eq!(
        scene.host.read(Access::Script, &scene.path("in/deep/../mine")).unwrap(),
        b"mine"
    );
    scene
        .host
        .write(Access::Script, &scene.path("in/new/one"), b"x")
        .unwrap();
    assert!(scene.host.exists(Access::Script, &scene.path("in/new/one")));
    assert_eq!(scene.host.list(Access::Script, &scene.path("in")).unwrap().len(), 2);
    // dsp itself is not held to it.
    assert_eq!(scene.host.read(Access::Own, &scene.path("secret")).unwrap(), b"secret");
}

#[test]
fn absolute_paths_and_dots_do_not_lead_out() {
    let scene = Scene::new();
    scene.refuses(&scene.path("secret"));
    scene.refuses(&scene.path("in/../secret"));
    scene.refuses(&scene.path("in/deep/../../secret"));
    scene.refuses(&scene.path("in/not/there/../../../secret"));
    scene.refuses(&scene.path("in-side"));
    scene.refuses(Path::new("/etc/passwd"));
    scene.refuses(Path::new("/"));
    assert!(scene.host.list(Access::Script, scene.folder.path()).is_err());
}

#[cfg(unix)]
#[test]
fn links_do_not_lead_out_even_to_what_is_not_there_yet() {
    use std::os::unix::fs::symlink;
    let scene = Scene::new();
    symlink(scene.path("secret"), scene.path("in/link")).unwrap();
    symlink("../secret", scene.path("in/relative")).unwrap();
    symlink("link", scene.path("in/twice")).unwrap();
    symlink(scene.folder.path(), scene.path("in/up")).unwrap();
    symlink(scene.path("not-yet"), scene.path("in/dangling")).unwrap();
    for name in [
        "in/link",
        "in/relative",
        "in/twice",
        "in/up/secret",
        "in/dangling",
        "in/up/new",
        "in/deep/../up/secret",
    ] {
        scene.refuses(&scene.path(name));
    }
    assert!(!scene.path("not-yet").exists());
    symlink("round", scene.path("in/round")).unwrap();
    let error = scene.host.read(Access::Script, &scene.path("in/round")).unwrap_err();
    assert!(error.message.contains("round in a circle"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_granted_folder_may_itself_be_a_link() {
    let scene = Scene::new();
    std::os::unix::fs::symlink(scene.path("in"), scene.path("alias")).unwrap();
    let host = RealHost::new(Permissions::below([scene.path("alias")]));
    assert_eq!(host.read(Access::Script, &scene.path("in/mine")).unwrap(), b"mine");
    assert_eq!(host.read(Access::Script, &scene.path("alias/mine")).unwrap(), b"mine");
}

#[test]
fn flags_open_what_they_name() {
    let scene = Scene::new();
    let read = RealHost::new(Permissions {
        read: vec![scene.path("secret")],
        ..Permissions::default()
    });
    assert_eq!(read.read(Access::Script, &scene.path("secret")).unwrap(), b"secret");
    assert!(read.write(Access::Script, &scene.path("secret"), b"x").is_err());
    let all = RealHost::new(Permissions::all());
    assert!(all.write(Access::Script, &scene.path("other"), b"x").is_ok());
}

fn get(permissions: Permissions, url: String) -> Result<String, dsp::host::HostError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let headers = vec![("authorization".to_owned(), "Bearer sk-secret".to_owned())];
    let request = HttpRequest {
        method: "GET",
        url,
        headers: headers
            .into_iter()
            .map(|(name, value)| (name.into(), value.into()))
            .collect(),
        body: Vec::new().into(),
        timeout: Duration::from_secs(5),
        first_byte: None,
    };
    let response = runtime.block_on(RealHost::new(permissions).http(Access::Script, request))?;
    Ok(String::from_utf8(response.body).unwrap())
}

fn net(hosts: &[&str]) -> Permissions {
    Permissions {
        net: hosts.iter().map(|host| (*host).to_owned()).collect(),
        ..Permissions::default()
    }
}

#[test]
fn a_script_reaches_only_the_hosts_that_were_allowed() {
    let server = Server::always(Deed::status(200, "hello"));
    let error = get(Permissions::default(), server.base.clone()).unwrap_err();
    assert_eq!(error.kind, HostErrorKind::Permission);
    assert!(error.message.ends_with("`--allow-net 127.0.0.1` allows it"), "{error}");
    assert!(
        get(
            net(&["example.org", "127.0.0.1.example.org", "127.0.0.1:1"]),
            server.base.clone()
        )
        .is_err()
    );
    assert_eq!(server.connections(), 0);
    assert_eq!(get(net(&["127.0.0.1"]), server.base.clone()).unwrap(), "hello");
    let with_port = server
        .base
        .trim_start_matches("http://")
        .trim_end_matches("/v1")
        .to_owned();
    assert_eq!(get(net(&[&with_port]), server.base.clone()).unwrap(), "hello");
}

#[test]
fn urls_that_look_like_an_allowed_host_are_not_it() {
    let server = Server::always(Deed::status(200, "hello"));
    let port = server.base.trim_start_matches("http://127.0.0.1:").to_owned();
    for url in [
        format!("http://example.org@127.0.0.1:{port}"),
        format!("http://0x7f.1:{port}#example.org"),
    ] {
        assert_eq!(
            get(net(&["example.org"]), url).unwrap_err().kind,
            HostErrorKind::Permission
        );
    }
    for url in ["file:///etc/passwd", "ftp://example.org/", "example.org", ""] {
        assert_eq!(
            get(net(&["example.org"]), url.to_owned()).unwrap_err().kind,
            HostErrorKind::Invalid
        );
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_redirect_is_held_against_the_permissions_too() {
    let inner = Server::always(Deed::status(200, "inner"));
    let target = inner.base.replace("127.0.0.1", "localhost");
    let outer = Server::always(Deed::status(302, "").header("location", &target));
    let error = get(net(&["127.0.0.1"]), outer.base.clone()).unwrap_err();
    assert!(error.message.ends_with("`--allow-net localhost` allows it"), "{error}");
    assert_eq!(inner.connections(), 0);
    assert_eq!(
        get(net(&["127.0.0.1", "localhost"]), outer.base.clone()).unwrap(),
        "inner"
    );
    // Another server does not get the first one's key.
    assert_eq!(
        outer.requests().last().unwrap().header("authorization"),
        Some("Bearer sk-secret")
    );
    assert_eq!(inner.requests()[0].header("authorization"), None);
}

#[test]
fn redirects_that_do_not_end_are_given_up() {
    let server = Server::always(Deed::status(307, "").header("location", "/again"));
    let error = get(net(&["127.0.0.1"]), server.base.clone()).unwrap_err();
    assert!(error.message.contains("redirects more than 10 times"), "{error}");
}

#[test]
fn programs_run_only_if_named() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let args = ["hi".to_owned()];
    let error = runtime
        .block_on(Scene::new().host.run(Access::Script, "echo", &args))
        .unwrap_err();
    assert_eq!(error.kind, HostErrorKind::Permission);
    assert!(error.message.ends_with("`--allow-run echo` allows it"), "{error}");
    let host = RealHost::new(Permissions {
        run: vec!["echo".to_owned()],
        ..Permissions::default()
    });
    assert!(runtime.block_on(host.run(Access::Script, "echo", &args)).is_ok());
    assert!(runtime.block_on(host.run(Access::Script, "/bin/echo", &args)).is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_becomes_a_link_between_check_and_use_never_leads_out() {
    use std::os::unix::fs::symlink;
    use std::sync::atomic::{AtomicBool, Ordering};
    let scene = Scene::new();
    for folder in ["out", "in/room"] {
        fs::create_dir(scene.path(folder)).unwrap();
    }
    fs::write(scene.path("out/mine"), "secret").unwrap();
    fs::write(scene.path("in/room/mine"), "mine").unwrap();
    let (room, aside) = (scene.path("in/room"), scene.path("in/aside"));
    let (file, aside_file) = (scene.path("in/mine"), scene.path("in/aside-file"));
    let stop = AtomicBool::new(false);
    let mut read = std::collections::BTreeSet::new();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Each name is the script's own, then a link to what is not, then its own again.
            let swap = |name: &Path, aside: &Path, to: &str| {
                if fs::rename(name, aside).is_ok() && symlink(to, name).is_ok() {
                    fs::remove_file(name).unwrap();
                    // A write may have come in between with a new file or folder of its own.
                    if fs::rename(aside, name).is_err() {
                        drop(fs::remove_dir_all(name));
                        drop(fs::rename(aside, name));
                    }
                }
            };
            while !stop.load(Ordering::Relaxed) {
                swap(&room, &aside, "../out");
                swap(&file, &aside_file, "../secret");
            }
        });
        for _ in 0..1000 {
            for path in [&file, &room.join("mine")] {
                read.extend(scene.host.read(Access::Script, path));
            }
            drop(scene.host.write(Access::Script, &room.join("mine"), b"mine"));
            drop(scene.host.write(Access::Script, &room.join("new/deep"), b"mine"));
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert_eq!(read, [b"mine".to_vec()].into());
    assert_eq!(fs::read(scene.path("secret")).unwrap(), b"secret");
    assert_eq!(fs::read(scene.path("out/mine")).unwrap(), b"secret");
    assert_eq!(fs::read_dir(scene.path("out")).unwrap().count(), 1);
}

/// What a script on a fake host gets for a url when these are granted.
fn fake_get(grants: &[&str], url: &str) -> Result<u16, HostErrorKind> {
    let host = dsp::host::fake::FakeHost::new();
    host.permit(net(grants));
    host.answer(|_| (Duration::ZERO, dsp::host::fake::openai_reply("hello")));
    let request = HttpRequest {
        method: "GET",
        url: url.to_owned(),
        headers: Vec::new(),
        body: Vec::new().into(),
        timeout: Duration::from_secs(5),
        first_byte: None,
    };
    let response = host.block_on(host.host().http(Access::Script, request));
    response.map(|response| response.status).map_err(|error| error.kind)
}

#[test]
fn a_grant_names_a_host_in_whatever_spelling() {
    for (grant, url) in [
        ("example.org", "https://EXAMPLE.org/x"),
        ("Example.ORG", "http://example.org./"),
        ("example.org.", "http://example.org/"),
        ("example.org:443", "https://example.org/"),
        ("example.org:80", "http://example.org/"),
        ("example.org.:8080", "http://example.org:8080/"),
        ("::1", "http://[::1]:8080/"),
        ("[::1]", "http://[0:0:0:0:0:0:0:1]/"),
        ("[::1]:8080", "http://[::1]:8080/"),
        ("Bücher.example", "http://xn--bcher-kva.example/"),
        ("xn--bcher-kva.example", "http://bücher.example/"),
        ("127.0.0.1", "http://2130706433/"),
        ("2130706433", "http://127.0.0.1/"),
    ] {
        assert_eq!(fake_get(&[grant], url), Ok(200), "{grant} and {url}");
    }
    for (grant, url) in [
        ("example.org:80", "https://example.org/"),
        ("example.org:8080", "http://example.org/"),
        ("[::1]:8080", "http://[::1]:8081/"),
        ("example.org", "http://sub.example.org/"),
        ("sub.example.org", "http://example.org/"),
        ("org", "http://example.org/"),
        ("", "http://example.org/"),
        (".", "http://example.org/"),
        ("*", "http://example.org/"),
        ("example.org:", "http://example.org/"),
        ("user@example.org", "http://example.org/"),
        ("example.org/path", "http://example.org/path"),
        ("example.org..", "http://example.org/"),
    ] {
        assert_eq!(
            fake_get(&[grant], url),
            Err(HostErrorKind::Permission),
            "{grant} and {url}"
        );
    }
}

#[test]
fn a_redirect_leads_to_no_other_port_and_to_no_file() {
    let inner = Server::always(Deed::status(200, "inner"));
    let outer = Server::always(Deed::status(307, "").header("location", &inner.base));
    let own = outer
        .base
        .trim_start_matches("http://")
        .trim_end_matches("/v1")
        .to_owned();
    let error = get(net(&[&own]), outer.base.clone()).unwrap_err();
    assert_eq!(error.kind, HostErrorKind::Permission, "{error}");
    assert_eq!(inner.connections(), 0);
    for target in [
        "file:///etc/passwd",
        "//localhost/",
        "http://user@localhost/",
        "ftp://127.0.0.1/",
    ] {
        let server = Server::always(Deed::status(302, "").header("location", target));
        let error = get(net(&["127.0.0.1"]), server.base.clone()).unwrap_err();
        assert!(
            matches!(error.kind, HostErrorKind::Permission | HostErrorKind::Invalid),
            "{target}: {error}"
        );
    }
}
