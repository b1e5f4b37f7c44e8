//! Models that a program around dsp brings along.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use crate::chat::{Reply, Request};
use crate::diag::Fault;
use crate::host::BoxFuture;
use crate::value::{EcoString, LmKind, LmSpec, Opaque, Record};

/// A model of the host's own. Its answers are recorded, but never cached: dsp cannot know what they depend on.
pub trait Model: Send + Sync + 'static {
    fn complete(&self, request: Request) -> BoxFuture<'static, Result<Reply, Fault>>;
}

/// A `Model` as a value.
#[derive(Clone)]
pub(super) struct Hosted(pub(super) Arc<dyn Model>);

/// The value that stands for a host's model in scripts.
pub fn hosted(name: impl Into<EcoString>, model: Arc<dyn Model>) -> LmSpec {
    LmSpec {
        name: name.into(),
        options: Record::default(),
        kind: LmKind::Hosted(Arc::new(Hosted(model))),
    }
}

impl fmt::Debug for Hosted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hosted")
    }
}

impl Opaque for Hosted {
    fn type_name(&self) -> &'static str {
        "LM"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
