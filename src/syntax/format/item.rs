//! Declarations: a file's items, functions, modules, imports, tests.

use crate::syntax::ast::{FnBody, Function, Import, ImportNames, Item, Member, Module, Param, ParamKind, TypeParam};
use crate::syntax::token::Bracket;

use super::brackets::Style;
use super::doc::Op;
use super::signature::Cell;
use super::stmt::{Shape, Use};
use super::write::Writer;

/// What stands in a module, in the order of the source.
enum Part<'a> {
    Member(&'a Member),
    Function(&'a Function),
}

impl Part<'_> {
    fn start(&self) -> u32 {
        match self {
            Part::Member(member) => member.span.start,
            Part::Function(function) => function.span.start,
        }
    }
}

impl Writer<'_> {
    pub fn file(&mut self, items: &[Item]) {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.between(is_tall(&items[i - 1]) || is_tall(item));
            }
            self.item(item);
            let open = matches!(item, Item::Function(function) if is_open_native(function));
            if open && self.semicolon_ahead() {
                self.doc.text(";");
            }
        }
        self.comments_before_end();
        self.doc.place_remark();
    }

    fn item(&mut self, item: &Item) {
        self.lead();
        match item {
            Item::Import(import) => self.import(import),
            Item::Type(decl) => {
                (0..3).for_each(|_| self.word());
                self.ty(&decl.ty);
            }
            Item::Signature(decl) => self.signature(decl),
            Item::Function(function) => self.function(function),
            Item::Module(module) => self.module(module),
            Item::Test(test) => {
                self.word();
                self.word();
                self.block(&test.body, None, Shape::BODY);
            }
            Item::Statement(stmt) => self.stmt(stmt, Use::Statement),
        }
    }

    fn import(&mut self, import: &Import) {
        self.word();
        self.word();
        match &import.names {
            ImportNames::As(_) => {
                self.word();
                self.tok();
            }
            ImportNames::Some(names) => self.bracketed(names, Style::default(), |w, _| w.tok()),
        }
    }

    pub fn function(&mut self, function: &Function) {
        if self.peek() == "fn" {
            self.word();
        }
        self.tok();
        self.type_params(&function.type_params);
        self.bracketed(&function.params, Style::default(), |w, param| w.param(param));
        if let Some(result) = &function.result {
            self.space();
            self.word();
            self.ty(result);
        }
        match &function.body {
            FnBody::Block(block) => {
                self.space();
                self.block(block, function.description.as_ref(), Shape::FUNCTION);
            }
            FnBody::Native if function.description.is_some() => {
                self.doc.push(if self.flat { Op::Spaces(1) } else { Op::Hard });
                self.tok();
            }
            FnBody::Native => {}
        }
    }

    fn type_params(&mut self, params: &[TypeParam]) {
        if !params.is_empty() {
            self.bracketed(params, Style::default(), |w, param| {
                w.tok();
                w.annotation(param.bound.as_ref());
            });
        }
    }

    fn param(&mut self, param: &Param) {
        match &param.kind {
            ParamKind::Named { ty, default, .. } => {
                self.tok();
                self.annotation(ty.as_ref());
                if let Some(default) = default {
                    self.space();
                    self.word();
                    self.expr(default);
                }
            }
            ParamKind::Rest { ty, .. } => {
                self.tok();
                self.tok();
                self.annotation(Some(ty));
            }
            ParamKind::Fields(ty) => {
                self.tok();
                self.ty(ty);
            }
        }
    }

    fn module(&mut self, module: &Module) {
        self.word();
        self.tok();
        self.type_params(&module.type_params);
        if self.opens(Bracket::Round) {
            self.bracketed(&module.params, Style::default(), |w, param| w.param(param));
        }
        self.space();
        self.tok();
        self.doc.push(Op::Indent);
        self.doc.push(Op::Hard);
        let parts = parts(module);
        if module.description.is_some() {
            self.tok();
            if !parts.is_empty() {
                self.between(false);
            }
        }
        self.parts(&parts);
        self.comments_before_end();
        self.doc.push(Op::Dedent);
        self.doc.push(Op::Hard);
        self.tok();
    }

    fn parts(&mut self, parts: &[Part]) {
        let mut cells = Vec::new();
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                let tall = |part: &Part| matches!(part, Part::Function(_));
                let apart = tall(&parts[i - 1]) || tall(part);
                if apart || self.blank_ahead() || self.comment_ahead() {
                    self.align(&mut cells);
                }
                self.between(apart);
            }
            match part {
                Part::Member(member) => {
                    let cell = self.member(member);
                    match self.is_line(&cell) {
                        true => cells.push(cell),
                        false => self.align(&mut cells),
                    }
                }
                Part::Function(function) => self.function(function),
            }
        }
        self.align(&mut cells);
    }

    fn member(&mut self, member: &Member) -> Cell {
        self.lead();
        let begin = self.doc.here();
        self.tok();
        let pad = self.pad();
        self.word();
        self.expr(&member.value);
        let end = self.doc.here();
        Cell { begin, pad, end }
    }
}

fn parts(module: &Module) -> Vec<Part<'_>> {
    let functions = module.forwards.iter().chain(&module.helpers).map(Part::Function);
    let mut parts: Vec<Part> = module.members.iter().map(Part::Member).chain(functions).collect();
    parts.sort_by_key(Part::start);
    parts
}

/// What stands apart from its neighbours.
fn is_tall(item: &Item) -> bool {
    matches!(
        item,
        Item::Function(_) | Item::Module(_) | Item::Signature(_) | Item::Test(_)
    )
}

/// A native without description: a string behind it must not become one.
pub(super) fn is_open_native(function: &Function) -> bool {
    matches!(function.body, FnBody::Native) && function.description.is_none()
}
