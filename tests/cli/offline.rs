//! `dsp test` without `--record` opens no socket. It is run where there is no network at all, and watched.

#![allow(clippy::print_stdout, reason = "a test that cannot run says so")]

use std::process::Command;

use super::sandbox::{Sandbox, finish};
use super::server::Server;

/// Whether a command of the system can be run here.
fn works(program: &str, args: &[&str]) -> bool {
    let output = Command::new(program).args(args).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn a_test_opens_no_socket_unless_it_records() {
    if !works("unshare", &["-rn", "true"]) {
        return println!("skipped: a network namespace is not permitted here");
    }
    let server = Server::saying(
        std::time::Duration::ZERO,
        "[[ ## answer ## ]]\nnear\n\n[[ ## completed ## ]]",
    );
    let sandbox = Sandbox::new();
    sandbox.put("known.dsp", &server.script("how far?"));
    let recorded = sandbox.run(&["test", "--record", "--update", "known.dsp"]);
    assert_eq!(recorded.code, 0, "{}", recorded.out);
    sandbox.put("new.dsp", &server.script("how deep?"));
    sandbox.put("new.golden", "near\n");
    let page = format!("test \"reads\" {{\n  print(http_get(\"{}\"))\n}}\n", server.base);
    sandbox.put("page.dsp", &page);

    let watched = works("unshare", &["-rn", "strace", "-o", "/dev/null", "true"]);
    let mut command = sandbox.command();
    let dsp = command.get_program().to_owned();
    let environment: Vec<_> = command
        .get_envs()
        .map(|(k, v)| (k.to_owned(), v.map(ToOwned::to_owned)))
        .collect();
    command = Command::new("unshare");
    command.arg("-rn").current_dir(sandbox.path());
    for (name, value) in environment {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if watched {
        command.args(["strace", "-f", "-qq", "-e", "trace=socket,connect", "-o", "calls.txt"]);
    } else {
        println!("not watched: strace is not there");
    }
    let ran = finish(command.arg(dsp).args(["test", "--allow-all"]));

    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("ok known.dsp: golden"), "{}", ran.out);
    assert!(ran.out.contains("FAILED new.dsp: golden"), "{}", ran.out);
    assert!(ran.out.contains("not in the recording"), "{}", ran.out);
    assert!(ran.out.contains("a test runs offline"), "{}", ran.out);
    assert_eq!(server.requests(), 1, "only the recording asked");
    if watched {
        let calls = sandbox.text("calls.txt");
        assert!(!calls.contains("AF_INET"), "{calls}");
    }
}
