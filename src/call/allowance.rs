//! What the calls made under `with (max_calls: …, max_cost: …)` and `configure(…)` may spend. Each cap counts what is
//! asked under it, and the caps around it count that, too. What the cache answers costs nothing.

use std::sync::Arc;

use super::budget::{Budget, Caps, Spent};
use crate::diag::Fault;
use crate::value::{EcoString, Opaque, Settings, Value};

/// The settings that are caps, and those that carry what is left of them.
const CAPS: [(&str, &str); 2] = [("max_calls", "_calls"), ("max_cost", "_cost")];

/// What is left under the caps in force.
#[derive(Clone, Debug, Default)]
pub struct Allowance([Option<Arc<dyn Opaque>>; CAPS.len()]);

impl Allowance {
    /// What the settings carry.
    pub fn of(settings: &Settings) -> Allowance {
        Allowance(CAPS.map(|(_, key)| Budget::carried(settings, key).cloned()))
    }

    /// The entries of a `with` or `configure`, and beside each cap among them what will be counted under it, inside of
    /// what `outer` carries.
    pub fn beside(mut entries: Vec<(EcoString, Value)>, outer: &Settings) -> Vec<(EcoString, Value)> {
        for (name, key) in CAPS {
            let cap = entries.iter().rev().find(|(known, _)| known == name);
            if let Some(caps) = cap.and_then(|(_, value)| caps(name, value)) {
                let budget = Arc::new(Budget::inside_of(Budget::carried(outer, key), caps));
                entries.push((key.into(), Value::Opaque(budget)));
            }
        }
        entries
    }

    fn budgets(&self) -> impl Iterator<Item = &Budget> {
        let each = self.0.iter().flatten();
        each.filter_map(|opaque| opaque.as_any().downcast_ref())
    }

    /// Counts one call, or refuses it; one that is refused is not counted.
    pub fn admit(&self) -> Result<(), Fault> {
        self.budgets().try_for_each(Budget::check_one)?;
        self.budgets()
            .for_each(|budget| budget.add(Spent { calls: 1, cost: 0.0 }));
        Ok(())
    }

    /// Refuses a request where nothing is left that it could cost.
    pub fn affords(&self) -> Result<(), Fault> {
        self.0[1].iter().try_for_each(|opaque| {
            let budget: Option<&Budget> = opaque.as_any().downcast_ref();
            budget.map_or(Ok(()), Budget::check_one)
        })
    }

    /// Whether it matters what an answer costs.
    pub fn caps_cost(&self) -> bool {
        self.0[1].is_some()
    }

    /// Counts what an answer cost, in US dollars.
    pub fn pay(&self, cost: f64) {
        self.budgets().for_each(|budget| budget.add(Spent { calls: 0, cost }));
    }
}

/// Two are equal that are the same.
impl PartialEq for Allowance {
    fn eq(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|pair| match pair {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (one, other) => one.is_none() && other.is_none(),
        })
    }
}

fn caps(name: &str, value: &Value) -> Option<Caps> {
    let mut caps = Caps::default();
    match (name, value) {
        ("max_calls", Value::Int(most)) => caps.calls = u64::try_from(*most).ok(),
        ("max_cost", Value::Int(most)) => caps.cost = Some(*most as f64),
        ("max_cost", Value::Float(most)) => caps.cost = Some(*most),
        _ => return None,
    }
    Some(caps)
}
