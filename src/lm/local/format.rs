//! The formats of ggml: how the weights of a file lie in its bytes, read a block at a time into groups of 32 that share
//! a scale.

use candle_core::quantized::GgmlDType;

/// Inputs that share a scale.
pub(super) const GROUP: usize = 32;

/// The numbers of one group of one output: a weight is `quant × scale + offset`.
#[derive(Clone, Copy)]
pub(super) struct Group {
    pub(super) quants: [i8; GROUP],
    pub(super) scale: f32,
    pub(super) offset: f32,
}

/// A format that is read without a detour over floats. All but `Q6K` are taken over as they are; that one has a scale
/// for 16 numbers, and is rounded to 8 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Q4_0,
    Q4_1,
    Q5_0,
    Q5_1,
    Q8_0,
    Q4K,
    Q5K,
    Q6K,
}

/// Numbers in front of the quants of a block of 256: two halves and twelve bytes of scales.
const HEAD: usize = 16;

impl Format {
    pub(super) fn of(kind: GgmlDType) -> Option<Format> {
        Some(match kind {
            GgmlDType::Q4_0 => Format::Q4_0,
            GgmlDType::Q4_1 => Format::Q4_1,
            GgmlDType::Q5_0 => Format::Q5_0,
            GgmlDType::Q5_1 => Format::Q5_1,
            GgmlDType::Q8_0 => Format::Q8_0,
            GgmlDType::Q4K => Format::Q4K,
            GgmlDType::Q5K => Format::Q5K,
            GgmlDType::Q6K => Format::Q6K,
            _ => return None,
        })
    }

    pub(super) fn block_bytes(self) -> usize {
        match self {
            Format::Q4_0 => 18,
            Format::Q4_1 => 20,
            Format::Q5_0 => 22,
            Format::Q5_1 => 24,
            Format::Q8_0 => 34,
            Format::Q4K => HEAD + 128,
            Format::Q5K => HEAD + 32 + 128,
            Format::Q6K => 210,
        }
    }

    /// Bytes of so many numbers, which are whole blocks.
    pub(super) fn row_bytes(self, numbers: usize) -> usize {
        numbers / (GROUP * self.groups()) * self.block_bytes()
    }

    /// Groups of a block.
    pub(super) fn groups(self) -> usize {
        match self {
            Format::Q4K | Format::Q5K | Format::Q6K => 8,
            _ => 1,
        }
    }

    /// Whether four bits hold a number.
    pub(super) fn is_narrow(self) -> bool {
        matches!(self, Format::Q4_0 | Format::Q4_1 | Format::Q4K)
    }

    /// Whether weights are offset.
    pub(super) fn is_shifted(self) -> bool {
        self.is_narrow() || matches!(self, Format::Q5_1 | Format::Q5K)
    }

    /// Reads a block: hands out its groups with their numbers.
    #[inline(always)]
    pub(super) fn read(self, bytes: &[u8], mut put: impl FnMut(usize, &Group)) {
        let scale = half(bytes, 0);
        let mut quants = match self {
            Format::Q4_0 => nibbles(&bytes[2..]),
            Format::Q4_1 => nibbles(&bytes[4..]),
            Format::Q5_0 => fifths(&bytes[2..]),
            Format::Q5_1 => fifths(&bytes[4..]),
            Format::Q8_0 => [0; GROUP],
            Format::Q4K | Format::Q5K => return self.read_k(bytes, put),
            Format::Q6K => return read_6k(bytes, put),
        };
        match self {
            Format::Q5_0 => quants.iter_mut().for_each(|quant| *quant -= 16),
            Format::Q8_0 => {
                let whole = quants.iter_mut().zip(&bytes[2..]);
                whole.for_each(|(quant, byte)| *quant = *byte as i8);
            }
            _ => {}
        }
        let offset = match self {
            Format::Q4_0 => -8.0 * scale,
            Format::Q4_1 | Format::Q5_1 => half(bytes, 2),
            _ => 0.0,
        };
        put(0, &Group { quants, scale, offset });
    }

    /// 256 numbers: each group has a scale and a least value of six bits each, in units of the block's own.
    #[inline(always)]
    fn read_k(self, bytes: &[u8], mut put: impl FnMut(usize, &Group)) {
        let (unit, least) = (half(bytes, 0), half(bytes, 2));
        let (scales, offsets) = sixes(&bytes[4..HEAD]);
        let (fifths, low) = match self {
            Format::Q5K => bytes[HEAD..].split_at(GROUP),
            _ => (&[][..], &bytes[HEAD..]),
        };
        for (pair, low) in low.as_chunks::<GROUP>().0.iter().enumerate() {
            for (group, shift) in [(2 * pair, 0), (2 * pair + 1, 4)] {
                let mut quants = [0; GROUP];
                for (quant, low) in quants.iter_mut().zip(low) {
                    *quant = (low >> shift & 15) as i8;
                }
                for (quant, bits) in quants.iter_mut().zip(fifths) {
                    *quant |= ((bits >> group & 1) << 4) as i8;
                }
                let group_of = Group {
                    quants,
                    scale: unit * f32::from(scales[group]),
                    offset: -least * f32::from(offsets[group]),
                };
                put(group, &group_of);
            }
        }
    }
}

/// Twice eight numbers of six bits out of twelve bytes.
#[inline(always)]
fn sixes(packed: &[u8]) -> ([u8; 8], [u8; 8]) {
    let (mut first, mut second) = ([0; 8], [0; 8]);
    for group in 0..4 {
        let (one, two, rest) = (packed[group], packed[group + 4], packed[group + 8]);
        (first[group], second[group]) = (one & 63, two & 63);
        first[group + 4] = rest & 15 | one >> 6 << 4;
        second[group + 4] = rest >> 4 | two >> 6 << 4;
    }
    (first, second)
}

