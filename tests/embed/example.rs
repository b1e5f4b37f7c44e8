//! The example of the folder `examples`.

use dsp::value::Value;

#[allow(dead_code)]
#[path = "../../examples/host.rs"]
mod host;

#[test]
fn the_example_answers() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let answer = runtime.unwrap().block_on(host::answer("how do I reset"));
    assert_eq!(answer.unwrap(), (Value::str("Hold it."), 1));
}
