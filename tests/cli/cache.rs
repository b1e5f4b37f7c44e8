//! `dsp cache`.

use super::sandbox::Sandbox;

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
