//! The binary: arguments in, exit code out. Everything else is in the library.

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> dsp::cli::Exit {
    dsp::cli::main()
}
