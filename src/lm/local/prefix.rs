//! The beginnings of texts that were read lately, in a tree of blocks: a text that begins like an earlier one goes on from
//! there. The oldest leave when there is no room. It is shared by all workers of a model.

use std::sync::{Arc, Mutex, PoisonError};

use super::sequence::{BLOCK, Block, Sequence};
use super::shape::Shape;

/// Bytes of keys and values that are kept beside those in use.
const ROOM: usize = 256 << 20;

pub(super) struct Prefixes {
    /// Blocks that may be kept.
    room: usize,
    tree: Mutex<Tree>,
}

#[derive(Default)]
struct Tree {
    nodes: Vec<Node>,
    clock: u64,
}

/// A block and those that followed it. Only a full block has followers.
struct Node {
    block: Arc<Block>,
    used: u64,
    next: Vec<Node>,
}

impl Prefixes {
    pub(super) fn new(shape: &Shape) -> Prefixes {
        let room = ROOM / Block::bytes(shape);
        Prefixes {
            room,
            tree: Mutex::default(),
        }
    }

    /// A sequence that holds as much of the beginning of `tokens` as is known, at most all but the last: the model has
    /// to read one to go on.
    pub(super) fn find(&self, tokens: &[u32]) -> Sequence {
        let known = &tokens[..tokens.len().saturating_sub(1)];
        let mut sequence = Sequence::default();
        let rest = {
            let mut tree = self.tree.lock().unwrap_or_else(PoisonError::into_inner);
            tree.clock += 1;
            let clock = tree.clock;
            tree.find(known, clock, &mut sequence.shared)
        };
        if let Some((block, common)) = rest {
            sequence.own.push(block.first(common));
        }
        sequence
    }

    /// Keeps the full blocks of a sequence.
    pub(super) fn keep(&self, sequence: &Sequence) {
        let mut tree = self.tree.lock().unwrap_or_else(PoisonError::into_inner);
        tree.clock += 1;
        let clock = tree.clock;
        tree.keep(&sequence.shared, clock);
        while count(&tree.nodes) > self.room {
            forget_oldest(&mut tree.nodes);
        }
    }

    /// Keeps all of a sequence that is done with.
    pub(super) fn keep_whole(&self, mut sequence: Sequence) {
        sequence.shared.extend(sequence.own.drain(..).map(Arc::new));
        self.keep(&sequence);
    }
}

impl Tree {
    /// Collects the full blocks that `tokens` begins with; the block that begins like the rest of them, and how far.
    fn find(&mut self, mut tokens: &[u32], clock: u64, found: &mut Vec<Arc<Block>>) -> Option<(Arc<Block>, usize)> {
        let mut nodes = &mut self.nodes;
        loop {
            let likest = nodes.iter_mut().map(|node| (common(&node.block.tokens, tokens), node));
            let (length, node) = likest.max_by_key(|(length, _)| *length)?;
            if length == 0 {
                return None;
            }
            node.used = clock;
            if length < BLOCK {
                return Some((node.block.clone(), length));
            }
            found.push(node.block.clone());
            tokens = &tokens[BLOCK..];
            nodes = &mut node.next;
        }
    }

    fn keep(&mut self, blocks: &[Arc<Block>], clock: u64) {
        let mut nodes = &mut self.nodes;
        for block in blocks {
            let known = nodes
                .iter()
                .position(|node| node.block.tokens.starts_with(&block.tokens));
            let index = known.unwrap_or_else(|| {
                // What was only begun is in the new block whole.
                nodes.retain(|node| !block.tokens.starts_with(&node.block.tokens));
                nodes.push(Node {
                    block: block.clone(),
                    used: clock,
                    next: Vec::new(),
                });
                nodes.len() - 1
            });
            nodes[index].used = clock;
            nodes = &mut nodes[index].next;
        }
    }
}

fn common(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

fn count(nodes: &[Node]) -> usize {
    nodes.iter().map(|node| 1 + count(&node.next)).sum()
}

/// Takes the leaf away that was not used for longest. A block is used whenever one that follows it is, so the oldest
/// branch leads to it.
fn forget_oldest(nodes: &mut Vec<Node>) {
    let oldest = nodes.iter().enumerate().min_by_key(|(_, node)| oldest(node));
    let Some(index) = oldest.map(|(index, _)| index) else {
        return;
    };
    if nodes[index].next.is_empty() {
        nodes.remove(index);
    } else {
        forget_oldest(&mut nodes[index].next);
    }
}

/// When the oldest leaf below was used.
fn oldest(node: &Node) -> u64 {
    node.next.iter().map(oldest).min().unwrap_or(node.used)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape() -> Shape {
        Shape {
            layers: 1,
            width: 16,
            feed: 16,
            heads: 1,
            kv_heads: 1,
            head: 16,
            vocabulary: 10,
            context: 1_000,
            epsilon: 1e-5,
            turns: vec![1.0; 8],
        }
    }

    fn read(tokens: &[u32]) -> Sequence {
        let mut sequence = Sequence::default();
        sequence.extend(&shape(), tokens);
        sequence.settle();
        sequence
    }

    #[test]
    fn the_longest_known_beginning_is_found_to_the_token() {
        let prefixes = Prefixes::new(&shape());
        let text: Vec<u32> = (0..100).collect();
        prefixes.keep_whole(read(&text));
        let branch: Vec<u32> = (0..70).chain(500..550).collect();
        prefixes.keep_whole(read(&branch));
        assert_eq!(prefixes.find(&text).len(), 99);
        assert_eq!(prefixes.find(&branch).len(), 119);
        assert_eq!(prefixes.find(&text[..50]).len(), 49);
        assert_eq!(prefixes.find(&[0, 1, 2, 700]).len(), 3);
        assert_eq!(prefixes.find(&[700, 1]).len(), 0);
        assert_eq!(prefixes.find(&[]).len(), 0);
    }

    #[test]
    fn what_was_used_longest_ago_leaves_first() {
        let prefixes = Prefixes {
            room: 4,
            ..Prefixes::new(&shape())
        };
        let text = |start: u32| (start..start + 64).collect::<Vec<u32>>();
        prefixes.keep_whole(read(&text(0)));
        prefixes.keep_whole(read(&text(1_000)));
        prefixes.find(&text(0));
        prefixes.keep_whole(read(&text(2_000)));
        assert_eq!(prefixes.find(&text(0)).len(), 63);
        assert_eq!(prefixes.find(&text(1_000)).len(), 0);
        assert_eq!(prefixes.find(&text(2_000)).len(), 63);
    }
}
