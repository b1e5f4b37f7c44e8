//! Names, fields and methods that those who come from other languages write, and what dsp says instead.

use crate::value::Type;

/// What a name that nothing declares may have meant.
pub(super) fn of_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "None" | "null" | "nil" | "undefined" | "Null" => "the absent value is `none`",
        "True" | "TRUE" => "it is written `true`",
        "False" | "FALSE" => "it is written `false`",
        "self" | "this" => "members and parameters of a module are plain names: `classify(x)`, not `self.classify(x)`",
        "super" => "modules have no parents: make the other module a member and call it",
        "dspy" => "the library needs no prefix: `Predict(…)`, not `dspy.Predict(…)`",
        "math" | "np" | "numpy" | "statistics" | "random_" | "itertools" | "functools" | "os" | "sys" | "Math" => {
            "the library needs no prefix: `sqrt(2)`, `sum(xs)`, `env(\"NAME\")`"
        }
        "re" => "`matches(s, r\"…\")` tests a text against a regular expression, `captures` gives its groups",
        "JSON" => "`json(x)` writes JSON, `parse_json(s)` reads it",
        "console" => "`print(x)` writes to the output, `debug(x)` to the terminal",
        "requests" | "fetch" | "axios" => "`http_get(url)` reads a page",
        "time" | "datetime" => "`now()` gives the time in seconds",
        "dict" | "OrderedDict" | "defaultdict" | "Map" => "a dict is written `{\"key\": value}`, the empty one `{}`",
        "list" | "Array" => "a list is written `[a, b]`; `[x for x in xs]` makes one of another",
        "set" | "Set" | "frozenset" => "there are no sets: `unique(xs)` is a list without doubles",
        "tuple" => "there are no tuples: write a list `[a, b]` or a record `{a, b}`",
        "bool" => "there is no truthiness: compare, as in `x != 0` or `len(x) > 0`",
        "type" | "isinstance" | "typeof" => "`type_of(x)` names a value's type: `type_of(x) == \"str\"`",
        "hasattr" => "`has(record, \"name\")` asks for a field",
        "getattr" => "`get(values, \"name\", default)` reads an entry whose name is computed",
        "open" => "`read_text(path)` and `write_text(path, text)` read and write files",
        "input" => "a script's input comes as arguments of `fn main(question: str) { … }`",
        "exit" | "quit" => "`fail(\"message\")` ends a script with an error",
        "Exception" | "ValueError" | "Error" | "TypeError" | "RuntimeError" => {
            "errors are raised by `fail(\"message\")`"
        }
        "Example" => "an example is a record: `{question: \"…\", answer: \"…\"}`; its inputs need no marking",
        "InputField" | "OutputField" | "Signature" => {
            "a signature is declared: `signature Name { question: str \"description\" -> answer: str }`"
        }
        "Module" => "a program is declared: `module Name { member = … forward(…) { … } }`",
        "OpenAI" | "ChatOpenAI" | "Anthropic" => "a model is `LM(\"openai/gpt-4o-mini\")`",
        "ChatAdapter" => "an adapter is a setting: `configure(adapter: \"chat\")`",
        "JSONAdapter" => "an adapter is a setting: `configure(adapter: \"json\")`",
        "Evaluate" => "`evaluate(program, devset, metric: f)` evaluates",
        "pass" => "an empty body is written `{}`",
        "raise" | "throw" => "`fail(\"message\")` raises an error",
        "def" => "functions are declared with `fn`",
        "elif" => "write `else if`",
        _ => return None,
    })
}

