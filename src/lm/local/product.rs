//! Rows of activations times a weight matrix, for writing: a few rows, and weights that are turned into floats in the
//! registers where they are used. It takes little longer than reading the packed weights from memory once.
//!
//! Every sum is taken over the inputs in order, a group after the other, whatever the number of rows: a row's result does
//! not depend on the rows beside it. Replies that are written together rest on that.

use pulp::{Simd, WithSimd};

use super::format::GROUP;
use super::matrix::{Matrix, PANEL, Quants};
use super::simd::dispatch;

/// Most numbers of a vector register.
const LANES: usize = 16;

/// Multiplies `rows` (each `weights.inputs` long) and writes rows of `weights.width()`.
pub(super) fn product(weights: &Matrix, rows: &[f32], out: &mut Vec<f32>) {
    let count = rows.len() / weights.inputs;
    out.clear();
    out.resize(count * weights.width(), 0.0);
    let shifts = match weights.offsets {
        None => Vec::new(),
        Some(_) => rows.chunks_exact(GROUP).map(|group| group.iter().sum()).collect(),
    };
    dispatch(Product {
        weights,
        rows,
        shifts: &shifts,
        count,
        out,
    });
}

struct Product<'a> {
    weights: &'a Matrix,
    rows: &'a [f32],
    /// The sum of each group of each row, by which the group's offset counts.
    shifts: &'a [f32],
    count: usize,
    out: &'a mut [f32],
}

/// Where a piece of the work lies.
#[derive(Clone, Copy)]
struct Place {
    panel: usize,
    group: usize,
    row: usize,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let wide = S::F32_LANES == LANES;
        for panel in 0..self.weights.width() / PANEL {
            for group in 0..self.weights.inputs / GROUP {
                let mut row = 0;
                while row < self.count {
                    let at = Place { panel, group, row };
                    // As many sums as fit into the registers.
                    row += match (self.count - row, wide) {
                        (1, true) => self.sums::<S, 1, 4>(simd, at),
                        (1, false) => self.sums::<S, 1, 8>(simd, at),
                        (2 | 3, _) => self.sums::<S, 2, 4>(simd, at),
                        (_, true) => self.sums::<S, 4, 4>(simd, at),
                        (_, false) => self.sums::<S, 4, 2>(simd, at),
                    };
                }
            }
        }
    }
}

impl Product<'_> {
    /// Carries the sums of `R` rows on over a group, `V` registers of outputs at a time.
    #[inline(always)]
    fn sums<S: Simd, const R: usize, const V: usize>(&mut self, simd: S, at: Place) -> usize {
        let weights = self.weights;
        let groups = weights.inputs / GROUP;
        let (lanes, place) = (S::F32_LANES, at.panel * groups + at.group);
        let (scales, _) = S::as_simd_f32s(&weights.scales[place * PANEL..][..PANEL]);
        let mut rows: [&[f32]; R] = [&[]; R];
        for (r, row) in rows.iter_mut().enumerate() {
            *row = &self.rows[(at.row + r) * weights.inputs + at.group * GROUP..][..GROUP];
        }
        for first in (0..PANEL / lanes).step_by(V) {
            let mut sums = [[simd.splat_f32s(0.0); V]; R];
            let columns = first * lanes..(first + V) * lanes;
            match &weights.quants {
                Quants::Nibbles(cells) => {
                    let cells = &cells.as_chunks::<PANEL>().0[place * GROUP / 2..][..GROUP / 2];
                    for (pair, cells) in cells.iter().enumerate() {
                        let cells = &cells[columns.clone()];
                        add(simd, &mut sums, &rows, 2 * pair, cells, low);
                        add(simd, &mut sums, &rows, 2 * pair + 1, cells, high);
                    }
                }
                Quants::Bytes(cells) => {
                    let cells = &cells.as_chunks::<PANEL>().0[place * GROUP..][..GROUP];
                    for (input, cells) in cells.iter().enumerate() {
                        add(simd, &mut sums, &rows, input, &cells[columns.clone()], whole);
                    }
                }
            }
            for (r, sums) in sums.iter().enumerate() {
                let row = at.row + r;
                let out = &mut self.out[row * weights.width() + at.panel * PANEL..][..PANEL];
                let (out, _) = S::as_mut_simd_f32s(out);
                for (v, sum) in sums.iter().enumerate() {
                    out[first + v] = simd.mul_add_e_f32s(scales[first + v], *sum, out[first + v]);
                }
                if let Some(offsets) = &weights.offsets {
                    let (offsets, _) = S::as_simd_f32s(&offsets[place * PANEL..][..PANEL]);
                    let shift = simd.splat_f32s(self.shifts[row * groups + at.group]);
                    for v in first..first + V {
                        out[v] = simd.mul_add_e_f32s(offsets[v], shift, out[v]);
                    }
                }
            }
        }
        R
    }
}

