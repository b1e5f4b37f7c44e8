//! What a tree hands on: the effects of its calls, in program order.

use super::{Item, Piece, ROOT, Tree};

impl Tree {
    /// Hands on, in program order, everything that there is, whatever is still to come before it: the run is given up.
    pub fn spill(&mut self, mut sink: impl FnMut(Piece)) {
        let mut rest = vec![Item::Child(ROOT)];
        while let Some(item) = rest.pop() {
            match item {
                Item::Piece(piece) => sink(piece),
                Item::Check => {}
                Item::Child(child) => {
                    let node = self.node_mut(child);
                    let deferred = std::mem::take(&mut node.deferred);
                    rest.extend(deferred.into_iter().map(Item::Child).rev());
                    rest.extend(std::mem::take(&mut node.items).into_iter().rev());
                }
            }
        }
    }

    /// Hands on, in program order, everything that nothing before it can still precede.
    pub fn flush(&mut self, mut sink: impl FnMut(Piece)) {
        loop {
            let cursor = self.cursor;
            let node = self.node_mut(cursor);
            match node.items.front() {
                Some(Item::Piece(_)) => {
                    node.first += 1;
                    if let Some(Item::Piece(piece)) = node.items.pop_front() {
                        sink(piece);
                    }
                }
                Some(Item::Check) => {
                    node.first += 1;
                    node.items.pop_front();
                }
                Some(Item::Child(child)) => self.cursor = *child,
                None if node.is_done() && !node.deferred.is_empty() => {
                    let deferred = std::mem::take(&mut node.deferred);
                    node.items.extend(deferred.into_iter().map(Item::Child));
                }
                None if node.is_done() => {
                    let Some(holder) = node.holder else { return };
                    let holder_node = self.node_mut(holder);
                    holder_node.items.pop_front();
                    holder_node.first += 1;
                    self.free.push(cursor);
                    self.cursor = holder;
                }
                None => return,
            }
        }
    }
}