/// `xs.append(x)`, `s.trim()`: what a method that no function stands for may have meant.
pub(super) fn of_method(ty: &Type, name: &str, object: &str) -> Option<String> {
    if let Type::Program(_) = ty {
        return of_program(name, object);
    }
    if let Type::Function(_) = ty {
        return None;
    }
    let is_list = matches!(ty, Type::List(_));
    let is_name = object.chars().all(|c| c.is_alphanumeric() || c == '_');
    Some(match name {
        "append" | "push" | "add" | "push_back" if is_list && !is_name => {
            format!("`{object} + [x]` is a new list with one element more")
        }
        "append" | "push" | "add" | "push_back" if is_list => {
            format!("values never change in place: write `{object} += [x]`, where `{object}` is a `var`")
        }
        "extend" | "concat" if is_list => format!("`{object} + ys` joins two lists"),
        "pop" | "shift" if is_list => format!("`last({object})` is the last element, `{object}[..-1]` the rest"),
        "insert" if is_list => format!("build a new list: `{object}[..i] + [x] + {object}[i..]`"),
        "remove" | "delete" | "discard" if is_list => {
            format!("`filter({object}, |x| …)` keeps the elements that should stay")
        }
        "clear" => format!("assign an empty one: `{object} = []`"),
        "format" => "an f-string holds values: `f\"… {x} …\"`".to_owned(),
        "trim" | "lstrip" | "rstrip" | "trim_start" | "trim_end" => {
            format!("`strip({object})` removes the white space around a text")
        }
        "toUpperCase" | "to_upper" | "to_uppercase" | "uppercase" | "upcase" => format!("write `upper({object})`"),
        "toLowerCase" | "to_lower" | "to_lowercase" | "lowercase" | "downcase" | "casefold" => {
            format!("write `lower({object})`")
        }
        "splitlines" => format!("write `lines({object})`"),
        "substring" | "substr" | "slice" => format!("slices are written with `..`: `{object}[1..3]`"),
        "includes" | "has_key" | "contains_key" => format!("write `x in {object}`"),
        "isdigit" | "isnumeric" => format!("write `matches({object}, \"^[0-9]+$\")`"),
        "isalpha" => format!("write `matches({object}, \"^[A-Za-z]+$\")`"),
        "toString" | "to_string" | "to_str" => format!("write `str({object})`"),
        "to_int" | "parse" | "parseInt" => format!("write `int({object})`"),
        "to_float" | "toFixed" => format!("write `float({object})`, or a format: `f\"{{{object}:.2f}}\"`"),
        "toJSON" | "to_json" | "model_dump_json" | "dumps" => format!("write `json({object})`"),
        "equals" | "eq" => format!("`==` compares by value: `{object} == other`"),
        "forEach" | "each" | "for_each" => format!("write `for x in {object} {{ … }}`"),
        "fold" | "inject" => format!("write `reduce({object}, init, |sum, x| …)`"),
        "some" => format!("write `any({object}, |x| …)`"),
        "every" => format!("write `all({object}, |x| …)`"),
        "flatMap" | "flat_map" => format!("write `flatten(map({object}, |x| …))`"),
        "is_empty" | "isEmpty" | "empty" => format!("write `len({object}) == 0`"),
        "copy" | "clone" | "deepcopy" | "model_copy" => {
            "values never change in place: there is nothing to copy".to_owned()
        }
        "update" => format!("`merge({object}, other)` is a new one"),
        "unwrap_or" | "or_else" | "setdefault" => format!("`{object} ?? default` gives a value for `none`"),
        "unwrap" | "expect" => format!("test it: `if {object} != none {{ … }}`, or give a default with `??`"),
        "collect" | "iter" | "into_iter" | "to_list" | "toList" => format!("`{object}` can be looped over as it is"),
        "with_inputs" => "rows need no marking: the columns that a program takes are its inputs".to_owned(),
        _ => return of_length(name, object),
    })
}

