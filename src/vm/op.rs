//! The instructions of the machine. Operands are registers of the running frame; what does not fit into an instruction
//! stands in a table of its `Code`.

use crate::hir::BinaryOp;
use crate::value::FnId;

/// A register: parameters, then the other variables, then temporaries.
pub type Reg = u16;
/// The index of an instruction.
pub type Target = u32;
/// An index into one of the tables of a `Code`.
pub type Index = u32;

#[derive(Clone, Copy, Debug)]
pub enum Op {
    /// A copy.
    Move {
        to: Reg,
        from: Reg,
    },
    /// A temporary's value, which is gone there then.
    Take {
        to: Reg,
        from: Reg,
    },
    /// Lets go of a temporary, so that what it held is not shared for nothing.
    Clear {
        reg: Reg,
    },
    Constant {
        to: Reg,
        index: Index,
    },
    Int {
        to: Reg,
        value: i32,
    },
    Absent {
        to: Reg,
    },
    None {
        to: Reg,
    },
    Capture {
        to: Reg,
        index: u16,
    },
    Global {
        to: Reg,
        index: Index,
    },
    SetGlobal {
        from: Reg,
        index: Index,
    },
    Closure {
        to: Reg,
        index: Index,
    },
    /// The value behind a promise, so that what follows can take it as it is.
    Look {
        to: Reg,
        from: Reg,
    },

    Add {
        to: Reg,
        left: Reg,
        right: Reg,
    },
    AddInt {
        to: Reg,
        left: Reg,
        right: i16,
    },
    Sub {
        to: Reg,
        left: Reg,
        right: Reg,
    },
    Mul {
        to: Reg,
        left: Reg,
        right: Reg,
    },
    Binary {
        op: BinaryOp,
        to: Reg,
        left: Reg,
        right: Reg,
    },
    Not {
        to: Reg,
        from: Reg,
    },
    Negate {
        to: Reg,
        from: Reg,
    },
    /// `x += e` where `x` is a variable of the frame: in place where nobody shares it.
    Update {
        op: BinaryOp,
        target: Reg,
        value: Reg,
    },
    /// `xs += [e]`
    Push {
        target: Reg,
        value: Reg,
    },
    UpdateGlobal {
        op: BinaryOp,
        value: Reg,
        index: Index,
    },
    PushGlobal {
        value: Reg,
        index: Index,
    },
    /// `x.a[0] = e`
    Assign {
        place: Index,
        value: Reg,
    },

    Jump {
        target: Target,
    },
    JumpUnless {
        condition: Reg,
        target: Target,
    },
    /// Jumps unless the comparison holds.
    Compare {
        op: BinaryOp,
        left: Reg,
        right: Reg,
        target: Target,
    },
    CompareInt {
        op: BinaryOp,
        left: Reg,
        right: i16,
        target: Target,
    },
    /// Over the default of a parameter that was given.
    JumpPresent {
        reg: Reg,
        target: Target,
    },
    /// `a ?? b`: looks.
    JumpNotNone {
        reg: Reg,
        target: Target,
    },

    /// `0..n` as a counter: `base` and `base + 1` hold what is next and the end.
    RangeStart {
        base: Reg,
    },
    RangeNext {
        base: Reg,
        to: Reg,
        exit: Target,
    },
    /// `base` takes what is gone through, `base + 1` counts.
    Iterate {
        base: Reg,
        from: Reg,
        pairs: bool,
    },
    /// The same for `stream(…)`: its parts are gone through as they come.
    Follow {
        base: Reg,
        from: Reg,
    },
    /// The loop over a stream is left, wherever it has come to.
    Unfollow {
        base: Reg,
    },
    Next {
        base: Reg,
        to: Reg,
        exit: Target,
    },
    NextPair {
        base: Reg,
        first: Reg,
        second: Reg,
        exit: Target,
    },

