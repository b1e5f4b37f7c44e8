//! Attention: what each token takes from those before it. Like a product, a row's result does not depend on the rows
//! beside it, nor on which blocks are shared.

use pulp::{Simd, WithSimd};

use super::sequence::{BLOCK, Part, Sequence};
use super::shape::Shape;
use super::simd::{dispatch, exp};

/// One row of a step: the token at `position` of a sequence.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) sequence: &'a Sequence,
    pub(super) position: usize,
}

/// For each row, the queries of its heads (a row of `queries`) against the keys up to its position; writes `out`, a
/// row of `shape.query_width()` numbers for each.
pub(super) fn attend(shape: &Shape, layer: usize, rows: &[Row], queries: &[f32], out: &mut [f32]) {
    dispatch(Attend {
        shape,
        layer,
        rows,
        queries,
        out,
    });
}

struct Attend<'a> {
    shape: &'a Shape,
    layer: usize,
    rows: &'a [Row<'a>],
    queries: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let shape = self.shape;
        let stride = self.queries.len() / self.rows.len();
        let mut scores = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            let queries = &self.queries[index * stride..][..shape.query_width()];
            let out = &mut self.out[index * shape.query_width()..][..shape.query_width()];
            let heads = queries.chunks_exact(shape.head).zip(out.chunks_exact_mut(shape.head));
            for (head, (query, out)) in heads.enumerate() {
                let from = Source {
                    shape,
                    layer: self.layer,
                    head: head * shape.kv_heads / shape.heads,
                    row: *row,
                };
                from.scores(simd, query, &mut scores);
                weights(&mut scores);
                from.mix(simd, &scores, out);
            }
        }
    }
}

/// The keys and values that one head of one row looks at.
struct Source<'a> {
    shape: &'a Shape,
    layer: usize,
    head: usize,
    row: Row<'a>,
}

impl Source<'_> {
    /// How well the query fits the key of each token.
    #[inline(always)]
    fn scores<S: Simd>(&self, simd: S, query: &[f32], scores: &mut Vec<f32>) {
        let (query, _) = S::as_simd_f32s(query);
        let scale = 1.0 / (self.shape.head as f32).sqrt();
        scores.clear();
        for start in (0..=self.row.position).step_by(BLOCK) {
            let keys = self.numbers(start / BLOCK, Part::Keys);
            let seen = (self.row.position + 1 - start).min(BLOCK);
            for key in keys.chunks_exact(self.shape.head).take(seen) {
                let (key, _) = S::as_simd_f32s(key);
                let mut sums = [simd.splat_f32s(0.0); 2];
                for (query, key) in query.chunks_exact(2).zip(key.chunks_exact(2)) {
                    sums[0] = simd.mul_add_e_f32s(query[0], key[0], sums[0]);
                    sums[1] = simd.mul_add_e_f32s(query[1], key[1], sums[1]);
                }
                scores.push(simd.reduce_sum_f32s(simd.add_f32s(sums[0], sums[1])) * scale);
            }
        }
    }

    /// The mean of the tokens' values, weighted.
    #[inline(always)]
    fn mix<S: Simd>(&self, simd: S, weights: &[f32], out: &mut [f32]) {
        let registers = out.len() / S::F32_LANES;
        let mut first = 0;
        while first + 8 <= registers {
            self.sums::<S, 8>(simd, weights, out, first);
            first += 8;
        }
        while first < registers {
            self.sums::<S, 1>(simd, weights, out, first);
            first += 1;
        }
    }

    /// `N` registers of the mean, from the `first` on.
    #[inline(always)]
    fn sums<S: Simd, const N: usize>(&self, simd: S, weights: &[f32], out: &mut [f32], first: usize) {
        let mut sums = [simd.splat_f32s(0.0); N];
        for (index, weights) in weights.chunks(BLOCK).enumerate() {
            let values = self.numbers(index, Part::Values);
            for (weight, value) in weights.iter().zip(values.chunks_exact(self.shape.head)) {
                let (value, _) = S::as_simd_f32s(value);
                let weight = simd.splat_f32s(*weight);
                for (sum, value) in sums.iter_mut().zip(&value[first..first + N]) {
                    *sum = simd.mul_add_e_f32s(weight, *value, *sum);
                }
            }
        }
        let (out, _) = S::as_mut_simd_f32s(out);
        out[first..first + N].copy_from_slice(&sums);
    }

    #[inline(always)]
    fn numbers(&self, block: usize, part: Part) -> &[f32] {
        self.row
            .sequence
            .block(block)
            .part(self.shape, self.layer, part, self.head)
    }
}

/// Scores become weights that add up to 1.
#[inline(always)]
fn weights(scores: &mut [f32]) {
    /// Sums beside each other, which one vector instruction can add to.
    const LANES: usize = 8;
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for score in scores.iter_mut() {
        *score = exp(*score - largest);
    }
    let (lanes, rest) = scores.as_chunks::<LANES>();
    let mut sums = [0f32; LANES];
    for lanes in lanes {
        for (sum, score) in sums.iter_mut().zip(lanes) {
            *sum += score;
        }
    }
    let whole = 1.0 / (sums.iter().sum::<f32>() + rest.iter().sum::<f32>());
    for score in scores.iter_mut() {
        *score *= whole;
    }
}
