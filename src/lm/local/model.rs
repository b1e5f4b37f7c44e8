//! The architectures llama and qwen2: tokens in, the next token's scores out. One step takes pieces of several texts together, new
//! prompts and single tokens alike; what it finds for a text does not depend on the others.

use std::sync::Arc;

use super::attention::{Row, attend};
use super::embedding::Embedding;
use super::matrix::Matrix;
use super::sequence::{Part, Sequence};
use super::shape::Shape;
use super::simd::{dispatch, exp};
use super::{dense, product};

/// The weights of one layer.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) attention_norm: Vec<f32>,
    pub(super) query: Matrix,
    pub(super) key: Matrix,
    pub(super) value: Matrix,
    /// What is added to each; empty where nothing is.
    pub(super) query_bias: Vec<f32>,
    pub(super) key_bias: Vec<f32>,
    pub(super) value_bias: Vec<f32>,
    pub(super) output: Matrix,
    pub(super) feed_norm: Vec<f32>,
    pub(super) gate: Matrix,
    pub(super) up: Matrix,
    pub(super) down: Matrix,
}

/// A whole model.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) shape: Shape,
    pub(super) embedding: Embedding,
    pub(super) layers: Vec<Layer>,
    pub(super) norm: Vec<f32>,
    pub(super) output: Arc<Matrix>,
}

/// What one text brings to a step.
pub(super) struct Piece<'a> {
    pub(super) sequence: &'a mut Sequence,
    /// The tokens that follow what the sequence holds, at least one.
    pub(super) tokens: &'a [u32],
    /// After how many of the last of them scores are wanted.
    pub(super) scored: usize,
}

/// How a step multiplies with the weights. The two round differently, so which one a token gets must not depend on what
/// was read before or stands beside it: tokens that are given are read, those that follow the model's choice are written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Pass {
    /// Many tokens: f32 weights, by candle.
    Reading,
    /// Few: packed weights.
    Writing,
}

/// Room for a step's numbers, kept from step to step.
#[derive(Default)]
pub(super) struct Scratch {
    tile: Vec<f32>,
    normed: Vec<f32>,
    query: Vec<f32>,
    key: Vec<f32>,
    value: Vec<f32>,
    mixed: Vec<f32>,
    gate: Vec<f32>,
    up: Vec<f32>,
    added: Vec<f32>,
}

impl Pass {
    fn product(self, weights: &Matrix, rows: &mut Vec<f32>, out: &mut Vec<f32>, tile: &mut Vec<f32>) {
        match self {
            Pass::Reading => dense::product(weights, rows, out, tile),
            Pass::Writing => product::product(weights, rows, out),
        }
    }
}

/// Where the rows of a step stand.
struct Places {
    pass: Pass,
    /// The piece, and the position in its text.
    rows: Vec<(usize, usize)>,
    /// For each row, the cosine and sine by which each pair of numbers turns.
    turns: Vec<(f32, f32)>,
}

impl Model {
    /// Reads the pieces' tokens into their sequences; the scores that are wanted, in order, each as long as the
    /// vocabulary.
    pub(super) fn step(&self, pass: Pass, pieces: &mut [Piece], scratch: &mut Scratch) -> Vec<Vec<f32>> {
        let mut places = Vec::new();
        let mut state = Vec::new();
        for (index, piece) in pieces.iter_mut().enumerate() {
            let start = piece.sequence.len();
            places.extend((0..piece.tokens.len()).map(|offset| (index, start + offset)));
            piece.sequence.extend(&self.shape, piece.tokens);
            for token in piece.tokens {
                let at = state.len();
                state.resize(at + self.shape.width, 0.0);
                self.embedding.row(*token as usize, &mut state[at..]);
            }
        }
        let turns = self.turns(&places);
        let places = Places {
            pass,
            rows: places,
            turns,
        };
        for (index, layer) in self.layers.iter().enumerate() {
            self.attention(index, layer, &mut state, &places, pieces, scratch);
            self.feed(pass, layer, &mut state, scratch);
        }
        for piece in pieces.iter_mut() {
            piece.sequence.settle();
        }
        self.scores(pieces, &state, scratch)
    }

    fn attention(
        &self,
        index: usize,
        layer: &Layer,
        state: &mut [f32],
        places: &Places,
        pieces: &mut [Piece],
        scratch: &mut Scratch,
    ) {
        let shape = &self.shape;
        norm(state, &layer.attention_norm, shape.epsilon, &mut scratch.normed);
        for (weights, bias, out) in [
            (&layer.query, &layer.query_bias, &mut scratch.query),
            (&layer.key, &layer.key_bias, &mut scratch.key),
            (&layer.value, &layer.value_bias, &mut scratch.value),
        ] {
            places
                .pass
                .product(weights, &mut scratch.normed, out, &mut scratch.tile);
            shift(out, bias, weights.width());
        }
        turn(
            &mut scratch.query,
            layer.query.width(),
            shape.query_width(),
            shape,
            &places.turns,
        );
        turn(
            &mut scratch.key,
            layer.key.width(),
            shape.kv_width(),
            shape,
            &places.turns,
        );
        let keys = scratch.key.chunks_exact(layer.key.width());
        let values = scratch.value.chunks_exact(layer.value.width());
        for ((piece, position), (key, value)) in places.rows.iter().zip(keys.zip(values)) {
            let sequence = &mut pieces[*piece].sequence;
            sequence.write(shape, index, Part::Keys, *position, key);
            sequence.write(shape, index, Part::Values, *position, value);
        }
        let row = |(piece, position): &(usize, usize)| Row {
            sequence: pieces[*piece].sequence,
            position: *position,
        };
        let rows: Vec<Row> = places.rows.iter().map(row).collect();
        scratch.mixed.resize(rows.len() * shape.query_width(), 0.0);
        attend(shape, index, &rows, &scratch.query, &mut scratch.mixed);
        places
            .pass
            .product(&layer.output, &mut scratch.mixed, &mut scratch.added, &mut scratch.tile);
        add(state, &scratch.added, shape.width, layer.output.width());
    }

