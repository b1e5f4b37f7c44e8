//! A tree-structured Parzen estimator over categories, as Optuna's multivariate sampler has it: what did well and what
//! did not each become a mixture of kernels, one for each trial, and the next trial is the draw from the good ones that
//! is likeliest under them and unlikeliest under the others.

use crate::value::Random;

/// Trials before there is anything to learn from.
const STARTUP: usize = 10;
/// Draws of which the best is taken.
const DRAWS: usize = 24;
/// The latest trials, which all weigh the same.
const RECENT: usize = 25;
/// The most trials that count as good.
const MOST_GOOD: usize = 25;

/// One trial: a number below each size, and what it was worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    pub choice: Vec<usize>,
    pub score: f64,
}

/// What to try next: a number below each of `sizes`.
pub fn next_choice(rng: &mut Random, sizes: &[usize], seen: &[Trial]) -> Vec<usize> {
    if seen.len() < STARTUP {
        return sizes.iter().map(|size| rng.below((*size).max(1))).collect();
    }
    let (good, other) = split(seen);
    let (good, other) = (Mixture::of(sizes, &good), Mixture::of(sizes, &other));
    let mut best: Option<(f64, Vec<usize>)> = None;
    for _ in 0..DRAWS {
        let draw = good.draw(rng);
        let worth = good.log_likelihood(&draw) - other.log_likelihood(&draw);
        if best.as_ref().is_none_or(|(most, _)| worth > *most) {
            best = Some((worth, draw));
        }
    }
    best.map(|(_, draw)| draw).unwrap_or_default()
}

/// The best tenth of the trials and the rest, each in the order in which they were made.
fn split(seen: &[Trial]) -> (Vec<&Trial>, Vec<&Trial>) {
    let count = seen.len().div_ceil(10).min(MOST_GOOD);
    let mut order: Vec<usize> = (0..seen.len()).collect();
    order.sort_by(|a, b| seen[*b].score.total_cmp(&seen[*a].score));
    let (good, other) = order.split_at_mut(count);
    good.sort_unstable();
    other.sort_unstable();
    let trials = |order: &[usize]| order.iter().map(|i| &seen[*i]).collect();
    (trials(good), trials(other))
}

/// A kernel for each trial, and one that knows nothing.
struct Mixture {
    weights: Vec<f64>,
    /// Of each kernel and each place: how likely each number is.
    kernels: Vec<Vec<Vec<f64>>>,
}

impl Mixture {
    fn of(sizes: &[usize], trials: &[&Trial]) -> Mixture {
        let count = trials.len() + 1;
        let smooth = 1.0 / count as f64;
        let kernel = |trial: Option<&Trial>| {
            let places = sizes.iter().enumerate().map(|(place, size)| {
                let mut row = vec![smooth; *size];
                if let Some(known) = trial.and_then(|trial| row.get_mut(*trial.choice.get(place)?)) {
                    *known += 1.0;
                }
                normalized(row)
            });
            places.collect()
        };
        let kernels = trials.iter().map(|trial| kernel(Some(trial))).chain([kernel(None)]);
        let weights = ages(trials.len()).chain([1.0]).collect();
        Mixture {
            kernels: kernels.collect(),
            weights: normalized(weights),
        }
    }

    fn draw(&self, rng: &mut Random) -> Vec<usize> {
        let kernel = rng.choices(&self.weights, 1).first().copied().unwrap_or(0);
        let places = self.kernels[kernel].iter();
        places
            .map(|row| rng.choices(row, 1).first().copied().unwrap_or(0))
            .collect()
    }

    fn log_likelihood(&self, choice: &[usize]) -> f64 {
        let kernels = self.kernels.iter().zip(&self.weights);
        let sum: f64 = kernels
            .map(|(kernel, weight)| {
                let each = kernel
                    .iter()
                    .zip(choice)
                    .map(|(row, at)| row.get(*at).copied().unwrap_or(0.0));
                weight * each.product::<f64>()
            })
            .sum();
        sum.ln()
    }
}

/// Old trials weigh less.
fn ages(count: usize) -> impl Iterator<Item = f64> {
    let old = count.saturating_sub(RECENT);
    (0..count).map(move |i| match i < old {
        true if old == 1 => 1.0 / count as f64,
        true => {
            let first = 1.0 / count as f64;
            first + (1.0 - first) * i as f64 / (old - 1) as f64
        }
        false => 1.0,
    })
}

fn normalized(mut row: Vec<f64>) -> Vec<f64> {
    let sum: f64 = row.iter().sum();
    row.iter_mut().for_each(|x| *x /= sum);
    row
}
