//! `cargo bench`: dsp beside what it is compared with, in one run. Prints one table; asserts nothing, for a test must
//! not depend on the clock. `cargo bench -- calls` runs the sections whose names contain a word.

#![allow(clippy::print_stdout, reason = "the table is what a benchmark is for")]

mod cache;
mod calls;
mod check;
mod generated;
mod goldens;
mod language;
mod layout;
mod load;
mod local;
mod measure;
mod mock;
mod replies;
mod search;
mod start;

use measure::Table;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    if words.first().is_some_and(|word| word == calls::BARE) {
        return calls::bare_loop(&words[1..]);
    }
    if words.first().is_some_and(|word| word == local::PART) {
        return local::run_part(&words[1..]);
    }
    let wanted = |name: &str| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()));
    let mut table = Table::default();
    // The first section measures memory as the peak over all children so far, so it comes before bigger ones.
    if wanted("start") {
        start::one_line_script(&mut table);
    }
    if wanted("language") {
        language::beside_cpython(&mut table);
    }
    if wanted("check") {
        check::beside_pest(&mut table);
    }
    if wanted("calls") {
        calls::sequential(&mut table);
    }
    if wanted("rows") {
        calls::rows_in_flight(&mut table);
    }
    if wanted("load") {
        load::ten_thousand_in_flight(&mut table);
    }
    if wanted("memory") {
        load::rows_in_a_window(&mut table);
    }
    if wanted("cache") {
        cache::beside_dspy(&mut table);
    }
    if wanted("overlap") {
        calls::two_in_one_forward(&mut table);
    }
    if wanted("goldens") {
        goldens::thousand_files(&mut table);
    }
    if wanted("repl") {
        start::first_prompt(&mut table);
    }
    if wanted("fmt") {
        layout::formatted(&mut table);
    }
    if wanted("search") {
        search::random_search(&mut table);
    }
    if wanted("evaluate") {
        search::evaluated_rows(&mut table);
    }
    if wanted("mipro") {
        search::proposed(&mut table);
    }
    if wanted("local") {
        local::measured(&mut table);
    }
    if wanted("replies") {
        replies::beside_dspy(&mut table);
    }
    table.print();
}