/// `f(x, num_threads: 8)`: what an argument that is not taken may have meant.
pub(super) fn of_argument(name: &str) -> Option<&'static str> {
    Some(match name {
        "metric" | "trainset" | "valset" => {
            "rows and metric go to the search itself: `compile(program, trainset, metric: f, valset: rows, optimizer: …)`"
        }
        "seed" => "the seed goes to the search itself: `compile(…, seed: 1)`",
        "teacher"
        | "sample"
        | "restrict"
        | "labeled_sample"
        | "num_trials"
        | "minibatch"
        | "minibatch_size"
        | "optimizer_compile_args" => "it goes to where the optimizer is made: `optimizer: SomeOptimizer(…)`",
        "student" => "the program comes first: `compile(program, trainset, …)`",
        "num_threads" | "eval_kwargs" => {
            "calls overlap by themselves: `with (max_concurrency: 8) { … }` says how many do"
        }
        "verbose" | "display_progress" | "disable_progress_bar" => "progress is shown by itself, on stderr",
        "display_table" => "`display: 5` prints a table of five rows",
        "save_as_csv" => "`save_as: \"rows.csv\"` writes the rows",
        "save_as_json" => "`save_as: \"rows.json\"` writes the rows",
        "provide_traceback" => "an error shows by itself where it comes from",
        "failure_score" => "a row that fails scores 0",
        "return_all_scores" | "return_outputs" => "the result holds all rows and their scores: `evaluate(…).results`",
        "track_stats" | "track_best_outputs" | "log_dir" => "`report(program)` holds the trials of a search",
        "use_wandb" | "wandb_api_key" | "wandb_init_kwargs" | "use_mlflow" => {
            "`dsp run --trace FILE` writes every call and trial as OpenTelemetry spans"
        }
        "requires_permission_to_run" => "`--plan` says what a search may cost, `max_calls` and `max_cost` bound it",
        "callbacks" => "`--trace FILE` tells of every call; many optimizers tell of trials by `on_candidate`",
        "config" => {
            "settings stand around the call, `with (temperature: 0.7) { … }`, or belong to the predictor: \
             `Predict(signature, temperature: 0.7)`"
        }
        "api_key" => {
            "keys do not stand in scripts: put it into the environment, and name the variable if it is not the provider's \
             usual one: `LM(\"…\", api_key_env: \"MY_KEY\")`"
        }
        "num_retries" => "`with (lm_retries: 5) { … }` says how often a request is sent again",
        "rationale_field" | "rationale_field_type" => {
            "an output of your own goes before the others: `S.with_output(\"rationale: str\", \"desc\", first: true)`"
        }
        "interpreter_factory" | "interpreter" => "`language: \"dsp\"` or `\"python\"` says what the model writes",
        "deterministic" => "programs are drawn at random only where `size` says how many",
        "use_cot" => "reasoning comes from the module: name the one that thinks first",
        _ => return None,
    })
}

/// `configure(top_p: 0.5)`: where a setting that there is not may belong.
pub(super) fn of_setting(name: &str) -> Option<String> {
    Some(match name {
        "top_p" | "stop" | "api_base" | "api_key_env" | "model_type" | "price" | "reasoning_effort" | "logprobs"
        | "headers" | "rpm" | "tpm" | "extra" => {
            format!("it is an option of a model: `lm: LM(\"provider/name\", {name}: …)`")
        }
        "n" => "it belongs to the predictor: `Predict(signature, n: 3)`".to_owned(),
        "model" => "a model is set by `lm: LM(\"provider/name\")`".to_owned(),
        "track_usage" => "`usage()` always knows what was used".to_owned(),
        _ => return of_argument(name).map(str::to_owned),
    })
}

/// `fn __init__(…)` in a module: names that Python calls by itself.
pub(super) fn of_helper(name: &str) -> Option<&'static str> {
    if name.len() < 5 || !name.starts_with("__") || !name.ends_with("__") {
        return None;
    }
    Some(match name {
        "__init__" => {
            "parameters stand behind the module's name, members in its braces: `module M(k: int = 3) { ask = Predict(S) … }`"
        }
        "__call__" => "what a call of an instance runs is `forward(…) { … }`",
        "__repr__" | "__str__" => "an instance prints as `<M>`; call the helper by a name of its own: `m.describe()`",
        _ => "give it a name of its own, and call it: `m.name()`",
    })
}

/// `xs.length`, `xs.size`
pub(super) fn of_length(name: &str, object: &str) -> Option<String> {
    matches!(name, "length" | "size" | "len" | "count" | "__len__").then(|| format!("write `len({object})`"))
}

fn of_program(name: &str, object: &str) -> Option<String> {
    Some(match name {
        "forward" | "__call__" | "acall" | "aforward" | "call" | "run" | "invoke" => {
            format!("call the program itself: `{object}(…)`")
        }
        "predictors" | "named_predictors" => format!("write `predictors({object})`"),
        "set_lm" => format!("write `with_lm({object}, \"*\", lm)`, which is a changed copy"),
        "batch" => format!("write `[{object}(…) for x in xs]`: the calls overlap"),
        "dump_state" => format!("write `save({object}, \"state.json\")`"),
        _ => return None,
    })
}
