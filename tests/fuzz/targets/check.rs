//! Any script through the whole check, with files that it may import and read; nothing of it runs.
#![no_main]

use std::cell::OnceCell;

use dsp::host::fake::FakeHost;
use dsp::session::{Builder, Script};
use libfuzzer_sys::fuzz_target;

thread_local! {
    static HOST: OnceCell<FakeHost> = const { OnceCell::new() };
}

fn host() -> FakeHost {
    let host = FakeHost::new();
    host.put("/work/rows.jsonl", "{\"question\": \"a\", \"n\": 1, \"tags\": [\"x\"]}\n{\"question\": \"b\", \"n\": null}\n");
    host.put("/work/tickets.jsonl", "{\"subject\": \"a\", \"body\": \"b\", \"urgency\": \"low\", \"category\": \"other\"}\n");
    host.put("/work/parts.dsp", "signature S { a: str -> b: int }\nfn half(n: int) -> float { n / 2 }\nlet three = 3\n");
    host
}

fuzz_target!(|text: &str| {
    HOST.with(|cell| {
        let host = cell.get_or_init(host).host();
        if let Err(failure) = Builder::new(host).open(Script::new("fuzz.dsp", text, "/work")) {
            failure.render(false);
        }
    });
});
