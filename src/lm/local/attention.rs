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
    /// How well the query fits the key of each token. A block has its keys number by number, so that no sum runs across a
    /// register.
    #[inline(always)]
    fn scores<S: Simd>(&self, simd: S, query: &[f32], scores: &mut Vec<f32>) {
        let scale = 1.0 / (self.shape.head as f32).sqrt();
        scores.clear();
        for start in (0..=self.row.position).step_by(BLOCK) {
            let mut sums = [[0f32; BLOCK]; 2];
            let keys = self.numbers(start / BLOCK, Part::Keys);
            if S::F32_LANES == 16 {
                fits::<S, 2>(simd, query, keys, &mut sums);
            } else {
                fits::<S, 4>(simd, query, keys, &mut sums);
            }
            let seen = (self.row.position + 1 - start).min(BLOCK);
            let [even, odd] = &sums;
            scores.extend(even.iter().zip(odd).take(seen).map(|(even, odd)| (even + odd) * scale));
        }
    }

    /// The mean of the tokens' values, weighted.
    #[inline(always)]
    fn mix<S: Simd>(&self, simd: S, weights: &[f32], out: &mut [f32]) {
        let registers = out.len() / S::F32_LANES;
        let mut first = 0;
        while first + 4 <= registers {
            self.sums::<S, 4>(simd, weights, out, first);
            first += 4;
        }
        while first < registers {
            self.sums::<S, 1>(simd, weights, out, first);
            first += 1;
        }
    }

    /// `N` registers of the mean, from the `first` on: the sums of even tokens and of odd ones, none of which waits for
    /// the other.
    #[inline(always)]
    fn sums<S: Simd, const N: usize>(&self, simd: S, weights: &[f32], out: &mut [f32], first: usize) {
        let mut sums = [[simd.splat_f32s(0.0); N]; 2];
        for (index, weights) in weights.chunks(BLOCK).enumerate() {
            let values = self.numbers(index, Part::Values);
            let (pairs, last) = weights.as_chunks::<2>();
            for (weights, values) in pairs.iter().zip(values.chunks_exact(2 * self.shape.head)) {
                let (even, odd) = values.split_at(self.shape.head);
                weigh(simd, &mut sums[0], weights[0], even, first);
                weigh(simd, &mut sums[1], weights[1], odd, first);
            }
            for weight in last {
                weigh(
                    simd,
                    &mut sums[0],
                    *weight,
                    &values[(weights.len() - 1) * self.shape.head..],
                    first,
                );
            }
        }
        let (out, _) = S::as_mut_simd_f32s(out);
        for n in 0..N {
            out[first + n] = simd.add_f32s(sums[0][n], sums[1][n]);
        }
    }

    #[inline(always)]
    fn numbers(&self, block: usize, part: Part) -> &[f32] {
        self.row
            .sequence
            .block(block)
            .part(self.shape, self.layer, part, self.head)
    }
}

/// Products of a query with all keys of a block, which are `R` pairs of registers a number: the sums over even numbers, and
/// those over odd ones.
#[inline(always)]
fn fits<S: Simd, const R: usize>(simd: S, query: &[f32], keys: &[f32], sums: &mut [[f32; BLOCK]; 2]) {
    for first in (0..BLOCK / S::F32_LANES).step_by(R) {
        let mut even = [simd.splat_f32s(0.0); R];
        let mut odd = even;
        for (query, keys) in query.as_chunks::<2>().0.iter().zip(keys.as_chunks::<{ 2 * BLOCK }>().0) {
            let (first_keys, second_keys) = keys.split_at(BLOCK);
            weigh(simd, &mut even, query[0], first_keys, first);
            weigh(simd, &mut odd, query[1], second_keys, first);
        }
        let [evens, odds] = sums;
        S::as_mut_simd_f32s(evens).0[first..first + R].copy_from_slice(&even);
        S::as_mut_simd_f32s(odds).0[first..first + R].copy_from_slice(&odd);
    }
}

/// Adds numbers, from the register `first` on, times a weight.
#[inline(always)]
fn weigh<S: Simd, const N: usize>(simd: S, sums: &mut [S::f32s; N], weight: f32, numbers: &[f32], first: usize) {
    let (numbers, _) = S::as_simd_f32s(numbers);
    let weight = simd.splat_f32s(weight);
    for (sum, numbers) in sums.iter_mut().zip(&numbers[first..first + N]) {
        *sum = simd.mul_add_e_f32s(weight, *numbers, *sum);
    }
}

/// Scores become weights that add up to 1.
#[inline(always)]
fn weights(scores: &mut [f32]) {
    /// Sums beside each other, which one vector instruction can add to.
    const LANES: usize = 16;
    let (lanes, rest) = scores.as_chunks::<LANES>();
    let mut most = [f32::NEG_INFINITY; LANES];
    for lanes in lanes {
        for (most, score) in most.iter_mut().zip(lanes) {
            *most = if *score > *most { *score } else { *most };
        }
    }
    let largest = most.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max);
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