    List {
        to: Reg,
        base: Reg,
        count: u16,
    },
    Record {
        to: Reg,
        base: Reg,
        names: Index,
    },
    /// Lists, records and dicts with spreads.
    Build {
        to: Reg,
        base: Reg,
        site: Index,
    },
    Instance {
        to: Reg,
        base: Reg,
        index: Index,
    },
    Range {
        to: Reg,
        start: Reg,
        end: Reg,
    },
    /// `absent`: a field that is not there is `none`.
    Field {
        to: Reg,
        object: Reg,
        name: Index,
        absent: bool,
    },
    /// `x?.f`
    OptionalField {
        to: Reg,
        object: Reg,
        name: Index,
    },
    /// A field that a `let {a}` or a pattern takes: `none` where there is none.
    Part {
        to: Reg,
        object: Reg,
        name: Index,
    },
    Member {
        to: Reg,
        object: Reg,
        index: u16,
    },
    Index {
        to: Reg,
        object: Reg,
        index: Reg,
    },
    /// Start and end in `base` and `base + 1`, `Absent` where left out.
    Slice {
        to: Reg,
        object: Reg,
        base: Reg,
    },
    Convert {
        to: Reg,
        from: Reg,
        index: Index,
    },
    /// The texts of `count` values, joined.
    Interpolate {
        to: Reg,
        base: Reg,
        count: u16,
    },
    Format {
        to: Reg,
        from: Reg,
        index: Index,
    },

    MatchEqual {
        value: Reg,
        index: Index,
        fail: Target,
    },
    MatchType {
        value: Reg,
        index: Index,
        fail: Target,
    },
    /// Not a record, not a dict: no match.
    MatchRecord {
        value: Reg,
        fail: Target,
    },
    /// No such field or key: no match.
    MatchField {
        value: Reg,
        name: Index,
        fail: Target,
    },
    NoMatch {
        value: Reg,
    },

    /// The arguments stand from `base` on.
    Call {
        function: FnId,
        base: Reg,
        to: Reg,
    },
    CallNative {
        native: u16,
        base: Reg,
        count: u16,
        to: Reg,
    },
    /// A callee and arguments that are matched when it runs.
    CallSite {
        site: Index,
        base: Reg,
        to: Reg,
    },
    /// One element of a comprehension: the closure stands in `base`, its arguments behind it.
    CallElement {
        base: Reg,
        to: Reg,
    },
    Return {
        from: Reg,
    },

    /// An element joins those that were made.
    Collect {
        elements: Reg,
        from: Reg,
    },
    /// All elements of `from`, in a comprehension in line.
    CollectAll {
        elements: Reg,
        from: Reg,
    },
    Gather {
        to: Reg,
        elements: Reg,
        filtered: bool,
        flatten: bool,
    },
    /// An element that raises waits for those before it.
    ElementsBegin {
        error: Reg,
        handler: Target,
    },
    ElementsEnd,
    ElementFailed {
        elements: Reg,
        error: Reg,
    },

    TryBegin {
        error: Reg,
        handler: Target,
    },
    /// Waits for all that the body started.
    TryEnd,
    Caught {
        error: Reg,
    },
    /// The calls of labelled predictors are kept from here on.
    CollectBegin,
    CollectEnd {
        to: Reg,
    },
    /// All that a stream's function started is done.
    StreamEnd {
        value: Reg,
        to: Reg,
    },
    WithBegin {
        names: Index,
        base: Reg,
    },
    /// The settings of a record.
    WithRecord {
        from: Reg,
    },
    WithEnd,
    /// A module's `forward` begins.
    SpanBegin,
    /// Settings end that a value was made under, a module's or those of `with_settings`.
    SpanEnd {
        value: Reg,
    },
    Configure {
        names: Index,
        base: Reg,
    },
    AssertFailed {
        message: Reg,
    },
    /// What `assert` says when no message is written.
    AssertFailedBare {
        source: Index,
    },
}
