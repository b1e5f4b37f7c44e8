//! What one call uses: its model, its adapter, and how it is asked. The predictor's own configuration wins over `with`,
//! `with` over `configure`, and all of them over the options of the model.

use std::sync::{Arc, OnceLock};

use crate::adapter::{self, Adapter, TwoStep, TwoStepValue};
use crate::diag::{Fault, FaultKind, a, nearest};
use crate::lm::{self, CallSettings};
use crate::value::{EcoString, LmKind, LmSpec, Predictor, Program, Record, Settings, Value};

use super::super::run::Run;

/// Re-asks, where nothing else is said.
const MAX_RETRIES: u32 = 2;

/// Settings of dsp's own, which no provider is sent.
const OWN: [&str; 11] = [
    "adapter",
    "lm",
    "rm",
    "max_retries",
    "strict",
    "structured",
    "use_native_function_calling",
    "demos",
    "n",
    "rollout",
    "rollout_id",
];

/// Several answers at this temperature or below would be one answer several times, so DSPy asks for them at
/// `SEVERAL_AT`.
const TOO_COLD: f64 = 0.15;
const SEVERAL_AT: f64 = 0.7;

/// The settings that reach the request.
const SENT: [&str; 3] = ["temperature", "max_tokens", "seed"];

#[derive(Clone)]
pub struct CallPlan {
    pub lm: Arc<LmSpec>,
    pub adapter: &'static dyn Adapter,
    /// The model that takes the outputs out of the first one's text (`TwoStep`), and in how many answers.
    pub extractor: Option<(Arc<LmSpec>, u32)>,
    pub structured: Structured,
    /// Whether a question's tools are the request's own.
    pub native_tools: NativeTools,
    pub settings: Settings,
    pub max_retries: u32,
    pub strict: bool,
    /// How many answers are wanted.
    pub n: u32,
    /// The number of this answer among those to the same question, where it has one.
    pub rollout: Option<u32>,
    /// What the request is made with beside the model's options.
    pub sent: Vec<(EcoString, Value)>,
    /// How the request is sent, once one was.
    pub call: OnceLock<CallSettings>,
}

/// The plan of the last call: a program's calls are mostly alike.
pub struct Planned {
    program: Arc<Program>,
    settings: Settings,
    plan: Arc<CallPlan>,
}

impl Planned {
    pub fn is_of(&self, program: &Arc<Program>, settings: &Settings) -> bool {
        Arc::ptr_eq(&self.program, program) && self.settings.is(settings)
    }
}

impl Run<'_> {
    /// The plan of a call of a predictor under these settings.
    pub(super) fn plan(&mut self, program: &Arc<Program>, settings: &Settings) -> Result<Arc<CallPlan>, Fault> {
        if let Some(planned) = self.planned.as_ref().filter(|planned| planned.is_of(program, settings)) {
            return Ok(planned.plan.clone());
        }
        let Program::Predictor(predictor) = program.as_ref() else {
            return Err(Fault::new(FaultKind::Type, "this is no predictor"));
        };
        let plan = Arc::new(CallPlan::of(predictor, settings, &self.machine.parts.lm.value)?);
        self.planned = Some(Planned {
            program: program.clone(),
            settings: settings.clone(),
            plan: plan.clone(),
        });
        Ok(plan)
    }
}

