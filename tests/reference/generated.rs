//! What the page says of the library, the diagnostics and the command line, from the sources of each.

use dsp::source::SourceMap;
use dsp::syntax::ast::{Function, Item, Module};
use dsp::syntax::format;
use dsp::syntax::parse::parse_file;

use super::sandbox::Sandbox;

/// The page with its generated parts anew.
pub fn renewed(page: &str) -> String {
    let page = with(page, "library", &library());
    let page = with(&page, "diagnostics", &diagnostics());
    with(&page, "commands", &commands())
}

/// A part between its two comments.
fn with(page: &str, part: &str, text: &str) -> String {
    let begin = page.find(&format!("<!-- {part}: ")).unwrap();
    let start = begin + page[begin..].find("-->\n").unwrap() + 4;
    let end = page.find(&format!("<!-- end of {part} -->")).unwrap();
    format!("{}\n{}\n\n{}", &page[..start], text.trim_end(), &page[end..])
}

/// A program in its layout; one that does not parse stays as it is.
pub fn laid_out(text: &str) -> String {
    let mut sources = SourceMap::default();
    let file = sources.add("page", text);
    format::format(&sources, file).unwrap_or_else(|_| text.to_owned())
}

fn library() -> String {
    let mut out = String::from("Each function with what it is for; `dsp repl` tells more: `:help NAME`.\n");
    for (name, text) in dsp::builtins::LIBRARY {
        let mut sources = SourceMap::default();
        let file = sources.add(*name, *text);
        let (tree, _) = parse_file(&sources, file);
        let entries: Vec<String> = tree.items.iter().filter_map(|item| entry(item, &sources)).collect();
        if entries.is_empty() {
            continue;
        }
        let intro: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("# ")).collect();
        let title = name.trim_start_matches("std/").trim_end_matches(".dsp");
        out += &format!("\n### {title}\n\n{}\n\n{}", intro.join(" "), entries.concat());
    }
    out
}

fn entry(item: &Item, sources: &SourceMap) -> Option<String> {
    let (head, name, description) = match item {
        Item::Function(Function {
            head,
            name,
            description,
            ..
        }) => (head, name, description),
        Item::Module(Module {
            head,
            name,
            description,
            ..
        }) => (head, name, description),
        Item::Type(decl) if !decl.name.node.starts_with('_') => {
            return Some(format!("- `{}`\n", on_one_line(sources.text(decl.span))));
        }
        _ => return None,
    };
    if name.node.starts_with('_') {
        return None;
    }
    let head = on_one_line(sources.text(*head));
    let head = head.strip_prefix("fn ").unwrap_or(&head);
    let description = description.as_ref().map_or("", |text| text.node.as_str());
    let first = description
        .split("\n\n")
        .next()
        .unwrap_or("")
        .split(">>>")
        .next()
        .unwrap_or("");
    let said = on_one_line(first);
    let dash = if said.is_empty() { "" } else { ": " };
    Some(format!("- `{head}`{dash}{said}\n"))
}

fn on_one_line(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let joined = joined.replace("( ", "(").replace(", )", ")").replace(",)", ")");
    joined.replace("{ ", "{").replace(", }", "}").replace(",}", "}")
}

fn diagnostics() -> String {
    let mut codes: Vec<(&str, &str)> = Vec::new();
    codes.extend(dsp::syntax::parse::TITLES);
    codes.extend(dsp::check::codes::CODES);
    codes.sort_unstable();
    let lines: String = codes
        .iter()
        .map(|(code, title)| format!("- `{code}` {title}\n"))
        .collect();
    lines
}

fn commands() -> String {
    let sandbox = Sandbox::new();
    let help = |args: &[&str]| {
        let ran = sandbox.run(args);
        let lines: Vec<&str> = ran.out.lines().map(str::trim_end).collect();
        lines.join("\n")
    };
    let all = help(&["--help"]);
    let listed = all.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    let names = listed
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next());
    let mut out = format!("```text\n{all}\n```\n");
    for name in names.clone() {
        out += &format!("\n### dsp {name}\n\n```text\n{}\n```\n", help(&[name, "--help"]));
    }
    out
}
