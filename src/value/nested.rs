//! Letting go of values that are nested deeper than Rust's stack: what lies far down is dropped after what lies above.

use std::any::Any;
use std::cell::{Cell, RefCell};

/// From here on parts wait until those above them are gone.
const DEEP: u32 = 64;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static LATER: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Drops what a container held.
pub(super) fn let_go<T: 'static>(part: T) {
    let depth = DEPTH.try_with(Cell::get).unwrap_or_default();
    if depth >= DEEP {
        let mut part = Some(part);
        let _ = LATER.try_with(|later| {
            later
                .borrow_mut()
                .extend(part.take().map(|part| Box::new(part) as Box<dyn Any>))
        });
        return;
    }
    let _ = DEPTH.try_with(|cell| cell.set(depth + 1));
    drop(part);
    if depth == 0 {
        while let Some(part) = next() {
            drop(part);
        }
    }
    let _ = DEPTH.try_with(|cell| cell.set(depth));
}

fn next() -> Option<Box<dyn Any>> {
    LATER.try_with(|later| later.borrow_mut().pop()).ok().flatten()
}
