//! What a run hands on: output, and what was asked and answered, in program order.

use super::super::tree::Piece;
use super::Run;
use crate::host::Stream;
use crate::trace::History;

impl Run<'_> {
    /// Hands on what is certain: output, and answers to the history.
    pub fn flush(&mut self) {
        let parts = &self.machine.parts;
        let dry = self.captured.is_some();
        self.tree.flush(|piece| match piece {
            Piece::Text(Stream::Out, _) if dry => {}
            // A reader that went away is no reason to stop.
            Piece::Text(stream, text) => drop(parts.host.print_shown(stream, &text)),
            piece => note(piece, &parts.history),
        });
    }
}

fn note(piece: Piece, history: &History) {
    match piece {
        Piece::Text(..) => {}
        Piece::Answered(call) => history.record(call),
        Piece::Asked(query) => history.note(&query),
        Piece::Over(over) => over.tell(history),
    }
}

/// A run that is given up in the middle: what was answered and is over counts, whatever was to come before it.
impl Drop for Run<'_> {
    fn drop(&mut self) {
        let parts = &self.machine.parts;
        self.tree.spill(|piece| note(piece, &parts.history));
        parts.history.interrupt(parts.host.now());
    }
}
