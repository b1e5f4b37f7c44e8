//! The codes of the mistakes that are found while a text is read, E0001 to E0099, each with its title.

/// The codes by name.
pub mod code {
    pub const UNEXPECTED: &str = "E0001";
    pub const UNCLOSED: &str = "E0002";
    pub const UNOPENED: &str = "E0003";
    pub const UNTERMINATED: &str = "E0004";
    pub const CHARACTER: &str = "E0005";
    pub const ESCAPE: &str = "E0006";
    pub const INDENT: &str = "E0007";
    pub const NUMBER: &str = "E0008";
    pub const RESERVED: &str = "E0009";
    pub const DEEP: &str = "E0010";
    pub const LEADING_OPERATOR: &str = "E0011";
    pub const CHAIN: &str = "E0012";
    pub const PLACE: &str = "E0013";
    pub const KEYS: &str = "E0014";
    pub const EQUALS: &str = "E0015";
    pub const COMMA: &str = "E0016";
    pub const FOREIGN_OPERATOR: &str = "E0017";
    pub const QUOTES: &str = "E0018";
    pub const FOREIGN_WORD: &str = "E0019";
    pub const COLON_BLOCK: &str = "E0020";
    pub const NAMED_ARGUMENT: &str = "E0021";
    pub const ARROW: &str = "E0022";
    pub const INLINE: &str = "E0023";
    pub const FOREIGN_TYPE: &str = "E0024";
    pub const FORMAT: &str = "E0025";
    pub const FSTRING: &str = "E0026";
    pub const PARENTHESES: &str = "E0027";
    pub const BODY: &str = "E0028";
    pub const NAMES: &str = "E0029";
    pub const IMPORT: &str = "E0030";
    pub const OUTPUTS: &str = "E0031";
    pub const LONG: &str = "E0032";
}

/// One line on each code.
pub const TITLES: &[(&str, &str)] = &[
    (code::UNEXPECTED, "something stands where it cannot stand"),
    (code::UNCLOSED, "a bracket is not closed"),
    (code::UNOPENED, "a closing bracket without its opening one"),
    (code::UNTERMINATED, "a string is not closed"),
    (code::CHARACTER, "a character that the language does not know"),
    (code::ESCAPE, "an unknown escape in a string"),
    (
        code::INDENT,
        "a line of a `\"\"\"` string is indented less than its closing quotes",
    ),
    (code::NUMBER, "not a number"),
    (code::RESERVED, "a reserved word used as a name"),
    (code::DEEP, "brackets or operators nested too deeply"),
    (code::LEADING_OPERATOR, "a line begins with a binary operator"),
    (code::CHAIN, "operators that do not chain"),
    (code::PLACE, "something that cannot be assigned to"),
    (code::KEYS, "named and quoted keys in one literal"),
    (code::EQUALS, "`=` where `==` is meant, or the other way round"),
    (code::COMMA, "a comma is missing"),
    (code::FOREIGN_OPERATOR, "an operator of another language"),
    (code::QUOTES, "quotes of another kind"),
    (code::FOREIGN_WORD, "a keyword of another language"),
    (code::COLON_BLOCK, "a block written with `:` and indentation"),
    (code::NAMED_ARGUMENT, "a named argument or field written with `=`"),
    (code::ARROW, "`=>` where `->` is meant, or the other way round"),
    (code::INLINE, "the text of an inline signature is not one"),
    (code::FOREIGN_TYPE, "a type written as in Python"),
    (code::FORMAT, "an unknown format in an f-string"),
    (code::FSTRING, "a value of an f-string is not an expression"),
    (code::PARENTHESES, "parentheses where none belong"),
    (code::BODY, "a body's `{` on a line of its own"),
    (code::NAMES, "too many names in a `for`"),
    (code::IMPORT, "an import that does not say what it imports"),
    (code::OUTPUTS, "a signature without outputs"),
    (code::LONG, "a text or a literal too long for a script"),
];