    fn feed(&self, pass: Pass, layer: &Layer, state: &mut [f32], scratch: &mut Scratch) {
        norm(state, &layer.feed_norm, self.shape.epsilon, &mut scratch.normed);
        pass.product(&layer.gate, &mut scratch.normed, &mut scratch.gate, &mut scratch.tile);
        pass.product(&layer.up, &mut scratch.normed, &mut scratch.up, &mut scratch.tile);
        gated(&mut scratch.gate, &scratch.up);
        pass.product(&layer.down, &mut scratch.gate, &mut scratch.added, &mut scratch.tile);
        add(state, &scratch.added, self.shape.width, layer.down.width());
    }

    fn scores(&self, pieces: &[Piece], state: &[f32], scratch: &mut Scratch) -> Vec<Vec<f32>> {
        let width = self.shape.width;
        let mut last = Vec::new();
        let mut end = 0;
        for piece in pieces {
            end += piece.tokens.len();
            last.extend_from_slice(&state[(end - piece.scored) * width..end * width]);
        }
        let head = &self.output;
        norm(&last, &self.norm, self.shape.epsilon, &mut scratch.normed);
        // One row of a text at most times: as many weights again are not worth unpacking.
        product::product(head, &scratch.normed, &mut scratch.added);
        let rows = scratch.added.chunks_exact(head.width());
        rows.map(|row| row[..self.shape.vocabulary].to_vec()).collect()
    }

    fn turns(&self, places: &[(usize, usize)]) -> Vec<(f32, f32)> {
        let angles = places.iter().flat_map(|(_, position)| {
            let turns = self.shape.turns.iter();
            turns.map(move |turn| *turn * *position as f64)
        });
        angles.map(|angle| (angle.cos() as f32, angle.sin() as f32)).collect()
    }
}

/// Adds the same numbers to each row, if there are any.
fn shift(rows: &mut [f32], bias: &[f32], stride: usize) {
    for row in rows.chunks_exact_mut(stride) {
        for (number, bias) in row.iter_mut().zip(bias) {
            *number += bias;
        }
    }
}

/// Rotary positions: the pairs stand side by side.
fn turn(rows: &mut [f32], stride: usize, used: usize, shape: &Shape, turns: &[(f32, f32)]) {
    let pairs = shape.turns.len();
    for (row, turns) in rows.chunks_exact_mut(stride).zip(turns.chunks_exact(pairs)) {
        for head in row[..used].chunks_exact_mut(shape.head) {
            for (pair, (cosine, sine)) in head.chunks_exact_mut(2).zip(turns) {
                let (x, y) = (pair[0], pair[1]);
                pair[0] = x * cosine - y * sine;
                pair[1] = x * sine + y * cosine;
            }
        }
    }
}

/// Each row over its root mean square, times `weight`.
fn norm(rows: &[f32], weight: &[f32], epsilon: f32, out: &mut Vec<f32>) {
    const LANES: usize = 16;
    out.clear();
    out.resize(rows.len(), 0.0);
    for (row, out) in rows.chunks_exact(weight.len()).zip(out.chunks_exact_mut(weight.len())) {
        // Sixteen sums beside each other, which one vector instruction can add to.
        let mut sums = [0f32; LANES];
        for part in row.as_chunks::<LANES>().0 {
            for (sum, number) in sums.iter_mut().zip(part) {
                *sum += number * number;
            }
        }
        let rest: f32 = row.as_chunks::<LANES>().1.iter().map(|number| number * number).sum();
        let mean = (sums.iter().sum::<f32>() + rest) / weight.len() as f32;
        let scale = 1.0 / (mean + epsilon).sqrt();
        for ((out, number), weight) in out.iter_mut().zip(row).zip(weight) {
            *out = number * scale * weight;
        }
    }
}

/// `silu(gate) × up`, into `gate`.
fn gated(gate: &mut [f32], up: &[f32]) {
    dispatch(
        #[inline(always)]
        || {
            for (gate, up) in gate.iter_mut().zip(up) {
                *gate = *gate / (1.0 + exp(-*gate)) * up;
            }
        },
    );
}

/// Adds rows that may be padded.
fn add(rows: &mut [f32], added: &[f32], width: usize, stride: usize) {
    for (row, added) in rows.chunks_exact_mut(width).zip(added.chunks_exact(stride)) {
        for (number, added) in row.iter_mut().zip(added) {
            *number += added;
        }
    }
}
