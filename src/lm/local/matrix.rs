//! A weight matrix as the engine keeps it: the file's own 4-, 5- or 8-bit numbers, laid out in panels of 64 outputs, so
//! that one step along the inputs feeds 64 sums at once. `dense` and `product` multiply with it.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::format::{Format, GROUP, Group, rounded};
use super::room::Room;
use super::simd::dispatch;
use crate::diag::Fault;

/// Bytes of a file that are fetched together, about: few enough to stay in a processor's cache.
const FETCHED: usize = 1 << 19;
/// Outputs of a panel.
pub(super) const PANEL: usize = 64;

/// The numbers, for each panel input by input.
#[derive(Debug)]
pub(super) enum Quants {
    /// Two inputs a byte, the first in the low half.
    Nibbles(Room<u8>),
    Bytes(Room<i8>),
}

/// A weight is `quant × scale + offset`.
#[derive(Debug)]
pub(super) struct Matrix {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    pub(super) quants: Quants,
    /// For each panel, each group of inputs, each output.
    pub(super) scales: Room<f32>,
    /// Like `scales`; none where all are 0.
    pub(super) offsets: Option<Room<f32>>,
}

/// In which order the rows of a file become outputs.
#[derive(Clone, Copy)]
pub(super) enum Order {
    AsTheyStand,
    /// Heads of this size whose first and second half turn together: the pairs are put side by side, as llama's files
    /// have them. It changes no product of two vectors that were both put so.
    Paired(usize),
}

impl Order {
    /// The file's row that becomes this output.
    pub(super) fn row(self, output: usize) -> usize {
        match self {
            Order::AsTheyStand => output,
            Order::Paired(head) => {
                let within = output % head;
                output - within + within / 2 + within % 2 * (head / 2)
            }
        }
    }

    /// The file's rows among which all of these outputs are.
    fn rows(self, outputs: Range<usize>) -> Range<usize> {
        match self {
            Order::AsTheyStand => outputs,
            Order::Paired(head) => outputs.start / head * head..outputs.end.next_multiple_of(head),
        }
    }
}

impl Matrix {
    /// Takes over the rows (one for each output) of a tensor. `inputs` is a multiple of a block's numbers. `fetch` brings
    /// the bytes of some rows; what it finds wrong ends the work.
    pub(super) fn from_format(
        format: Format,
        outputs: usize,
        inputs: usize,
        order: Order,
        mut fetch: impl FnMut(Range<usize>, &mut Vec<u8>) -> Result<(), Fault>,
    ) -> Result<Matrix, Fault> {
        let mut matrix = Matrix::empty(outputs, inputs, format.is_narrow(), format.is_shifted())?;
        let mut bytes = Vec::new();
        let together = (FETCHED / (format.row_bytes(inputs) * PANEL)).max(1);
        for first in (0..outputs.div_ceil(PANEL)).step_by(together) {
            let panels = first..outputs.div_ceil(PANEL).min(first + together);
            let rows = order.rows(panels.start * PANEL..outputs.min(panels.end * PANEL));
            fetch(rows.clone(), &mut bytes)?;
            dispatch(TakeOver {
                matrix: &mut matrix,
                panels,
                format,
                order,
                bytes: &bytes,
                first: rows.start,
            });
        }
        Ok(matrix)
    }

    /// Rounds floats to 8 bits, for the formats that are not taken over.
    pub(super) fn from_floats(values: &[f32], outputs: usize, inputs: usize, order: Order) -> Result<Matrix, Fault> {
        let mut matrix = Matrix::empty(outputs, inputs, false, false)?;
        let mut cells = [[0; GROUP]; PANEL];
        for panel in 0..outputs.div_ceil(PANEL) {
            for place in 0..inputs / GROUP {
                for (column, output) in (panel * PANEL..outputs.min((panel + 1) * PANEL)).enumerate() {
                    let values = &values[order.row(output) * inputs..][..inputs];
                    let group = rounded(&values.as_chunks::<GROUP>().0[place]);
                    cells[column] = group.quants;
                    matrix.scale(panel, place, column, &group);
                }
                matrix.put(panel, place, &cells);
            }
        }
        Ok(matrix)
    }

    fn empty(outputs: usize, inputs: usize, nibbles: bool, offsets: bool) -> Result<Matrix, Fault> {
        let cells = outputs.div_ceil(PANEL) * PANEL * inputs;
        let quants = match nibbles {
            true => Quants::Nibbles(Room::zeros(cells / 2)?),
            false => Quants::Bytes(Room::zeros(cells)?),
        };
        Ok(Matrix {
            outputs,
            inputs,
            quants,
            scales: Room::zeros(cells / GROUP)?,
            offsets: offsets.then(|| Room::zeros(cells / GROUP)).transpose()?,
        })
    }

