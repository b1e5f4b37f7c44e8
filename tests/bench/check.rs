//! `check` of 15,000 lines beside the grammar alone on the same text, and beside `check` of ten times as much; in this
//! process, by CPU time.

use dsp::host::fake::FakeHost;
use dsp::session::{Builder, Script};
use dsp::syntax::parse::LaidOut;

use crate::generated::declarations;
use crate::measure::{Table, least, own_cpu};

pub fn beside_pest(table: &mut Table) {
    let (text, long) = (declarations(15_000), declarations(150_000));
    let laid_out = LaidOut::new(&text);
    let (mut checks, mut pest) = (Vec::new(), Vec::new());
    for _ in 0..20 {
        checks.push(own_cpu(|| check(&text)));
        pest.push(own_cpu(|| assert!(laid_out.is_read_by_the_grammar())));
    }
    table.compare("check: 15,000 lines, pest alone", least, &checks, &pest, 4.0);
    let longs: Vec<f64> = (0..5).map(|_| own_cpu(|| check(&long))).collect();
    table.compare("check: 150,000 lines, 15,000 lines", least, &longs, &checks, 11.0);
}

fn check(text: &str) {
    let builder = Builder::new(FakeHost::new().host()).cache(false);
    if let Err(failure) = builder.open(Script::new("long.dsp", text, "/work")) {
        panic!("{failure}");
    }
}
