//! Rounding to decimal places, as Python has it.

/// As Python's `round(x, digits)`: by the exact decimal expansion, ties to even.
pub fn round_to(x: f64, digits: i64) -> f64 {
    if !x.is_finite() || digits > 323 {
        return x;
    }
    if let Ok(places) = usize::try_from(digits) {
        return format!("{x:.places$}").parse().unwrap_or(x);
    }
    let Ok(power) = i32::try_from(-digits) else { return 0.0 };
    let scale = 10_f64.powi(power);
    match scale.is_finite() {
        true => (x / scale).round_ties_even() * scale,
        false => 0.0,
    }
}
