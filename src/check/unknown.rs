//! Names that nothing declares: what may have been meant.

use crate::diag::nearest;
use crate::source::Span;
use crate::value::EcoString;

use super::checker::Checker;
use super::codes;
use super::habits;
use super::line::LAST;
use super::scope::BodyKind;

impl Checker<'_> {
    pub fn unknown_name(&mut self, name: &str, span: Span) {
        if self.may_be_unread(name) {
            return;
        }
        if self.not_yet(name, span) {
            return;
        }
        let names = self.visible_names();
        let help = match (
            habits::of_name(name),
            nearest(name, names.iter().map(EcoString::as_str).filter(|near| *near != LAST)),
        ) {
            (Some(word), _) => word.to_owned(),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => "names are bound by `let`, `fn`, `module`, `signature` or `import`".to_owned(),
        };
        self.advise(
            codes::UNKNOWN_NAME,
            format!("`{name}` is not declared"),
            span,
            "unknown name",
            help,
        );
    }

    /// What a module declares but its members cannot use: members below, and helpers, which need the whole instance.
    fn not_yet(&mut self, name: &str, span: Span) -> bool {
        let module = self
            .cx
            .module
            .filter(|_| self.cx.bodies[0].kind == BodyKind::Constructor);
        let Some(module) = module.map(|id| self.env.program.module(id)) else {
            return false;
        };
        let of = &module.name;
        let (message, help) = if module.helpers.iter().any(|(helper, _)| helper == name) {
            (
                format!("`{name}` is a helper of `{of}`, and members are made before there are helpers"),
                format!("move `fn {name}` out of the module, with what it uses of the module as parameters"),
            )
        } else if module.fields.iter().any(|field| field == name) {
            (
                format!("the member `{name}` of `{of}` is not there yet"),
                format!("members are made in order: put `{name} = …` above this one"),
            )
        } else {
            return false;
        };
        self.advise(codes::UNKNOWN_NAME, message, span, "not known here", help);
        true
    }

    /// Every name that could have been written here.
    fn visible_names(&self) -> Vec<EcoString> {
        let mut names: Vec<EcoString> = Vec::new();
        for body in self.cx.bodies.iter().rev() {
            names.extend(body.scopes.iter().flatten().map(|local| local.name.clone()));
            names.extend(body.fields.iter().map(|(n, _)| n.clone()));
            if !body.is_closure() {
                break;
            }
        }
        if let Some(module) = self.cx.module {
            let module = self.env.program.module(module);
            names.extend(module.fields.iter().cloned());
            names.extend(module.helpers.iter().map(|(n, _)| n.clone()));
        }
        let mut file = Some(self.cx.file);
        while let Some(scope) = file.and_then(|id| self.env.scopes.get(&id)) {
            names.extend(scope.names.keys().cloned());
            file = scope.after;
        }
        names.sort();
        names.extend(self.env.library.names().map(EcoString::from));
        names
    }

    /// Whether what did not parse of the file may declare this name.
    pub(super) fn may_be_unread(&self, name: &str) -> bool {
        let scope = self.env.scopes.get(&self.cx.file);
        scope.is_some_and(|scope| scope.unread.may_declare(name))
    }
}
