//! Rounding to decimal places, as Python has it.

/// As Python's `round(x, digits)`: by the exact decimal expansion, ties to even.
pub fn round_to(x: f64, digits: i64) -> f64 {
    if !x.is_finite() || digits > 323 {
        return x;
    }
    if let Ok(places) = usize::try_from(digits) {
        return format!("{x:.places$}").parse().unwrap_or(x);
    }
    let scientific = format!("{x:e}");
    let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    // How many digits are left in front of the place that is rounded to.
    let kept = power
        .parse::<i64>()
        .unwrap_or(0)
        .saturating_add(1)
        .saturating_add(digits);
    match usize::try_from(kept) {
        Ok(0) if mantissa.trim_start_matches('-').parse().is_ok_and(|m: f64| m > 5.0) => {
            format!("1e{}", -digits).parse().map_or(x, |one: f64| one.copysign(x))
        }
        Ok(0) | Err(_) => 0.0_f64.copysign(x),
        Ok(kept) => format!("{x:.*e}", kept - 1).parse().unwrap_or(x),
    }
}
