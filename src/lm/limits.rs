//! What servers tell of their limits, in headers and in the bodies of refusals: how many requests are left until when, and
//! when to come again. Each provider has words of its own for it.

use std::time::Duration;

use serde_json::Value as Json;

use crate::host::HttpResponse;

/// What a header says is left, and until when.
const REQUESTS: [(&str, &str); 6] = [
    // OpenAI, Azure, Groq, xAI, Fireworks
    ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"),
    (
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
    ),
    // Together, OpenRouter
    ("x-ratelimit-remaining", "x-ratelimit-reset"),
    // Cerebras
    (
        "x-ratelimit-remaining-requests-minute",
        "x-ratelimit-reset-requests-minute",
    ),
    ("x-ratelimit-remaining-requests-day", "x-ratelimit-reset-requests-day"),
    // The draft of a standard
    ("ratelimit-remaining", "ratelimit-reset"),
];

const TOKENS: [(&str, &str); 7] = [
    ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"),
    (
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
    ),
    (
        "anthropic-ratelimit-input-tokens-remaining",
        "anthropic-ratelimit-input-tokens-reset",
    ),
    (
        "anthropic-ratelimit-output-tokens-remaining",
        "anthropic-ratelimit-output-tokens-reset",
    ),
    ("x-ratelimit-remaining-tokens-minute", "x-ratelimit-reset-tokens-minute"),
    ("x-tokenlimit-remaining", "x-tokenlimit-reset"),
    // Mistral
    ("ratelimitbysize-remaining", "ratelimitbysize-reset"),
];

/// Mistral does not say when its minute ends.
const OF_A_MINUTE: [&str; 2] = [
    "x-ratelimit-remaining-req-minute",
    "x-ratelimit-remaining-tokens-minute",
];

/// Three tries that far apart see a whole minute out.
const IN_A_MINUTE: Duration = Duration::from_secs(20);

/// The requests that are left and for how long, the fewest of several. `now` is in seconds since 1970.
pub(super) fn requests_left(response: &HttpResponse, now: f64) -> Option<(u64, Duration)> {
    let told = REQUESTS.iter().filter_map(|(left, reset)| {
        let left = number(response, left)?;
        Some((left, until(response.header(reset)?, now)?))
    });
    told.min_by_key(|(left, _)| *left)
}

/// For how long there are no tokens.
pub(super) fn no_tokens(response: &HttpResponse, now: f64) -> Option<Duration> {
    used_up(response, &TOKENS, now)
}

/// How long a refusal asks to wait, whichever way it says so.
pub(super) fn pause(response: &HttpResponse, now: f64) -> Option<Duration> {
    let header = |name: &str| response.header(name).map(str::trim);
    if let Some(Ok(millis)) = header("retry-after-ms").map(str::parse::<f64>) {
        return Some(seconds(millis / 1000.0));
    }
    if let Some(text) = header("retry-after") {
        let asked = text.parse().ok().or_else(|| Some(date(text)? - now));
        return asked.map(seconds);
    }
    let body = String::from_utf8_lossy(&response.body);
    let of_headers = || used_up(response, &REQUESTS, now).or_else(|| no_tokens(response, now));
    let of_minute = || {
        OF_A_MINUTE
            .iter()
            .any(|name| number(response, name) == Some(0))
            .then_some(IN_A_MINUTE)
    };
    of_body(&body, now).or_else(of_headers).or_else(of_minute)
}

/// Gemini's `RetryInfo`, the headers that OpenRouter hands on, `Please try again in 1.2s`.
fn of_body(body: &str, now: f64) -> Option<Duration> {
    let json: Json = serde_json::from_str(body).unwrap_or_default();
    // Gemini's errors may stand in a list.
    let error = json.get("error").or_else(|| json.get(0)?.get("error"));
    let details = error
        .and_then(|error| error["details"].as_array())
        .into_iter()
        .flatten();
    let delay = details
        .into_iter()
        .find_map(|detail| span(detail["retryDelay"].as_str()?));
    let reset = || {
        let reset = &error?["metadata"]["headers"]["X-RateLimit-Reset"];
        until(&reset.as_str().map_or_else(|| reset.to_string(), str::to_owned), now)
    };
    let said = || {
        let words = ["try again in ", "retry in ", "retry after "];
        let lower = body.to_lowercase();
        let rest = words.iter().find_map(|words| Some(lower.split_once(words)?.1))?;
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '.')
            .unwrap_or(rest.len());
        let (text, behind) = rest.split_at(end);
        let text = text.trim_end_matches('.');
        match text.parse::<f64>() {
            // Of what, if not seconds, is not known.
            Ok(number) => behind.starts_with(" second").then(|| seconds(number)),
            Err(_) => span(text),
        }
    };
    delay.or_else(reset).or_else(said)
}

/// For how long nothing is left of one of these.
fn used_up(response: &HttpResponse, pairs: &[(&str, &str)], now: f64) -> Option<Duration> {
    let empty = pairs.iter().filter(|(left, _)| number(response, left) == Some(0));
    empty.filter_map(|(_, reset)| until(response.header(reset)?, now)).max()
}

