//! A comment at every place of every construct where one may stand.

use super::{check, tree};
use dsp::syntax::token::tokens;

/// Every construct, with the commas, semicolons and parentheses that a layout drops.
const CONSTRUCTS: [&str; 38] = [
    "import \"a.dsp\" as a\n",
    "import \"a.dsp\" (b, c,)\n",
    "type T = ((A) | (B?) | \"a\" | -1)\n",
    "type T = {a: str \"text\", ...(U), b: list[(int)],}\n",
    "type T = fn((A), B,) -> (C | D)\n",
    "signature S { \"text\", a: (str) = (\"x\") \"about\", b, -> c: (A | B) \"about\" where (c > 1) \"advice\", where: int, e, }\n",
    "signature R { a: str \"about\", bcd: int \"about\", -> e: str \"about\", fgh: int \"about\" }\n",
    "fn f[T: (signature), U,](a: (int) = (1), ...b: (T),) -> (A | B) { \"about\"; a; }\n",
    "fn n(...inputs(S)) -> {a: str, ...outputs(S),}\n",
    "module M[T](a: int, b = (2),) { \"about\"; m = (P(a)); n = q; forward(x,) -> (int) { x }; fn h() { m }; }\n",
    "test \"name\" { assert (a), (\"b\"); }\n",
    "configure(lm: (x), k: 1,)\n",
    "((configure)(lm: (x)))\n",
    "((configure)(lm: x,))\n",
    "let {a, b: c,} = (r)\n",
    "let l = |x: ((int | str)), y,| (x)\n",
    "let l = |x: (((int))), y: list[(int)],| x |> f\n",
    "let l = |a, b: ({a: int,}),| { a; }\n",
    "let l = f(|| (x), |y| {;a},)\n",
    "let l = || { ; x }\n",
    "let l = |a|| b||| || c\n",
    "print\n(((a)))\n",
    "let e = {;}\n",
    "var x: ((int)?) = ((a)) + (b) * -(c) ** (d)\n",
    "x[(0)].b += ((1))\n",
    "let r = {a: (1), b, ...(c),}\n",
    "let d = {\"a\": (1), ...(c),}\n",
    "let s = xs[(0)] + xs[(1)..(2)] + xs[..(2)] + xs[(1)..]\n",
    "let c = [(x + 1) for x, y in (xs) if (x) if y for z in w]\n",
    "let n = [(1), 2, 3, 4, 5, ...(xs),]\n",
    "let z = (a) |> (f)(b,).g((c),)?.h ?? (d) and not (e) or f not in g\n",
    "for i, x in (xs) { print(i); (x); }\n",
    "while (a) and b { break; continue; }\n",
    "let i = if (a) { (b) } else if (c) { d; } else { e }\n",
    "let m = match (x) { (1) | (2) => (a), n if (n > 3) => { b }, y: (int) => c, {a, b: (1),} => d, _ => e, }\n",
    "let t = try { (a); } catch e { (b) }\n",
    "let w = with (lm: (x), k: 1,) { return (y) }\n",
    "let g = f\"{(a)} {b:>3} {[c,]}\"; let k = (\"\"\"\n  a\n  \"\"\")\n",
];

/// What is written into a gap between two tokens: behind the token before it, on a line of its own, alone.
const FILLINGS: [&str; 4] = [" # c\n", "\n# o\n", "\n# o\n\n", "\n"];

/// Where the gaps of a text are.
fn gaps(text: &str) -> Vec<usize> {
    let written = tokens(text).into_iter().filter(|token| !token.kind.is_trivia());
    written.map(|token| token.end as usize).collect()
}

#[test]
fn a_comment_may_stand_at_every_place_of_every_construct() {
    let mut failures = Vec::new();
    let mut tried = 0;
    for text in CONSTRUCTS {
        assert!(tree(text).is_some(), "does not parse: {text}");
        for (i, first) in gaps(text).into_iter().enumerate() {
            for filling in FILLINGS {
                let once = format!("{}{filling}{}", &text[..first], &text[first..]);
                if tree(&once).is_none() {
                    continue;
                }
                failures.extend(check(&once).err());
                for second in gaps(&once).into_iter().skip(i + 1) {
                    let twice = format!("{} # d\n{}", &once[..second], &once[second..]);
                    tried += 1;
                    failures.extend(check(&twice).err());
                }
            }
        }
    }
    assert!(tried > 10_000, "{tried} places");
    let shown = failures.iter().take(12).cloned().collect::<Vec<_>>();
    assert!(
        failures.is_empty(),
        "{} failures\n{}",
        failures.len(),
        shown.join("\n════\n")
    );
}