/// 256 numbers of six bits, with a scale for each sixteen.
#[inline(always)]
fn read_6k(bytes: &[u8], mut put: impl FnMut(usize, &Group)) {
    let (low, high, scales) = (&bytes[..128], &bytes[128..192], &bytes[192..208]);
    let unit = half(bytes, 208);
    let (low, high) = (low.as_chunks::<16>().0, high.as_chunks::<16>().0);
    // Each half of the block: four groups in 64 bytes of low and 32 bytes of high bits.
    for (part, (low, high)) in low.chunks_exact(4).zip(high.chunks_exact(2)).enumerate() {
        for place in 0..4 {
            let group = part * 4 + place;
            let mut values = [0.0; GROUP];
            for (half, values) in values.as_chunks_mut::<16>().0.iter_mut().enumerate() {
                let scale = unit * f32::from(scales[group * 2 + half] as i8);
                let bits = low[place % 2 * 2 + half].iter().zip(&high[half]);
                for (value, (low, high)) in values.iter_mut().zip(bits) {
                    let quant = (low >> (place / 2 * 4) & 15 | (high >> (place * 2) & 3) << 4) as i8 - 32;
                    *value = scale * f32::from(quant);
                }
            }
            put(group, &rounded(&values));
        }
    }
}

/// Floats in 8 bits.
#[inline(always)]
pub(super) fn rounded(values: &[f32; GROUP]) -> Group {
    // Half with half, which vector instructions can take.
    let mut most = *values;
    most.iter_mut().for_each(|value| *value = value.abs());
    for half in [16, 8, 4, 2, 1] {
        let (first, second) = most.split_at_mut(half);
        for (most, other) in first.iter_mut().zip(second) {
            *most = if *other > *most { *other } else { *most };
        }
    }
    let largest = most[0];
    let scale = largest / 127.0;
    let per = if scale > 0.0 { 1.0 / scale } else { 0.0 };
    /// Adding it leaves the nearest whole number in a float's low bits.
    const ROUND: f32 = 12_582_912.0;
    let mut quants = [0; GROUP];
    for (quant, value) in quants.iter_mut().zip(values) {
        *quant = (value * per + ROUND).to_bits() as i8;
    }
    Group {
        quants,
        scale,
        offset: 0.0,
    }
}

/// Sixteen bytes: first the low halves, then the high ones.
#[inline(always)]
fn nibbles(bytes: &[u8]) -> [i8; GROUP] {
    let mut quants = [0; GROUP];
    let (low, high) = quants.split_at_mut(GROUP / 2);
    for ((low, high), byte) in low.iter_mut().zip(high).zip(bytes) {
        *low = (byte & 15) as i8;
        *high = (byte >> 4) as i8;
    }
    quants
}

/// Four bytes of fifth bits, then the nibbles.
#[inline(always)]
fn fifths(bytes: &[u8]) -> [i8; GROUP] {
    let mut quants = nibbles(&bytes[4..]);
    for (quants, bits) in quants.as_chunks_mut::<8>().0.iter_mut().zip(bytes) {
        for (place, quant) in quants.iter_mut().enumerate() {
            *quant |= ((bits >> place & 1) << 4) as i8;
        }
    }
    quants
}

/// The 16-bit float at `at`.
#[inline(always)]
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
    use candle_core::quantized::QTensor;
    use candle_core::{Device, Tensor};

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
    fn every_format_is_read_as_candle_reads_it() {
        let values: Vec<f32> = (0..512).map(|index| (index as f32 * 0.37).sin() + 0.3).collect();
        let values = Tensor::from_vec(values, (2, 256), &Device::Cpu).unwrap();
        for kind in [
            GgmlDType::Q4_0,
            GgmlDType::Q4_1,
            GgmlDType::Q5_0,
            GgmlDType::Q5_1,
            GgmlDType::Q8_0,
            GgmlDType::Q4K,
            GgmlDType::Q5K,
            GgmlDType::Q6K,
        ] {
            let packed = QTensor::quantize(&values, kind).unwrap();
            let right: Vec<f32> = packed
                .dequantize(&Device::Cpu)
                .unwrap()
                .flatten_all()
                .unwrap()
                .to_vec1()
                .unwrap();
            let format = Format::of(kind).unwrap();
            let bytes = packed.data().unwrap();
            let mut read = Vec::new();
            for block in bytes.chunks_exact(format.block_bytes()) {
                format.read(block, |_, group| {
                    read.extend(
                        group
                            .quants
                            .map(|quant| f32::from(quant).mul_add(group.scale, group.offset)),
                    );
                });
            }
            // Six bits are rounded to eight.
            let near = if kind == GgmlDType::Q6K { 1.4 / 254.0 } else { 1e-6 };
            assert_eq!(read.len(), right.len());
            let furthest = read
                .iter()
                .zip(&right)
                .fold(0f32, |most, (a, b)| most.max((a - b).abs()));
            assert!(furthest <= near, "{kind:?}: {furthest}");
        }
    }

    #[test]
    fn floats_are_rounded_to_a_127th_of_the_largest_of_their_group() {
        let values: [f32; GROUP] = std::array::from_fn(|index| (index as f32 * 0.7).sin());
        let group = rounded(&values);
        for (value, quant) in values.iter().zip(group.quants) {
            assert!((value - f32::from(quant) * group.scale).abs() <= 0.5001 / 127.0);
        }
        assert_eq!(rounded(&[0.0; GROUP]).quants, [0; GROUP]);
    }
}
