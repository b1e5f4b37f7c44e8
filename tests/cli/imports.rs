//! A file that is imported along several paths is one file.

use super::sandbox::Sandbox;

/// `s.dsp` imports two files that both import `deep/shared.dsp`, each in words of its own.
fn diamond(shared: &str) -> Sandbox {
    let sandbox = Sandbox::with(
        "import \"left.dsp\" (left)\nimport \"./deep/../right.dsp\" (right)\nimport \"deep/shared.dsp\" (mark)\n\
         print(left(), right(), mark)\n",
    );
    sandbox.put("deep/shared.dsp", shared);
    sandbox.put("left.dsp", "import \"./deep/shared.dsp\" (mark)\nfn left() { mark }\n");
    sandbox.put(
        "right.dsp",
        "import \"deep/../deep/./shared.dsp\" as shared\nfn right() { shared.mark }\n",
    );
    sandbox
}

/// Adds a line to `runs.txt` each time it runs.
const COUNTS: &str = "fn count() -> str {\n  let before = try { read_text(\"runs.txt\") } catch e { \"\" }\n  \
    write_text(\"runs.txt\", before + \"ran;\")\n  \"m\"\n}\nlet mark = count()\n";

#[test]
fn the_lets_of_a_file_imported_along_three_paths_run_once() {
    let sandbox = diamond(COUNTS);
    sandbox.run(&["run", "s.dsp"]).prints("m m m\n");
    let runs: Vec<String> = ["runs.txt", "deep/runs.txt"]
        .iter()
        .filter_map(|name| std::fs::read_to_string(sandbox.path().join(name)).ok())
        .collect();
    assert_eq!(runs, ["ran;"]);
}

#[test]
fn the_problems_of_a_file_imported_along_three_paths_are_told_once() {
    let sandbox = diamond("fn unused() { let a = 1 }\nlet mark: int = \"m\"\n");
    let ran = sandbox.run(&["check", "s.dsp"]);
    assert_eq!(ran.code, 2, "{ran:#?}");
    let said = ran.out + &ran.err;
    for code in ["W0103", "E0107"] {
        assert_eq!(said.matches(code).count(), 1, "{code} in {said}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_to_a_file_and_a_way_through_a_linked_folder_are_that_file() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::with(
        "import \"deep/shared.dsp\" (mark)\nimport \"link.dsp\" as link\nimport \"folder/shared.dsp\" as through\n\
         print(mark, link.mark, through.mark)\n",
    );
    sandbox.put("deep/shared.dsp", COUNTS);
    symlink("deep/shared.dsp", sandbox.path().join("link.dsp")).unwrap();
    symlink("deep", sandbox.path().join("folder")).unwrap();
    sandbox.run(&["run", "s.dsp"]).prints("m m m\n");
    assert_eq!(sandbox.text("deep/runs.txt"), "ran;");
    sandbox.put("deep/shared.dsp", "let mark: int = \"m\"\n");
    let ran = sandbox.run(&["check", "s.dsp"]);
    assert_eq!(ran.err.matches("E0107").count(), 1, "{}", ran.err);
}

/// `..` behind a link leads to where the link leads, so that two files of one spelling are two.
#[cfg(unix)]
#[test]
fn a_step_up_behind_a_link_leads_where_the_system_goes() {
    let sandbox = Sandbox::with(
        "import \"name.dsp\" as here\nimport \"link/../name.dsp\" as there\nprint(here.name, there.name)\n",
    );
    sandbox.put("name.dsp", "let name = \"here\"\n");
    sandbox.put("far/name.dsp", "let name = \"far\"\n");
    sandbox.put("far/deep/x.txt", "");
    std::os::unix::fs::symlink("far/deep", sandbox.path().join("link")).unwrap();
    sandbox.run(&["run", "s.dsp"]).prints("here far\n");
}

#[cfg(unix)]
#[test]
fn a_circle_through_a_link_is_a_circle() {
    let sandbox = Sandbox::with("import \"link.dsp\" as own\nlet a = 1\nprint(own.a)\n");
    std::os::unix::fs::symlink("s.dsp", sandbox.path().join("link.dsp")).unwrap();
    sandbox
        .run(&["run", "s.dsp"])
        .fails(2, &["error[E0120]", "s.dsp → s.dsp"]);
}
