//! CPython's `random.Random`, number for number: the Mersenne twister MT19937 and what the standard library draws with
//! it. A generator is a value: whoever draws changes a copy and hands it on.

use std::any::Any;

use super::Opaque;

const SIZE: usize = 624;
const PERIOD: usize = 397;

/// `random(0)`
#[derive(Clone, PartialEq)]
pub struct Random {
    state: Box<[u32; SIZE]>,
    index: usize,
    /// The second number of a pair that `gauss` made.
    gauss_next: Option<f64>,
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Random")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

impl Opaque for Random {
    fn type_name(&self) -> &'static str {
        "Random"
    }

    fn show(&self) -> String {
        "<random>".to_owned()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Opaque) -> bool {
        other.as_any().downcast_ref::<Random>() == Some(self)
    }
}

impl Random {
    /// `random.Random(seed)`; the sign of the seed does not count, as there.
    pub fn new(seed: i64) -> Random {
        let magnitude = seed.unsigned_abs();
        let (low, high) = (magnitude as u32, (magnitude >> 32) as u32);
        match high {
            0 => Random::from_key(&[low]),
            _ => Random::from_key(&[low, high]),
        }
    }

    /// `init_by_array` of the reference implementation.
    fn from_key(key: &[u32]) -> Random {
        let mut state = Box::new([0; SIZE]);
        state[0] = 19_650_218;
        for i in 1..SIZE {
            state[i] = 1_812_433_253_u32.wrapping_mul(mixed(&state, i)).wrapping_add(i as u32);
        }
        let (mut i, mut j) = (1, 0);
        for _ in 0..SIZE.max(key.len()) {
            state[i] = (state[i] ^ mixed(&state, i).wrapping_mul(1_664_525))
                .wrapping_add(key[j])
                .wrapping_add(j as u32);
            (i, j) = (next_place(&mut state, i), (j + 1) % key.len());
        }
        for _ in 0..SIZE - 1 {
            state[i] = (state[i] ^ mixed(&state, i).wrapping_mul(1_566_083_941)).wrapping_sub(i as u32);
            i = next_place(&mut state, i);
        }
        state[0] = 0x8000_0000;
        Random {
            state,
            index: SIZE,
            gauss_next: None,
        }
    }

    fn next_word(&mut self) -> u32 {
        if self.index >= SIZE {
            self.refill();
        }
        let mut y = self.state[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    fn refill(&mut self) {
        for i in 0..SIZE {
            let y = (self.state[i] & 0x8000_0000) | (self.state[(i + 1) % SIZE] & 0x7fff_ffff);
            let twist = if y & 1 == 0 { 0 } else { 0x9908_b0df };
            self.state[i] = self.state[(i + PERIOD) % SIZE] ^ (y >> 1) ^ twist;
        }
        self.index = 0;
    }

    /// A float in `[0, 1)`.
    pub fn random(&mut self) -> f64 {
        let (a, b) = (self.next_word() >> 5, self.next_word() >> 6);
        (f64::from(a) * 67_108_864.0 + f64::from(b)) / 9_007_199_254_740_992.0
    }

    /// `bits` random bits, at most 128.
    pub fn getrandbits(&mut self, bits: u32) -> u128 {
        let (mut value, mut filled) = (0_u128, 0);
        while filled < bits.min(128) {
            let wanted = (bits - filled).min(32);
            value |= u128::from(self.next_word() >> (32 - wanted)) << filled;
            filled += wanted;
        }
        value
    }

    /// An integer in `[0, n)`; 0 for `n == 0`.
    pub fn randbelow(&mut self, n: u128) -> u128 {
        if n == 0 {
            return 0;
        }
        let bits = u128::BITS - n.leading_zeros();
        loop {
            let drawn = self.getrandbits(bits);
            if drawn < n {
                return drawn;
            }
        }
    }

    /// A place in a sequence of `len` elements.
    pub fn below(&mut self, len: usize) -> usize {
        self.randbelow(len as u128) as usize
    }

    /// An integer in `[low, high]`; `low` where the range is empty.
    pub fn randint(&mut self, low: i64, high: i64) -> i64 {
        let width = i128::from(high) - i128::from(low) + 1;
        let drawn = self.randbelow(u128::try_from(width).unwrap_or(0));
        i64::try_from(i128::from(low) + i128::try_from(drawn).unwrap_or(0)).unwrap_or(low)
    }

    /// One of the elements.
    pub fn choice<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        match items {
            [] => None,
            _ => items.get(self.below(items.len())),
        }
    }

    /// `k` places, drawn with replacement by weight: `random.choices(range(n), weights, k=k)`.
    pub fn choices(&mut self, weights: &[f64], k: usize) -> Vec<usize> {
        let sums: Vec<f64> = weights
            .iter()
            .scan(0.0, |sum, weight| {
                *sum += weight;
                Some(*sum)
            })
            .collect();
        let (total, last) = (sums.last().copied().unwrap_or(0.0), sums.len().saturating_sub(1));
        (0..k)
            .map(|_| {
                let mark = self.random() * total;
                sums[..last].partition_point(|sum| *sum <= mark)
            })
            .collect()
    }

    /// In place, as `random.shuffle`.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let j = self.below(i + 1);
            items.swap(i, j);
        }
    }

    /// `k` different places of `n`, in the order in which they were drawn; at most `n`.
    pub fn sample(&mut self, n: usize, k: usize) -> Vec<usize> {
        let k = k.min(n);
        match n <= pool_limit(k) {
            true => self.sample_from_pool(n, k),
            false => self.sample_from_range(n, k),
        }
    }

    fn sample_from_pool(&mut self, n: usize, k: usize) -> Vec<usize> {
        let mut pool: Vec<usize> = (0..n).collect();
        let drawn = (0..k).map(|i| {
            let j = self.below(n - i);
            let place = pool[j];
            pool[j] = pool[n - i - 1];
            place
        });
        drawn.collect()
    }

    fn sample_from_range(&mut self, n: usize, k: usize) -> Vec<usize> {
        let mut taken = rustc_hash::FxHashSet::default();
        let drawn = (0..k).map(|_| {
            let mut j = self.below(n);
            while !taken.insert(j) {
                j = self.below(n);
            }
            j
        });
        drawn.collect()
    }

    /// `random.gauss(mean, deviation)`
    pub fn gauss(&mut self, mean: f64, deviation: f64) -> f64 {
        let z = self.gauss_next.take().unwrap_or_else(|| {
            let angle = self.random() * std::f64::consts::TAU;
            let radius = (-2.0 * (1.0 - self.random()).ln()).sqrt();
            self.gauss_next = Some(angle.sin() * radius);
            angle.cos() * radius
        });
        mean + z * deviation
    }
}

fn mixed(state: &[u32; SIZE], i: usize) -> u32 {
    state[i - 1] ^ (state[i - 1] >> 30)
}

fn next_place(state: &mut [u32; SIZE], i: usize) -> usize {
    match i + 1 {
        SIZE => {
            state[0] = state[SIZE - 1];
            1
        }
        next => next,
    }
}

/// Up to this size CPython draws from a copy of the population.
fn pool_limit(k: usize) -> usize {
    match k {
        0..=5 => 21,
        _ => 21 + 4_usize.saturating_pow(((k as f64 * 3.0).ln() / 4_f64.ln()).ceil() as u32),
    }
}
