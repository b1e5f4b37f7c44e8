//! How a call is made: the settings in force, read and checked.

use std::time::Duration;

use crate::call::{Allowance, Budget, Rate, SharedId};
use crate::diag::{Fault, FaultKind, a};
use crate::value::{EcoString, LmSpec, SETTING_NAMES, Settings, Value};

/// A year: nobody waits longer.
const LONGEST_TIMEOUT: f64 = 365.0 * 86_400.0;

/// How one call is made: the settings in force where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct CallSettings {
    /// For each attempt.
    pub timeout: Duration,
    /// Until an attempt's answer begins.
    pub first_byte: Option<Duration>,
    /// What the model's calls may use up in a minute.
    pub rate: Rate,
    /// Attempts after the first, on 429, 5xx, broken connections and time-outs.
    pub lm_retries: u32,
    /// The most requests in flight; the rest queue, in the order of their calls.
    pub max_concurrency: usize,
    pub cache: bool,
    /// Whether its place in flight is held until the cache keeps its answer: so in a search, which may be killed.
    pub held: bool,
    /// The cache behind that of this machine.
    pub shared: Option<SharedId>,
    /// What it may spend.
    pub allowance: Allowance,
}

impl Default for CallSettings {
    fn default() -> Self {
        CallSettings {
            timeout: Duration::from_secs(60),
            first_byte: None,
            rate: Rate::default(),
            lm_retries: 3,
            max_concurrency: 16,
            cache: true,
            held: false,
            shared: None,
            allowance: Allowance::default(),
        }
    }
}

impl CallSettings {
    /// The settings of a call of `lm`; an option of the model itself wins: `LM("openai/m", timeout: 5)`.
    pub fn of(lm: &LmSpec, settings: &Settings) -> Result<CallSettings, Fault> {
        CallSettings {
            held: Budget::of(settings).is_some(),
            allowance: Allowance::of(settings),
            ..CallSettings::default()
        }
        .with(lm, settings)
    }

    /// These, where neither the model nor the settings say otherwise.
    pub(super) fn with(self, lm: &LmSpec, settings: &Settings) -> Result<CallSettings, Fault> {
        let get = |name| setting(lm, settings, name);
        Ok(CallSettings {
            timeout: get("timeout").time()?.unwrap_or(self.timeout),
            first_byte: get("first_byte_timeout").time()?.or(self.first_byte),
            rate: Rate {
                requests: get("rpm").count(1)?.or(self.rate.requests),
                tokens: get("tpm").count(1)?.or(self.rate.tokens),
            },
            lm_retries: get("lm_retries").count(0)?.unwrap_or(self.lm_retries),
            max_concurrency: get("max_concurrency")
                .count(1)?
                .map_or(self.max_concurrency, |n| n as usize),
            cache: get("cache").cache()?.unwrap_or(self.cache),
            ..self
        })
    }
}

/// The setting of this name; an option of the model itself wins.
fn setting<'a>(lm: &'a LmSpec, settings: &'a Settings, name: &'static str) -> Setting<'a> {
    let is_set = |value: &&Value| !matches!(value, Value::None | Value::Absent);
    let own = lm.options.get(name).filter(is_set);
    Setting {
        name,
        value: own.or_else(|| settings.get(name).filter(is_set)),
    }
}

/// How many requests may be in flight at a time.
pub fn max_concurrency(lm: &LmSpec, settings: &Settings) -> usize {
    let set = setting(lm, settings, "max_concurrency").count(1).ok().flatten();
    set.map_or(CallSettings::default().max_concurrency, |n| n as usize)
}

/// The address in `cache: "redis://…"`.
pub(super) fn shared_cache(lm: &LmSpec, settings: &Settings) -> Option<EcoString> {
    setting(lm, settings, "cache").value?.as_str().cloned()
}

/// Whether an option of a model is a setting of dsp's that no provider is sent.
pub(super) fn is_setting(name: &str) -> bool {
    matches!(name, "rpm" | "tpm")
        || SETTING_NAMES.contains(&name) && !matches!(name, "temperature" | "max_tokens" | "seed")
}

struct Setting<'a> {
    name: &'static str,
    value: Option<&'a Value>,
}

impl Setting<'_> {
    fn number(&self, least: f64) -> Result<Option<f64>, Fault> {
        let number = match self.value {
            None => return Ok(None),
            Some(Value::Int(number)) => *number as f64,
            Some(Value::Float(number)) => *number,
            Some(other) => return Err(self.wrong("a number", other)),
        };
        match number >= least {
            true => Ok(Some(number)),
            false => Err(self.out_of_range(number)),
        }
    }

    fn time(&self) -> Result<Option<Duration>, Fault> {
        let seconds = self.number(f64::MIN_POSITIVE)?;
        Ok(seconds.map(|seconds| Duration::from_secs_f64(seconds.min(LONGEST_TIMEOUT))))
    }

    /// Whether there is a cache; the address of a shared one says that there is.
    fn cache(&self) -> Result<Option<bool>, Fault> {
        match self.value {
            Some(Value::Str(_)) => Ok(Some(true)),
            Some(Value::Bool(_)) | None => self.flag(),
            Some(other) => Err(self.wrong("a `bool` or the address of a Redis", other)),
        }
    }

    fn count(&self, least: u32) -> Result<Option<u32>, Fault> {
        match self.value {
            None => Ok(None),
            Some(Value::Int(number)) => match u32::try_from(*number) {
                Ok(count) if count >= least => Ok(Some(count)),
                _ => Err(self.out_of_range(*number as f64)),
            },
            Some(other) => Err(self.wrong("an `int`", other)),
        }
    }

    fn flag(&self) -> Result<Option<bool>, Fault> {
        match self.value {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(other) => Err(self.wrong("a `bool`", other)),
        }
    }

    fn wrong(&self, wanted: &str, value: &Value) -> Fault {
        let message = format!(
            "the setting `{}` must be {wanted}, not {}",
            self.name,
            a(value.type_name())
        );
        Fault::new(FaultKind::Type, message)
    }

    fn out_of_range(&self, number: f64) -> Fault {
        Fault::new(
            FaultKind::Value,
            format!("the setting `{}` cannot be {number}", self.name),
        )
    }
}