impl CallPlan {
    pub fn of(predictor: &Predictor, outer: &Settings, default: &Value) -> Result<CallPlan, Fault> {
        let config = entries(&predictor.config);
        let settings = if config.is_empty() {
            outer.clone()
        } else {
            outer.with(config)
        };
        let set = |name: &str| settings.get(name).filter(|value| !value.is_none());
        let lm = predictor.lm.as_ref().or_else(|| set("lm")).unwrap_or(default);
        let sent = SENT
            .iter()
            .filter_map(|name| set(name).map(|value| (EcoString::from(*name), value.clone())));
        let rollout = rollout(
            count("rollout_id", set("rollout_id"))?,
            count("rollout", set("rollout"))?,
        );
        let numbered = rollout.map(|number| (EcoString::from("rollout_id"), Value::Int(i64::from(number))));
        let n = count("n", predictor.config.get("n"))?.unwrap_or(1);
        let lm = model(lm)?;
        let warmer = (n > 1 && is_cold(set("temperature").or_else(|| lm.options.get("temperature"))))
            .then(|| (EcoString::from("temperature"), Value::Float(SEVERAL_AT)));
        let own = |name: &EcoString| [&OWN[..], &SENT[..]].concat().contains(&name.as_str());
        let more = entries(&predictor.config).into_iter().filter(|(name, _)| !own(name));
        let (adapter, extractor) = adapter_of(set("adapter"))?;
        Ok(CallPlan {
            lm,
            n: if extractor.is_some() { 1 } else { n },
            rollout,
            adapter,
            extractor: extractor.map(|lm| (lm, n)),
            structured: structured(set("structured"))?,
            native_tools: native_tools(set("use_native_function_calling"), adapter)?,
            max_retries: count("max_retries", set("max_retries"))?.unwrap_or(MAX_RETRIES),
            strict: flag("strict", set("strict"))?,
            sent: sent.chain(numbered).chain(warmer).chain(more).collect(),
            settings: settings.clone(),
            call: OnceLock::new(),
        })
    }
}

/// The library's own number (of a module that asks again) and the script's `rollout:` as one.
fn rollout(library: Option<u32>, script: Option<u32>) -> Option<u32> {
    const FAR: u32 = 0x9E37_79B1;
    match (library, script) {
        (Some(library), Some(script)) => Some(library.wrapping_mul(FAR).wrapping_add(script)),
        (library, script) => library.or(script),
    }
}

fn is_cold(temperature: Option<&Value>) -> bool {
    match temperature {
        Some(Value::Float(temperature)) => *temperature <= TOO_COLD,
        Some(Value::Int(temperature)) => *temperature <= 0,
        _ => true,
    }
}

fn entries(record: &Record) -> Vec<(EcoString, Value)> {
    record
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn model(value: &Value) -> Result<Arc<LmSpec>, Fault> {
    match value {
        Value::Lm(lm) => Ok(lm.clone()),
        Value::Str(name) => {
            let (options, kind) = (Record::default(), LmKind::Provider);
            Ok(Arc::new(LmSpec {
                name: name.clone(),
                options,
                kind,
            }))
        }
        other => Err(Fault::new(
            FaultKind::Type,
            format!("`lm` must be a model, not {}", a(other.type_name())),
        )
        .help("write `LM(\"provider/name\")`")),
    }
}

type Chosen = (&'static dyn Adapter, Option<Arc<LmSpec>>);

fn adapter_of(value: Option<&Value>) -> Result<Chosen, Fault> {
    let name = match value {
        None => "chat",
        Some(Value::Str(name)) => name.as_str(),
        Some(other) => {
            let two_step = match other {
                Value::Opaque(opaque) => opaque.as_any().downcast_ref::<TwoStepValue>(),
                _ => None,
            };
            return match two_step {
                Some(two_step) => Ok((&TwoStep, Some(two_step.extractor.clone()))),
                None => {
                    let message = format!(
                        "`adapter` must be a name or `TwoStep(lm)`, not {}",
                        a(other.type_name())
                    );
                    Err(Fault::new(FaultKind::Type, message))
                }
            };
        }
    };
    let named = adapter::by_name(name).map(|adapter| (adapter, None));
    named.ok_or_else(|| {
        let fault = Fault::new(FaultKind::Value, format!("there is no adapter `{name}`"));
        match nearest(name, adapter::NAMES) {
            Some(near) => fault.help(format!("did you mean `{near}`?")),
            None => fault.help(format!("there are `{}`", adapter::NAMES.join("`, `"))),
        }
    })
}

/// Whether a server is asked to hold the reply to what the adapter asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structured {
    /// Where the server takes it.
    Auto,
    /// A server that does not take it fails.
    On,
    Off,
}

/// Whether a question's tools are the request's own (`use_native_function_calling`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NativeTools {
    /// Where the server takes them: as DSPy's adapter for JSON has it.
    Auto,
    /// A server that does not take them fails.
    On,
    Off,
}

