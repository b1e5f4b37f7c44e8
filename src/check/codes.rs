//! Every code of the checker with its title, for `dsp explain`.

/// Code and title, in order.
pub const CODES: &[(&str, &str)] = &[
    (UNKNOWN_NAME, "a name that nothing declares"),
    (UNKNOWN_FIELD, "a field, member or helper that is not there"),
    (UNKNOWN_ARGUMENT, "an argument that the function does not take"),
    (UNKNOWN_TYPE, "a type that nothing declares"),
    (MISSING_ARGUMENT, "an argument that is missing"),
    (DOUBLE_ARGUMENT, "an argument that is given twice"),
    (WRONG_TYPE, "a value of another type than is wanted"),
    (WRONG_LITERAL, "a literal that its type does not have"),
    (NEVER_EQUAL, "a comparison that can never hold"),
    (MAYBE_NONE, "a value that may be `none`"),
    (NOT_EXHAUSTIVE, "a `match` that misses cases"),
    (CANNOT_ASSIGN, "an assignment to what cannot change"),
    (VALUE_LOST, "a statement whose value is lost"),
    (CONFIGURE_PLACE, "`configure` that is not at the top level"),
    (VAR_IN_FUNCTION, "a function that names a top-level `var`"),
    (DOUBLE_DECLARATION, "two declarations of one name"),
    (DOUBLE_FIELD, "a field or key that is written twice"),
    (FORWARD, "a module without one `forward`"),
    (IMPORT, "an import that fails"),
    (IMPORT_CYCLE, "files that import each other"),
    (PRIVATE_NAME, "a private name of another file"),
    (CONDITION, "a `where` that cannot be checked"),
    (INT_RANGE, "an integer beyond 64 bits"),
    (FORMAT, "a format that its value does not take"),
    (OUTSIDE, "`return`, `break` or `continue` out of place"),
    (NOT_BOOL, "a condition that is not a `bool`"),
    (NOT_CALLABLE, "a call of what is no function"),
    (OPERATOR, "an operator that does not take its operands"),
    (TOO_MANY_ARGUMENTS, "more arguments than the function takes"),
    (INLINE_SIGNATURE, "an inline signature that does not parse"),
    (DATASET, "a dataset that cannot be read"),
    (NO_BODY, "a function without a body"),
    (NOT_A_LIST, "a value that cannot be looped over, indexed or sliced"),
    (SETTING, "a setting that is not there, or a value that it cannot have"),
    (ENDLESS_TYPE, "a type that contains itself without end"),
    (INNER_FUNCTION, "a function that is declared in a block"),
    (NOT_A_VALUE, "a type or file where a value is wanted"),
    (DEFAULT, "a default that is no constant"),
    (PATTERN, "a pattern that cannot work"),
    (NO_THREAD, "a check that cannot start"),
    (PYTHON_METHOD, "a helper that Python would call by itself"),
    (UNTYPED_RECURSION, "a recursive function without a result type"),
    (UNREACHABLE_ARM, "an arm that no value reaches"),
    (UNUSED, "a `let` that nothing reads"),
];

/// Told by the parser too, whose code it is.
pub const OUTPUTS: &str = "E0031";
pub const UNKNOWN_NAME: &str = "E0101";
pub const UNKNOWN_FIELD: &str = "E0102";
pub const UNKNOWN_ARGUMENT: &str = "E0103";
pub const UNKNOWN_TYPE: &str = "E0104";
pub const MISSING_ARGUMENT: &str = "E0105";
pub const DOUBLE_ARGUMENT: &str = "E0106";
pub const WRONG_TYPE: &str = "E0107";
pub const WRONG_LITERAL: &str = "E0108";
pub const NEVER_EQUAL: &str = "E0109";
pub const MAYBE_NONE: &str = "E0110";
pub const NOT_EXHAUSTIVE: &str = "E0111";
pub const CANNOT_ASSIGN: &str = "E0112";
pub const VALUE_LOST: &str = "E0113";
pub const CONFIGURE_PLACE: &str = "E0114";
pub const VAR_IN_FUNCTION: &str = "E0115";
pub const DOUBLE_DECLARATION: &str = "E0116";
pub const DOUBLE_FIELD: &str = "E0117";
pub const FORWARD: &str = "E0118";
pub const IMPORT: &str = "E0119";
pub const IMPORT_CYCLE: &str = "E0120";
pub const PRIVATE_NAME: &str = "E0121";
pub const CONDITION: &str = "E0122";
pub const INT_RANGE: &str = "E0123";
pub const FORMAT: &str = "E0124";
pub const OUTSIDE: &str = "E0125";
pub const NOT_BOOL: &str = "E0126";
pub const NOT_CALLABLE: &str = "E0127";
pub const OPERATOR: &str = "E0128";
pub const TOO_MANY_ARGUMENTS: &str = "E0129";
pub const INLINE_SIGNATURE: &str = "E0130";
pub const DATASET: &str = "E0131";
pub const NO_BODY: &str = "E0132";
pub const NOT_A_LIST: &str = "E0133";
pub const SETTING: &str = "E0134";
pub const ENDLESS_TYPE: &str = "E0135";
pub const INNER_FUNCTION: &str = "E0136";
pub const NOT_A_VALUE: &str = "E0137";
pub const DEFAULT: &str = "E0138";
pub const PATTERN: &str = "E0139";
pub const NO_THREAD: &str = "E0140";
pub const PYTHON_METHOD: &str = "E0141";
pub const UNTYPED_RECURSION: &str = "W0101";
pub const UNREACHABLE_ARM: &str = "W0102";
pub const UNUSED: &str = "W0103";
