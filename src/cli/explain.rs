//! `dsp explain CODE`: the page of a diagnostic, with a wrong program, its picture and the mended program. The pages are
//! those of `tests/explain/`, where a test runs them.

use clap::ArgMatches;

use super::options::Options;
use super::screen::Screen;
use super::usage::Usage;
use super::{Code, Done};
use crate::session::nearest_name;

macro_rules! pages {
    ($($code:ident)*) => {
        &[$((stringify!($code), include_str!(concat!("../../tests/explain/", stringify!($code), ".md")))),*]
    };
}

/// Code and page, in order.
const PAGES: &[(&str, &str)] = pages![
    E0001 E0002 E0003 E0004 E0005 E0006 E0007 E0008 E0009 E0010 E0011 E0012
    E0013 E0014 E0015 E0016 E0017 E0018 E0019 E0020 E0021 E0022 E0023 E0024
    E0025 E0026 E0027 E0028 E0029 E0030 E0031 E0032 E0101 E0102 E0103 E0104
    E0105 E0106 E0107 E0108 E0109 E0110 E0111 E0112 E0113 E0114 E0115 E0116
    E0117 E0118 E0119 E0120 E0121 E0122 E0123 E0124 E0125 E0126 E0127 E0128
    E0129 E0130 E0131 E0132 E0133 E0134 E0135 E0136 E0137 E0138 E0139 E0140
    W0101 W0102 W0103
];

pub fn main(matches: &ArgMatches, options: &Options) -> Done {
    let screen = Screen::new(options.color);
    let Some(code) = matches.get_one::<String>("code") else {
        PAGES
            .iter()
            .for_each(|(_, page)| screen.out(&format!("{}\n", title(page))));
        return Ok(Code::Done);
    };
    let wanted = code.to_uppercase();
    match PAGES.iter().find(|(code, _)| *code == wanted) {
        Some((_, page)) => {
            screen.out(page);
            Ok(Code::Done)
        }
        None => Err(unknown(code, &wanted).into()),
    }
}

/// `E0101: a name that nothing declares`
fn title(page: &str) -> &str {
    page.lines().next().unwrap_or_default().trim_start_matches("# ")
}

fn unknown(code: &str, wanted: &str) -> Usage {
    let help = match nearest_name(wanted, PAGES.iter().map(|(code, _)| *code)) {
        Some(near) => format!("did you mean `{near}`? `dsp explain` lists all codes"),
        None => "`dsp explain` lists all codes".to_owned(),
    };
    Usage::new(format!("there is no code `{code}`")).help(help)
}
