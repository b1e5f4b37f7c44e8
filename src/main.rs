//! The binary: arguments in, exit code out. Everything else is in the library.

#[global_allocator]
static ALLOCATOR: dsp::cli::Allocator = dsp::cli::Allocator;

fn main() -> dsp::cli::Exit {
    dsp::cli::main()
}
