//! `dsp cache`, and a cache that cannot be written.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::time::Duration;

use super::sandbox::{Ran, Sandbox, finish};
use super::server::Server;

#[test]
fn the_cache_says_where_it_is_and_is_empty_at_first() {
    let sandbox = Sandbox::new();
    let path = sandbox.run(&["cache", "path"]);
    assert!(
        path.out
            .trim_end()
            .starts_with(&sandbox.path().join(".cache").display().to_string()),
        "{path:?}"
    );
    sandbox.run(&["cache", "stats"]).prints("0 responses, 0 bytes\n");
    sandbox.run(&["cache", "clear"]).prints("0 responses removed\n");
}

/// Somebody who owns no file of the tests.
const NOBODY: u32 = 65_534;

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Runs the script as somebody whom permissions bind: the user of the tests may be root.
fn as_anybody(sandbox: &Sandbox) -> Ran {
    let mut command = sandbox.command();
    if fs::metadata(sandbox.path()).unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    finish(command.args(["run", "s.dsp"]))
}

#[test]
fn a_cache_that_may_not_be_written_costs_the_cache_and_not_the_run() {
    let server = Server::saying(Duration::ZERO, "[[ ## answer ## ]]\nyes");
    let sandbox = Sandbox::with(&format!(
        "configure(lm: LM(\"openai/m\", api_base: {:?}))\nlet ask = Predict(\"question -> answer\")\n\
         print([ask(q).answer for q in [\"a\", \"b\"]])\n",
        server.base
    ));
    let cache = sandbox.path().join(".cache");
    sandbox.run(&["run", "s.dsp"]).prints("[\"yes\", \"yes\"]\n");
    assert_eq!(server.requests(), 2);
    allow(sandbox.path(), 0o755);
    let answers = |what: &str| {
        let before = server.requests();
        let ran = as_anybody(&sandbox);
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (0, "[\"yes\", \"yes\"]\n"),
            "{what}: {}",
            ran.err
        );
        let warnings = ran.err.matches("warning: the response cache is left aside: ").count();
        let asked = server.requests() - before;
        assert!(
            (warnings, asked) == (1, 2) || (warnings, asked) == (0, 0),
            "{what}: {warnings} warnings, {asked} requests: {}",
            ran.err
        );
    };
    for entry in fs::read_dir(&cache).unwrap() {
        allow(&entry.unwrap().path(), 0o444);
    }
    allow(&cache, 0o555);
    answers("neither its folder nor its files may be written");
    allow(&cache, 0o755);
    fs::remove_dir_all(&cache).unwrap();
    allow(sandbox.path(), 0o555);
    answers("its folder may not be made");
    allow(sandbox.path(), 0o755);
    fs::write(&cache, "a file").unwrap();
    answers("a file stands where its folder should be");
}
