//! The order of a program: what was started, in the order in which it stands. Output and history are handed on in
//! this order, effects wait their turn in it, and of several failures the first in it counts.
//!
//! A node is a call that goes on by itself: a fiber that was set aside, or a model call. Its items are what it does, in
//! program order, among them the calls that it starts.

mod handed;
mod open;
mod turn;

use std::collections::VecDeque;

use super::spans::Over;
use crate::host::Stream;
use crate::trace::{Call, Query};
use crate::value::Promise;

use open::Open;
pub use turn::Turn;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

/// What a call may do that later ones wait for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nature {
    /// May have an effect: later effects wait for it.
    pub effect: bool,
    /// May take answers of a scripted model: later scripted calls wait for it.
    pub scripted: bool,
    /// The comprehension whose element it is, or `MODELS`.
    pub group: Option<u64>,
}

/// The calls of models that are functions. Like elements of a comprehension they wait at the same time: what a model takes
/// is no effect of the script's.
pub const MODELS: u64 = u64::MAX;

/// Something to hand on when all before it is done.
#[derive(Debug)]
pub enum Piece {
    Text(Stream, String),
    Answered(Box<Call>),
    Asked(Box<Query>),
    /// A span that is over when all before it is.
    Over(Box<Over>),
}

#[derive(Debug)]
enum Item {
    Piece(Piece),
    Child(NodeId),
    /// A value that is checked when it is there: only its place counts.
    Check,
}

#[derive(Debug)]
struct Node {
    parent: Option<NodeId>,
    /// Among whose items it stands: the parent, unless it was deferred.
    holder: Option<NodeId>,
    /// Calls that are handed on when they are put back, or at the end.
    deferred: Vec<NodeId>,
    /// Its place among the parent's items.
    place: u64,
    nature: Nature,
    items: VecDeque<Item>,
    /// The place of the first of `items`; those before it were handed on.
    first: u64,
    /// Calls that are not done, by place.
    open: Open,
    /// How many calls it has started in all.
    started: u64,
    /// Whether a call that may have an effect stands before its end.
    effects: bool,
    /// Its own work is done; it is done when its calls are, too.
    ended: bool,
    waiting: Vec<Waiter>,
}

/// Who goes on when a node is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiter {
    Fiber(usize),
    Task(usize),
}

/// A point in the program's order: behind everything that the node has done so far.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    node: NodeId,
    place: u64,
    started: u64,
    deferred: usize,
}

impl Mark {
    pub fn place(self) -> u64 {
        self.place
    }
}

/// Where something stands: the places from the root down. They compare in program order.
pub type Path = Vec<u64>;

#[derive(Debug)]
pub struct Tree {
    #[expect(
        clippy::vec_box,
        reason = "with thousands under way, one piece that grows would be copied into ever larger ones"
    )]
    nodes: Vec<Box<Node>>,
    free: Vec<NodeId>,
    /// Where handing on has come to.
    cursor: NodeId,
    /// Calls that failed, and checks that may: unless somebody looks, the end of their `try` raises the error.
    loose: Vec<(Path, Promise)>,
    /// How many loose ends there may be before those that came to nothing are dropped.
    roomy: usize,
}

pub const ROOT: NodeId = NodeId(0);

const ROOMY: usize = 256;

