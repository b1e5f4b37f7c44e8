//! A weight matrix as the engine keeps it: the file's own 4- or 8-bit numbers, laid out in panels of 64 outputs, so that
//! one step along the inputs feeds 64 sums at once. `product` multiplies with it.

/// Outputs of a panel.
pub(super) const PANEL: usize = 64;
/// Inputs that share a scale, as in ggml's formats.
pub(super) const GROUP: usize = 32;

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

/// The formats whose numbers are taken over as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Q4_0,
    Q4_1,
    Q8_0,
}

/// The numbers of one group of one output.
struct Group {
    quants: [i8; GROUP],
    scale: f32,
    offset: f32,
}

impl Format {
    pub(super) fn group_bytes(self) -> usize {
        match self {
            Format::Q4_0 => 18,
            Format::Q4_1 => 20,
            Format::Q8_0 => 34,
        }
    }

    fn group(self, bytes: &[u8]) -> Group {
        let scale = half(bytes, 0);
        let mut quants = [0; GROUP];
        let (start, offset) = match self {
            Format::Q4_0 => (2, -8.0 * scale),
            Format::Q4_1 => (4, half(bytes, 2)),
            Format::Q8_0 => (2, 0.0),
        };
        for (index, byte) in bytes[start..].iter().enumerate() {
            if self == Format::Q8_0 {
                quants[index] = *byte as i8;
            } else {
                quants[index] = (byte & 15) as i8;
                quants[index + GROUP / 2] = (byte >> 4) as i8;
            }
        }
        Group { quants, scale, offset }
    }
}

impl Matrix {
    /// Takes over the rows (one for each output) of a tensor. `inputs` is a multiple of `GROUP` and the bytes are all
    /// there.
    pub(super) fn from_format(format: Format, data: &[u8], outputs: usize, inputs: usize) -> Matrix {
        let mut matrix = Matrix::empty(outputs, inputs, format != Format::Q8_0, format != Format::Q8_0);
        for (index, bytes) in data.chunks_exact(format.group_bytes()).enumerate() {
            matrix.put(index, &format.group(bytes));
        }
        matrix
    }

    /// Rounds floats to 8 bits, for the formats that are not taken over.
    pub(super) fn from_floats(values: &[f32], outputs: usize, inputs: usize) -> Matrix {
        let mut matrix = Matrix::empty(outputs, inputs, false, false);
        for (index, values) in values.chunks_exact(GROUP).enumerate() {
            let largest = values.iter().fold(0f32, |largest, value| largest.max(value.abs()));
            let scale = largest / 127.0;
            let mut quants = [0; GROUP];
            if scale > 0.0 {
                for (quant, value) in quants.iter_mut().zip(values) {
                    *quant = (value / scale).round() as i8;
                }
            }
            let offset = 0.0;
            matrix.put(index, &Group { quants, scale, offset });
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

    /// Puts the group that is the `index`th of the file at its place.
    fn put(&mut self, index: usize, group: &Group) {
        let groups = self.inputs / GROUP;
        let (output, place) = (index / groups, index % groups);
        let (panel, column) = (output / PANEL, output % PANEL);
        let at = (panel * groups + place) * PANEL + column;
        self.scales[at] = group.scale;
        if !self.offsets.is_empty() {
            self.offsets[at] = group.offset;
        }
        let first = panel * self.inputs + place * GROUP;
        match &mut self.quants {
            Quants::Nibbles(cells) => {
                for (pair, quants) in group.quants.chunks_exact(2).enumerate() {
                    let byte = quants[0] as u8 | (quants[1] as u8) << 4;
                    cells[(first / 2 + pair) * PANEL + column] = byte;
                }
            }
            Quants::Bytes(cells) => {
                for (step, quant) in group.quants.iter().enumerate() {
                    cells[(first + step) * PANEL + column] = *quant;
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

/// The 16-bit float at `at`.
fn half(bytes: &[u8], at: usize) -> f32 {
    let bits = u32::from(bytes[at]) | u32::from(bytes[at + 1]) << 8;
    let (sign, exponent, fraction) = (bits >> 15, bits >> 10 & 31, bits & 1023);
    let size = match exponent {
        0 => fraction as f32 / 16_777_216.0,
        31 => f32::from_bits(255 << 23 | fraction << 13),
        _ => f32::from_bits((exponent + 112) << 23 | fraction << 13),
    };
    if sign == 1 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_read_as_ieee_754_says() {
        let cases = [
            (0x3c00u16, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x0001, 5.960_464_5e-8),
            (0x0400, 6.103_515_6e-5),
        ];
        for (bits, value) in cases {
            assert_eq!(half(&bits.to_le_bytes(), 0), value);
        }
    }

    #[test]
    fn the_numbers_of_every_format_are_taken_over_as_they_are() {
        let one = 0x3c00u16.to_le_bytes();
        let nibbles: Vec<u8> = (0..16).map(|low| low | (15 - low) << 4).collect();
        let q4_0 = [&one[..], &nibbles].concat();
        let q4_1 = [&one[..], &one, &nibbles].concat();
        let q8_0: Vec<u8> = one
            .into_iter()
            .chain((0..32).map(|quant| (quant - 16i8) as u8))
            .collect();
        let value = |format, index: usize| {
            let plain = if index < 16 { index as f32 } else { (31 - index) as f32 };
            match format {
                Format::Q4_0 => plain - 8.0,
                Format::Q4_1 => plain + 1.0,
                Format::Q8_0 => index as f32 - 16.0,
            }
        };
        for (format, bytes) in [(Format::Q4_0, q4_0), (Format::Q4_1, q4_1), (Format::Q8_0, q8_0)] {
            // Two outputs, two groups each; the second output's scale is doubled in the copy.
            let doubled = [&0x4000u16.to_le_bytes()[..], &bytes[2..]].concat();
            let data = [&bytes[..], &bytes, &doubled, &bytes].concat();
            let matrix = Matrix::from_format(format, &data, 2, 2 * GROUP);
            let mut row = vec![0.0; 2 * GROUP];
            matrix.row(0, &mut row);
            assert!(
                (0..64).all(|index| row[index] == value(format, index % 32)),
                "{format:?}: {row:?}"
            );
            matrix.row(1, &mut row);
            assert!(
                (32..64).all(|index| row[index] == value(format, index % 32)),
                "{format:?}: {row:?}"
            );
            assert_eq!(row[3] - row[2], 2.0, "{format:?}");
        }
    }

    #[test]
    fn floats_are_rounded_to_a_127th_of_the_largest_of_their_group() {
        let values: Vec<f32> = (0..128).map(|index| (index as f32 * 0.7).sin()).collect();
        let matrix = Matrix::from_floats(&values, 2, 64);
        let mut row = vec![0.0; 64];
        matrix.row(1, &mut row);
        for (value, weight) in values[64..].iter().zip(&row) {
            assert!((value - weight).abs() <= 0.5 / 127.0);
        }
    }
}
