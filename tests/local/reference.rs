//! The architecture written down plainly, in double precision and one token after the other: what the engine must
//! agree with.

use crate::tiny::{self, Tiny};

struct Layer {
    attention_norm: Vec<f32>,
    query: Vec<f32>,
    key: Vec<f32>,
    value: Vec<f32>,
    /// What a qwen2 adds to each.
    biases: Option<[Vec<f32>; 3]>,
    output: Vec<f32>,
    feed_norm: Vec<f32>,
    gate: Vec<f32>,
    up: Vec<f32>,
    down: Vec<f32>,
    /// Of the tokens so far.
    keys: Vec<Vec<f64>>,
    values: Vec<Vec<f64>>,
}

/// The tokens that follow `prompt`, the likeliest each time.
pub fn greedy(model: &Tiny, prompt: &[u32], count: usize) -> Vec<u32> {
    let mut reader = Reader::new(model);
    let mut tokens = prompt.to_vec();
    let mut position = 0;
    while tokens.len() < prompt.len() + count {
        let scores = reader.read(&tokens[position..]);
        position = tokens.len();
        let best = (0..scores.len())
            .max_by(|a, b| scores[*a].total_cmp(&scores[*b]))
            .unwrap();
        tokens.push(best as u32);
    }
    tokens.split_off(prompt.len())
}

/// The scores of the token after a text.
pub fn scores(model: &Tiny, tokens: &[u32]) -> Vec<f64> {
    Reader::new(model).read(tokens)
}

/// The model, and what it remembers of a text.
struct Reader {
    layers: Vec<Layer>,
    embedding: Vec<f32>,
    norm: Vec<f32>,
    head: Vec<f32>,
    position: usize,
}

impl Reader {
    fn new(model: &Tiny) -> Reader {
        Reader {
            layers: (0..tiny::LAYERS).map(|index| layer(model, index)).collect(),
            embedding: model.floats("token_embd.weight"),
            norm: model.floats("output_norm.weight"),
            head: model.floats("output.weight"),
            position: 0,
        }
    }

    /// Reads more tokens, at least one; the scores of the next.
    fn read(&mut self, tokens: &[u32]) -> Vec<f64> {
        let mut state = Vec::new();
        for token in tokens {
            let row = &self.embedding[*token as usize * tiny::WIDTH..][..tiny::WIDTH];
            state = row.iter().map(|number| f64::from(*number)).collect();
            for layer in &mut self.layers {
                layer.attend(&mut state, self.position);
                layer.feed(&mut state);
            }
            self.position += 1;
        }
        times(&self.head, &normed(&state, &self.norm))
    }
}

fn layer(model: &Tiny, index: usize) -> Layer {
    let floats = |part: &str| model.floats(&format!("blk.{index}.{part}.weight"));
    Layer {
        attention_norm: floats("attn_norm"),
        query: floats("attn_q"),
        key: floats("attn_k"),
        value: floats("attn_v"),
        biases: model
            .is_qwen2()
            .then(|| ["attn_q", "attn_k", "attn_v"].map(|part| model.floats(&format!("blk.{index}.{part}.bias")))),
        output: floats("attn_output"),
        feed_norm: floats("ffn_norm"),
        gate: floats("ffn_gate"),
        up: floats("ffn_up"),
        down: floats("ffn_down"),
        keys: Vec::new(),
        values: Vec::new(),
    }
}

impl Layer {
    fn attend(&mut self, state: &mut [f64], position: usize) {
        let input = normed(state, &self.attention_norm);
        let [query, key, value] = [(&self.query, 0), (&self.key, 1), (&self.value, 2)].map(|(weights, which)| {
            let mut row = times(weights, &input);
            if let Some(biases) = &self.biases {
                let bias: Vec<f64> = biases[which].iter().map(|number| f64::from(*number)).collect();
                add(&mut row, &bias);
            }
            row
        });
        let query = turned(query, position, self.biases.is_some());
        self.keys.push(turned(key, position, self.biases.is_some()));
        self.values.push(value);
        let mut mixed = Vec::new();
        for head in 0..tiny::HEADS {
            let own = head * tiny::HEAD..(head + 1) * tiny::HEAD;
            let kv = head / (tiny::HEADS / tiny::KV_HEADS) * tiny::HEAD;
            let kv = kv..kv + tiny::HEAD;
            let fit = |key: &Vec<f64>| dot(&query[own.clone()], &key[kv.clone()]) / (tiny::HEAD as f64).sqrt();
            let weights: Vec<f64> = self.keys.iter().map(|key| fit(key).exp()).collect();
            let whole: f64 = weights.iter().sum();
            mixed.extend(kv.clone().map(|at| {
                let parts = weights
                    .iter()
                    .zip(&self.values)
                    .map(|(weight, value)| weight * value[at]);
                parts.sum::<f64>() / whole
            }));
        }
        add(state, &times(&self.output, &mixed));
    }

    fn feed(&self, state: &mut [f64]) {
        let input = normed(state, &self.feed_norm);
        let gate = times(&self.gate, &input)
            .into_iter()
            .map(|gate| gate / (1.0 + (-gate).exp()));
        let inner: Vec<f64> = gate.zip(times(&self.up, &input)).map(|(gate, up)| gate * up).collect();
        add(state, &times(&self.down, &inner));
    }
}

/// Pairs turn by the position: side by side, or of a head's two halves.
fn turned(mut rows: Vec<f64>, position: usize, halves: bool) -> Vec<f64> {
    for head in rows.chunks_exact_mut(tiny::HEAD) {
        for place in 0..tiny::HEAD / 2 {
            let (first, second) = match halves {
                true => (place, place + tiny::HEAD / 2),
                false => (2 * place, 2 * place + 1),
            };
            let angle = position as f64 * tiny::BASE.powf(-2.0 * place as f64 / tiny::HEAD as f64);
            let (x, y) = (head[first], head[second]);
            head[first] = x * angle.cos() - y * angle.sin();
            head[second] = x * angle.sin() + y * angle.cos();
        }
    }
    rows
}

fn normed(row: &[f64], weight: &[f32]) -> Vec<f64> {
    let scale = 1.0 / (dot(row, row) / row.len() as f64 + f64::from(tiny::EPSILON)).sqrt();
    row.iter()
        .zip(weight)
        .map(|(number, weight)| number * scale * f64::from(*weight))
        .collect()
}

fn times(matrix: &[f32], row: &[f64]) -> Vec<f64> {
    let output = |weights: &[f32]| {
        weights
            .iter()
            .zip(row)
            .map(|(weight, input)| f64::from(*weight) * input)
            .sum()
    };
    matrix.chunks_exact(row.len()).map(output).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(row: &mut [f64], added: &[f64]) {
    for (number, added) in row.iter_mut().zip(added) {
        *number += added;
    }
}
