//! The numbers that a token begins with.

use std::sync::Arc;

use super::format::{Format, GROUP};
use super::matrix::Matrix;

/// A row for each token.
#[derive(Debug)]
pub(super) enum Embedding {
    /// The matrix that makes the scores, too.
    Packed(Arc<Matrix>),
    /// A matrix of its own, of which a step needs a few rows: they stay as the file has them.
    AsInFile { format: Format, blocks: Vec<u8> },
}

impl Embedding {
    /// Writes a token's numbers.
    pub(super) fn row(&self, token: usize, row: &mut [f32]) {
        match self {
            Embedding::Packed(matrix) => matrix.row(token, row),
            Embedding::AsInFile { format, blocks } => {
                let size = format.row_bytes(row.len());
                let blocks = blocks[token * size..][..size].chunks_exact(format.block_bytes());
                for (block, numbers) in blocks.zip(row.chunks_exact_mut(GROUP * format.groups())) {
                    format.read(block, |group, read| {
                        for (number, quant) in numbers[group * GROUP..].iter_mut().zip(read.quants) {
                            *number = f32::from(quant).mul_add(read.scale, read.offset);
                        }
                    });
                }
            }
        }
    }
}
