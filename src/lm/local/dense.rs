//! Rows of activations times a weight matrix, for reading: candle's product of f32 numbers. The weights become floats a tile
//! of outputs at a time, in room that is used again: small enough for the cache, so that unpacking costs little beside the
//! product even for the few tokens that follow a shared beginning, and a model takes no more memory than its packed weights.
//!
//! A row's result does not depend on the rows beside it, whatever their number. The cache of prefixes rests on that. It holds
//! because each of candle's sums runs over the inputs in an order that depends on their number alone, with two exceptions,
//! which are kept away from: a single row, and a product of at most 64 rows with at most 64 outputs.

use std::ops::Range;

use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, Layout, Result, Shape};
use pulp::{Simd, WithSimd};

use super::matrix::{Matrix, PANEL};
use super::simd::dispatch;

/// Floats of a tile: 4 MB. A smaller one would be nearer, but candle asks the system how many processors there are at each
/// product, which takes longer than that saves.
const TILE: usize = 1 << 20;
/// Fewest panels of a tile.
const PANELS: usize = 2;

/// Multiplies `rows` (each `weights.inputs` long) and writes rows of `weights.width()`. `tile` is the room for weights.
pub(super) fn product(weights: &Matrix, rows: &mut Vec<f32>, out: &mut Vec<f32>, tile: &mut Vec<f32>) {
    let count = rows.len() / weights.inputs;
    out.clear();
    out.resize(count * weights.width(), 0.0);
    if count == 1 {
        rows.extend_from_within(..);
    }
    let inputs = CpuStorage::F32(std::mem::take(rows));
    let panels = weights.width() / PANEL;
    let together = (TILE / (weights.inputs * PANEL)).max(PANELS);
    for first in (0..panels).step_by(together) {
        let taken = together.min(panels - first);
        let width = taken.max(PANELS) * PANEL;
        tile.resize(weights.inputs * width, 0.0);
        dispatch(Unpack {
            weights,
            panels: first..first + taken,
            tile,
            width,
        });
        let floats = CpuStorage::F32(std::mem::take(tile));
        let sums = multiplied(&inputs, count.max(2), &floats, weights.inputs, width);
        let Ok(CpuStorage::F32(sums)) = sums else {
            unreachable!("the sizes of two matrices of floats fit");
        };
        let used = taken * PANEL;
        for (out, sums) in out.chunks_exact_mut(weights.width()).zip(sums.chunks_exact(width)) {
            out[first * PANEL..][..used].copy_from_slice(&sums[..used]);
        }
        *tile = back(floats);
    }
    *rows = back(inputs);
    rows.truncate(count * weights.inputs);
}

struct Unpack<'a> {
    weights: &'a Matrix,
    panels: Range<usize>,
    tile: &'a mut [f32],
    /// Of the tile's rows.
    width: usize,
}

impl WithSimd for Unpack<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (place, panel) in self.panels.enumerate() {
            self.weights.unpack(panel, self.tile, self.width, place * PANEL);
        }
    }
}

fn multiplied(
    rows: &CpuStorage,
    count: usize,
    weights: &CpuStorage,
    inputs: usize,
    width: usize,
) -> Result<CpuStorage> {
    let of_rows = Layout::contiguous(Shape::from((count, inputs)));
    let of_weights = Layout::contiguous(Shape::from((inputs, width)));
    rows.matmul(weights, (1, count, width, inputs), &of_rows, &of_weights)
}

/// The numbers that were lent to candle.
fn back(lent: CpuStorage) -> Vec<f32> {
    match lent {
        CpuStorage::F32(numbers) => numbers,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::matrix::Order;
    use super::super::product;
    use super::*;

    fn values(count: usize, step: f32) -> Vec<f32> {
        (0..count).map(|index| (index as f32 * step).sin()).collect()
    }

    fn multiply(weights: &Matrix, rows: &[f32]) -> Vec<f32> {
        let (mut out, mut rows) = (Vec::new(), rows.to_vec());
        let before = rows.clone();
        product(weights, &mut rows, &mut out, &mut Vec::new());
        assert_eq!(rows, before);
        out
    }

    #[test]
    fn a_product_is_that_with_the_packed_weights() {
        // Less than a panel, and more than a tile.
        for (outputs, inputs) in [(10, 64), (70, 128), (900, 576)] {
            let weights =
                Matrix::from_floats(&values(outputs * inputs, 0.37), outputs, inputs, Order::AsTheyStand).unwrap();
            let rows = values(3 * inputs, 0.11);
            let mut packed = Vec::new();
            product::product(&weights, &rows, &mut packed);
            let dense = multiply(&weights, &rows);
            assert_eq!(dense.len(), packed.len());
            for (row, right) in dense.chunks(weights.width()).zip(packed.chunks(weights.width())) {
                for (found, right) in row[..outputs].iter().zip(&right[..outputs]) {
                    assert!((found - right).abs() < 1e-4, "{found}, {right}");
                }
            }
        }
    }

    #[test]
    fn a_row_does_not_depend_on_the_rows_beside_it() {
        // Sums of one part and of several; a matrix that is a panel wide, and wider ones.
        for (outputs, inputs) in [(64, 64), (64, 2_048), (192, 576), (130, 1_216)] {
            let weights =
                Matrix::from_floats(&values(outputs * inputs, 0.37), outputs, inputs, Order::AsTheyStand).unwrap();
            let rows = values(66 * inputs, 0.11);
            let all = multiply(&weights, &rows);
            for count in [1, 2, 5, 17, 49, 64, 65] {
                let some = multiply(&weights, &rows[..count * inputs]);
                assert!(some == all[..count * weights.width()], "{count} rows of {inputs}");
                let last = multiply(&weights, &rows[(66 - count) * inputs..]);
                assert!(
                    last == all[(66 - count) * weights.width()..],
                    "the last {count} rows of {inputs}"
                );
            }
        }
    }
}