    #[inline(always)]
    fn scale(&mut self, panel: usize, place: usize, column: usize, group: &Group) {
        let at = (panel * (self.inputs / GROUP) + place) * PANEL + column;
        self.scales[at] = group.scale;
        if let Some(offsets) = &mut self.offsets {
            offsets[at] = group.offset;
        }
    }

    /// Puts a group of each of a panel's outputs at its place.
    #[inline(always)]
    fn put(&mut self, panel: usize, place: usize, group: &[[i8; GROUP]; PANEL]) {
        let first = (panel * self.inputs + place * GROUP) * PANEL;
        match &mut self.quants {
            Quants::Nibbles(cells) => {
                let mut pairs = [[0u8; GROUP / 2]; PANEL];
                for (pairs, quants) in pairs.iter_mut().zip(group) {
                    for (pair, quants) in pairs.iter_mut().zip(quants.as_chunks::<2>().0) {
                        *pair = quants[0] as u8 | (quants[1] as u8) << 4;
                    }
                }
                transpose::<_, { PANEL * GROUP / 2 }>(pairs.as_flattened(), &mut cells[first / 2..]);
            }
            Quants::Bytes(cells) => transpose::<_, { PANEL * GROUP }>(group.as_flattened(), &mut cells[first..]),
        }
    }

    /// Outputs with those that fill the last panel up.
    pub(super) fn width(&self) -> usize {
        self.outputs.div_ceil(PANEL) * PANEL
    }

    /// Writes a panel's weights as floats, for each input a row of `stride` numbers in which the panel begins at `column`.
    #[inline(always)]
    pub(super) fn unpack(&self, panel: usize, floats: &mut [f32], stride: usize, column: usize) {
        let groups = self.inputs / GROUP;
        for (group, rows) in floats.chunks_exact_mut(GROUP * stride).enumerate() {
            let at = panel * groups + group;
            let scales = &self.scales.as_chunks::<PANEL>().0[at];
            let offsets = self.offsets.as_ref().map(|offsets| &offsets.as_chunks::<PANEL>().0[at]);
            let offsets = offsets.unwrap_or(&[0.0; PANEL]);
            match &self.quants {
                Quants::Nibbles(cells) => {
                    let cells = &cells.as_chunks::<PANEL>().0[at * GROUP / 2..][..GROUP / 2];
                    for (cells, rows) in cells.iter().zip(rows.chunks_exact_mut(2 * stride)) {
                        let (mut low, mut high) = ([0.0; PANEL], [0.0; PANEL]);
                        for place in 0..PANEL {
                            let (scale, offset) = (scales[place], offsets[place]);
                            low[place] = f32::from(cells[place] & 15).mul_add(scale, offset);
                            high[place] = f32::from(cells[place] >> 4).mul_add(scale, offset);
                        }
                        rows[column..][..PANEL].copy_from_slice(&low);
                        rows[stride + column..][..PANEL].copy_from_slice(&high);
                    }
                }
                Quants::Bytes(cells) => {
                    let cells = &cells.as_chunks::<PANEL>().0[at * GROUP..][..GROUP];
                    for (cells, row) in cells.iter().zip(rows.chunks_exact_mut(stride)) {
                        let mut weights = [0.0; PANEL];
                        for place in 0..PANEL {
                            weights[place] = f32::from(cells[place]).mul_add(scales[place], offsets[place]);
                        }
                        row[column..][..PANEL].copy_from_slice(&weights);
                    }
                }
            }
        }
    }

    /// All weights of one output: a token's embedding.
    pub(super) fn row(&self, output: usize, row: &mut [f32]) {
        let groups = self.inputs / GROUP;
        let (panel, column) = (output / PANEL, output % PANEL);
        for (input, weight) in row.iter_mut().enumerate() {
            let at = (panel * groups + input / GROUP) * PANEL + column;
            let cell = panel * self.inputs + input;
            let quant = match &self.quants {
                Quants::Nibbles(cells) => f32::from(cells[cell / 2 * PANEL + column] >> (input % 2 * 4) & 15),
                Quants::Bytes(cells) => f32::from(cells[cell * PANEL + column]),
            };
            let offset = self.offsets.as_ref().map_or(0.0, |offsets| offsets[at]);
            *weight = quant.mul_add(self.scales[at], offset);
        }
    }
}

