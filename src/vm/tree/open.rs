//! The calls of a node that are not done, by their places. They begin in the order of these, and end in any; most nodes
//! have one at a time, some thousands.

use std::collections::VecDeque;

use super::NodeId;

#[derive(Debug, Default)]
pub(super) struct Open(VecDeque<(u64, NodeId)>);

impl Open {
    /// One that begins now: behind all others.
    pub(super) fn insert(&mut self, place: u64, id: NodeId) {
        if self.0.capacity() == 0 {
            self.0.reserve_exact(1);
        }
        self.0.push_back((place, id));
    }

    pub(super) fn remove(&mut self, place: u64) {
        if let Ok(at) = self.0.binary_search_by_key(&place, |(place, _)| *place) {
            self.0.remove(at);
        }
    }

    pub(super) fn first(&self) -> Option<NodeId> {
        self.0.front().map(|(_, id)| *id)
    }

    pub(super) fn last(&self) -> Option<NodeId> {
        self.0.back().map(|(_, id)| *id)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those from a place up to another, in their order.
    pub(super) fn between(&self, start: u64, end: u64) -> impl DoubleEndedIterator<Item = NodeId> {
        let at = |bound: u64| self.0.partition_point(|(place, _)| *place < bound);
        self.0.range(at(start)..at(end).max(at(start))).map(|(_, id)| *id)
    }
}
