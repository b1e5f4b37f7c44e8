//! A program that is spoken with, played by a function.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{FakeHost, Speaker};
use crate::host::{BoxFuture, Host, HostResult, Peer};

/// Nobody waits so long: a program that says nothing is found out by somebody's patience.
const SILENCE: Duration = Duration::from_secs(24 * 3600);

pub(super) struct FakePeer {
    pub host: FakeHost,
    pub speaker: Speaker,
    pub lines: Mutex<VecDeque<String>>,
}

impl FakePeer {
    fn next(&self) -> Option<String> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

impl Peer for FakePeer {
    fn say(&self, line: String) -> BoxFuture<'_, HostResult<()>> {
        let said = (self.speaker)(&line);
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).extend(said);
        Box::pin(std::future::ready(Ok(())))
    }

    fn hear(&self) -> BoxFuture<'_, HostResult<String>> {
        Box::pin(async {
            loop {
                match self.next() {
                    Some(line) => return Ok(line),
                    None => self.host.sleep(SILENCE).await,
                }
            }
        })
    }
}
