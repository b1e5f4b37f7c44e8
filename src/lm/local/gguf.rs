//! A GGUF file becomes a `Model`: sizes from its metadata, weights from its tensors. A file that is cut short, is
//! something else or holds another architecture is a `Fault` that says so.

use std::io::BufReader;
use std::ops::Range;
use std::sync::Arc;

use candle_core::Device;
use candle_core::quantized::gguf_file::{Content, TensorInfo, Value};

use super::embedding::Embedding;
use super::format::{Format, GROUP};
use super::matrix::{Matrix, Order, PANEL};
use super::model::{Layer, Model};
use super::shape::Shape;
use crate::diag::{Fault, FaultKind};
use crate::host::{Opened, Reader};

/// No model has a size near this; a damaged file must not ask for all memory.
const LARGEST: usize = 1 << 24;

/// What is wrong with a file; `name` is what the user calls it.
fn fault(name: &str, trouble: impl std::fmt::Display) -> Fault {
    Fault::new(FaultKind::Lm, format!("the model file `{name}` {trouble}")).help(
        "`local` runs llama and qwen2 models from a GGUF file; if the file was copied or downloaded, fetch it again",
    )
}

/// Reads a model. Beside the caller's thread `threads` more share the work.
pub(super) fn read(name: &str, opened: &dyn Opened, threads: usize) -> Result<Model, Fault> {
    let mut start = [0; 8];
    let known = opened.size().min(8) as usize;
    opened.read_at(0, &mut start[..known])?;
    if start[..4] != *b"GGUF" {
        return Err(fault(name, "is not a GGUF file"));
    }
    if known == 8 && !matches!(start[4..], [1..=3, 0, 0, 0]) {
        return Err(fault(name, "is of a version of GGUF that `local` does not read"));
    }
    let content = Content::read(&mut BufReader::new(Reader::new(opened)));
    let content = content.map_err(|_| fault(name, "is cut short or damaged"))?;
    let architecture = Architecture::of(name, &content)?;
    let file = File {
        name,
        opened,
        content,
        architecture,
    };
    let shape = file.shape()?;
    let mut layers: Vec<Option<Result<Layer, Fault>>> = Vec::new();
    layers.resize_with(shape.layers, || None);
    let share = shape.layers.div_ceil(threads.max(1)).max(1);
    let ends = std::thread::scope(|scope| {
        for (part, layers) in layers.chunks_mut(share).enumerate() {
            let (file, shape) = (&file, &shape);
            scope.spawn(move || {
                for (index, layer) in layers.iter_mut().enumerate() {
                    *layer = Some(file.layer(shape, part * share + index));
                }
            });
        }
        file.ends(&shape)
    });
    let (embedding, output) = ends?;
    let layers = layers.into_iter().flatten().collect::<Result<Vec<_>, _>>()?;
    let norm = file.numbers("output_norm.weight", shape.width)?;
    Ok(Model {
        shape,
        embedding,
        layers,
        norm,
        output,
    })
}

/// The architectures that are known. They differ in the order of a head's numbers, and in what is added to queries,
/// keys and values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Architecture {
    Llama,
    Qwen2,
}

impl Architecture {
    fn of(name: &str, content: &Content) -> Result<Architecture, Fault> {
        match content.metadata.get("general.architecture") {
            Some(Value::String(known)) if known == Architecture::Llama.name() => Ok(Architecture::Llama),
            Some(Value::String(known)) if known == Architecture::Qwen2.name() => Ok(Architecture::Qwen2),
            Some(Value::String(other)) => {
                let trouble = format!("holds the architecture `{other}`, and `local` runs `llama` and `qwen2` alone");
                Err(fault(name, trouble))
            }
            _ => Err(fault(name, "does not name its architecture")),
        }
    }

    /// As the file writes it, before the names of its sizes too.
    fn name(self) -> &'static str {
        match self {
            Architecture::Llama => "llama",
            Architecture::Qwen2 => "qwen2",
        }
    }

    /// How the rows of queries and keys are put.
    fn order(self, head: usize) -> Order {
        match self {
            Architecture::Llama => Order::AsTheyStand,
            Architecture::Qwen2 => Order::Paired(head),
        }
    }
}

struct File<'a> {
    name: &'a str,
    opened: &'a dyn Opened,
    content: Content,
    architecture: Architecture,
}

