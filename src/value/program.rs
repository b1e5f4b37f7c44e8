//! Programs are values: module instances and predictors. A changed copy shares what did not change.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{EcoString, Function, List, ModuleId, Opaque, Record, Signature, Value};

/// Something that `compile` can improve, `save` can write and a call can run.
#[derive(Clone, Debug, PartialEq)]
pub enum Program {
    /// `Predict(Sig)`
    Predictor(Predictor),
    /// `SupportRouter()`
    Instance(Instance),
}

/// For each output, each literal with the score that it has for no reason of the question's.
pub type Calibration = Option<Arc<BTreeMap<EcoString, BTreeMap<EcoString, f64>>>>;

/// The leaf that calls a model. What `compile` tunes is here: instructions (in `signature`), demos, the model.
#[derive(Clone, Debug)]
pub struct Predictor {
    /// What it takes and returns, and its instructions.
    pub signature: Arc<Signature>,
    /// Records of the columns, plus `augmented: true` for bootstrapped ones.
    pub demos: List,
    /// The model it calls, where it has one of its own.
    pub lm: Option<Value>,
    /// Settings given at construction: `Predict(S, temperature: 0.7)`.
    pub config: Arc<Record>,
    /// What `local` takes off the scores of literals: for each output, each literal's text. A property of the prompt, so
    /// whatever changes that drops it.
    pub calibration: Calibration,
    /// Its path in the program that is being traced; set by `trace`, never compared.
    pub path: Option<EcoString>,
    /// How `compile` made it, if it did.
    pub made: Made,
}

impl PartialEq for Predictor {
    fn eq(&self, other: &Predictor) -> bool {
        self.signature == other.signature
            && self.demos == other.demos
            && self.lm == other.lm
            && self.config == other.config
            && self.calibration == other.calibration
    }
}

/// An instance of a module: its parameters, then its members, by name and in order.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Its declaration.
    pub module: ModuleId,
    /// The module's name.
    pub name: EcoString,
    /// Parameters and members.
    pub fields: Record,
    /// How `compile` made it, if it did.
    pub made: Made,
}

impl Instance {
    /// The program that it stands for: a private module around a parameter `program` decides what that is shown at each
    /// call, and is otherwise that program, with its paths and its state.
    pub fn inner(&self) -> Option<&Value> {
        let inner = self.fields.get(INNER).filter(|_| self.name.starts_with('_'));
        inner.filter(|value| matches!(value, Value::Program(_)))
    }
}

/// The parameter of a module around a program.
pub const INNER: &str = "program";

impl PartialEq for Instance {
    fn eq(&self, other: &Instance) -> bool {
        self.module == other.module && self.fields == other.fields
    }
}

/// How `compile` made a program: metric, data, model, seed, score. `save` writes it; it is never compared.
pub type Made = Option<Arc<Record>>;

/// A model by name, with its options. The client is found when it is called.
#[derive(Clone, Debug)]
pub struct LmSpec {
    /// `openai/gpt-4o-mini`, `local`, `local/path/to/model.gguf`, `dummy`
    pub name: EcoString,
    /// `temperature`, `max_tokens`, `api_base`, `api_key_env` and whatever goes through to the provider.
    pub options: Record,
    /// Who answers.
    pub kind: LmKind,
}

/// Who answers.
#[derive(Clone, Debug)]
pub enum LmKind {
    /// A provider, the model that is built in, or one that the host registered: the name says which.
    Provider,
    /// `DummyLM(fn)`: a function from the messages to text or a record. Overlaps like a real model.
    Function(Arc<Function>),
    /// `DummyLM([…])`, `DummyLM({…})`: held by the `lm` layer, answers in program order.
    Scripted(Arc<dyn Opaque>),
    /// `LM(["openai/a", "anthropic/b"])`: held by the `lm` layer.
    Several(Arc<dyn Opaque>),
}

impl PartialEq for LmSpec {
    fn eq(&self, other: &LmSpec) -> bool {
        let same_kind = match (&self.kind, &other.kind) {
            (LmKind::Provider, LmKind::Provider) => true,
            (LmKind::Function(a), LmKind::Function(b)) => Arc::ptr_eq(a, b),
            (LmKind::Scripted(a), LmKind::Scripted(b)) | (LmKind::Several(a), LmKind::Several(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        same_kind && self.name == other.name && self.options == other.options
    }
}
