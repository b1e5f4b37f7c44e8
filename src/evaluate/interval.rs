//! 95 % intervals: of a mean score, and of the mean difference of two programs on the same rows. Scores that are all right
//! or wrong have the intervals of proportions, which hold for few rows too; other scores those of Student's t.

/// The normal distribution's quantile.
const Z: f64 = 1.959_963_984_540_054;

/// The two ends, as fractions.
pub type Interval = (f64, f64);

/// How much weighted rows say: their mean, and as how many rows of one weight they count.
struct Weighted<'a> {
    xs: &'a [f64],
    weights: &'a [f64],
    sum: f64,
    count: f64,
}

impl<'a> Weighted<'a> {
    fn new(xs: &'a [f64], weights: &'a [f64]) -> Self {
        let sum: f64 = weights.iter().sum();
        let squares: f64 = weights.iter().map(|w| w * w).sum();
        let count = if squares > 0.0 { sum * sum / squares } else { 0.0 };
        Weighted {
            xs,
            weights,
            sum,
            count,
        }
    }

    fn mean_of(&self, f: impl Fn(f64) -> f64) -> f64 {
        let parts = self.xs.iter().zip(self.weights).map(|(x, w)| f(*x) * w);
        parts.sum::<f64>() / self.sum
    }

    fn mean(&self) -> f64 {
        self.mean_of(|x| x)
    }

    /// Student's; of fewer than two rows nothing is known.
    fn student(&self) -> Option<Interval> {
        let free = self.count - 1.0;
        if free < 1.0 {
            return None;
        }
        let mean = self.mean();
        let variance = self.mean_of(|x| (x - mean) * (x - mean)) * self.count / free;
        let half = t_quantile(free) * (variance / self.count).sqrt();
        Some((mean - half, mean + half))
    }
}

/// Of a mean score: Wilson's where each row is right or wrong.
pub fn of_scores(scores: &[f64], weights: &[f64]) -> Interval {
    let all = Weighted::new(scores, weights);
    if all.count == 0.0 {
        return (0.0, 1.0);
    }
    if !scores.iter().all(|x| *x == 0.0 || *x == 1.0) {
        let ends = all.student().unwrap_or((0.0, 1.0));
        // Scores that lie between 0 and 1 have their mean there.
        return match scores.iter().all(|x| (0.0..=1.0).contains(x)) {
            true => (ends.0.max(0.0), ends.1.min(1.0)),
            false => ends,
        };
    }
    let (p, n) = (all.mean(), all.count);
    let scale = 1.0 + Z * Z / n;
    let middle = (p + Z * Z / (2.0 * n)) / scale;
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

/// Of a mean paired difference: where rows flip between right and wrong, the adjusted interval of Agresti and Min.
pub fn of_differences(differences: &[f64], weights: &[f64]) -> Interval {
    let all = Weighted::new(differences, weights);
    if all.count == 0.0 {
        return (-1.0, 1.0);
    }
    if !differences.iter().all(|d| [-1.0, 0.0, 1.0].contains(d)) {
        return all.student().unwrap_or((-1.0, 1.0));
    }
    let share = |wanted: f64| all.mean_of(|d| f64::from(u8::from(d == wanted)));
    let (gained, lost) = (all.count * share(1.0) + 0.5, all.count * share(-1.0) + 0.5);
    let n = all.count + 2.0;
    let middle = (gained - lost) / n;
    let half = Z * (gained + lost - (gained - lost).powi(2) / n).sqrt() / n;
    ((middle - half).max(-1.0), (middle + half).min(1.0))
}

/// The 97.5 % quantile of Student's t (Hill 1970); exact for one and two degrees of freedom.
fn t_quantile(free: f64) -> f64 {
    const P: f64 = 0.05;
    if free < 2.0 {
        // Between one and two degrees, the reciprocals are close to a line.
        let (one, two) = (12.706_204_736_432_095, 4.302_652_729_696_142);
        return 1.0 / (1.0 / one + (free - 1.0) * (1.0 / two - 1.0 / one));
    }
    if free == 2.0 {
        return (2.0 / (P * (2.0 - P)) - 2.0).sqrt();
    }
    let a = 1.0 / (free - 0.5);
    let b = (48.0 / a) / a;
    let mut c = ((20_700.0 * a / b - 98.0) * a - 16.0) * a + 96.36;
    let d = ((94.5 / (b + c) - 3.0) / b + 1.0) * (a * std::f64::consts::FRAC_PI_2).sqrt() * free;
    let mut y = (d * P).powf(2.0 / free);
    if y > 0.05 + a {
        let x = -Z;
        y = x * x;
        if free < 5.0 {
            c += 0.3 * (free - 4.5) * (x + 0.6);
        }
        c += (((0.05 * d * x - 5.0) * x - 7.0) * x - 2.0) * x + b;
        y = (((((0.4 * y + 6.3) * y + 36.0) * y + 94.5) / c - y - 3.0) / b + 1.0) * x;
        y = (a * y * y).exp_m1();
    } else {
        y = ((1.0 / (((free + 6.0) / (free * y) - 0.089 * d - 0.822) * (free + 2.0) * 3.0) + 0.5 / (free + 4.0)) * y
            - 1.0)
            * (free + 1.0)
            / (free + 2.0)
            + 1.0 / y;
    }
    (free * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, wanted: f64, by: f64) {
        assert!((found - wanted).abs() < by, "{found} is not {wanted}");
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (free, wanted) in [
            (1.0, 12.7062),
            (2.0, 4.30265),
            (3.0, 3.18245),
            (4.0, 2.77645),
            (5.0, 2.57058),
            (10.0, 2.22814),
            (30.0, 2.04227),
            (120.0, 1.97993),
            (1e6, 1.95997),
        ] {
            near(t_quantile(free), wanted, 2e-3);
        }
    }

    #[test]
    fn a_proportion_has_wilsons_interval() {
        let scores = [1.0; 7].iter().chain(&[0.0; 3]).copied().collect::<Vec<f64>>();
        let (low, high) = of_scores(&scores, &[1.0; 10]);
        near(low, 0.396_772, 1e-5);
        near(high, 0.892_209, 1e-5);
        let (low, high) = of_scores(&[1.0; 5], &[1.0; 5]);
        near(low, 0.565_518, 1e-5);
        near(high, 1.0, 1e-12);
    }

    #[test]
    fn weights_that_are_all_the_same_change_nothing() {
        let scores = [1.0, 0.0, 0.5, 0.25];
        assert_eq!(of_scores(&scores, &[1.0; 4]), of_scores(&scores, &[2.0; 4]));
        assert_eq!(of_scores(&scores, &[1.0; 4]), (0.0, 1.0));
        let (low, high) = of_scores(&scores.map(|x| x * 4.0), &[1.0; 4]);
        near(low, 4.0 * -0.241_99, 4e-3);
        near(high, 4.0 * 1.116_99, 4e-3);
    }

    #[test]
    fn rows_that_never_flip_leave_room_for_doubt() {
        let (low, high) = of_differences(&[0.0; 20], &[1.0; 20]);
        assert!(low < 0.0 && high > 0.0 && high < 0.1, "{low} {high}");
        assert_eq!(of_differences(&[], &[]), (-1.0, 1.0));
    }
}
