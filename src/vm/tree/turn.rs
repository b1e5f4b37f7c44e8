//! Turns: what an effect, a scripted call or the end of a `try` waits for.

use super::{NodeId, Tree};

/// What an effect waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Calls that may have an effect.
    Effect,
    /// The same, but for earlier elements of the comprehensions that it is in.
    Overlapping,
    /// Calls that may ask a scripted model.
    Scripted,
    /// All calls.
    Settled,
}

impl Tree {
    /// The comprehension that a call is in, the innermost of several.
    pub fn group(&self, node: NodeId) -> Option<u64> {
        let mut current = Some(node);
        while let Some(id) = current {
            let node = self.node(id);
            if node.nature.group.is_some() {
                return node.nature.group;
            }
            current = node.parent;
        }
        None
    }

    /// The nearest call before the end of `node` that must be done first.
    pub fn before(&self, node: NodeId, turn: Turn) -> Option<NodeId> {
        let (mut node, mut end, mut group) = (node, u64::MAX, None);
        loop {
            let mut earlier = self.node(node).open.between(0, end).rev();
            if let Some(blocking) = earlier.find_map(|open| self.blocking(open, turn, group)) {
                return Some(blocking);
            }
            end = self.node(node).place;
            group = self.node(node).nature.group;
            node = self.node(node).parent?;
        }
    }

    /// A call whose own work is done counts for what it has started.
    fn blocking(&self, open: NodeId, turn: Turn, group: Option<u64>) -> Option<NodeId> {
        if turn == Turn::Overlapping && group.is_some() && self.node(open).nature.group == group {
            return None;
        }
        let mut rest = vec![open];
        while let Some(id) = rest.pop() {
            let node = self.node(id);
            // Another element of the same comprehension, with all that it started.
            if turn == Turn::Overlapping && group.is_some() && node.nature.group == group {
                continue;
            }
            if node.ended {
                rest.extend(node.open.between(0, u64::MAX));
                continue;
            }
            let blocks = match turn {
                Turn::Effect | Turn::Overlapping => node.nature.effect,
                Turn::Scripted => node.nature.scripted,
                Turn::Settled => true,
            };
            if blocks {
                return Some(id);
            }
        }
        None
    }
}
