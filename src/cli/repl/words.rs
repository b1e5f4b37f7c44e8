//! The words of the language, for `:help`.

/// How a construct is written, and what it does.
pub fn about(word: &str) -> Option<(&'static str, &'static str)> {
    let known = WORDS.iter().find(|(words, _, _)| words.contains(&word));
    known.map(|(_, form, does)| (*form, *does))
}

type Entry = (&'static [&'static str], &'static str, &'static str);

const WORDS: [Entry; 16] = [
    (&["let"], "let x = 1", "Binds a name for good."),
    (&["var"], "var n = 0", "Binds a name that `n = …` and `n += …` change."),
    (
        &["fn", "return"],
        "fn name(a: int, b: str = \"x\") -> int { … }",
        "A function. Its last expression is its value, or what `return` gives.",
    ),
    (
        &["if", "else"],
        "if c { … } else if d { … } else { … }",
        "An expression; conditions are `bool`.",
    ),
    (
        &["for", "in", "break", "continue"],
        "for x in xs { … }",
        "With two names: index and element, or key and value. `[f(x) for x in xs if c]` makes a list.",
    ),
    (
        &["while"],
        "while c { … }",
        "Again and again while the condition holds.",
    ),
    (
        &["match"],
        "match e { \"a\" | \"b\" => …, n if n > 3 => …, _ => … }",
        "The first arm that fits; every value must have one.",
    ),
    (
        &["try", "catch"],
        "try { … } catch e { … }",
        "The value of the first block, or of the second if the first fails; `e.kind` and `e.message` say how.",
    ),
    (
        &["with"],
        "with (lm: cheap, temperature: 0.7) { … }",
        "Settings for the calls that are made inside.",
    ),
    (
        &["configure"],
        "configure(lm: LM(\"openai/gpt-4o-mini\"))",
        "Settings for all calls that follow.",
    ),
    (
        &["assert"],
        "assert c, \"message\"",
        "Fails unless the condition holds.",
    ),
    (
        &["signature", "where"],
        "signature Name { \"what to do\" input: str \"description\" -> output: int where output > 0 }",
        "What a call of a model takes and returns.",
    ),
    (
        &["module", "forward"],
        "module Name(param: int) { member = Predict(Signature)  forward(input: str) { … } }",
        "A program: `Name(1)` makes an instance, and a call of that runs `forward`.",
    ),
    (&["type"], "type Person = {name: str, age: int?}", "Names a type."),
    (
        &["import", "as"],
        "import \"rag.dsp\" as rag",
        "Another file's names; `import \"rag.dsp\" (f, g)` takes some of them.",
    ),
    (&["test"], "test \"name\" { … }", "Run by `dsp test`."),
];
