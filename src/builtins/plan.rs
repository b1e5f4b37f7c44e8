//! `stdlib/plan.dsp`: forecasts, which ride in settings, and the sums of what they come to.

use std::sync::Arc;

use super::args::{float, given, list, misfit, number, opt_int};
use super::immediate;
use crate::call::{Bill, Cost, FORECAST, Forecast, WAYS};
use crate::diag::{Fault, FaultKind};
use crate::value::{Record, Value};
use crate::vm::{Context, Native};

pub const NATIVES: &[Native] = &[
    immediate("_ways", |_, _| Ok(Value::Int(i64::from(WAYS)))),
    immediate("_forecast", forecast),
    immediate("_bill", bill),
    immediate("_forecasting", |cx, _| Ok(Value::Bool(Forecast::covers(cx.settings)))),
    immediate("_coin", coin),
    immediate("_foretell", foretell),
    immediate("_sum_bills", |_, args| {
        let bills = bills(args)?;
        Ok(as_list(bills.into_iter().fold(Bill::default(), Bill::plus)))
    }),
    immediate("_ways_bill", |_, args| {
        let ways = list(args, 1)?.iter().map(number).collect::<Result<Vec<f64>, _>>()?;
        let ways = ways.into_iter().map(|way| way as u32);
        let all: Vec<(u32, Bill)> = ways.zip(bills(args)?).collect();
        Ok(as_list(Bill::of_ways(&all)))
    }),
    immediate("_either_bill", |_, args| Ok(as_list(Bill::either(&bills(args)?)))),
    immediate("_scaled_bill", scaled),
    immediate("_capped_bill", capped),
    immediate("_bill_record", |_, args| Ok(record(&read(given(args, 0))?))),
];

type Cx<'a, 'b> = &'a mut Context<'b>;
type Outcome = Result<Value, Fault>;

/// `_forecast(way)`: settings that carry a fresh forecast; without a way, of the one that is under way.
fn forecast(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let forecast = match opt_int(args, 0)? {
        Some(way) => Forecast::new(u32::try_from(way).unwrap_or(0)),
        None => Forecast::within(cx.settings, Forecast::again).unwrap_or_else(|| Forecast::new(0)),
    };
    Ok(Value::record([(FORECAST, Value::Opaque(Arc::new(forecast)))]))
}

/// `_bill(settings)`: what was counted in the forecast that these settings carry.
fn bill(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let carried = match given(args, 0) {
        Some(Value::Record(settings)) => settings.get(FORECAST),
        _ => None,
    };
    let forecast = match carried {
        Some(Value::Opaque(opaque)) => opaque.as_any().downcast_ref::<Forecast>(),
        _ => None,
    };
    let forecast = forecast.ok_or_else(|| misfit("Forecast", carried.unwrap_or(&Value::None)))?;
    Ok(as_list(forecast.bill()))
}

fn coin(cx: Cx<'_, '_>, _: &[Value]) -> Outcome {
    Ok(Forecast::within(cx.settings, Forecast::coin).map_or(Value::None, Value::Bool))
}

fn foretell(cx: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let bill = read(given(args, 0))?;
    Forecast::within(cx.settings, |forecast| forecast.add(bill));
    Ok(Value::None)
}

/// `_scaled_bill(bill, least, expected, most)`: so many of them.
fn scaled(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let bill = read(given(args, 0))?;
    Ok(as_list(Bill {
        least: bill.least.times(float(args, 1)?),
        expected: bill.expected.times(float(args, 2)?),
        most: bill.most.times(float(args, 3)?),
    }))
}

/// `_capped_bill(bill, max_calls, max_cost)`
fn capped(_: Cx<'_, '_>, args: &[Value]) -> Outcome {
    let bill = read(given(args, 0))?;
    let most = |at: usize| given(args, at).map(number).transpose();
    let (calls, dollars) = (most(1)?, most(2)?);
    let capped = |cost: Cost| {
        let share = |cap: Option<f64>, of: f64| cap.filter(|cap| *cap < of).map_or(1.0, |cap| cap / of);
        let cut = cost.times(share(calls, cost.calls).min(share(dollars, cost.dollars)));
        Cost {
            calls: cut.calls.round(),
            ..cut
        }
    };
    // Prices are estimates: a cap on them may be met before the first call.
    let least = match dollars {
        Some(_) => Cost::default(),
        None => capped(bill.least),
    };
    Ok(as_list(Bill {
        least,
        expected: capped(bill.expected),
        most: capped(bill.most),
    }))
}

fn bills(args: &[Value]) -> Result<Vec<Bill>, Fault> {
    list(args, 0)?.iter().map(|bill| read(Some(bill))).collect()
}

/// A bill as the library's code carries it: the least, the expected and the most, each as four numbers.
fn as_list(bill: Bill) -> Value {
    let costs = [bill.least, bill.expected, bill.most];
    let numbers = costs
        .iter()
        .flat_map(|cost| [cost.calls, cost.prompt_tokens, cost.completion_tokens, cost.dollars]);
    Value::list(numbers.map(Value::Float))
}

fn read(value: Option<&Value>) -> Result<Bill, Fault> {
    let list = list(std::slice::from_ref(value.unwrap_or(&Value::None)), 0)?;
    let numbers: Vec<f64> = list.iter().map(number).collect::<Result<_, _>>()?;
    let cost = |from: usize| match numbers.get(from..from + 4) {
        Some([calls, prompt_tokens, completion_tokens, dollars]) => Ok(Cost {
            calls: *calls,
            prompt_tokens: *prompt_tokens,
            completion_tokens: *completion_tokens,
            dollars: *dollars,
        }),
        _ => Err(Fault::new(FaultKind::Value, "a bill has twelve numbers")),
    };
    Ok(Bill {
        least: cost(0)?,
        expected: cost(4)?,
        most: cost(8)?,
    })
}

/// `{calls: {least, expected, most}, …}`
pub fn record(bill: &Bill) -> Value {
    let range = |of: fn(&Cost) -> f64, as_value: fn(f64) -> Value| {
        Value::record([
            ("least", as_value(of(&bill.least))),
            ("expected", as_value(of(&bill.expected))),
            ("most", as_value(of(&bill.most))),
        ])
    };
    let whole: fn(f64) -> Value = |x| Value::Int(x.round() as i64);
    let fields: Record = [
        ("calls", range(|cost| cost.calls, whole)),
        ("prompt_tokens", range(|cost| cost.prompt_tokens, whole)),
        ("completion_tokens", range(|cost| cost.completion_tokens, whole)),
        ("cost", range(|cost| cost.dollars, Value::Float)),
    ]
    .into_iter()
    .map(|(name, value)| (name.into(), value))
    .collect();
    Value::Record(Arc::new(fields))
}
