//! What one part of a program may spend. A budget rides in the settings of a call, so that every call made under it,
//! however late, is counted there, and in the budgets around it.
//!
//! Answers from the cache count as the first time they were asked for: a search that is run again ends where it ended.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::diag::{Fault, FaultKind};
use crate::value::{Opaque, Settings, Value};

/// The setting that carries it.
pub const BUDGET: &str = "_budget";

/// The most that may be spent; `None` is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Caps {
    pub calls: Option<u64>,
    /// In US dollars, where prices are known.
    pub cost: Option<f64>,
}

impl Caps {
    /// Refuses one call more than these allow.
    pub fn admit(self, spent: Spent) -> Result<(), Fault> {
        if let Some(most) = self.calls.filter(|most| spent.calls >= *most) {
            return Err(used_up(
                match most {
                    1 => "the budget of 1 call is used up (`max_calls`)".to_owned(),
                    most => format!("the budget of {most} calls is used up (`max_calls`)"),
                },
                "max_calls",
            ));
        }
        match self.cost.filter(|most| spent.cost >= *most) {
            Some(most) => Err(used_up(
                format!("the budget of {most} dollars is used up (`max_cost`)"),
                "max_cost",
            )),
            None => Ok(()),
        }
    }
}

fn used_up(message: String, name: &str) -> Fault {
    Fault::new(FaultKind::Budget, message).help(format!("raise `{name}`, or leave it out"))
}

/// Calls, and what they cost in US dollars where the price is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spent {
    pub calls: u64,
    pub cost: f64,
}

#[derive(Debug, Default)]
pub struct Budget {
    caps: Caps,
    account: Mutex<Account>,
    outer: Option<Arc<dyn Opaque>>,
}

#[derive(Debug, Default)]
struct Account {
    spent: Spent,
    refusal: Option<Fault>,
    /// What was asked under it came to nothing.
    failed: bool,
}

impl Opaque for Budget {
    fn type_name(&self) -> &'static str {
        "Budget"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Budget {
    /// A fresh one inside whatever budget the settings carry.
    pub fn within(settings: &Settings, caps: Caps) -> Budget {
        Budget::inside_of(Budget::carried(settings, BUDGET), caps)
    }

    /// The same inside another one, if there is one.
    pub(super) fn inside_of(outer: Option<&Arc<dyn Opaque>>, caps: Caps) -> Budget {
        Budget {
            caps,
            account: Mutex::default(),
            outer: outer.cloned(),
        }
    }

    /// A fresh one without caps of its own inside this one.
    pub fn inside(outer: &Arc<Budget>) -> Budget {
        Budget {
            outer: Some(outer.clone()),
            ..Budget::default()
        }
    }

    /// The innermost budget of a call.
    pub fn of(settings: &Settings) -> Option<&Budget> {
        Budget::carried(settings, BUDGET).and_then(|opaque| opaque.as_any().downcast_ref())
    }

    /// The budget that the settings carry under this name.
    pub(super) fn carried<'a>(settings: &'a Settings, name: &str) -> Option<&'a Arc<dyn Opaque>> {
        match settings.get(name) {
            Some(Value::Opaque(opaque)) => Some(opaque),
            _ => None,
        }
    }

    fn account(&self) -> MutexGuard<'_, Account> {
        self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outer(&self) -> Option<&Budget> {
        self.outer.as_ref().and_then(|opaque| opaque.as_any().downcast_ref())
    }

    /// Counts one call, or refuses it.
    pub fn admit(&self) -> Result<(), Fault> {
        self.replay(Spent { calls: 1, cost: 0.0 })
    }

    /// Counts what a part did in an earlier run, or refuses it as it would have been then.
    pub fn replay(&self, part: Spent) -> Result<(), Fault> {
        self.check(part.calls)?;
        self.add(part);
        Ok(())
    }

    /// Refuses one call more than is left.
    pub(super) fn check_one(&self) -> Result<(), Fault> {
        self.check(1)
    }

    /// A refusal is remembered here and inside of here, but not by the budgets around the one that refuses.
    fn check(&self, calls: u64) -> Result<(), Fault> {
        let spent = self.spent();
        let before_the_last = spent.calls + calls.saturating_sub(1);
        let own = match calls {
            0 => Ok(()),
            _ => self.caps.admit(Spent {
                calls: before_the_last,
                ..spent
            }),
        };
        let both = own.and_then(|()| self.outer().map_or(Ok(()), |outer| outer.check(calls)));
        both.inspect_err(|fault| self.remember(fault))
    }

    fn remember(&self, refusal: &Fault) {
        self.account().refusal.get_or_insert_with(|| refusal.clone());
    }

    /// Counts what was spent.
    pub fn add(&self, more: Spent) {
        let mut account = self.account();
        account.spent.calls += more.calls;
        account.spent.cost += more.cost;
        drop(account);
        if let Some(outer) = self.outer() {
            outer.add(more);
        }
    }

    /// A call was refused by the caps that the script set around all budgets.
    pub fn refused(&self, refusal: &Fault) {
        self.remember(refusal);
        if let Some(outer) = self.outer() {
            outer.refused(refusal);
        }
    }

    /// The first refusal, if any call was refused.
    pub fn refusal(&self) -> Option<Fault> {
        self.account().refusal.clone()
    }

    pub fn spent(&self) -> Spent {
        self.account().spent
    }

    /// What was asked under it came to nothing, for a reason that may be gone the next time.
    pub fn fail(&self) {
        self.account().failed = true;
    }

    pub fn has_failed(&self) -> bool {
        self.account().failed
    }
}
