//! The way to the processor's vector instructions: chosen when the program runs, without `unsafe`; and the one
//! function of mathematics that the engine spends time in.

use pulp::WithSimd;

/// Runs `work` with the widest instructions that are there.
pub(super) fn dispatch<W: WithSimd>(work: W) -> W::Output {
    pulp::Arch::new().dispatch(work)
}

/// e to the `x`, to about one part in ten million. Unlike the library's it has no branch and no table, so a loop over
/// it becomes vector instructions.
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    /// Adding it leaves the nearest whole number in a float's low bits.
    const ROUND: f32 = 12_582_912.0;
    /// ln 2 in two parts, so that taking a multiple of it away stays exact.
    const LN_2_HIGH: f32 = 0.693_359_4;
    const LN_2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.0, 88.0);
    let whole = (x * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let rest = x - whole * LN_2_HIGH - whole * LN_2_LOW;
    let mut series = 1.987_569_1e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        series = series * rest + coefficient;
    }
    let power = f32::from_bits(((whole as i32 + 127) << 23) as u32);
    (series * rest * rest + rest + 1.0) * power
}

#[cfg(test)]
mod tests {
    use super::exp;

    #[test]
    fn exp_is_right_to_a_millionth() {
        for step in -8_000..8_000 {
            let x = step as f32 / 100.0;
            let right = f64::from(x).exp();
            assert!((f64::from(exp(x)) / right - 1.0).abs() < 1e-6, "{x}");
        }
        assert!(exp(-1_000.0) < 1e-37);
    }
}
