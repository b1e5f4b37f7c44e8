//! Rows of a dataset meet the program that takes them: its inputs must be among their columns, and of types that it takes.

use crate::diag::nearest;
use crate::source::Span;
use crate::value::{EcoString, FieldType, RecordType, Type};

use super::access::list_names;
use super::checker::Checker;
use super::codes;
use super::fit::could_fit;
use super::generics::{Bindings, Dependent};

impl Checker<'_> {
    /// Bounds that depend on other parameters: rows must have the columns that a program takes.
    pub(super) fn dependent_bounds(&mut self, bindings: &Bindings) {
        for dependent in bindings.dependent() {
            let Type::Record(wanted) = &dependent.bound else {
                if !could_fit(&dependent.ty, &dependent.bound) {
                    self.check_fit(&dependent.ty, &dependent.bound, dependent.span, "a row is");
                }
                continue;
            };
            let mut told = Vec::new();
            for member in dependent.ty.members() {
                match member {
                    Type::Record(rows) => self.columns(rows, wanted, &dependent, &mut told),
                    row if could_fit(row, &dependent.bound) => {}
                    row => _ = self.check_fit(row, &dependent.bound, dependent.span, "a row is"),
                }
            }
        }
    }

    /// The columns of rows of one shape; each input is told of once.
    fn columns(&mut self, rows: &RecordType, wanted: &RecordType, to: &Dependent, told: &mut Vec<EcoString>) {
        let before = told.len();
        for input in &wanted.fields {
            let column = rows.fields.iter().find(|f| f.name == input.name);
            let fits = match column {
                Some(column) => column_fits(&handed(column, input.optional), &input.ty),
                // A row may lack what is optional, if others have it: no row that does may be a misspelling.
                None => {
                    let lacks = input.ty.is_optional() && has_column(&to.ty, &input.name);
                    lacks || input.optional || !rows.spreads.is_empty()
                }
            };
            if fits || told.contains(&input.name) {
                continue;
            }
            told.push(input.name.clone());
            match column {
                Some(column) => self.wrong_column(&handed(column, input.optional), input, to.span),
                None => self.missing_column(rows, &input.name, to.span),
            }
        }
        if told.len() == before {
            self.run_with_columns(rows, to);
        }
    }

    /// Parameters without a type have those of the columns: what a program does with them is checked for these rows.
    fn run_with_columns(&mut self, rows: &RecordType, to: &Dependent) {
        let Some(Type::Program(Some(program))) = &to.program else {
            return;
        };
        let Some(runs) = program.runs else { return };
        let sig = self.sig(runs);
        let types = sig.params.iter().map(|param| {
            let column = rows.fields.iter().find(|f| f.name == param.name)?;
            Some(handed(column, param.has_default))
        });
        let types = types.collect();
        self.instance(runs, types, to.span);
    }

    fn missing_column(&mut self, rows: &RecordType, name: &EcoString, span: Span) {
        let names = || rows.fields.iter().map(|f| f.name.as_str());
        let help = match nearest(name, names()) {
            Some(near) => format!("did you mean the column `{near}`?"),
            None => format!(
                "the rows have {}",
                list_names(&rows.fields.iter().map(|f| f.name.clone()).collect::<Vec<_>>())
            ),
        };
        let message = format!("these rows have no `{name}`, which the program takes");
        self.advise(codes::UNKNOWN_FIELD, message, span, format!("no column `{name}`"), help);
    }

    fn wrong_column(&mut self, column: &Type, input: &FieldType, span: Span) {
        let (name, wanted) = (&input.name, &input.ty);
        let may_be_none = *column != Type::None && column.allows_none() && column_fits(&column.without_none(), wanted);
        let (code, message) = match may_be_none {
            true => (
                codes::MAYBE_NONE,
                format!("the program takes `{wanted}` as `{name}`, but this column of the rows may be `none`"),
            ),
            false => (
                codes::WRONG_TYPE,
                format!("the program takes `{wanted}` as `{name}`, and this column of the rows is `{column}`"),
            ),
        };
        let help = format!(
            "declare what comes in, `{name}: {column}`, or change the rows first: `[{{...row, {name}: …}} for row in rows]`"
        );
        self.advise(code, message, span, format!("the column `{name}` is `{column}`"), help);
    }
}

/// Whether rows of some shape have the column.
fn has_column(rows: &Type, name: &EcoString) -> bool {
    let has = |row: &Type| matches!(row, Type::Record(row) if row.fields.iter().any(|field| field.name == *name));
    rows.members().iter().any(has)
}

/// What a program gets of a column; where a row lacks it, an input with a default has that.
fn handed(column: &FieldType, has_default: bool) -> Type {
    match (has_default, column.optional) {
        (true, _) => column.ty.without_none(),
        (false, true) => column.ty.clone().optional(),
        (false, false) => column.ty.clone(),
    }
}

/// Every value of a column must fit; a text of a dataset may turn out to be one of a type's literals.
fn column_fits(column: &Type, input: &Type) -> bool {
    column.members().iter().all(|member| could_fit(member, input))
}