/// Some panels, out of the bytes of their rows in the file.
struct TakeOver<'a> {
    matrix: &'a mut Matrix,
    panels: Range<usize>,
    format: Format,
    order: Order,
    bytes: &'a [u8],
    /// The row that the bytes begin with.
    first: usize,
}

impl WithSimd for TakeOver<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let (size, groups) = (self.format.block_bytes(), self.format.groups());
        let row = self.format.row_bytes(self.matrix.inputs);
        let mut cells = vec![[[0; GROUP]; PANEL]; groups];
        for panel in self.panels {
            let outputs = panel * PANEL..self.matrix.outputs.min((panel + 1) * PANEL);
            for block in 0..row / size {
                for (column, output) in outputs.clone().enumerate() {
                    let start = (self.order.row(output) - self.first) * row + block * size;
                    self.format.read(&self.bytes[start..][..size], |group, read| {
                        cells[group][column] = read.quants;
                        self.matrix.scale(panel, block * groups + group, column, read);
                    });
                }
                for (group, cells) in cells.iter().enumerate() {
                    self.matrix.put(panel, block * groups + group, cells);
                }
            }
        }
    }
}

/// Rows of an output each become rows of an input each; `N` cells in all. Taking from the first and the second half in
/// turn moves the highest bit of a cell's place to the lowest, so six times bring the bits of the output's number behind
/// those of the input's.
#[inline(always)]
fn transpose<T: Copy + Default, const N: usize>(outputs: &[T], inputs: &mut [T]) {
    const { assert!(PANEL == 1 << 6) };
    let (mut even, mut odd) = ([T::default(); N], [T::default(); N]);
    shuffle(outputs, &mut odd);
    for _ in 0..2 {
        shuffle(&odd, &mut even);
        shuffle(&even, &mut odd);
    }
    shuffle(&odd, &mut inputs[..N]);
}

#[inline(always)]
fn shuffle<T: Copy>(from: &[T], to: &mut [T]) {
    let (first, second) = from.split_at(from.len() / 2);
    for ((pair, first), second) in to.as_chunks_mut::<2>().0.iter_mut().zip(first).zip(second) {
        *pair = [*first, *second];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Matrix {
        /// Of all bytes of a tensor.
        pub(in super::super) fn of_bytes(format: Format, data: &[u8], outputs: usize, inputs: usize) -> Matrix {
            let size = format.row_bytes(inputs);
            let fetched = Matrix::from_format(format, outputs, inputs, Order::AsTheyStand, |rows, bytes| {
                bytes.clear();
                bytes.extend_from_slice(&data[rows.start * size..rows.end * size]);
                Ok(())
            });
            fetched.unwrap()
        }
    }

    #[test]
    fn rows_of_a_file_stand_where_they_belong() {
        let one = 0x3c00u16.to_le_bytes();
        let nibbles: Vec<u8> = (0..16).map(|low| low | (15 - low) << 4).collect();
        let bytes = [&one[..], &one, &nibbles].concat();
        let value = |index: usize| 1.0 + if index < 16 { index as f32 } else { (31 - index) as f32 };
        // Two outputs, two groups each; the second output's first scale is doubled.
        let doubled = [&0x4000u16.to_le_bytes()[..], &bytes[2..]].concat();
        let data = [&bytes[..], &bytes, &doubled, &bytes].concat();
        let matrix = Matrix::of_bytes(Format::Q4_1, &data, 2, 2 * GROUP);
        let mut row = vec![0.0; 2 * GROUP];
        matrix.row(0, &mut row);
        assert!((0..64).all(|index| row[index] == value(index % 32)), "{row:?}");
        matrix.row(1, &mut row);
        assert!((32..64).all(|index| row[index] == value(index % 32)), "{row:?}");
        assert_eq!(row[3] - row[2], 2.0);
    }

    #[test]
    fn halves_that_turn_together_are_put_side_by_side() {
        let rows: Vec<usize> = (0..12).map(|output| Order::Paired(6).row(output)).collect();
        assert_eq!(rows, [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
        let values: Vec<f32> = (0..4 * 32).map(|index| (index / 32) as f32).collect();
        let matrix = Matrix::from_floats(&values, 4, 32, Order::Paired(4)).unwrap();
        let mut row = vec![0.0; 32];
        matrix.row(1, &mut row);
        assert_eq!(row[0], 2.0);
    }
}
