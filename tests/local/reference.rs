//! The architecture written down plainly, in double precision and one token after the other: what the engine must
//! agree with.

use crate::tiny::{self, Tiny};

struct Layer {
    attention_norm: Vec<f32>,
    query: Vec<f32>,
    key: Vec<f32>,
    value: Vec<f32>,
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
    let mut layers: Vec<Layer> = (0..tiny::LAYERS).map(|index| layer(model, index)).collect();
    let embedding = model.floats("token_embd.weight");
    let (norm, head) = (model.floats("output_norm.weight"), model.floats("output.weight"));
    let mut tokens = prompt.to_vec();
    let mut position = 0;
    while tokens.len() < prompt.len() + count {
        let mut scores = Vec::new();
        for token in &tokens[position..] {
            let row = &embedding[*token as usize * tiny::WIDTH..][..tiny::WIDTH];
            let mut state: Vec<f64> = row.iter().map(|number| f64::from(*number)).collect();
            for layer in &mut layers {
                layer.attend(&mut state, position);
                layer.feed(&mut state);
            }
            scores = times(&head, &normed(&state, &norm));
            position += 1;
        }
        let best = (0..scores.len())
            .max_by(|a, b| scores[*a].total_cmp(&scores[*b]))
            .unwrap();
        tokens.push(best as u32);
    }
    tokens.split_off(prompt.len())
}

fn layer(model: &Tiny, index: usize) -> Layer {
    let floats = |part: &str| model.floats(&format!("blk.{index}.{part}.weight"));
    Layer {
        attention_norm: floats("attn_norm"),
        query: floats("attn_q"),
        key: floats("attn_k"),
        value: floats("attn_v"),
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
        let query = turned(times(&self.query, &input), position);
        self.keys.push(turned(times(&self.key, &input), position));
        self.values.push(times(&self.value, &input));
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

/// Pairs side by side turn by the position.
fn turned(mut rows: Vec<f64>, position: usize) -> Vec<f64> {
    for (index, pair) in rows.chunks_exact_mut(2).enumerate() {
        let place = index % (tiny::HEAD / 2);
        let angle = position as f64 * tiny::BASE.powf(-2.0 * place as f64 / tiny::HEAD as f64);
        let (x, y) = (pair[0], pair[1]);
        pair[0] = x * angle.cos() - y * angle.sin();
        pair[1] = x * angle.sin() + y * angle.cos();
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
