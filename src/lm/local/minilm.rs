//! The embedder that is built in, all-MiniLM-L6-v2: a small BERT whose tokens' places, averaged, are the place of a text.

use std::collections::HashMap;

use candle_core::{D, Device, IndexOp, Result, Tensor};

use super::wordpiece::WordPiece;
use crate::chat::{Embeddings, Usage};
use crate::diag::{Fault, FaultKind};

const LAYERS: usize = 6;
const WIDTH: usize = 384;
const HEADS: usize = 12;
/// Most tokens of a text that are read, as sentence-transformers has it for this model.
const LONGEST: usize = 256;
const EPSILON: f64 = 1e-12;

/// The model, loaded.
pub(super) struct MiniLm {
    words: WordPiece,
    weights: HashMap<String, Tensor>,
}

impl MiniLm {
    /// Reads the weights and the vocabulary.
    pub(super) fn read(weights: &[u8], vocabulary: &[u8]) -> std::result::Result<MiniLm, Fault> {
        let weights = candle_core::safetensors::load_buffer(weights, &Device::Cpu).ok();
        let words = std::str::from_utf8(vocabulary).ok().and_then(WordPiece::read);
        let read = weights.zip(words).map(|(weights, words)| MiniLm { words, weights });
        // A text goes through all weights, so that none is missing or of another size.
        let whole = read.filter(|model| {
            let pieces = model
                .get("embeddings.word_embeddings.weight")
                .and_then(|table| table.dim(0));
            pieces.is_ok_and(|pieces| pieces == model.words.len()) && model.place("a").is_ok()
        });
        whole.ok_or_else(|| {
            Fault::new(FaultKind::Lm, "the weights of the embedder `local` are damaged")
                .help("run `dsp models rm all-minilm-l6-v2`; the next run fetches them again")
        })
    }

    /// The places of texts.
    pub(super) fn embed(&self, texts: &[String]) -> std::result::Result<Embeddings, Fault> {
        let mut placed = Embeddings {
            vectors: Vec::new(),
            usage: Usage {
                cost: Some(0.0),
                ..Usage::default()
            },
        };
        for text in texts {
            let (vector, tokens) = self.place(text).map_err(|error| {
                let message = format!("the embedder `local` cannot place a text: {error}");
                Fault::new(FaultKind::Lm, message)
            })?;
            placed.vectors.push(vector);
            placed.usage.prompt_tokens += tokens as u64;
        }
        Ok(placed)
    }

    /// A text's place, of length 1, and how many tokens it has.
    fn place(&self, text: &str) -> Result<(Vec<f64>, usize)> {
        let tokens = self.words.tokens(text, LONGEST);
        let count = tokens.len();
        let tokens = Tensor::from_vec(tokens, count, &Device::Cpu)?;
        let words = self
            .get("embeddings.word_embeddings.weight")?
            .index_select(&tokens, 0)?;
        let positions = self.get("embeddings.position_embeddings.weight")?.narrow(0, 0, count)?;
        let kind = self.get("embeddings.token_type_embeddings.weight")?.i(0)?;
        let state = (words + positions)?.broadcast_add(&kind)?;
        let mut state = self.normed(&state, "embeddings.LayerNorm")?;
        for layer in 0..LAYERS {
            state = self.layer(&state, &format!("encoder.layer.{layer}"))?;
        }
        let mean: Vec<f32> = state.mean(0)?.to_vec1()?;
        let length = mean.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
        let vector = mean
            .iter()
            .map(|number| f64::from(*number) / length.max(EPSILON))
            .collect();
        Ok((vector, count))
    }

    fn layer(&self, state: &Tensor, name: &str) -> Result<Tensor> {
        let attention = format!("{name}.attention");
        let count = state.dim(0)?;
        let heads = |part: &str| -> Result<Tensor> {
            let rows = self.linear(state, &format!("{attention}.self.{part}"))?;
            rows.reshape((count, HEADS, WIDTH / HEADS))?
                .transpose(0, 1)?
                .contiguous()
        };
        let (query, key, value) = (heads("query")?, heads("key")?, heads("value")?);
        let scale = 1.0 / ((WIDTH / HEADS) as f64).sqrt();
        let scores = (query.matmul(&key.transpose(1, 2)?.contiguous()?)? * scale)?;
        let scores = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?)?.exp()?;
        let weights = scores.broadcast_div(&scores.sum_keepdim(D::Minus1)?)?;
        let mixed = weights.matmul(&value)?.transpose(0, 1)?.reshape((count, WIDTH))?;
        let mixed = self.linear(&mixed, &format!("{attention}.output.dense"))?;
        let state = self.normed(&(state + mixed)?, &format!("{attention}.output.LayerNorm"))?;
        let wide = self.linear(&state, &format!("{name}.intermediate.dense"))?.gelu_erf()?;
        let fed = self.linear(&wide, &format!("{name}.output.dense"))?;
        self.normed(&(state + fed)?, &format!("{name}.output.LayerNorm"))
    }

    fn linear(&self, rows: &Tensor, name: &str) -> Result<Tensor> {
        let weight = self.get(&format!("{name}.weight"))?;
        rows.matmul(&weight.t()?)?
            .broadcast_add(self.get(&format!("{name}.bias"))?)
    }

    fn normed(&self, rows: &Tensor, name: &str) -> Result<Tensor> {
        let rows = rows.broadcast_sub(&rows.mean_keepdim(D::Minus1)?)?;
        let spread = (rows.sqr()?.mean_keepdim(D::Minus1)? + EPSILON)?.sqrt()?;
        let rows = rows
            .broadcast_div(&spread)?
            .broadcast_mul(self.get(&format!("{name}.weight"))?)?;
        rows.broadcast_add(self.get(&format!("{name}.bias"))?)
    }

    fn get(&self, name: &str) -> Result<&Tensor> {
        let found = self.weights.get(name);
        found.ok_or_else(|| candle_core::Error::Msg(format!("`{name}` is missing")))
    }
}