impl File<'_> {
    fn shape(&self) -> Result<Shape, Fault> {
        let heads = self.size("attention.head_count")?;
        let width = self.size("embedding_length")?;
        let head = self.size_or("attention.key_length", width / heads)?;
        let vocabulary = self.tensor("token_embd.weight")?.shape.dims().first().copied();
        let shape = Shape {
            layers: self.size("block_count")?,
            width,
            feed: self.size("feed_forward_length")?,
            heads,
            kv_heads: self.size_or("attention.head_count_kv", heads)?,
            head,
            vocabulary: vocabulary.unwrap_or_default(),
            context: self.size("context_length")?,
            epsilon: self.number("attention.layer_norm_rms_epsilon")?.unwrap_or(1e-5) as f32,
            turns: self.turns(head)?,
        };
        let fits = [shape.width, shape.feed, shape.query_width()]
            .iter()
            .all(|size| size.is_multiple_of(PANEL))
            && shape.head.is_multiple_of(16)
            && shape.heads.is_multiple_of(shape.kv_heads)
            && shape.vocabulary < LARGEST;
        match fits {
            true => Ok(shape),
            false => Err(fault(
                self.name,
                format!("has sizes that `local` cannot run: {width} numbers, {heads} heads"),
            )),
        }
    }

    /// How fast each pair of a head's numbers turns.
    fn turns(&self, head: usize) -> Result<Vec<f64>, Fault> {
        let rotated = self.size_or("rope.dimension_count", head)?;
        let scaled = match self.stated("rope.scaling.type") {
            None => false,
            Some(Value::String(kind)) => kind != "none",
            Some(_) => true,
        };
        if rotated != head || scaled {
            return Err(fault(
                self.name,
                "turns its positions in a way that `local` does not know",
            ));
        }
        let base = self.number("rope.freq_base")?.unwrap_or(10_000.0);
        let factors = match self.content.tensor_infos.contains_key("rope_freqs.weight") {
            true => self.numbers("rope_freqs.weight", head / 2)?,
            false => vec![1.0; head / 2],
        };
        let turn = |(pair, factor): (usize, &f32)| base.powf(-2.0 * pair as f64 / head as f64) / f64::from(*factor);
        Ok(factors.iter().enumerate().map(turn).collect())
    }

    /// What stands before the layers and behind them: one matrix serves as both where the file has no second one.
    fn ends(&self, shape: &Shape) -> Result<(Embedding, Arc<Matrix>), Fault> {
        let (own, embedding) = ("output.weight", "token_embd.weight");
        let whole = |tensor| self.matrix(tensor, shape.vocabulary, shape.width, Order::AsTheyStand);
        if !self.content.tensor_infos.contains_key(own) {
            let both = Arc::new(whole(embedding)?);
            return Ok((Embedding::Packed(both.clone()), both));
        }
        let output = Arc::new(whole(own)?);
        let info = self.checked(embedding, &[shape.vocabulary, shape.width])?;
        let Some(format) = format(info, shape.width) else {
            return Ok((Embedding::Packed(Arc::new(whole(embedding)?)), output));
        };
        let mut blocks = Vec::new();
        let size = shape.vocabulary * format.row_bytes(shape.width);
        self.fetch(embedding, info, 0..size, &mut blocks)?;
        Ok((Embedding::AsInFile { format, blocks }, output))
    }

    fn layer(&self, shape: &Shape, index: usize) -> Result<Layer, Fault> {
        let turned = self.architecture.order(shape.head);
        let put = |part: &str, outputs, inputs, order| {
            self.matrix(&format!("blk.{index}.{part}.weight"), outputs, inputs, order)
        };
        let matrix = |part: &str, outputs, inputs| put(part, outputs, inputs, Order::AsTheyStand);
        let numbers = |part: &str| self.numbers(&format!("blk.{index}.{part}.weight"), shape.width);
        let bias = |part: &str, length: usize, order: Order| -> Result<Vec<f32>, Fault> {
            let tensor = format!("blk.{index}.{part}.bias");
            if self.architecture == Architecture::Llama {
                return Ok(Vec::new());
            }
            let numbers = self.numbers(&tensor, length)?;
            Ok((0..length).map(|output| numbers[order.row(output)]).collect())
        };
        Ok(Layer {
            attention_norm: numbers("attn_norm")?,
            query: put("attn_q", shape.query_width(), shape.width, turned)?,
            key: put("attn_k", shape.kv_width(), shape.width, turned)?,
            value: matrix("attn_v", shape.kv_width(), shape.width)?,
            query_bias: bias("attn_q", shape.query_width(), turned)?,
            key_bias: bias("attn_k", shape.kv_width(), turned)?,
            value_bias: bias("attn_v", shape.kv_width(), Order::AsTheyStand)?,
            output: matrix("attn_output", shape.width, shape.query_width())?,
            feed_norm: numbers("ffn_norm")?,
            gate: matrix("ffn_gate", shape.feed, shape.width)?,
            up: matrix("ffn_up", shape.feed, shape.width)?,
            down: matrix("ffn_down", shape.width, shape.feed)?,
        })
    }

    /// What the file states of its architecture.
    fn stated(&self, key: &str) -> Option<&Value> {
        self.content.metadata.get(&self.key(key))
    }

    fn key(&self, key: &str) -> String {
        format!("{}.{key}", self.architecture.name())
    }

    /// A size of the architecture, at least 1.
    fn size(&self, key: &str) -> Result<usize, Fault> {
        let value = self.stated(key);
        let size = value
            .and_then(|value| value.to_u64().ok())
            .and_then(|size| usize::try_from(size).ok());
        size.filter(|size| (1..LARGEST).contains(size))
            .ok_or_else(|| fault(self.name, format!("states no `{}` that `local` can run", self.key(key))))
    }

    fn size_or(&self, key: &str, otherwise: usize) -> Result<usize, Fault> {
        match self.stated(key) {
            Some(_) => self.size(key),
            None => Ok(otherwise),
        }
    }

    fn number(&self, key: &str) -> Result<Option<f64>, Fault> {
        match self.stated(key) {
            None => Ok(None),
            Some(Value::F32(number)) => Ok(Some(f64::from(*number))),
            Some(Value::F64(number)) => Ok(Some(*number)),
            Some(_) => Err(fault(self.name, format!("has no number at `{}`", self.key(key)))),
        }
    }

    fn tensor(&self, tensor: &str) -> Result<&TensorInfo, Fault> {
        let info = self.content.tensor_infos.get(tensor);
        info.ok_or_else(|| fault(self.name, format!("lacks the tensor `{tensor}`")))
    }

    /// A tensor that must have these dimensions.
    fn checked(&self, tensor: &str, dimensions: &[usize]) -> Result<&TensorInfo, Fault> {
        let info = self.tensor(tensor)?;
        if info.shape.dims() != dimensions {
            let trouble = format!(
                "has the tensor `{tensor}` of size {:?} where {dimensions:?} is needed",
                info.shape.dims()
            );
            return Err(fault(self.name, trouble));
        }
        Ok(info)
    }

    fn numbers(&self, tensor: &str, length: usize) -> Result<Vec<f32>, Fault> {
        self.floats(tensor, self.checked(tensor, &[length])?)
    }

    fn matrix(&self, tensor: &str, outputs: usize, inputs: usize, order: Order) -> Result<Matrix, Fault> {
        let info = self.checked(tensor, &[outputs, inputs])?;
        let Some(format) = format(info, inputs) else {
            return Matrix::from_floats(&self.floats(tensor, info)?, outputs, inputs, order);
        };
        let size = format.row_bytes(inputs);
        Matrix::from_format(format, outputs, inputs, order, |rows: Range<usize>, bytes| {
            self.fetch(tensor, info, rows.start * size..rows.end * size, bytes)
        })
    }

    /// Some bytes of a tensor.
    fn fetch(&self, tensor: &str, info: &TensorInfo, part: Range<usize>, bytes: &mut Vec<u8>) -> Result<(), Fault> {
        let start = self.content.tensor_data_offset.saturating_add(info.offset);
        let first = start.saturating_add(part.start as u64);
        if first.saturating_add(part.len() as u64) > self.opened.size() {
            return Err(fault(
                self.name,
                format!("is cut short: it ends before `{tensor}` does"),
            ));
        }
        bytes.resize(part.len(), 0);
        Ok(self.opened.read_at(first, bytes)?)
    }

    fn floats(&self, tensor: &str, info: &TensorInfo) -> Result<Vec<f32>, Fault> {
        let mut reader = Reader::new(self.opened);
        let read = info.read(&mut reader, self.content.tensor_data_offset, &Device::Cpu);
        let floats = read.and_then(|tensor| tensor.dequantize(&Device::Cpu)?.flatten_all()?.to_vec1());
        floats.map_err(|_| fault(self.name, format!("is cut short or damaged: `{tensor}` cannot be read")))
    }
}

/// The format of a tensor that is taken over as it is.
fn format(info: &TensorInfo, inputs: usize) -> Option<Format> {
    Format::of(info.ggml_dtype).filter(|format| inputs.is_multiple_of(GROUP * format.groups()))
}
