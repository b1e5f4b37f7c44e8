//! What a session has checked so far, and the one way to add to it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diag::{Diagnostic, Problems};
use crate::hir::{Function, Global, GlobalId, Module, Program, Reach, Unit};
use crate::source::{FileId, SourceFile, SourceMap, Span};
use crate::value::{FnId, ModuleId, Type};

use super::checker::Checker;
use super::codes;
use super::decl::{FnInfo, GlobalInfo, ModuleInfo, SignatureInfo, TypeInfo};
use super::library::Library;
use super::scope::FileScope;

/// What a file is checked as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The file that is run.
    Script,
    /// A file of the library, whole: also what nothing uses.
    Library,
    /// A file of the library of which only what is used is checked.
    LibraryPart,
    /// A file that another one imports.
    Import,
    /// A line of a session: it sees the names of the file or line before it, and may declare them anew. Its value, if it
    /// has one, is the variable `LAST`.
    Line { after: Option<FileId> },
}

/// A check recurses as deep as the text nests. It runs on a stack of its own, of which only what is used costs memory.
const STACK: usize = 512 << 20;

/// The world beyond the text, as far as a check needs it.
pub trait Files: Send {
    /// The text that `import "path"` of the file names, and the name that this text is known by, the same however it
    /// is reached. The error is a message.
    fn import(&mut self, from: &SourceFile, path: &str) -> Result<(String, Arc<str>), String>;
    /// The type of a row of `dataset("path")`.
    fn rows(&mut self, from: &SourceFile, path: &str) -> Result<Type, String>;
}

/// What a native can reach; `None` if there is none of that name.
pub type ReachOf = dyn Fn(&str) -> Option<Reach> + Send + Sync;

/// What the natives say of themselves.
#[derive(Clone)]
pub struct Natives {
    pub reach: Arc<ReachOf>,
    /// The types that only natives make: `Random`.
    pub types: Vec<&'static str>,
}

/// The state of a session: everything that was checked, with ids that stay valid.
#[derive(Clone)]
pub struct Environment {
    pub program: Program,
    pub(super) functions: Vec<FnInfo>,
    pub(super) modules: Vec<ModuleInfo>,
    pub(super) globals: Vec<GlobalInfo>,
    pub(super) signatures: Vec<SignatureInfo>,
    pub(super) types: Vec<TypeInfo>,
    pub(super) scopes: HashMap<FileId, FileScope>,
    pub(super) units: HashMap<FileId, Arc<Unit>>,
    /// Imported files, by the name their text is known by.
    pub(super) imported: HashMap<String, FileId>,
    pub(super) library: Library,
    pub(super) natives: Natives,
}

/// A state to return to.
pub struct Mark(Box<Environment>);

impl Environment {
    /// `library` is the name (`std/text.dsp`) and text of each library file.
    pub fn new(library: &[(&str, &str)], natives: Natives) -> Environment {
        Environment {
            program: Program::default(),
            functions: Vec::new(),
            modules: Vec::new(),
            globals: Vec::new(),
            signatures: Vec::new(),
            types: Vec::new(),
            scopes: HashMap::new(),
            units: HashMap::new(),
            imported: HashMap::new(),
            library: Library::new(library),
            natives,
        }
    }

    /// One file more for the library: what the program around dsp declares.
    pub fn add_library(&mut self, name: &str, text: &str) {
        self.library.add(name, text);
    }

    /// Checks a file of `sources` with all it imports. Without errors there is a unit to run; the units of imported and
    /// library files are there by `unit`. After errors the environment holds half a file: return to a mark.
    pub fn check(
        &mut self,
        sources: &mut SourceMap,
        file: FileId,
        kind: Kind,
        files: &mut dyn Files,
    ) -> (Option<Arc<Unit>>, Problems) {
        let checked = on_own_stack(|| Checker::new(self, sources, files).run(file, kind));
        let problems = checked.unwrap_or_else(|error| no_thread(file, &error));
        let unit = self.unit(file).cloned().filter(|_| !problems.has_errors());
        (unit, problems)
    }

