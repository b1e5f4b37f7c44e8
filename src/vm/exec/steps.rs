//! What the loop of the machine counts: steps, and what lists grew by.

use crate::value::{List, Value};

use super::super::memory::of_elements;

/// What the loop counts: steps in all, and until others have a look.
#[derive(Debug)]
pub struct Steps {
    pub left: u64,
    pub slice: u32,
    /// Bytes by which lists have grown.
    pub grown: u64,
}

impl Steps {
    pub fn new(left: u64) -> Steps {
        Steps {
            left,
            slice: SLICE,
            grown: 0,
        }
    }

    /// Pushes; a list that had to move has grown.
    pub fn push(&mut self, items: &mut List, item: Value) {
        let before = items.as_ptr();
        items.push(item);
        if items.as_ptr() != before {
            self.grown += of_elements(items.len() * 2);
        }
    }

    pub fn has_grown_much(&self) -> bool {
        const MUCH: u64 = 16 << 20;
        self.grown > MUCH
    }
}

pub const SLICE: u32 = 100_000;
