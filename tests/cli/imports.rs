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
