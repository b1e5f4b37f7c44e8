//! The sizes of a model, as its file states them.

/// A llama's sizes. Every one was checked when the file was read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) layers: usize,
    /// Numbers of a token between the layers.
    pub(super) width: usize,
    pub(super) feed: usize,
    pub(super) heads: usize,
    /// Heads of keys and values; several heads of queries share one.
    pub(super) kv_heads: usize,
    /// Numbers of a head.
    pub(super) head: usize,
    pub(super) vocabulary: usize,
    /// Most tokens of a text.
    pub(super) context: usize,
    pub(super) epsilon: f32,
    /// How fast each pair of a head's numbers turns with the position.
    pub(super) turns: Vec<f64>,
}

impl Shape {
    pub(super) fn kv_width(&self) -> usize {
        self.kv_heads * self.head
    }

    pub(super) fn query_width(&self) -> usize {
        self.heads * self.head
    }
}
