//! Words of other languages, with what dsp says instead.

/// A word that someone who comes from another language may write.
pub(super) struct Foreign {
    pub word: &'static str,
    pub message: &'static str,
    pub help: &'static str,
}

const fn foreign(word: &'static str, message: &'static str, help: &'static str) -> Foreign {
    Foreign { word, message, help }
}

/// Keywords: wrong where another word follows.
pub(super) const KEYWORDS: &[Foreign] = &[
    foreign("def", "functions are declared with `fn`", "write `fn name(x) { … }`"),
    foreign("func", "functions are declared with `fn`", "write `fn name(x) { … }`"),
    foreign("fun", "functions are declared with `fn`", "write `fn name(x) { … }`"),
    foreign(
        "function",
        "functions are declared with `fn`",
        "write `fn name(x) { … }`",
    ),
    foreign(
        "class",
        "dsp has no classes",
        "a program is a `module Name { … forward(…) { … } }`, what a model call takes and returns a `signature Name { … }`",
    ),
    foreign(
        "struct",
        "records are declared with `type`",
        "write `type Name = {field: str}`",
    ),
    foreign(
        "interface",
        "records are declared with `type`",
        "write `type Name = {field: str}`",
    ),
    foreign(
        "enum",
        "dsp has no enums",
        "write a union of literals: `type Level = \"low\" | \"high\"`",
    ),
    foreign(
        "const",
        "names are bound with `let`",
        "write `let x = 1`; `var x = 1` may be assigned again",
    ),
    foreign(
        "mut",
        "what may be assigned again is bound with `var`",
        "write `var x = 1`",
    ),
    foreign(
        "lambda",
        "a function without a name is written `|x| …`",
        "write `|x| x + 1`",
    ),
    foreign("elif", "`elif` is written `else if`", "write `else if c { … }`"),
    foreign("elseif", "`elseif` is written `else if`", "write `else if c { … }`"),
    foreign("elsif", "`elsif` is written `else if`", "write `else if c { … }`"),
    foreign("unless", "dsp has no `unless`", "write `if not c { … }`"),
    foreign("until", "dsp has no `until`", "write `while not c { … }`"),
    foreign("foreach", "loops are written with `for`", "write `for x in xs { … }`"),
    foreign("loop", "dsp has no `loop`", "write `while true { … }`"),
    foreign(
        "switch",
        "`switch` is written `match`",
        "write `match e { \"a\" => 1, _ => 2 }`",
    ),
    foreign(
        "case",
        "an arm of a `match` has no `case`",
        "write `match e { \"a\" => 1, _ => 2 }`",
    ),
    foreign(
        "raise",
        "errors are raised with `fail`",
        "write `fail(\"what went wrong\")`",
    ),
    foreign(
        "throw",
        "errors are raised with `fail`",
        "write `fail(\"what went wrong\")`",
    ),
    foreign(
        "except",
        "`except` is written `catch`",
        "write `try { … } catch e { … }`",
    ),
    foreign(
        "finally",
        "dsp has no `finally`",
        "write what comes after behind the `try { … } catch e { … }`",
    ),
    foreign(
        "async",
        "concurrency needs no keyword",
        "leave `async` away: a model call is awaited where its value is looked at",
    ),
    foreign(
        "await",
        "concurrency needs no keyword",
        "leave `await` away: a value is awaited where it is looked at",
    ),
    foreign("yield", "dsp has no generators", "return a list"),
    foreign("new", "instances are made by a call", "write `Name(…)`"),
    foreign("from", "imports name a file", "write `import \"file.dsp\" (name)`"),
    foreign(
        "import",
        "imports name a file",
        "write `import \"file.dsp\" as name` or `import \"file.dsp\" (name)`; the library needs no import",
    ),
    foreign(
        "del",
        "dsp has no `del`",
        "values never change in place: build one without it, such as `filter(xs, |x| …)`",
    ),
    foreign(
        "global",
        "dsp has no `global`",
        "a function reads the file's `let`s and changes nothing outside itself: return the new value",
    ),
    foreign(
        "nonlocal",
        "dsp has no `nonlocal`",
        "a lambda captures values, not variables: return the new value",
    ),
    foreign("print", "a call has parentheses", "write `print(x)`"),
];
