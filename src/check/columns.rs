//! Rows of a dataset meet the program that takes them: its inputs must be among their columns.

use crate::diag::nearest;
use crate::value::Type;

use super::access::list_names;
use super::checker::Checker;
use super::codes;
use super::fit::could_fit;
use super::generics::Bindings;

impl Checker<'_> {
    /// Bounds that depend on other parameters: rows must have the columns that a program takes.
    pub(super) fn dependent_bounds(&mut self, bindings: &Bindings) {
        for (_, ty, bound, span) in bindings.dependent() {
            if could_fit(&ty, &bound) {
                continue;
            }
            let (Type::Record(rows), Type::Record(wanted)) = (&ty, &bound) else {
                self.check_fit(&ty, &bound, span, "a row is");
                continue;
            };
            for field in wanted.fields.iter().filter(|f| !f.optional) {
                let names = || rows.fields.iter().map(|f| f.name.as_str());
                if names().any(|name| name == field.name) {
                    continue;
                }
                let help = match nearest(&field.name, names()) {
                    Some(near) => format!("did you mean the column `{near}`?"),
                    None => format!(
                        "the rows have {}",
                        list_names(&rows.fields.iter().map(|f| f.name.clone()).collect::<Vec<_>>())
                    ),
                };
                let message = format!("these rows have no `{}`, which the program takes", field.name);
                self.advise(
                    codes::UNKNOWN_FIELD,
                    message,
                    span,
                    format!("no column `{}`", field.name),
                    help,
                );
            }
        }
    }
}
