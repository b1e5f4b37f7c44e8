//! Model files that are not what they should be: each is refused in words, none brings dsp down.

use candle_core::quantized::gguf_file::Value;
use dsp::diag::{Fault, FaultKind};

use crate::tiny::{self, Tiny, ask, completion, world};

fn refused(file: &[u8]) -> Fault {
    ask(file, completion("Once", 1)).unwrap_err()
}

#[track_caller]
fn says(fault: &Fault, words: &str) {
    assert_eq!(fault.kind, FaultKind::Lm, "{}", fault.message);
    assert!(fault.message.contains(words), "{}", fault.message);
    assert!(fault.message.contains(tiny::PATH), "{}", fault.message);
    assert!(fault.help.is_some());
}

#[test]
fn a_file_that_is_no_gguf_is_refused() {
    says(&refused(b""), "is not a GGUF file");
    says(&refused(b"<!DOCTYPE html><html>404</html>"), "is not a GGUF file");
    let mut later = Tiny::plain().bytes();
    later[4] = 99;
    says(&refused(&later), "a version of GGUF");
}

#[test]
fn a_file_that_is_cut_short_anywhere_is_refused() {
    let file = Tiny::plain().bytes();
    // The last bytes are padding.
    for part in 1..=40 {
        let fault = refused(&file[..(file.len() - 32) * part / 40]);
        says(&fault, "cut short");
    }
}

#[test]
fn a_file_with_bytes_turned_over_brings_nothing_down() {
    let file = Tiny::plain().bytes();
    for place in (0..6_000).step_by(37) {
        let mut broken = file.clone();
        broken[place] ^= 0x55;
        // It may still run: what counts is that it answers or says why not.
        let _ = ask(&broken, completion("Once", 1));
    }
}

#[test]
fn a_vocabulary_beyond_all_measure_is_refused() {
    // One matrix serves as embedding and as output: no second one tells of the size.
    let mut file = Tiny::plain().without("output.weight").bytes();
    let name = b"token_embd.weight";
    let at = file.windows(name.len()).position(|part| part == name).unwrap();
    // Behind the name the number of dimensions, then these, the inputs first.
    let outputs = at + name.len() + 4 + 8;
    file[outputs..outputs + 8].copy_from_slice(&(1u64 << 50).to_le_bytes());
    says(&refused(&file), "has sizes that `local` cannot run");
}

#[test]
fn another_architecture_is_refused_by_name() {
    let file = Tiny::plain()
        .set("general.architecture", Value::String("gemma3".to_owned()))
        .bytes();
    says(&refused(&file), "`gemma3`");
    says(
        &refused(&Tiny::plain().without("general.architecture").bytes()),
        "does not name its architecture",
    );
}

#[test]
fn what_is_missing_or_of_another_size_is_named() {
    for no_size in [
        Tiny::plain().without("llama.block_count"),
        Tiny::plain().set("llama.block_count", Value::U32(0)),
    ] {
        says(&refused(&no_size.bytes()), "states no `llama.block_count`");
    }
    says(
        &refused(&Tiny::plain().without("blk.1.ffn_up.weight").bytes()),
        "`blk.1.ffn_up.weight`",
    );
    let wider = Tiny::plain().set("llama.feed_forward_length", Value::U32(192));
    says(&refused(&wider.bytes()), "ffn_gate.weight` of size [128, 64]");
    let odd = Tiny::plain().set("llama.attention.head_count", Value::U32(3));
    says(&refused(&odd.bytes()), "cannot run");
    let scaled = Tiny::plain().set("llama.rope.scaling.type", Value::String("yarn".to_owned()));
    says(&refused(&scaled.bytes()), "positions");
    says(
        &refused(&Tiny::plain().without("tokenizer.ggml.tokens").bytes()),
        "tokenizer",
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let (host, local) = world(b"");
    let mut request = completion("Once", 1);
    request.model = "local/elsewhere.gguf".to_owned();
    let fault = host.block_on(local.complete(request)).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Io);
    assert!(fault.message.contains("elsewhere.gguf"), "{}", fault.message);
}

#[test]
fn a_file_that_a_script_may_not_read_is_not_loaded() {
    let (host, local) = world(&Tiny::plain().bytes());
    host.permit(dsp::host::Permissions::default());
    let fault = host.block_on(local.complete(completion("Once", 1))).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Permission);
    // A fault is not kept: once it is mended, the next call loads the model.
    host.permit(dsp::host::Permissions::all());
    host.block_on(local.complete(completion("Once", 1))).unwrap();
}
