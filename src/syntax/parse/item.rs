//! Declarations: a file's items, functions, modules, imports, tests.

use crate::source::{Span, Spanned};
use crate::syntax::ast::{
    Block, ExprKind, FnBody, Function, Import, ImportNames, Item, Member, Module, Param, ParamKind, Stmt, StmtKind,
    Test, TypeDecl, TypeParam,
};
use crate::value::EcoString;

use super::build::{Builder, Node};
use super::grammar::Rule;

impl Builder<'_> {
    /// All items of a file that can be built.
    pub fn items(&mut self, file: Node) -> Vec<Item> {
        file.into_inner()
            .filter(|n| n.as_rule() != Rule::EOI)
            .filter_map(|node| self.item(node))
            .collect()
    }

    fn item(&mut self, node: Node) -> Option<Item> {
        Some(match node.as_rule() {
            Rule::import => Item::Import(self.import(node)?),
            Rule::signature => Item::Signature(self.signature(node)?),
            Rule::function => Item::Function(self.function(node)?),
            Rule::module => Item::Module(self.module(node)?),
            Rule::type_declaration => {
                let span = self.span(&node);
                let mut parts = node.into_inner().skip(1);
                let name = self.name(&parts.next()?);
                Item::Type(TypeDecl {
                    name,
                    ty: self.type_expr(parts.next()?)?,
                    span,
                })
            }
            Rule::test => {
                let span = self.span(&node);
                let mut parts = node.into_inner().skip(1);
                let name = self.string(&parts.next()?);
                Item::Test(Test {
                    name,
                    body: self.block(parts.next()?)?,
                    span,
                })
            }
            _ => Item::Statement(self.statement(node)?),
        })
    }

    fn import(&mut self, node: Node) -> Option<Import> {
        let span = self.span(&node);
        let mut parts = node.into_inner().skip(1);
        let path = self.string(&parts.next()?);
        let next = parts.next()?;
        let names = match next.as_rule() {
            Rule::import_names => ImportNames::Some(next.into_inner().map(|n| self.name(&n)).collect()),
            _ => ImportNames::As(self.name(&parts.next()?)),
        };
        Some(Import { path, names, span })
    }

    pub fn function(&mut self, node: Node) -> Option<Function> {
        let span = self.span(&node);
        let mut parts = node.into_inner().skip(1);
        let name = self.name(&parts.next()?);
        self.function_rest(name, parts, span)
    }

    /// `forward(…) -> type { … }`
    fn forward(&mut self, node: Node) -> Option<Function> {
        let span = self.span(&node);
        let mut parts = node.into_inner();
        let name = self.name(&parts.next()?);
        self.function_rest(name, parts, span)
    }

    /// What follows a function's name.
    fn function_rest<'i>(
        &mut self,
        name: Spanned<EcoString>,
        parts: impl Iterator<Item = Node<'i>>,
        span: Span,
    ) -> Option<Function> {
        let mut head = Span {
            end: name.span.end,
            ..span
        };
        let mut function = Function {
            name,
            type_params: Vec::new(),
            params: Vec::new(),
            result: None,
            description: None,
            body: FnBody::Native,
            head,
            span,
        };
        for part in parts {
            let place = self.span(&part);
            match part.as_rule() {
                Rule::type_params => function.type_params = self.type_params(part)?,
                Rule::params => function.params = self.params(part)?,
                Rule::result => function.result = Some(self.type_expr(part.into_inner().next()?)?),
                Rule::body => {
                    let mut block = self.block(part)?;
                    function.description = take_description(&mut block);
                    function.body = FnBody::Block(block);
                    continue;
                }
                _ => {
                    function.description = Some(self.string(&part));
                    continue;
                }
            }
            head = head.to(place);
        }
        function.head = head;
        Some(function)
    }

    fn type_params(&mut self, node: Node) -> Option<Vec<TypeParam>> {
        node.into_inner()
            .map(|param| {
                let mut parts = param.into_inner();
                let name = self.name(&parts.next()?);
                let bound = match parts.next() {
                    Some(bound) => Some(self.type_expr(bound)?),
                    None => None,
                };
                Some(TypeParam { name, bound })
            })
            .collect()
    }

    fn params(&mut self, node: Node) -> Option<Vec<Param>> {
        node.into_inner().map(|param| self.param(param)).collect()
    }

    fn param(&mut self, node: Node) -> Option<Param> {
        let span = self.span(&node);
        let mut parts = node.into_inner();
        let first = parts.next()?;
        let kind = match first.as_rule() {
            Rule::param_rest => {
                let mut parts = first.into_inner();
                let name = self.name(&parts.next()?);
                ParamKind::Rest {
                    name,
                    ty: self.type_expr(parts.next()?)?,
                }
            }
            Rule::param_fields => ParamKind::Fields(self.type_expr(first.into_inner().next()?)?),
            _ => {
                let name = self.name(&first);
                let (mut ty, mut default) = (None, None);
                for part in parts {
                    match part.as_rule() {
                        Rule::r#type => ty = Some(self.type_expr(part)?),
                        _ => default = Some(self.expr(part)?),
                    }
                }
                ParamKind::Named { name, ty, default }
            }
        };
        Some(Param { kind, span })
    }

    fn module(&mut self, node: Node) -> Option<Module> {
        let span = self.span(&node);
        let mut parts = node.into_inner().skip(1);
        let name = self.name(&parts.next()?);
        let mut module = Module {
            head: Span {
                end: name.span.end,
                ..span
            },
            name,
            type_params: Vec::new(),
            params: Vec::new(),
            description: None,
            members: Vec::new(),
            forwards: Vec::new(),
            helpers: Vec::new(),
            span,
        };
        for part in parts {
            let place = self.span(&part);
            match part.as_rule() {
                Rule::type_params => {
                    module.type_params = self.type_params(part)?;
                    module.head = module.head.to(place);
                }
                Rule::params => {
                    module.params = self.params(part)?;
                    module.head = module.head.to(place);
                }
                Rule::string => module.description = Some(self.string(&part)),
                Rule::forward => module.forwards.push(self.forward(part)?),
                Rule::function => module.helpers.push(self.function(part)?),
                _ => module.members.push(self.member(part)?),
            }
        }
        Some(module)
    }

    fn member(&mut self, node: Node) -> Option<Member> {
        let span = self.span(&node);
        let mut parts = node.into_inner();
        let name = self.name(&parts.next()?);
        Some(Member {
            name,
            value: self.expr(parts.next()?)?,
            span,
        })
    }
}

/// A string before the first statement describes the function; a body that is one string has it as its value.
fn take_description(block: &mut Block) -> Option<Spanned<EcoString>> {
    let first = block.stmts.first()?;
    if block.stmts.len() < 2 {
        return None;
    }
    let Stmt {
        kind: StmtKind::Expr(expr),
        span,
    } = first
    else {
        return None;
    };
    let ExprKind::Str(text) = &expr.kind else { return None };
    let description = Spanned::new(text.clone(), *span);
    block.stmts.remove(0);
    Some(description)
}
