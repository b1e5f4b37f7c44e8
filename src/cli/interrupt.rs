//! Ctrl-C: what is under way stops at once, and what was answered by then is kept.

use tokio::sync::watch;

use super::screen::Screen;
use super::{Code, Stop};
use crate::host::shell;
use crate::session::Account;

/// Hears the first Ctrl-C; clones hear it as well.
#[derive(Clone, Debug)]
pub struct Interrupt(watch::Receiver<bool>);

impl Interrupt {
    /// Listens from now on. If the process still runs a moment after it was heard, it ends, and `farewell` is said.
    pub fn listen(farewell: impl FnOnce() + Send + 'static) -> Interrupt {
        let (tell, told) = watch::channel(false);
        let give_up = move || {
            farewell();
            Code::Interrupted as i32
        };
        let tell = move || {
            tell.send_replace(true);
        };
        shell::on_interrupt(tell, give_up);
        Interrupt(told)
    }

    /// Waits for it.
    pub async fn heard(&self) {
        if self.0.clone().wait_for(|heard| *heard).await.is_err() {
            // Nobody listens: the system ends the process.
            std::future::pending::<()>().await;
        }
    }

    pub fn is_heard(&self) -> bool {
        *self.0.borrow()
    }
}

/// Waits for Ctrl-C while a session is at work; the account is what it then says.
pub async fn until_interrupted(account: Account, screen: Screen) {
    let farewell = move || screen.err(&format!("{}\n", account.interrupted()));
    Interrupt::listen(farewell).heard().await;
}

/// What comes of a session's work, unless Ctrl-C ends it.
pub async fn unless_interrupted<T>(
    account: Account,
    screen: &Screen,
    work: impl Future<Output = Result<T, Stop>>,
) -> Result<T, Stop> {
    tokio::select! {
        result = work => result,
        () = until_interrupted(account.clone(), screen.clone()) => {
            screen.err(&format!("{}\n", account.interrupted()));
            Err(Stop::Code(Code::Interrupted))
        }
    }
}
