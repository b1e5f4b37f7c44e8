//! A llama of two layers with chance's weights, whose tokens are the printable characters of ASCII, as a GGUF file.

use std::io::Cursor;

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use dsp::chat::{Message, Mode, Reply, Request, Role};
use dsp::diag::Fault;
use dsp::host::fake::FakeHost;
use dsp::lm::local::Local;

pub const LAYERS: usize = 2;
pub const WIDTH: usize = 64;
pub const FEED: usize = 128;
pub const HEADS: usize = 4;
pub const KV_HEADS: usize = 2;
pub const HEAD: usize = 16;
pub const CONTEXT: usize = 512;
pub const BASE: f64 = 500.0;
pub const EPSILON: f32 = 1e-5;
pub const PATH: &str = "tiny.gguf";
pub const TEMPLATE: &str = "{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou help.<|im_end|>\n' }}\
                            {% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}";

/// Three marks, the characters, and one pair that is a token.
pub fn vocabulary() -> Vec<String> {
    let marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
    let letters = (b'!'..=b'~').map(|byte| char::from(byte).to_string());
    let mut tokens: Vec<String> = marks.iter().map(|mark| (*mark).to_owned()).chain(letters).collect();
    tokens.extend(["Ġ", "Ċ", "th"].map(str::to_owned));
    tokens
}

/// The tokens of a text: its characters, and the pair.
pub fn tokens(text: &str) -> Vec<u32> {
    let vocabulary = vocabulary();
    let shown = text.replace(' ', "Ġ").replace('\n', "Ċ");
    let mut rest = shown.as_str();
    let mut tokens = Vec::new();
    while let Some(letter) = rest.chars().next() {
        let length = if rest.starts_with("th") { 2 } else { letter.len_utf8() };
        let token = vocabulary.iter().position(|token| *token == rest[..length]);
        tokens.push(token.unwrap() as u32);
        rest = &rest[length..];
    }
    tokens
}

pub fn text(tokens: &[u32]) -> String {
    let vocabulary = vocabulary();
    let shown = tokens.iter().map(|token| vocabulary[*token as usize].as_str());
    shown.collect::<String>().replace('Ġ', " ").replace('Ċ', "\n")
}

/// A file in the making.
pub struct Tiny {
    pub metadata: Vec<(String, Value)>,
    pub tensors: Vec<(String, QTensor)>,
}

impl Tiny {
    /// `format` chooses how a matrix is stored.
    pub fn new(format: impl Fn(&str) -> GgmlDType) -> Tiny {
        let mut chance = 1;
        let mut tensors = Vec::new();
        let mut matrix = |name: String, outputs: usize, inputs: usize, size: f32| {
            let mut values = numbers(&mut chance, outputs * inputs, size);
            if name == "output.weight" {
                // The marks are never chosen.
                values[..3 * inputs].fill(0.0);
            }
            let tensor = Tensor::from_vec(values, (outputs, inputs), &Device::Cpu).unwrap();
            let tensor = QTensor::quantize(&tensor, format(&name)).unwrap();
            tensors.push((name, tensor));
        };
        let size = vocabulary().len();
        matrix("token_embd.weight".to_owned(), size, WIDTH, 1.0);
        matrix("output.weight".to_owned(), size, WIDTH, 1.0);
        for layer in 0..LAYERS {
            for (part, outputs, inputs) in [
                ("attn_q", HEADS * HEAD, WIDTH),
                ("attn_k", KV_HEADS * HEAD, WIDTH),
                ("attn_v", KV_HEADS * HEAD, WIDTH),
                ("attn_output", WIDTH, HEADS * HEAD),
                ("ffn_gate", FEED, WIDTH),
                ("ffn_up", FEED, WIDTH),
                ("ffn_down", WIDTH, FEED),
            ] {
                matrix(format!("blk.{layer}.{part}.weight"), outputs, inputs, 0.4);
            }
        }
        let norms =
            (0..LAYERS).flat_map(|layer| ["attn_norm", "ffn_norm"].map(|part| format!("blk.{layer}.{part}.weight")));
        for name in norms.chain(["output_norm.weight".to_owned()]) {
            let values = numbers(&mut chance, WIDTH, 0.2)
                .iter()
                .map(|number| 1.0 + number)
                .collect::<Vec<f32>>();
            let tensor = Tensor::from_vec(values, WIDTH, &Device::Cpu).unwrap();
            tensors.push((name, QTensor::quantize(&tensor, GgmlDType::F32).unwrap()));
        }
        Tiny {
            metadata: metadata(),
            tensors,
        }
    }

    /// A model in the formats that are taken over as they are.
    pub fn plain() -> Tiny {
        Tiny::new(|name| match name {
            name if name.contains("attn_q") || name.contains("ffn_up") => GgmlDType::Q4_0,
            name if name.contains("attn") || name.contains("ffn_gate") => GgmlDType::Q4_1,
            _ => GgmlDType::Q8_0,
        })
    }