    /// The statements and names of a file that was checked: scripts, imports, library files.
    pub fn unit(&self, file: FileId) -> Option<&Arc<Unit>> {
        self.units.get(&file)
    }

    /// The units of all files, in the order their files were met.
    pub fn units(&self) -> Vec<&Arc<Unit>> {
        let mut units: Vec<_> = self.units.values().collect();
        units.sort_by_key(|unit| unit.file);
        units
    }

    /// The type of a value: what `type_of` cannot say at run time, for the REPL and the editor.
    pub fn global_type(&self, id: GlobalId) -> &Type {
        &self.program.global(id).ty
    }

    /// What a function takes and returns as far as it is known: for help and for `dsp run --help`.
    pub fn function_type(&self, id: FnId) -> Type {
        let info = &self.functions[id.0 as usize];
        let Some(sig) = &info.sig else { return Type::Any };
        let params = sig.params.iter().map(|p| p.ty.clone().unwrap_or(Type::Any)).collect();
        let result = sig.result.clone().or_else(|| info.result.clone()).unwrap_or(Type::Any);
        Type::function(params, result)
    }

    /// One of the same library that has checked nothing yet.
    pub fn fresh(&self) -> Environment {
        let files: Vec<_> = self.library.texts().collect();
        Environment::new(&files, self.natives.clone())
    }

    /// From now on an `import` reads its file anew.
    pub fn forget_imports(&mut self) {
        self.imported.clear();
    }

    /// The names that the library declares, for completion and "did you mean".
    pub fn library_names(&self) -> impl Iterator<Item = &str> {
        self.library.names()
    }

    pub fn mark(&self) -> Mark {
        Mark(Box::new(self.clone()))
    }

    pub fn rollback(&mut self, mark: Mark) {
        *self = *mark.0;
    }

    pub(super) fn add_function(&mut self, function: Function, info: FnInfo) -> FnId {
        let id = FnId(index(self.program.functions.len()));
        self.program.functions.push(function);
        self.functions.push(info);
        id
    }

    pub(super) fn add_module(&mut self, module: Module, info: ModuleInfo) -> ModuleId {
        let id = ModuleId(index(self.program.modules.len()));
        self.program.modules.push(module);
        self.modules.push(info);
        id
    }

    pub(super) fn add_global(&mut self, global: Global, info: GlobalInfo) -> GlobalId {
        let id = GlobalId(index(self.program.globals.len()));
        self.program.globals.push(global);
        self.globals.push(info);
        id
    }

    pub(super) fn function(&self, id: FnId) -> &FnInfo {
        &self.functions[id.0 as usize]
    }

    pub(super) fn function_mut(&mut self, id: FnId) -> &mut FnInfo {
        &mut self.functions[id.0 as usize]
    }

    pub(super) fn module(&self, id: ModuleId) -> &ModuleInfo {
        &self.modules[id.0 as usize]
    }

    pub(super) fn module_mut(&mut self, id: ModuleId) -> &mut ModuleInfo {
        &mut self.modules[id.0 as usize]
    }

    pub(super) fn global(&self, id: GlobalId) -> &GlobalInfo {
        &self.globals[id.0 as usize]
    }

    pub(super) fn global_mut(&mut self, id: GlobalId) -> &mut GlobalInfo {
        &mut self.globals[id.0 as usize]
    }
}

/// Runs what recurses as deep as a text nests on a stack of its own; the error is that there can be no thread.
pub fn on_own_stack<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work)?;
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

fn no_thread(file: FileId, error: &std::io::Error) -> Problems {
    let mut problems = Problems::default();
    let place = Span::new(file, 0..0);
    let message = format!("the check cannot start: {error}");
    problems.push(Diagnostic::error(
        codes::NO_THREAD,
        message,
        place,
        "nothing was checked",
    ));
    problems
}

/// Arenas stay far below 2³² entries: sources are at most 4 GB.
pub(super) fn index(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