impl Tree {
    pub fn new() -> Tree {
        let root = Node::new(
            None,
            0,
            Nature {
                effect: true,
                scripted: true,
                group: None,
            },
        );
        Tree {
            nodes: vec![Box::new(root)],
            free: Vec::new(),
            cursor: ROOT,
            loose: Vec::new(),
            roomy: ROOMY,
        }
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id.0 as usize]
    }

    /// A call that `parent` starts now.
    pub fn start(&mut self, parent: NodeId, nature: Nature) -> NodeId {
        let place = self.node(parent).next_place();
        let mut node = Node::new(Some(parent), place, nature);
        node.effects = self.node(parent).effects;
        let id = match self.free.pop() {
            Some(id) => {
                *self.nodes[id.0 as usize] = node;
                id
            }
            None => {
                self.nodes.push(Box::new(node));
                NodeId(u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX))
            }
        };
        let parent = self.node_mut(parent);
        // Most start one call alone.
        if parent.items.capacity() == 0 {
            parent.items.reserve_exact(1);
        }
        parent.items.push_back(Item::Child(id));
        parent.open.insert(place, id);
        parent.started += 1;
        parent.effects |= nature.effect;
        id
    }

    pub fn push(&mut self, node: NodeId, piece: Piece) {
        let items = &mut self.node_mut(node).items;
        if let (Some(Item::Piece(Piece::Text(stream, text))), Piece::Text(next, more)) = (items.back_mut(), &piece)
            && stream == next
        {
            text.push_str(more);
            return;
        }
        items.push_back(Item::Piece(piece));
    }

    /// A call in `node` that is not done.
    pub fn open_in(&self, node: NodeId) -> Option<NodeId> {
        self.node(node).open.last()
    }

    /// Where the first call in `node` stands that is not done, itself included: all before it is.
    pub fn first_open(&self, node: NodeId) -> Option<Path> {
        let mut first = node;
        while let Some(open) = self.node(first).open.first() {
            first = open;
        }
        (first != node || !self.node(node).ended).then(|| self.path(first))
    }

    /// What `node` hands on comes behind what `holder` has done, from when it is put back or `holder` is at its end.
    pub fn defer(&mut self, node: NodeId, holder: NodeId) {
        let first = self.node(node).holder;
        let Some(first) = first else { return };
        let mut current = Some(self.cursor);
        while let Some(id) = current.filter(|id| *id != node) {
            current = self.node(id).holder;
        }
        if current.is_some() {
            self.cursor = first;
        }
        let items = self.node_mut(first).items.iter_mut();
        for item in items.filter(|item| matches!(item, Item::Child(child) if *child == node)) {
            *item = Item::Check;
        }
        self.node_mut(node).holder = Some(holder);
        self.node_mut(holder).deferred.push(node);
    }

    /// What was deferred is handed on here.
    pub fn put_back(&mut self, node: NodeId, holder: NodeId) {
        let here = self.node_mut(holder);
        if here.deferred.contains(&node) {
            here.deferred.retain(|deferred| *deferred != node);
            here.items.push_back(Item::Child(node));
        }
    }

    /// The same for all that was deferred since the mark: an error has left what it was deferred for.
    pub fn put_back_since(&mut self, mark: Mark) {
        let here = self.node_mut(mark.node);
        let since = here.deferred.drain(mark.deferred.min(here.deferred.len())..);
        here.items.extend(since.map(Item::Child));
    }

    /// A call's own work is done. Yields who waited for it, or for those that are done with it.
    pub fn end(&mut self, node: NodeId) -> Vec<Waiter> {
        self.node_mut(node).ended = true;
        // Whoever waited for this call's own work waits now, if at all, for one that it has started.
        let mut woken = std::mem::take(&mut self.node_mut(node).waiting);
        let mut current = node;
        while self.node(current).is_done() {
            woken.append(&mut self.node_mut(current).waiting);
            let Some(parent) = self.node(current).parent else { break };
            let place = self.node(current).place;
            self.node_mut(parent).open.remove(place);
            current = parent;
        }
        woken
    }

    /// A call failed; unless somebody looks at its promise, the end of its `try` raises the error.
    pub fn failed(&mut self, node: NodeId, promise: Promise) {
        let path = self.path(node);
        self.loose.push((path, promise));
    }

    /// A value that may turn out not to be what it must be; `is_over` says of one that it never will.
    pub fn check(&mut self, node: NodeId, promise: Promise, is_over: impl Fn(&Promise) -> bool) {
        if self.loose.len() >= self.roomy {
            self.loose.retain(|(_, promise)| !is_over(promise));
            self.roomy = ROOMY.max(self.loose.len() * 2);
        }
        let mut path = self.path(node);
        path.push(self.node(node).next_place());
        self.node_mut(node).items.push_back(Item::Check);
        self.loose.push((path, promise));
    }

    pub fn wait(&mut self, node: NodeId, waiter: Waiter) {
        self.node_mut(node).waiting.push(waiter);
    }

    pub fn mark(&self, node: NodeId) -> Mark {
        Mark {
            node,
            place: self.node(node).next_place(),
            started: self.node(node).started,
            deferred: self.node(node).deferred.len(),
        }
    }

    /// Whether any call was started between the mark and the end of `node`.
    pub fn started_since(&self, mark: Mark, node: NodeId) -> bool {
        node != mark.node || self.node(node).started > mark.started
    }

    /// Whether any call stands before the end of `node`.
    pub fn started_before(&self, node: NodeId) -> bool {
        node != ROOT || self.node(node).started > 0
    }

    /// Whether a call that may have an effect stands before the end of `node`, done or not.
    pub fn effects_before(&self, node: NodeId) -> bool {
        self.node(node).effects
    }

    /// A call between the mark and the end of `node` that is not done.
    pub fn open_since(&self, mark: Mark, node: NodeId) -> Option<NodeId> {
        let (mut node, mut end) = (node, u64::MAX);
        loop {
            let start = if node == mark.node { mark.place } else { 0 };
            if let Some(open) = self.node(node).open.between(start, end).next_back() {
                return Some(open);
            }
            if node == mark.node {
                return None;
            }
            end = self.node(node).place;
            node = self.node(node).parent?;
        }
    }

    /// The failures and checks since the mark, in program order. They are forgotten.
    pub fn take_loose(&mut self, mark: Mark, node: NodeId) -> Vec<Promise> {
        if self.loose.is_empty() {
            return Vec::new();
        }
        let mut from = self.path(mark.node);
        from.push(mark.place);
        let mut to = self.path(node);
        to.push(self.node(node).next_place());
        let mut inside: Vec<(Path, Promise)> = Vec::new();
        self.loose.retain(|(path, promise)| {
            let within = *path >= from && *path < to;
            if within {
                inside.push((path.clone(), promise.clone()));
            }
            !within
        });
        inside.sort_by(|(a, _), (b, _)| a.cmp(b));
        inside.into_iter().map(|(_, promise)| promise).collect()
    }

    /// Where a call stands.
    pub fn path(&self, node: NodeId) -> Path {
        let mut path = Vec::new();
        let mut current = node;
        while let Some(parent) = self.node(current).parent {
            path.push(self.node(current).place);
            current = parent;
        }
        path.reverse();
        path
    }

    /// Bytes of the texts that wait for their turn.
    pub fn pending(&self) -> u64 {
        let items = self.nodes.iter().flat_map(|node| &node.items);
        let texts = items.map(|item| match item {
            Item::Piece(Piece::Text(_, text)) => text.len() as u64,
            _ => 0,
        });
        texts.sum()
    }

    pub fn is_done(&self, node: NodeId) -> bool {
        self.node(node).is_done()
    }
}

impl Node {
    fn new(parent: Option<NodeId>, place: u64, nature: Nature) -> Node {
        Node {
            parent,
            holder: parent,
            deferred: Vec::new(),
            place,
            nature,
            items: VecDeque::new(),
            first: 0,
            open: Open::default(),
            started: 0,
            effects: false,
            ended: false,
            waiting: Vec::new(),
        }
    }

    fn next_place(&self) -> u64 {
        self.first + self.items.len() as u64
    }

    fn is_done(&self) -> bool {
        self.ended && self.open.is_empty()
    }
}
