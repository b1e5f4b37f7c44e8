//! Sums that are rounded once, so that means and deviations are those of Python's `statistics`, which computes with
//! fractions.

/// A number as a sum of floats that do not overlap, the least first (Shewchuk).
#[derive(Default)]
struct Exact(Vec<f64>);

impl Exact {
    fn add(&mut self, mut x: f64) {
        let mut kept = 0;
        for i in 0..self.0.len() {
            let (high, low) = two_sum(x, self.0[i]);
            if low != 0.0 {
                self.0[kept] = low;
                kept += 1;
            }
            x = high;
        }
        self.0.truncate(kept);
        self.0.push(x);
    }

    /// Adds `a * b`, as two floats.
    fn add_product(&mut self, a: f64, b: f64) {
        let high = a * b;
        self.add(high);
        self.add(a.mul_add(b, -high));
    }

    fn value(&self) -> f64 {
        self.0.iter().rev().sum()
    }

    /// The quotient and what it lacks to the exact one.
    fn divided(mut self, n: f64) -> (f64, f64) {
        let quotient = self.value() / n;
        self.add_product(-quotient, n);
        let rest = self.value() / n;
        two_sum(quotient, rest)
    }
}

impl FromIterator<f64> for Exact {
    fn from_iter<I: IntoIterator<Item = f64>>(numbers: I) -> Self {
        let mut sum = Exact::default();
        numbers.into_iter().for_each(|x| sum.add(x));
        sum
    }
}

/// The rounded sum, and what rounding lost.
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let high = a + b;
    let part = high - a;
    (high, (a - (high - part)) + (b - part))
}

fn mean_of(numbers: &[f64]) -> (f64, f64) {
    numbers.iter().copied().collect::<Exact>().divided(numbers.len() as f64)
}

/// The average of at least one number.
pub fn mean(numbers: &[f64]) -> f64 {
    mean_of(numbers).0
}

/// The standard deviation of a sample of at least two.
pub fn deviation(numbers: &[f64]) -> f64 {
    let (mean, lost) = mean_of(numbers);
    let mut squares = Exact::default();
    for x in numbers {
        let (high, low) = two_sum(*x, -mean);
        let low = low - lost;
        squares.add_product(high, high);
        squares.add_product(2.0 * high, low);
        squares.add(low * low);
    }
    let (variance, rest) = squares.divided((numbers.len() - 1) as f64);
    let root = variance.sqrt();
    match root > 0.0 {
        // One step of Newton's from the rounded root gives the digit that rounding twice may lose.
        true => root + ((-root).mul_add(root, variance) + rest) / (2.0 * root),
        false => root,
    }
}
