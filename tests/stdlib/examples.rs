//! Every `>>>` example of the library runs and comes out as it stands there.

use super::declarations::{functions, items};
use super::run;

#[test]
fn every_example_of_the_library_comes_out_as_it_says() {
    let items = items();
    let mut wrong = Vec::new();
    let mut count = 0;
    for function in functions(&items) {
        let Some(description) = &function.description else {
            continue;
        };
        count += description.node.matches(">>> ").count();
        let own = run::examples(&description.node).into_iter();
        wrong.extend(own.map(|problem| format!("`{}`: {problem}", function.name.node)));
    }
    println!("{count} examples of the library ran");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(count > 90, "only {count} examples");
}
