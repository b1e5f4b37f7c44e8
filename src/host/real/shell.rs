//! What the binary asks of its own process: arguments, standard input, the working folder, the signal to stop, the exit
//! code, and what is said of a panic.

use std::future::{Future, poll_fn};
use std::io::Read;
use std::path::PathBuf;
use std::task::Poll;
use std::time::Duration;

use crate::host::{HostError, HostErrorKind, HostResult};

/// How long a run has to end by itself after Ctrl-C.
const PATIENCE: Duration = Duration::from_millis(500);

/// What `main` returns.
pub type Exit = std::process::ExitCode;

/// The arguments behind the program's name; what is not UTF-8 is read lossily.
pub fn arguments() -> Vec<String> {
    std::env::args_os()
        .skip(1)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect()
}

/// All of standard input.
pub fn standard_input() -> HostResult<Vec<u8>> {
    let mut content = Vec::new();
    std::io::stdin().read_to_end(&mut content).map_err(|error| {
        let words = super::files::system_words(&error);
        HostError::new(HostErrorKind::Io, format!("could not read the standard input: {words}"))
    })?;
    Ok(content)
}

/// The next line of standard input, without its end; none after the last.
pub fn standard_input_line() -> HostResult<Option<String>> {
    let mut line = String::new();
    let read = std::io::stdin().read_line(&mut line).map_err(|error| {
        let words = super::files::system_words(&error);
        HostError::new(HostErrorKind::Io, format!("could not read the standard input: {words}"))
    })?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok((read > 0).then(|| line.strip_suffix('\r').unwrap_or(line).to_owned()))
}

/// The folder that relative paths of the command line start at.
pub fn working_folder() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
}

/// Whether standard input is a terminal.
pub fn is_interactive() -> bool {
    std::io::IsTerminal::is_terminal(&std::io::stdin())
}

/// Calls `stop` on a thread of its own at the first Ctrl-C from now on. If the process still runs a moment later, since the
/// interpreter's thread is busy and heard nothing, it ends with what `give_up` says.
pub fn on_interrupt(stop: impl FnOnce() + Send + 'static, give_up: impl FnOnce() -> i32 + Send + 'static) {
    let (listens, listening) = std::sync::mpsc::channel();
    let watch = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        let Ok(runtime) = runtime else { return };
        let heard = runtime.block_on(async {
            let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
            let known = poll_fn(|cx| Poll::Ready(interrupt.as_mut().poll(cx))).await;
            drop(listens);
            match known {
                Poll::Ready(known) => known,
                Poll::Pending => interrupt.await,
            }
        });
        if heard.is_ok() {
            stop();
            std::thread::sleep(PATIENCE);
            std::process::exit(give_up());
        }
    };
    // Without this thread Ctrl-C still ends the process, only less politely.
    let _thread = std::thread::Builder::new()
        .name("dsp-interrupt".to_owned())
        .spawn(watch);
    // Until the thread listens, or is gone, Ctrl-C would end the process with nothing said.
    let _: Result<(), _> = listening.recv();
}

/// Waits for the next Ctrl-C.
pub async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// From now on the process ends, quietly, when nobody reads its standard output any more (`| head`).
pub fn end_unread() {
    super::terminal::end_unread();
}

/// From now on the process may have as many connections at a time as the system grants.
pub fn raise_descriptors() {
    super::descriptors::raise();
}

/// Turns a panic into a message that asks for a report.
pub fn explain_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|place| format!(" ({}:{})", place.file(), place.line()));
        let payload = panic.payload();
        let said = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let said = said
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let text = format!(
            "error: dsp itself failed: {said}{}\n  help: this is a fault of dsp, not of your script; please report it \
             with the script and this message\n",
            place.unwrap_or_default()
        );
        // Where even this cannot be said, there is nobody to hear it.
        let _unheard = super::terminal::print(crate::host::Stream::Err, &text);
    }));
}
