//! Every path that a file names, spelled out from the crate's root: `crate::vm::Machine`, `std::fs::read`.

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{ItemExternCrate, ItemMod, ItemUse, Macro, UseTree};

/// A path and the line that it stands on.
#[derive(Debug)]
pub struct Named {
    pub path: Vec<String>,
    pub line: usize,
    /// `use std as s`
    pub renamed: bool,
}

/// All paths of a file whose own module path is `here` (`["vm", "fiber"]`).
pub fn paths(file: &syn::File, here: &[String]) -> Vec<Named> {
    let mut collector = Collector {
        here: here.to_vec(),
        found: Vec::new(),
    };
    collector.visit_file(file);
    collector.found
}

struct Collector {
    here: Vec<String>,
    found: Vec<Named>,
}

impl Collector {
    fn add(&mut self, path: &[String], line: usize, renamed: bool) {
        self.found.push(Named {
            path: self.rooted(path),
            line,
            renamed,
        });
    }

    /// `super::x` and `self::x` become `crate::…::x`.
    fn rooted(&self, path: &[String]) -> Vec<String> {
        let supers = path.iter().take_while(|part| *part == "super" || *part == "self");
        let skipped = supers.clone().count();
        if skipped == 0 {
            return path.to_vec();
        }
        let up = supers.filter(|part| *part == "super").count();
        let base = &self.here[..self.here.len().saturating_sub(up)];
        let rest = &path[skipped..];
        std::iter::once("crate".to_owned())
            .chain(base.iter().cloned())
            .chain(rest.iter().cloned())
            .collect()
    }

    fn use_tree(&mut self, tree: &UseTree, before: &[String]) {
        let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
        match tree {
            UseTree::Path(path) => self.use_tree(&path.tree, &with(&path.ident)),
            UseTree::Name(name) if name.ident == "self" => self.add(before, name.ident.span().start().line, false),
            UseTree::Name(name) => self.add(&with(&name.ident), name.ident.span().start().line, false),
            UseTree::Rename(name) => {
                let path = if name.ident == "self" {
                    before.to_vec()
                } else {
                    with(&name.ident)
                };
                self.add(&path, name.ident.span().start().line, true);
            }
            UseTree::Glob(glob) => self.add(before, glob.star_token.spans[0].start().line, false),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.use_tree(item, before)),
        }
    }

    /// A macro's inside is no syntax of Rust's, so its paths are read from the tokens: names joined by `::`.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut line = 0;
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) => {
                    if colons != 2 {
                        self.end(&mut path, line);
                        line = ident.span().start().line;
                    }
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.end(&mut path, line);
                    colons = 0;
                    self.tokens(group.stream());
                }
                _ => {
                    self.end(&mut path, line);
                    colons = 0;
                }
            }
        }
        self.end(&mut path, line);
    }

    fn end(&mut self, path: &mut Vec<String>, line: usize) {
        if path.len() > 1 {
            self.add(path, line, false);
        }
        path.clear();
    }
}

impl Visit<'_> for Collector {
    fn visit_item_use(&mut self, item: &ItemUse) {
        self.use_tree(&item.tree, &[]);
    }

    fn visit_item_extern_crate(&mut self, item: &ItemExternCrate) {
        self.add(&[item.ident.to_string()], item.ident.span().start().line, false);
    }

    fn visit_path(&mut self, path: &syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names.len() > 1 {
            let line = path.segments[0].ident.span().start().line;
            self.add(&names, line, false);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }

    fn visit_item_mod(&mut self, item: &ItemMod) {
        match &item.content {
            Some(_) => {
                self.here.push(item.ident.to_string());
                visit::visit_item_mod(self, item);
                self.here.pop();
            }
            None => self.add(
                &["mod".to_owned(), item.ident.to_string()],
                item.ident.span().start().line,
                false,
            ),
        }
    }
}
