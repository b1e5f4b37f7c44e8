//! The choice of the next token. Temperature 0 takes the likeliest; else chance decides, by a seed.

/// How tokens are chosen, and the state of chance.
#[derive(Clone, Debug)]
pub(super) struct Sampler {
    temperature: f64,
    /// Only the likeliest tokens that together reach this probability are drawn from.
    top_p: f64,
    state: u64,
}

impl Sampler {
    pub(super) fn new(temperature: f64, top_p: f64, seed: u64) -> Sampler {
        Sampler {
            temperature,
            top_p,
            state: seed,
        }
    }

    pub(super) fn choose(&mut self, scores: &[f32]) -> u32 {
        let likeliest = likeliest(scores);
        if self.temperature <= 0.0 {
            return likeliest as u32;
        }
        let top = f64::from(scores[likeliest]);
        let weight = |score: &f32| ((f64::from(*score) - top) / self.temperature).exp();
        let mut weights: Vec<(usize, f64)> = scores.iter().map(weight).enumerate().collect();
        let mut whole: f64 = weights.iter().map(|(_, weight)| weight).sum();
        if self.top_p < 1.0 {
            weights.sort_by(|a, b| b.1.total_cmp(&a.1));
            let limit = whole * self.top_p;
            whole = 0.0;
            let kept = weights.iter().take_while(|(_, weight)| {
                let wanted = whole < limit;
                whole += if wanted { *weight } else { 0.0 };
                wanted
            });
            let kept = kept.count().max(1);
            weights.truncate(kept);
        }
        let mut left = self.draw() * whole;
        for (token, weight) in &weights {
            left -= weight;
            if left < 0.0 {
                return *token as u32;
            }
        }
        likeliest as u32
    }

    /// A number from 0 to 1, 1 excluded (splitmix64).
    fn draw(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ bits >> 31) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// The first of the largest.
fn likeliest(scores: &[f32]) -> usize {
    let mut best = 0;
    for (index, score) in scores.iter().enumerate() {
        if *score > scores[best] {
            best = index;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temperature_0_takes_the_first_of_the_likeliest() {
        let mut sampler = Sampler::new(0.0, 1.0, 0);
        assert_eq!(sampler.choose(&[0.5, 2.0, 2.0, -1.0]), 1);
    }

    #[test]
    fn a_seed_decides_and_chance_follows_the_scores() {
        let scores = [0.0, 1.0, 2.0];
        let draw = |seed: u64| {
            let mut sampler = Sampler::new(1.0, 1.0, seed);
            (0..3_000).map(|_| sampler.choose(&scores)).collect::<Vec<u32>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        let share = draw(7).iter().filter(|token| **token == 2).count() as f64 / 3_000.0;
        assert!((share - 0.665).abs() < 0.03, "{share}");
    }

    #[test]
    fn top_p_leaves_the_unlikely_out() {
        let mut sampler = Sampler::new(1.0, 0.9, 3);
        assert!((0..500).all(|_| sampler.choose(&[0.0, 1.0, 2.0]) != 0));
    }
}
