//! Ways out of the sandbox, each tried by a script: none leads anywhere, and each refusal names its flag.

#![cfg(target_os = "linux")]

use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::Duration;

use super::sandbox::{Ran, Sandbox, finish};
use super::server::Server;

/// A script's folder `work`, with links that lead out of it, beside files that are none of its business.
struct Scene(Sandbox);

impl Scene {
    fn new() -> Scene {
        let sandbox = Sandbox::new();
        for name in ["outside.txt", "work-side/rows.jsonl", "outside/rows.jsonl"] {
            sandbox.put(name, "{\"secret\": 1}\n");
        }
        for name in ["outside/evil.dsp", "evil.dsp"] {
            sandbox.put(name, "fn stolen() -> str { \"through\" }\n");
        }
        sandbox.put("work/mine.txt", "mine");
        sandbox.put("work/deep/mine.txt", "mine");
        let scene = Scene(sandbox);
        for (link, to) in [
            ("link", "../outside.txt"),
            ("twice", "link"),
            ("folder", "../outside"),
            ("up", ".."),
            ("root", "/"),
            ("dangling", "../not-yet"),
            ("link.dsp", "../evil.dsp"),
            ("rows.jsonl", "../outside/rows.jsonl"),
        ] {
            symlink(to, scene.path("work").join(link)).unwrap();
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, script: &str, flags: &[&str]) -> Ran {
        self.0.put("work/s.dsp", script);
        let mut command = self.0.command();
        command
            .current_dir(self.path("work"))
            .arg("run")
            .args(flags)
            .arg("s.dsp");
        finish(command.stdin(std::process::Stdio::null()))
    }

    /// Every expression fails with an error of kind `permission` that names the flag.
    #[track_caller]
    fn refuses(&self, flag: &str, expressions: &[String]) {
        let tries: String = expressions
            .iter()
            .map(|expression| {
                format!("print(try {{ {expression}\n\"through\" }} catch e {{ f\"{{e.kind}} {{e.message}}\" }})\n")
            })
            .collect();
        let ran = self.run(&tries, &[]);
        assert_eq!(ran.code, 0, "{ran:#?}");
        let lines: Vec<&str> = ran.out.lines().collect();
        assert_eq!(lines.len(), expressions.len(), "{}", ran.out);
        for (expression, line) in expressions.iter().zip(lines) {
            assert!(
                line.starts_with("permission ") && line.contains(&format!("`{flag} /")),
                "{expression} said: {line}"
            );
        }
        self.is_whole();
    }

    /// Nothing outside was made or changed.
    #[track_caller]
    fn is_whole(&self) {
        for name in ["outside.txt", "work-side/rows.jsonl", "outside/rows.jsonl"] {
            assert_eq!(self.0.text(name), "{\"secret\": 1}\n");
        }
        let mut names: Vec<_> = std::fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".cache")
            .collect();
        names.sort();
        assert_eq!(names, ["evil.dsp", "outside", "outside.txt", "work", "work-side"]);
        assert_eq!(std::fs::read_dir(self.path("outside")).unwrap().count(), 2);
        assert_eq!(std::fs::read_dir(self.path("work-side")).unwrap().count(), 1);
    }
}

fn quoted(paths: &[String], call: impl Fn(&str) -> String) -> Vec<String> {
    paths.iter().map(|path| call(&format!("{path:?}"))).collect()
}

