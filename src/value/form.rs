//! Texts with a form of their own: `date`, `image`, `code["python"]`. Their values are texts; a text stands for one of
//! them where it has the form.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::EcoString;

/// What a text must be. Where a plain text meets it, the text is held against it when it runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// `2024-02-29`
    Date,
    /// `2024-02-29T13:05:07`
    DateTime,
    /// A web address or `data:image/png;base64,…`
    Image,
    /// `data:audio/wav;base64,…`
    Audio,
    /// `data:application/pdf;base64,…`
    File,
    /// The source text, without a fence.
    Code(EcoString),
}

impl Form {
    /// The form of a built-in type's name.
    pub fn named(name: &str) -> Option<Form> {
        Some(match name {
            "date" => Form::Date,
            "datetime" => Form::DateTime,
            "image" => Form::Image,
            "audio" => Form::Audio,
            "file" => Form::File,
            "code" => Form::Code("python".into()),
            _ => return None,
        })
    }

    /// As DSPy's prompts call it.
    pub fn python_name(&self) -> String {
        match self {
            Form::Date => "date".to_owned(),
            Form::DateTime => "datetime".to_owned(),
            Form::Image => "Image".to_owned(),
            Form::Audio => "Audio".to_owned(),
            Form::File => "File".to_owned(),
            Form::Code(language) => format!("Code_{language}"),
        }
    }

    /// Whether it is sent beside the text, as a part of its own.
    pub fn is_media(&self) -> bool {
        matches!(self, Form::Image | Form::Audio | Form::File)
    }

    /// Whether it is an object of a class in DSPy.
    pub fn is_object(&self) -> bool {
        self.is_media() || matches!(self, Form::Code(_))
    }

    /// Whether a text has the form as it stands.
    pub fn has(&self, text: &str) -> bool {
        match self {
            Form::Code(_) => true,
            Form::Image => is_address(text) || text.starts_with("data:"),
            Form::Audio | Form::File => text.starts_with("data:"),
            Form::Date | Form::DateTime => self.canonical(text).is_some_and(|canonical| canonical == text),
        }
    }

    /// The text in its one spelling: a date without the midnight behind it, a point in time with its `T`, code
    /// without its fence.
    pub fn canonical(&self, text: &str) -> Option<EcoString> {
        match self {
            Form::Date => {
                let time = Moment::read(text)?;
                time.is_midnight().then(|| time.date.into())
            }
            Form::DateTime => Moment::read(text).map(|time| time.to_string().into()),
            Form::Code(_) => Some(without_fence(text).into()),
            media => media.has(text.trim()).then(|| text.trim().into()),
        }
    }
}

impl Form {
    /// The date or point in time of a Unix time stamp in seconds, or in milliseconds where that is the nearer reading,
    /// as pydantic has it. A date is one only at midnight.
    pub fn at_timestamp(&self, stamp: f64) -> Option<EcoString> {
        let seconds = if stamp.abs() > 2e10 { stamp / 1000.0 } else { stamp };
        if !matches!(self, Form::Date | Form::DateTime) || !(-62_135_596_800.0..253_402_300_800.0).contains(&seconds) {
            return None;
        }
        let micros = (seconds * 1e6).round() as i64;
        let (days, of_day) = (micros.div_euclid(86_400_000_000), micros.rem_euclid(86_400_000_000));
        let (second, micro) = (of_day / 1_000_000, of_day % 1_000_000);
        let fraction = if micro == 0 {
            String::new()
        } else {
            format!(".{micro:06}")
        };
        let (hour, minute) = (second / 3600, second / 60 % 60);
        self.canonical(&format!(
            "{}T{hour:02}:{minute:02}:{:02}{fraction}Z",
            civil(days),
            second % 60
        ))
    }
}

/// The date of a day since 1970-01-01.
fn civil(days: i64) -> String {
    // Years that begin in March, in eras of 400 of them.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// As dsp source.
impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Form::Date => f.write_str("date"),
            Form::DateTime => f.write_str("datetime"),
            Form::Image => f.write_str("image"),
            Form::Audio => f.write_str("audio"),
            Form::File => f.write_str("file"),
            Form::Code(language) => write!(f, "code[{}]", super::source_text(language)),
        }
    }
}

fn is_address(text: &str) -> bool {
    let rest = ["http://", "https://", "gs://"]
        .into_iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.contains(char::is_whitespace))
}

/// The first fenced block of a text, or the text.
fn without_fence(text: &str) -> &str {
    let Some((_, behind)) = text.split_once("```") else {
        return text;
    };
    let fenced = behind.split_once('\n').and_then(|(_, body)| body.split_once("```"));
    let inside = fenced.or_else(|| behind.split_once("```"));
    inside.map_or(text, |(code, _)| super::python_strip(code))
}

/// A point in time as ISO 8601 writes it.
struct Moment {
    date: String,
    time: String,
    zone: String,
}

impl Moment {
    fn read(text: &str) -> Option<Moment> {
        static ISO: LazyLock<Option<Regex>> = LazyLock::new(|| {
            let pattern = r"^(\d{4})-(\d{2})-(\d{2})(?:[Tt _](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?([Zz]|[+-]\d{2}:?\d{2})?)?$";
            Regex::new(pattern).ok()
        });
        let found = ISO.as_ref()?.captures(text.trim())?;
        let number = |group: usize| {
            found
                .get(group)
                .map_or(Some(0), |digits| digits.as_str().parse::<u32>().ok())
        };
        let (year, month, day) = (number(1)?, number(2)?, number(3)?);
        let (hour, minute, second) = (number(4)?, number(5)?, number(6)?);
        let valid = (1..=12).contains(&month) && day >= 1 && day <= days(year, month) && year > 0;
        if !valid || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let fraction = found.get(7).map_or("", |digits| digits.as_str());
        let micros = format!("{fraction:0<6}")[..6].to_owned();
        let fraction = if micros == "000000" {
            String::new()
        } else {
            format!(".{micros}")
        };
        Some(Moment {
            date: format!("{year:04}-{month:02}-{day:02}"),
            time: format!("{hour:02}:{minute:02}:{second:02}{fraction}"),
            zone: found.get(8).map_or(String::new(), |zone| zone_text(zone.as_str())),
        })
    }

    fn is_midnight(&self) -> bool {
        self.time == "00:00:00"
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}{}", self.date, self.time, self.zone)
    }
}

/// `+0200` is `+02:00`, and nothing away from Greenwich is `Z`.
fn zone_text(zone: &str) -> String {
    let digits: String = zone.chars().filter(char::is_ascii_digit).collect();
    match digits.as_str() {
        "" | "0000" => "Z".to_owned(),
        digits => format!("{}{}:{}", &zone[..1], &digits[..2], &digits[2..]),
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}
