//! `dsp fmt`: what it writes, what it prints, what it leaves alone.

use super::sandbox::Sandbox;

const WRITTEN: &str = "let x=[1,2]\n\n\nprint( x ) # why\n";
const LAID_OUT: &str = "let x = [1, 2]\n\nprint(x)  # why\n";

#[test]
fn files_are_rewritten_and_named_if_that_changes_them() {
    let sandbox = Sandbox::with(WRITTEN);
    sandbox.put("same.dsp", LAID_OUT);
    let ran = sandbox.run(&["fmt", "same.dsp", "s.dsp"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "s.dsp\n", ""));
    assert_eq!(sandbox.text("s.dsp"), LAID_OUT);
    assert_eq!(sandbox.text("same.dsp"), LAID_OUT);
    let again = sandbox.run(&["fmt", "same.dsp", "s.dsp"]);
    assert_eq!((again.code, again.out.as_str()), (0, ""));
}

#[test]
fn check_shows_what_would_change_and_changes_nothing() {
    let sandbox = Sandbox::with(WRITTEN);
    sandbox.put("same.dsp", LAID_OUT);
    let ran = sandbox.run(&["fmt", "--check", "s.dsp", "same.dsp"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("s.dsp\n- let x=[1,2]\n"), "{}", ran.out);
    assert!(ran.out.contains("\n+ let x = [1, 2]\n"), "{}", ran.out);
    assert!(!ran.out.contains("same.dsp"), "{}", ran.out);
    assert_eq!(sandbox.text("s.dsp"), WRITTEN);
    let same = sandbox.run(&["fmt", "same.dsp", "--check"]);
    assert_eq!((same.code, same.out.as_str()), (0, ""));
}

#[test]
fn a_file_that_does_not_parse_is_left_alone_and_the_others_are_not() {
    let sandbox = Sandbox::with(WRITTEN);
    sandbox.put("broken.dsp", "let  x = \n");
    let ran = sandbox.run(&["fmt", "broken.dsp", "s.dsp"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, "s.dsp\n"));
    assert!(ran.err.contains("broken.dsp:1"), "{}", ran.err);
    assert_eq!(sandbox.text("broken.dsp"), "let  x = \n");
    assert_eq!(sandbox.run(&["fmt", "--check", "broken.dsp"]).code, 2);
    assert_eq!(sandbox.run(&["fmt", "missing.dsp"]).code, 2);
    assert_eq!(sandbox.run(&["fmt"]).code, 2);
}

#[test]
fn a_script_that_only_the_checker_refuses_is_laid_out() {
    let sandbox = Sandbox::with("print( unknown )\n");
    assert_eq!(sandbox.run(&["fmt", "s.dsp"]).code, 0);
    assert_eq!(sandbox.text("s.dsp"), "print(unknown)\n");
}

#[test]
fn the_standard_input_goes_to_the_standard_output() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run_with_input(&["fmt", "-"], WRITTEN);
    assert_eq!((ran.code, ran.out.as_str()), (0, LAID_OUT));
    let same = sandbox.run_with_input(&["fmt", "-"], LAID_OUT);
    assert_eq!((same.code, same.out.as_str()), (0, LAID_OUT));
    let check = sandbox.run_with_input(&["fmt", "--check", "-"], WRITTEN);
    assert_eq!(check.code, 1);
    assert!(check.out.contains("+ let x = [1, 2]"), "{}", check.out);
    let broken = sandbox.run_with_input(&["fmt", "-"], "let x = ");
    assert_eq!((broken.code, broken.out.as_str()), (2, ""));
    assert!(broken.err.contains("<stdin>"), "{}", broken.err);
}

#[test]
fn line_ends_of_windows_and_a_byte_order_mark_are_mended() {
    let sandbox = Sandbox::with("\u{FEFF}#!/usr/bin/env -S dsp run\r\nprint(1)\r\n");
    let ran = sandbox.run(&["fmt", "s.dsp"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, "s.dsp\n"));
    assert_eq!(sandbox.text("s.dsp"), "#!/usr/bin/env -S dsp run\nprint(1)\n");
}
