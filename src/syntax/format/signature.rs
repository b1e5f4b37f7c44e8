//! Signatures, and the columns that their descriptions and a module's members make.

use crate::syntax::ast::{Field, SignatureDecl};
use crate::syntax::token::Kind;

use super::doc::Op;
use super::print::COLUMNS;
use super::write::Writer;

/// A line with something that stands under its like: a description, a member's `=`.
pub(super) struct Cell {
    pub begin: u32,
    /// Where the blanks before it are.
    pub pad: u32,
    pub end: u32,
}

/// How deep the lines stand that have columns.
const DEPTH: u32 = 2;

impl Writer<'_> {
    pub fn signature(&mut self, decl: &SignatureDecl) {
        self.word();
        self.word();
        self.tok();
        self.doc.push(Op::Indent);
        if decl.body.instructions.is_some() {
            self.doc.push(Op::Hard);
            self.tok();
            self.separator();
        }
        self.fields(&decl.body.inputs, decl.body.instructions.is_none());
        self.keep_blank();
        self.doc.push(Op::Hard);
        self.tok();
        self.fields(&decl.body.outputs, true);
        self.comments_before_end();
        self.doc.push(Op::Dedent);
        self.doc.push(Op::Hard);
        self.tok();
    }

    /// A comma is what a newline is, but for a bare `where`, which would be a condition of the field before.
    fn separator(&mut self) {
        if self.kind() == Kind::Comma {
            match self.second_is_bare_where() {
                true => self.tok(),
                false => self.drop_token(),
            }
        }
    }

    /// `first`: nothing stands before them that an empty line could part them from.
    fn fields(&mut self, fields: &[Field], first: bool) {
        let mut cells = Vec::new();
        for (i, field) in fields.iter().enumerate() {
            if self.blank_ahead() || self.comment_ahead() {
                self.align(&mut cells);
            }
            if i > 0 || !first {
                self.keep_blank();
            }
            self.doc.push(Op::Hard);
            match self.field(field).filter(|cell| self.is_line(cell)) {
                Some(cell) => cells.push(cell),
                None => self.align(&mut cells),
            }
            let commented = self.comment_ahead();
            self.separator();
            if commented {
                self.align(&mut cells);
            }
        }
        self.align(&mut cells);
    }

    fn field(&mut self, field: &Field) -> Option<Cell> {
        self.lead();
        let begin = self.doc.here();
        self.doc.begin();
        self.tok();
        self.annotation(field.ty.as_ref());
        if let Some(default) = &field.default {
            self.space();
            self.word();
            self.expr(default);
        }
        let mut cell = None;
        if field.desc.is_some() {
            let pad = self.pad();
            self.doc.flatten(begin + 1, pad);
            self.tok();
            let end = self.doc.here();
            cell = Some(Cell { begin, pad, end });
        }
        self.doc.push(Op::Indent);
        for condition in &field.conditions {
            self.doc.push(Op::Line);
            self.word();
            self.expr(&condition.condition);
            if condition.advice.is_some() {
                self.space();
                self.tok();
            }
        }
        self.doc.push(Op::Dedent);
        self.doc.end();
        cell
    }

    /// A blank that may grow.
    pub fn pad(&mut self) -> u32 {
        let pad = self.doc.here();
        self.space();
        pad
    }

    /// Whether all of it stands on one line.
    pub fn is_line(&self, cell: &Cell) -> bool {
        let width = self.doc.flat_width(cell.begin, cell.end);
        width.is_some_and(|width| DEPTH + width <= COLUMNS)
    }

    /// Sets the cells under each other, if the lines stay short enough.
    pub fn align(&mut self, cells: &mut Vec<Cell>) {
        let width = |from, to| self.doc.flat_width(from, to).unwrap_or(0);
        let heads: Vec<u32> = cells.iter().map(|cell| width(cell.begin, cell.pad)).collect();
        let widest = heads.iter().copied().max().unwrap_or(0);
        let mut tails = cells.iter().map(|cell| width(cell.pad, cell.end));
        if tails.all(|tail| DEPTH + widest + tail <= COLUMNS) {
            for (cell, head) in cells.iter().zip(heads) {
                self.doc.ops[cell.pad as usize] = Op::Spaces(1 + widest - head);
            }
        }
        cells.clear();
    }
}