fn native_tools(value: Option<&Value>, adapter: &dyn Adapter) -> Result<NativeTools, Fault> {
    Ok(match value {
        None if adapter.name() == adapter::Json.name() => NativeTools::Auto,
        None => NativeTools::Off,
        value => match flag("use_native_function_calling", value)? {
            true => NativeTools::On,
            false => NativeTools::Off,
        },
    })
}

/// Whether a model can be held to a form, where settings ask for that.
pub fn model_can(settings: &Settings, default: &Value) -> Result<(), Fault> {
    let set = |name: &str| settings.get(name).filter(|value| !value.is_none());
    let asks_for_form = set("adapter")
        .and_then(Value::as_str)
        .is_some_and(|name| name == adapter::Json.name());
    if !asks_for_form || structured(set("structured"))? != Structured::On {
        return Ok(());
    }
    match set("lm").unwrap_or(default) {
        Value::Lm(lm) if !lm::takes_shape(lm) && !lm::fills_form(lm) => Err(takes_no_form(lm)),
        _ => Ok(()),
    }
}

pub fn takes_no_form(lm: &LmSpec) -> Fault {
    let message = format!("`{}` cannot be held to a form (`structured: \"on\"`)", lm.name);
    Fault::new(FaultKind::Lm, message).help("leave `structured` at \"auto\"")
}

/// A local model's JSON has literals alone: what it writes freely would have to be quoted, which it does not do for sure.
pub fn has_no_form(lm: &LmSpec) -> Fault {
    let message = format!(
        "`{}` is held to a form in JSON (`structured: \"on\"`) only where every output is a union of strings",
        lm.name
    );
    Fault::new(FaultKind::Lm, message)
        .help("use `adapter: \"chat\"` or `\"compact\"`, which leave other outputs open, or `structured: \"auto\"`")
}

fn structured(value: Option<&Value>) -> Result<Structured, Fault> {
    let known = [
        ("auto", Structured::Auto),
        ("on", Structured::On),
        ("off", Structured::Off),
    ];
    match value {
        None => Ok(Structured::Auto),
        Some(Value::Str(name)) => known
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, mode)| *mode)
            .ok_or_else(|| {
                Fault::new(FaultKind::Value, format!("`structured` cannot be `{name}`"))
                    .help("it is `\"auto\"`, `\"on\"` or `\"off\"`")
            }),
        Some(other) => Err(Fault::new(
            FaultKind::Type,
            format!("`structured` must be a `str`, not {}", a(other.type_name())),
        )),
    }
}

fn count(name: &str, value: Option<&Value>) -> Result<Option<u32>, Fault> {
    match value {
        None => Ok(None),
        Some(Value::Int(n)) => match u32::try_from(*n) {
            Ok(n) => Ok(Some(n)),
            Err(_) => Err(Fault::new(FaultKind::Value, format!("`{name}` cannot be {n}"))),
        },
        Some(other) => Err(Fault::new(
            FaultKind::Type,
            format!("`{name}` must be an `int`, not {}", a(other.type_name())),
        )),
    }
}

fn flag(name: &str, value: Option<&Value>) -> Result<bool, Fault> {
    match value {
        None => Ok(false),
        Some(Value::Bool(b)) => Ok(*b),
        Some(other) => Err(Fault::new(
            FaultKind::Type,
            format!("`{name}` must be a `bool`, not {}", a(other.type_name())),
        )),
    }
}