/// Adds one input's weights, times that input of each row.
#[inline(always)]
fn add<S: Simd, C: Copy, const R: usize, const V: usize>(
    simd: S,
    sums: &mut [[S::f32s; V]; R],
    rows: &[&[f32]; R],
    input: usize,
    cells: &[C],
    float: impl Fn(C) -> f32 + Copy,
) {
    let mut inputs = [simd.splat_f32s(0.0); R];
    for (number, row) in inputs.iter_mut().zip(rows) {
        *number = simd.splat_f32s(row[input]);
    }
    for v in 0..V {
        // A plain loop, which becomes two instructions.
        let mut floats = [0f32; LANES];
        for (number, cell) in floats.iter_mut().zip(&cells[v * S::F32_LANES..][..S::F32_LANES]) {
            *number = float(*cell);
        }
        let (floats, _) = S::as_simd_f32s(&floats);
        for r in 0..R {
            sums[r][v] = simd.mul_add_e_f32s(inputs[r], floats[0], sums[r][v]);
        }
    }
}

#[inline(always)]
fn low(cell: u8) -> f32 {
    f32::from(cell & 15)
}

#[inline(always)]
fn high(cell: u8) -> f32 {
    f32::from(cell >> 4)
}

#[inline(always)]
fn whole(cell: i8) -> f32 {
    f32::from(cell)
}

#[cfg(test)]
mod tests {
    use candle_core::quantized::{GgmlDType, QTensor};
    use candle_core::{Device, Tensor};

    use super::super::format::Format;
    use super::super::matrix::Order;
    use super::*;

    fn values(count: usize, step: f32) -> Vec<f32> {
        (0..count).map(|index| (index as f32 * step).sin()).collect()
    }

    /// With bytes, and with nibbles and offsets.
    fn matrices(outputs: usize, inputs: usize) -> [Matrix; 2] {
        let floats = values(outputs * inputs, 0.37);
        let tensor = Tensor::from_slice(&floats, (outputs, inputs), &Device::Cpu).unwrap();
        let packed = QTensor::quantize(&tensor, GgmlDType::Q4_1).unwrap();
        let bytes = packed.data().unwrap();
        [
            Matrix::from_floats(&floats, outputs, inputs, Order::AsTheyStand).unwrap(),
            Matrix::of_bytes(Format::Q4_1, &bytes, outputs, inputs),
        ]
    }

    #[test]
    fn a_product_is_what_the_weights_say() {
        let (outputs, inputs) = (70, 128);
        for weights in matrices(outputs, inputs) {
            let rows = values(7 * inputs, 0.11);
            let mut out = Vec::new();
            product(&weights, &rows, &mut out);
            let mut weight = vec![0.0; inputs];
            for output in 0..outputs {
                weights.row(output, &mut weight);
                for row in 0..7 {
                    let right: f64 = (0..inputs)
                        .map(|input| f64::from(weight[input]) * f64::from(rows[row * inputs + input]))
                        .sum();
                    assert!((f64::from(out[row * weights.width() + output]) - right).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn a_row_does_not_depend_on_the_rows_beside_it() {
        let inputs = 192;
        for weights in matrices(PANEL, inputs) {
            let rows = values(17 * inputs, 0.11);
            let mut all = Vec::new();
            product(&weights, &rows, &mut all);
            for count in 1..17 {
                let mut some = Vec::new();
                product(&weights, &rows[..count * inputs], &mut some);
                assert_eq!(some, all[..count * PANEL]);
            }
        }
    }
}
