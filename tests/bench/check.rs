//! `check` of 15,000 lines beside the grammar alone on the same text, by CPU time in this process; and beside `check` of
//! ten times as much, by instructions.

use dsp::host::fake::FakeHost;
use dsp::session::{Builder, Script};
use dsp::syntax::parse::LaidOut;

use crate::generated::declarations;
use crate::measure::{Table, dsp, instructions, least, own_cpu};

pub fn beside_pest(table: &mut Table) {
    let (text, long) = (declarations(15_000), declarations(150_000));
    let laid_out = LaidOut::new(&text);
    let (mut checks, mut pest) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        checks.push(own_cpu(|| check(&text)));
        pest.push(own_cpu(|| assert!(laid_out.is_read_by_the_grammar())));
    }
    table.compare("check: 15,000 lines, pest alone", least, &checks, &pest, 4.0);
    // By instructions, which the first touch of fresh memory does not swell.
    if let (Some(longer), Some(short)) = (counted(&long), counted(&text)) {
        table.compare_instructions(
            "check: instructions of 150,000 lines, 15,000 lines",
            longer,
            short,
            10.5,
        );
    }
}

fn counted(text: &str) -> Option<f64> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("long.dsp");
    std::fs::write(&path, text).expect("a script");
    let mut command = dsp();
    command.arg("check").arg(&path);
    instructions(&command)
}

fn check(text: &str) {
    let builder = Builder::new(FakeHost::new().host()).cache(false);
    if let Err(failure) = builder.open(Script::new("long.dsp", text, "/work")) {
        panic!("{failure}");
    }
}