fn to_read(scene: &Scene) -> Vec<String> {
    let mut paths: Vec<String> = [
        "../outside.txt",
        "./../outside.txt",
        "deep/../../outside.txt",
        "missing/../../outside.txt",
        "../work/../outside.txt",
        "../work-side/rows.jsonl",
        "link",
        "twice",
        "folder/rows.jsonl",
        "folder/../outside.txt",
        "up/outside.txt",
        "deep/../up/outside.txt",
        "root/etc/passwd",
        "root/../etc/passwd",
        "..",
        "/",
        "/etc/passwd",
        "//etc/passwd",
        "/./etc/../etc/passwd",
        "/etc/passwd/",
        "/etc//passwd",
        "..//outside.txt",
        ".//..///outside.txt",
        "folder//rows.jsonl",
        "folder/./rows.jsonl",
        "folder/",
        "link/.",
        "twice/",
        "up/work/../outside.txt",
        "up/up/outside.txt",
        "root/proc/self/cwd/../outside.txt",
        "/proc/self/root//etc/passwd",
        "/proc/self/task/../root/etc/passwd",
        "..\u{2f}outside.txt",
        "/dev/../etc/passwd",
        "/proc/self/environ",
        "/proc/self/cwd/../outside.txt",
        "/proc/self/root/etc/passwd",
        "/proc/thread-self/environ",
        "/proc/1/environ",
        "/proc/self/mem",
        "/proc/self/fd/0",
        "/dev/fd/0",
        "/dev/stdin",
        "/dev/zero",
        "/dev/urandom",
        "/not/there/at/all",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(format!("{}etc/passwd", "../".repeat(200)));
    paths.push(format!("{}../../outside.txt", "deep/../".repeat(1000)));
    paths.push(format!("/{}", "a".repeat(5000)));
    for name in ["outside.txt", "work/../outside.txt", "work-side", "workx"] {
        paths.push(scene.path(name).display().to_string());
    }
    paths
}

#[test]
fn no_path_leads_out_to_read() {
    let scene = Scene::new();
    let paths = to_read(&scene);
    scene.refuses("--allow-read", &quoted(&paths, |path| format!("read_text({path})")));
    scene.refuses("--allow-read", &quoted(&paths, |path| format!("dataset({path})")));
    scene.refuses(
        "--allow-read",
        &quoted(&paths, |path| format!("{{ let path = {path}\nlen(dataset(path)) }}")),
    );
    let load = |path: &str| format!("load(Predict(\"a -> b\"), {path})");
    scene.refuses("--allow-read", &quoted(&paths, load));
    let nul = "read_text(\"/etc/passwd\\u{0}.txt\")".to_owned();
    scene.refuses("--allow-read", &[nul]);
}

#[test]
fn no_path_leads_out_to_write() {
    let scene = Scene::new();
    let mut paths: Vec<String> = [
        "../new.txt",
        "../outside.txt",
        "missing/../../new.txt",
        "../work-side/new.txt",
        "../workx/new.txt",
        "link",
        "twice",
        "dangling",
        "folder/new.txt",
        "folder/deep/new.txt",
        "up/new.txt",
        "root/tmp/new.txt",
        "folder//new.txt",
        "up/work-side/new.txt",
        "twice/",
        "dangling/new.txt",
        "deep/../../work-side/../new.txt",
        "..",
        "/",
        "/tmp/new.txt",
        "/dev/null",
        "/dev/stdout",
        "/proc/self/comm",
        "/proc/self/cwd/../new.txt",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.push(scene.path("new.txt").display().to_string());
    scene.refuses(
        "--allow-write",
        &quoted(&paths, |path| format!("write_text({path}, \"x\")")),
    );
    scene.refuses(
        "--allow-write",
        &quoted(&paths, |path| format!("save(Predict(\"a -> b\"), {path})")),
    );
}

#[test]
fn a_model_file_is_a_file_like_others() {
    let scene = Scene::new();
    let asked = |path: &str| format!("with (lm: LM(\"local/{path}\")) {{ print(Predict(\"a -> b\")(a: \"x\").b) }}");
    scene.refuses(
        "--allow-read",
        &["../outside.txt", "folder/rows.jsonl", "/etc/passwd"].map(asked),
    );
}

#[test]
fn imports_need_permission_like_any_file() {
    let scene = Scene::new();
    let absolute = scene.path("evil.dsp").display().to_string();
    for path in [
        "../evil.dsp",
        "link.dsp",
        "folder/evil.dsp",
        "up/evil.dsp",
        "deep/../../evil.dsp",
        &absolute,
    ] {
        let script = format!("import \"{path}\" (stolen)\nprint(stolen())\n");
        let ran = scene.run(&script, &[]);
        ran.fails(2, &["may not read", "`--allow-read /"]);
        assert_eq!(ran.out, "");
        let above = scene.0.path().display().to_string();
        scene.run(&script, &["--allow-read", &above]).prints("through\n");
    }
    // What an imported file reads is held to the same.
    scene.0.put(
        "work/deep/inner.dsp",
        "fn stolen() -> str { read_text(\"../../outside.txt\") }\n",
    );
    let script = "import \"deep/inner.dsp\" (stolen)\nprint(stolen())\n";
    scene.run(script, &[]).fails(1, &["error[permission]", "--allow-read"]);
}

#[test]
fn a_flag_opens_what_it_names_and_nothing_beside_it() {
    let scene = Scene::new();
    let read = |path: &str, granted: &str| {
        let granted = scene.path(granted).display().to_string();
        let script = format!("print(strip(read_text({path:?})))");
        scene.run(&script, &["--allow-read", &granted])
    };
    read("folder/rows.jsonl", "outside").prints("{\"secret\": 1}\n");
    read("link", "outside.txt").prints("{\"secret\": 1}\n");
    read("../outside.txt", "outside.txt").prints("{\"secret\": 1}\n");
    for (path, granted) in [
        ("../outside.txt", "outside"),
        ("../work-side/rows.jsonl", "work"),
        ("../outside/rows.jsonl", "out"),
        ("../outside/rows.jsonl", "outside/rows"),
        ("../outside.txt", "work/link/x"),
    ] {
        read(path, granted).fails(1, &["error[permission]"]);
    }
    let granted = scene.path("outside").display().to_string();
    let write = "write_text(\"../outside/new.txt\", \"x\")";
    scene
        .run(write, &["--allow-read", &granted])
        .fails(1, &["`--allow-write /"]);
    scene.is_whole();
}

#[test]
fn what_is_no_file_is_an_error_and_no_hang() {
    let scene = Scene::new();
    let script = "for path in [\"/dev/zero\", \"/dev/urandom\", \"deep\", \"nul\\u{0}l\", repeat(\"n\", 5000), \"mine.txt/x\"] {\n\
                  print(try { read_text(path) } catch e { e.kind })\nprint(try { write_text(path + \"/y/\", \"x\") } catch e { e.kind })\n}";
    let ran = scene.run(script, &["--allow-all"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let said: Vec<&str> = ran.out.lines().filter(|line| *line != "io").collect();
    // `deep/y/` is a file that can be written.
    assert_eq!(said, ["none"], "{}", ran.out);
}

#[test]
fn no_url_leads_to_a_host_that_was_not_allowed() {
    let scene = Scene::new();
    let server = Server::new(Duration::ZERO, 200, "through");
    let port = server
        .base
        .trim_start_matches("http://127.0.0.1:")
        .trim_end_matches("/v1")
        .to_owned();
    let urls = [
        "http://127.0.0.1:PORT/",
        "HTTP://127.0.0.1:PORT/",
        "http:127.0.0.1:PORT/",
        "http:\\\\127.0.0.1:PORT/",
        "http:///127.0.0.1:PORT/",
        " http://127.0.0.1:PORT/",
        "http://good.example@127.0.0.1:PORT/",
        "http://good.example:80@127.0.0.1:PORT/",
        "http://good.example%2f@127.0.0.1:PORT/",
        "http://127.0.0.1:PORT#@good.example/",
        "http://127.0.0.1:PORT?@good.example/",
        "http://127.0.0.1:PORT\\@good.example/",
        "http://127.0.0.1:PORT/good.example",
        "http://127.0.0.1.:PORT/",
        "http://2130706433:PORT/",
        "http://0x7f000001:PORT/",
        "http://0177.0.0.1:PORT/",
        "http://127.1:PORT/",
        "http://１２７.0.0.1:PORT/",
        "http://127。0。0。1:PORT/",
        "http://localhost:PORT/",
        "http://LOCALHOST.:PORT/",
        "http://ⓛocalhost:PORT/",
        "http://[::1]:PORT/",
        "http://[::ffff:127.0.0.1]:PORT/",
        "http://[::ffff:7f00:1]:PORT/",
        "http://0:PORT/",
        "http://0.0.0.0:PORT/",
        "http://evilgood.example/",
        "http://good.example.evil/",
        "http://good-example/",
        "http://xgood.example:PORT/",
        "http://sub.good.example/",
        "http://good.example:81/",
        "http://gооd.example/",
    ];
    let tries: String = urls
        .iter()
        .map(|url| format!("{:?}", url.replace("PORT", &port)))
        .map(|url| format!("print(try {{ http_get({url}) }} catch e {{ f\"{{e.kind}} {{e.message}}\" }})\n"))
        .collect();
    let ran = scene.run(&tries, &["--allow-net", "good.example:80"]);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), urls.len(), "{}", ran.out);
    for (url, line) in urls.iter().zip(lines) {
        assert!(
            line.starts_with("permission ") && line.contains("`--allow-net "),
            "{url} said: {line}"
        );
    }
    for url in [
        "file:///etc/passwd",
        "ftp://good.example/",
        "gopher://x/",
        "data:text/plain,x",
        "good.example",
        "",
    ] {
        let script = format!("print(try {{ http_get({url:?}) }} catch e {{ e.kind }})");
        scene.run(&script, &["--allow-net", "good.example"]).prints("value\n");
    }
    assert_eq!(server.requests(), 0);
    scene
        .run(
            &format!("print(http_get(\"http://127.1:{port}/\"))"),
            &["--allow-net", "127.0.0.1"],
        )
        .prints("through\n");
}

/// Spellings that another system would take for a way out are names of files here.
#[test]
fn what_looks_like_a_way_out_is_a_name_in_the_folder() {
    let scene = Scene::new();
    let names = [
        "file:../../outside.txt",
        "FILE:///etc/passwd",
        "..\\outside.txt",
        "../../work/outside.txt.",
        "%2e%2e/outside.txt",
        "…/outside.txt",
        "~/outside.txt",
    ];
    for name in names {
        let script = format!("print(try {{ read_text({name:?}) }} catch e {{ e.kind }})");
        let ran = scene.run(&script, &[]);
        assert!(matches!(ran.out.as_str(), "io\n" | "permission\n"), "{name}: {ran:#?}");
    }
    scene.is_whole();
}

/// A test's leading comments are the script's, so they grant nothing.
#[test]
fn a_script_does_not_grant_itself_what_it_asks_for() {
    let scene = Scene::new();
    scene.0.put(
        "work/t.dsp",
        "# args: --allow-all\nprint(read_text(\"../outside.txt\"))\n",
    );
    scene.0.put("work/t.golden", "");
    let mut command = scene.0.command();
    let ran = finish(command.current_dir(scene.path("work")).args(["test", "t.dsp"]));
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("error[permission]"), "{}", ran.out);
}
