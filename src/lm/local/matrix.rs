//! A weight matrix as the engine keeps it: the file's own 4-, 5- or 8-bit numbers, laid out in panels of 64 outputs, so
//! that one step along the inputs feeds 64 sums at once. `product` multiplies with it.

use super::format::{Format, GROUP, Group, rounded};

/// Outputs of a panel.
pub(super) const PANEL: usize = 64;

/// The numbers, for each panel input by input.
#[derive(Debug)]
pub(super) enum Quants {
    /// Two inputs a byte, the first in the low half.
    Nibbles(Vec<u8>),
    Bytes(Vec<i8>),
}

/// A weight is `quant × scale + offset`.
#[derive(Debug)]
pub(super) struct Matrix {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    pub(super) quants: Quants,
    /// For each panel, each group of inputs, each output.
    pub(super) scales: Vec<f32>,
    /// Like `scales`; empty where all are 0.
    pub(super) offsets: Vec<f32>,
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
}

impl Matrix {
    /// Takes over the rows (one for each output) of a tensor. `inputs` is a multiple of a block's numbers and the bytes
    /// are all there.
    pub(super) fn from_format(format: Format, data: &[u8], outputs: usize, inputs: usize, order: Order) -> Matrix {
        let mut matrix = Matrix::empty(outputs, inputs, format.is_narrow(), format.is_shifted());
        let (size, groups) = (format.block_bytes(), format.groups());
        let blocks = inputs / (GROUP * groups);
        // A panel's outputs beside each other, so that what is written lies close together.
        for panel in 0..outputs.div_ceil(PANEL) {
            for block in 0..blocks {
                for output in panel * PANEL..outputs.min((panel + 1) * PANEL) {
                    let bytes = &data[(order.row(output) * blocks + block) * size..][..size];
                    format.read(bytes, |group, read| matrix.put(output, block * groups + group, read));
                }
            }
        }
        matrix
    }

    /// Rounds floats to 8 bits, for the formats that are not taken over.
    pub(super) fn from_floats(values: &[f32], outputs: usize, inputs: usize, order: Order) -> Matrix {
        let mut matrix = Matrix::empty(outputs, inputs, false, false);
        for output in 0..outputs {
            let row = &values[order.row(output) * inputs..][..inputs];
            for (place, values) in row.as_chunks::<GROUP>().0.iter().enumerate() {
                matrix.put(output, place, &rounded(values));
            }
        }
        matrix
    }

    fn empty(outputs: usize, inputs: usize, nibbles: bool, offsets: bool) -> Matrix {
        let cells = outputs.div_ceil(PANEL) * PANEL * inputs;
        let quants = if nibbles {
            Quants::Nibbles(vec![0; cells / 2])
        } else {
            Quants::Bytes(vec![0; cells])
        };
        Matrix {
            outputs,
            inputs,
            quants,
            scales: vec![0.0; cells / GROUP],
            offsets: vec![0.0; if offsets { cells / GROUP } else { 0 }],
        }
    }

    /// Puts a group of an output at its place.
    #[inline]
    fn put(&mut self, output: usize, place: usize, group: &Group) {
        let groups = self.inputs / GROUP;
        let (panel, column) = (output / PANEL, output % PANEL);
        let at = (panel * groups + place) * PANEL + column;
        self.scales[at] = group.scale;
        if !self.offsets.is_empty() {
            self.offsets[at] = group.offset;
        }
        let first = panel * self.inputs + place * GROUP;
        match &mut self.quants {
            Quants::Nibbles(cells) => {
                let cells = &mut cells.as_chunks_mut::<PANEL>().0[first / 2..][..GROUP / 2];
                for (cells, quants) in cells.iter_mut().zip(group.quants.chunks_exact(2)) {
                    cells[column] = quants[0] as u8 | (quants[1] as u8) << 4;
                }
            }
            Quants::Bytes(cells) => {
                let cells = &mut cells.as_chunks_mut::<PANEL>().0[first..][..GROUP];
                for (cells, quant) in cells.iter_mut().zip(group.quants) {
                    cells[column] = quant;
                }
            }
        }
    }

    /// Outputs with those that fill the last panel up.
    pub(super) fn width(&self) -> usize {
        self.outputs.div_ceil(PANEL) * PANEL
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
            *weight = quant.mul_add(self.scales[at], self.offsets.get(at).copied().unwrap_or(0.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_file_stand_where_they_belong() {
        let one = 0x3c00u16.to_le_bytes();
        let nibbles: Vec<u8> = (0..16).map(|low| low | (15 - low) << 4).collect();
        let bytes = [&one[..], &one, &nibbles].concat();
        let value = |index: usize| 1.0 + if index < 16 { index as f32 } else { (31 - index) as f32 };
        // Two outputs, two groups each; the second output's first scale is doubled.
        let doubled = [&0x4000u16.to_le_bytes()[..], &bytes[2..]].concat();
        let data = [&bytes[..], &bytes, &doubled, &bytes].concat();
        let matrix = Matrix::from_format(Format::Q4_1, &data, 2, 2 * GROUP, Order::AsTheyStand);
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
        let matrix = Matrix::from_floats(&values, 4, 32, Order::Paired(4));
        let mut row = vec![0.0; 32];
        matrix.row(1, &mut row);
        assert_eq!(row[0], 2.0);
    }
}
