//! Types as dsp source.

use std::fmt::{self, Write};

use super::{About, FnType, RecordType, Type};

/// A type that holds others twice at each level has a text that nobody reads to its end, and no memory holds.
const LONGEST_TEXT: usize = 50_000;

/// As dsp source.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bounded = Bounded {
            out: f,
            left: LONGEST_TEXT,
            full: false,
        };
        match write!(bounded, "{}", Whole(self)) {
            Err(_) if bounded.full => f.write_str("…"),
            written => written,
        }
    }
}

/// Takes so many bytes and no more.
struct Bounded<'a, 'b> {
    out: &'a mut fmt::Formatter<'b>,
    left: usize,
    full: bool,
}

impl Write for Bounded<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        match self.left.checked_sub(text.len()) {
            Some(left) => self.left = left,
            None => {
                self.full = true;
                return Err(fmt::Error);
            }
        }
        self.out.write_str(text)
    }
}

struct Whole<'a>(&'a Type);

impl fmt::Display for Whole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Type::Any => f.write_str("any"),
            Type::Never => f.write_str("never"),
            Type::None => f.write_str("none"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Float => f.write_str("float"),
            Type::Str => f.write_str("str"),
            Type::Literal(literal) => write!(f, "{literal}"),
            Type::Union(members) => write_union(f, members),
            Type::Text(form) => write!(f, "{form}"),
            Type::List(_) if self.0.is_history() => f.write_str("history"),
            Type::List(item) => write!(f, "list[{item}]"),
            Type::Dict(value) => write!(f, "dict[str, {value}]"),
            Type::Record(record) => write!(f, "{record}"),
            Type::Again(again) => f.write_str(again.name()),
            Type::Function(function) => write!(f, "{function}"),
            Type::Signature(None) => f.write_str("signature"),
            Type::Signature(Some(signature)) => f.write_str(&signature.name),
            Type::Program(None) => f.write_str("program"),
            Type::Program(Some(program)) => f.write_str(&program.name),
            Type::Lm => f.write_str("LM"),
            Type::Retriever => f.write_str("Retriever"),
            Type::Optimizer => f.write_str("Optimizer"),
            Type::Opaque(name) => f.write_str(name),
            Type::Param(name) => f.write_str(name),
            Type::InputsOf(name) => write!(f, "inputs({name})"),
            Type::OutputsOf(name) => write!(f, "outputs({name})"),
        }
    }
}

fn write_union(f: &mut fmt::Formatter<'_>, members: &[Type]) -> fmt::Result {
    if let [ty, Type::None] = members {
        return match ty {
            Type::Function(_) => write!(f, "({ty})?"),
            _ => write!(f, "{ty}?"),
        };
    }
    for (i, member) in members.iter().enumerate() {
        if i > 0 {
            f.write_str(" | ")?;
        }
        write!(f, "{member}")?;
    }
    Ok(())
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.about {
            About::Tool => return f.write_str("tool"),
            About::ToolCalls => return f.write_str("tool_calls"),
            _ => {}
        }
        if let Some(name) = &self.name {
            return f.write_str(name);
        }
        f.write_str("{")?;
        for (i, field) in self.fields.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            match field.optional && !matches!(&field.ty, Type::Union(_)) {
                true => write!(f, "{}: {}?", field.name, field.ty)?,
                false => write!(f, "{}: {}", field.name, field.ty)?,
            }
        }
        f.write_str("}")
    }
}

impl fmt::Display for FnType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fn(")?;
        for (i, param) in self.params.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            let last = i + 1 == self.params.len();
            match (self.rest && last, i < self.needed) {
                (true, _) => write!(f, "...{param}")?,
                (false, true) => write!(f, "{param}")?,
                (false, false) => write!(f, "{param} = …")?,
            }
        }
        write!(f, ") -> {}", self.result)
    }
}