    /// The same as a qwen2: biases, halves of a head that turn together, a tokenizer of its own.
    pub fn qwen2() -> Tiny {
        let mut model = Tiny::plain();
        for (name, value) in &mut model.metadata {
            *name = name.replace("llama.", "qwen2.");
            if name == "general.architecture" {
                *value = Value::String("qwen2".to_owned());
            }
        }
        let mut chance = 7;
        for layer in 0..LAYERS {
            for (part, length) in [
                ("attn_q", HEADS * HEAD),
                ("attn_k", KV_HEADS * HEAD),
                ("attn_v", KV_HEADS * HEAD),
            ] {
                let bias = Tensor::from_vec(numbers(&mut chance, length, 0.5), length, &Device::Cpu).unwrap();
                let bias = QTensor::quantize(&bias, GgmlDType::F32).unwrap();
                model.tensors.push((format!("blk.{layer}.{part}.bias"), bias));
            }
        }
        model.set("tokenizer.ggml.pre", Value::String("qwen2".to_owned()))
    }

    /// Whether it is one.
    pub fn is_qwen2(&self) -> bool {
        self.tensors.iter().any(|(name, _)| name.ends_with(".bias"))
    }

    pub fn set(mut self, key: &str, value: Value) -> Tiny {
        self.metadata.retain(|(name, _)| name != key);
        self.metadata.push((key.to_owned(), value));
        self
    }

    pub fn without(mut self, name: &str) -> Tiny {
        self.metadata.retain(|(key, _)| key != name);
        self.tensors.retain(|(tensor, _)| tensor != name);
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        let mut file = Cursor::new(Vec::new());
        let metadata: Vec<(&str, &Value)> = self
            .metadata
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        let tensors: Vec<(&str, &QTensor)> = self
            .tensors
            .iter()
            .map(|(name, tensor)| (name.as_str(), tensor))
            .collect();
        gguf_file::write(&mut file, &metadata, &tensors).unwrap();
        file.into_inner()
    }

    /// A matrix as floats.
    pub fn floats(&self, name: &str) -> Vec<f32> {
        let (_, tensor) = self.tensors.iter().find(|(tensor, _)| tensor == name).unwrap();
        let tensor = tensor.dequantize(&Device::Cpu).unwrap();
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }
}

fn metadata() -> Vec<(String, Value)> {
    let texts = |texts: Vec<String>| Value::Array(texts.into_iter().map(Value::String).collect());
    let kinds = (0..vocabulary().len()).map(|token| Value::I32(if token < 3 { 3 } else { 1 }));
    let pairs = [
        ("general.architecture", Value::String("llama".to_owned())),
        ("llama.block_count", Value::U32(LAYERS as u32)),
        ("llama.context_length", Value::U32(CONTEXT as u32)),
        ("llama.embedding_length", Value::U32(WIDTH as u32)),
        ("llama.feed_forward_length", Value::U32(FEED as u32)),
        ("llama.attention.head_count", Value::U32(HEADS as u32)),
        ("llama.attention.head_count_kv", Value::U32(KV_HEADS as u32)),
        ("llama.attention.layer_norm_rms_epsilon", Value::F32(EPSILON)),
        ("llama.rope.freq_base", Value::F32(BASE as f32)),
        ("tokenizer.ggml.model", Value::String("gpt2".to_owned())),
        ("tokenizer.ggml.pre", Value::String("smollm".to_owned())),
        ("tokenizer.ggml.tokens", texts(vocabulary())),
        ("tokenizer.ggml.token_type", Value::Array(kinds.collect())),
        ("tokenizer.ggml.merges", texts(vec!["t h".to_owned()])),
        ("tokenizer.ggml.bos_token_id", Value::U32(1)),
        ("tokenizer.ggml.eos_token_id", Value::U32(2)),
        ("tokenizer.ggml.add_bos_token", Value::Bool(false)),
        ("tokenizer.chat_template", Value::String(TEMPLATE.to_owned())),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Numbers between `-size` and `size`, always the same.
fn numbers(chance: &mut u64, count: usize, size: f32) -> Vec<f32> {
    let mut number = || {
        *chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((*chance >> 40) as f32 / (1u64 << 23) as f32 - 1.0) * size
    };
    (0..count).map(|_| number()).collect()
}

/// A world with this file in it.
pub fn world(file: &[u8]) -> (FakeHost, Local) {
    let host = FakeHost::new();
    host.put(PATH, file);
    let local = Local::new(host.host());
    (host, local)
}

/// Asks a fresh engine.
pub fn ask(file: &[u8], request: Request) -> Result<Reply, Fault> {
    let (host, local) = world(file);
    host.block_on(local.complete(request))
}

/// A text to be gone on with, by so many tokens.
pub fn completion(text: &str, limit: u32) -> Request {
    Request {
        mode: Mode::Completion,
        ..chat(vec![Message::new(Role::User, text)], limit)
    }
}

pub fn chat(messages: Vec<Message>, limit: u32) -> Request {
    Request {
        max_tokens: Some(limit),
        ..Request::new(format!("local/{PATH}"), messages)
    }
}
