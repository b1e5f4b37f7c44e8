//! The binary: arguments in, exit code out. Everything else is in the library.

fn main() -> dsp::cli::Exit {
    dsp::cli::main()
}