fn number(response: &HttpResponse, name: &str) -> Option<u64> {
    let number: f64 = response.header(name)?.trim().parse().ok()?;
    Some(number.max(0.0) as u64)
}

/// A span or a time: `6m0s`, `12.5`, seconds or milliseconds since 1970, `2025-01-01T00:01:00Z`.
fn until(text: &str, now: f64) -> Option<Duration> {
    /// In 2001, or a span of 31 years.
    const EPOCH: f64 = 1e9;
    let text = text.trim();
    match text.parse::<f64>() {
        Ok(millis) if millis >= EPOCH * 1e3 => Some(seconds(millis / 1e3 - now)),
        Ok(time) if time >= EPOCH => Some(seconds(time - now)),
        _ => span(text).or_else(|| Some(seconds(stamp(text)? - now))),
    }
}

/// So many seconds; for ever, where that is more than can be said.
fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

/// `1s`, `6m0s`, `20ms`, `1h2m3.5s`; a number alone is seconds.
fn span(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if let Ok(seconds) = rest.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let mut whole = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let units = [("ms", 0.001), ("d", 86_400.0), ("h", 3600.0), ("m", 60.0), ("s", 1.0)];
        let (unit, behind) = units
            .iter()
            .find_map(|(unit, seconds)| Some((seconds, rest[digits..].strip_prefix(unit)?)))?;
        whole += number * unit;
        rest = behind;
    }
    Duration::try_from_secs_f64(whole).ok()
}

/// The seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(text: &str) -> Option<f64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let mut parts = text.split_once(',')?.1.split_whitespace();
    let day = parts.next()?.parse().ok()?;
    let month = i64::try_from(MONTHS.find(parts.next()?)? / 3).ok()? + 1;
    let year = parts.next()?.parse().ok()?;
    Some(days(year, month, day)? as f64 * 86_400.0 + clock(parts.next()?)?)
}

/// The seconds since 1970 of `2025-01-01T00:01:00Z`, with or without a fraction and a zone.
fn stamp(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(['T', 't'])?;
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let mut next = || parts.next()?.ok();
    let days = days(next()?, next()?, next()?)?;
    let at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (time, zone) = time.split_at(at);
    let zone = match zone.as_bytes().first() {
        Some(sign @ (b'+' | b'-')) => clock(&zone[1..])? * if *sign == b'-' { -1.0 } else { 1.0 },
        _ => 0.0,
    };
    Some(days as f64 * 86_400.0 + clock(time)? - zone)
}

/// The seconds of `08:49:37.5`.
fn clock(text: &str) -> Option<f64> {
    let mut parts = text.split(':').map(|part| part.parse::<f64>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0.0))?;
    let fits = (0.0..24.0).contains(&hour) && (0.0..60.0).contains(&minute) && (0.0..61.0).contains(&second);
    fits.then_some(hour * 3600.0 + minute * 60.0 + second)
}

/// Days since 1970, with years that begin in March so that the leap day is the last.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let fits = (1970..10_000).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    fits.then_some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_servers_write_them() {
        let millis = |text: &str| span(text).map(|span| span.as_millis());
        assert_eq!(millis("20ms"), Some(20));
        assert_eq!(millis("6m0s"), Some(360_000));
        assert_eq!(millis("1h2m3.5s"), Some(3_723_500));
        assert_eq!(millis("2.5"), Some(2500));
        assert_eq!((millis("soon"), millis("-1"), millis("")), (None, None, Some(0)));
    }

    #[test]
    fn times_are_read_in_every_form() {
        // 1 January 2025, 00:00:00
        let now = 1_735_689_600.0;
        let forms = [
            "60",
            "1m0s",
            "1735689660",
            "1735689660000",
            "2025-01-01T00:01:00Z",
            "2025-01-01T01:01:00.000+01:00",
            "2024-12-31T22:01:00-02:00",
        ];
        for form in forms {
            assert_eq!(until(form, now), Some(Duration::from_secs(60)), "{form}");
        }
        assert_eq!(until("2024-01-01T00:00:00Z", now), Some(Duration::ZERO));
        assert_eq!(date("Wed, 01 Jan 2025 00:01:00 GMT"), Some(now + 60.0));
        for wrong in [
            "2025-13-01T00:00:00Z",
            "2025-01-01",
            "tomorrow",
            "1-1-1T::Z",
            "2025-01-01T99:00:00Z",
        ] {
            assert_eq!(until(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn what_a_refusal_says_in_words_is_understood() {
        let of = |text: &str| of_body(text, 0.0).map(|pause| pause.as_millis());
        assert_eq!(of("Please try again in 1.2s. Visit"), Some(1200));
        assert_eq!(of("Please try again in 7m12s."), Some(432_000));
        assert_eq!(of("Please try again in 20ms."), Some(20));
        assert_eq!(of("Please retry in 34.074824224s."), Some(34_074));
        assert_eq!(of("Retry after 6 seconds."), Some(6000));
        assert_eq!(
            (of("try again in a while"), of("try again in 5 minutes"), of("")),
            (None, None, None)
        );
    }
}
