//! What the model remembers of a text: the keys and values of its tokens, in blocks. Full blocks are shared between
//! sequences that begin alike (`prefix`); the last ones, that still grow, are a sequence's own.

use std::sync::Arc;

use super::shape::Shape;

/// Tokens of a block.
pub(super) const BLOCK: usize = 32;

/// The keys and values of up to `BLOCK` tokens in all layers.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) tokens: Vec<u32>,
    /// For each layer, keys then values, for each head: of keys, for each of the head's numbers, that of each token; of
    /// values, for each token, its numbers.
    cells: Vec<f32>,
}

/// Which of the two.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Keys,
    Values,
}

impl Block {
    fn new(shape: &Shape) -> Block {
        Block {
            tokens: Vec::with_capacity(BLOCK),
            cells: vec![0.0; Block::cells(shape)],
        }
    }

    fn cells(shape: &Shape) -> usize {
        shape.layers * 2 * shape.kv_width() * BLOCK
    }

    /// What a block takes in memory.
    pub(super) fn bytes(shape: &Shape) -> usize {
        Block::cells(shape) * size_of::<f32>()
    }

    fn start(shape: &Shape, layer: usize, part: Part, head: usize) -> usize {
        ((layer * 2 + part as usize) * shape.kv_heads + head) * BLOCK * shape.head
    }

    /// The numbers of all its tokens.
    #[inline(always)]
    pub(super) fn part(&self, shape: &Shape, layer: usize, part: Part, head: usize) -> &[f32] {
        &self.cells[Block::start(shape, layer, part, head)..][..BLOCK * shape.head]
    }

    /// The same block with only its first tokens.
    pub(super) fn first(&self, tokens: usize) -> Block {
        // What is left of the others is written over before it is read.
        let mut block = self.clone();
        block.tokens.truncate(tokens);
        block
    }
}

/// A text as far as the model has read it.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// Full, and no longer written to.
    pub(super) shared: Vec<Arc<Block>>,
    pub(super) own: Vec<Block>,
}

impl Sequence {
    pub(super) fn len(&self) -> usize {
        self.shared.len() * BLOCK + self.own.iter().map(|block| block.tokens.len()).sum::<usize>()
    }

    pub(super) fn block(&self, index: usize) -> &Block {
        match self.shared.get(index) {
            Some(block) => block,
            None => &self.own[index - self.shared.len()],
        }
    }

    /// Makes room for more tokens, whose keys and values are written next.
    pub(super) fn extend(&mut self, shape: &Shape, tokens: &[u32]) {
        for token in tokens {
            if self.own.last().is_none_or(|block| block.tokens.len() == BLOCK) {
                self.own.push(Block::new(shape));
            }
            if let Some(block) = self.own.last_mut() {
                block.tokens.push(*token);
            }
        }
    }

    /// Writes the keys or values of the token at `position`, one of the sequence's own.
    pub(super) fn write(&mut self, shape: &Shape, layer: usize, part: Part, position: usize, numbers: &[f32]) {
        let block = &mut self.own[position / BLOCK - self.shared.len()];
        for (head, numbers) in numbers.chunks_exact(shape.head).take(shape.kv_heads).enumerate() {
            let cells = &mut block.cells[Block::start(shape, layer, part, head)..][..BLOCK * shape.head];
            match part {
                Part::Keys => {
                    for (cells, number) in cells.chunks_exact_mut(BLOCK).zip(numbers) {
                        cells[position % BLOCK] = *number;
                    }
                }
                Part::Values => cells[position % BLOCK * shape.head..][..shape.head].copy_from_slice(numbers),
            }
        }
    }

    /// The same text, to be gone on with in another way.
    pub(super) fn fork(&self) -> Sequence {
        Sequence {
            shared: self.shared.clone(),
            own: self.own.clone(),
        }
    }

    /// Forgets all but the first tokens.
    pub(super) fn truncate(&mut self, tokens: usize) {
        if tokens >= self.len() {
            return;
        }
        let (whole, rest) = (tokens / BLOCK, tokens % BLOCK);
        let cut = (rest > 0).then(|| self.block(whole).first(rest));
        self.own.truncate(whole.saturating_sub(self.shared.len()));
        self.shared.truncate(whole);
        self.own.extend(cut);
    }

    /// Gives the blocks that are full up for sharing.
    pub(super) fn settle(&mut self) {
        while self.own.first().is_some_and(|block| block.tokens.len() == BLOCK) {
            self.shared.push(Arc::new(self.own.remove(0)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_is_forgotten_and_nothing_else() {
        let shape = Shape {
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
        };
        let text: Vec<u32> = (0..100).collect();
        for (settled, tokens) in [
            (true, 70),
            (false, 70),
            (true, 96),
            (true, 97),
            (false, 32),
            (true, 0),
            (true, 200),
        ] {
            let mut sequence = Sequence::default();
            sequence.extend(&shape, &text);
            for position in 0..text.len() {
                sequence.write(&shape, 0, Part::Keys, position, &[position as f32; 16]);
            }
            if settled {
                sequence.settle();
            }
            sequence.truncate(tokens);
            assert_eq!(sequence.len(), tokens.min(100));
            for position in 0..sequence.len() {
                let block = sequence.block(position / BLOCK);
                assert_eq!(block.tokens[position % BLOCK], position as u32);
                let keys = block.part(&shape, 0, Part::Keys, 0);
                assert_eq!(keys[position % BLOCK], position as f32);
                assert_eq!(keys[15 * BLOCK + position % BLOCK], position as f32);
            }
        }
    }
}
