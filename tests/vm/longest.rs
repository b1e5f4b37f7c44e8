//! A script takes as long as its longest chain: random programs that do not fail, and beside the machine a second
//! reading of what waits for what, which knows nothing of fibers. `DSP_SCHEDULES=500` tries so many programs.

use std::collections::HashMap;
use std::fmt::Write;

use super::schedules::{Dice, count, latency};
use super::world::run_with;

#[derive(Clone, Debug)]
enum Text {
    Literal(String),
    Name(String),
}

/// One statement; the first field is the name that it gives a value.
#[derive(Debug)]
enum Statement {
    Ask(String, Text),
    Call(String, usize, Text),
    /// A comprehension that `join` looks at.
    Join(String, usize, [Text; 2]),
    /// A comprehension that nobody looks at.
    Unseen(usize, [Text; 2]),
    If(Text, usize, Vec<Statement>, Vec<Statement>),
    For(String, [Text; 2], Vec<Statement>),
    Try(Vec<Statement>),
    /// An effect that looks at a text.
    Log(Text),
    Sleep(u64),
    Print(Text),
}

struct Function {
    body: Vec<Statement>,
    result: Text,
    reach: Reach,
}

/// What a function does, itself or through those it calls.
#[derive(Clone, Copy, Default)]
struct Reach {
    model: bool,
    effect: bool,
    sleeps: bool,
}

/// Functions that call earlier ones, then a script that calls them.
struct Program {
    functions: Vec<Function>,
    script: Vec<Statement>,
}

struct Writer {
    dice: Dice,
    functions: Vec<Function>,
    names: u64,
    /// Of the function that is written.
    reach: Reach,
}

impl Writer {
    fn program(seed: u64) -> Program {
        let mut writer = Writer {
            dice: Dice(seed.wrapping_mul(104_729).wrapping_add(71)),
            functions: Vec::new(),
            names: 0,
            reach: Reach::default(),
        };
        for _ in 0..2 + writer.dice.roll(4) {
            writer.reach = Reach::default();
            let mut known = vec![Text::Name("q".into())];
            let body = writer.block(&mut known, 2);
            let result = writer.one_of(&known);
            writer.functions.push(Function {
                body,
                result,
                reach: writer.reach,
            });
        }
        let script = writer.block(&mut vec![Text::Literal("s".into())], 3);
        Program {
            functions: writer.functions,
            script,
        }
    }

    fn one_of(&mut self, known: &[Text]) -> Text {
        match self.dice.roll(4) {
            0 => Text::Literal(format!("t{}", self.dice.roll(1000))),
            _ => known[self.dice.roll(known.len() as u64) as usize].clone(),
        }
    }

    fn name(&mut self, known: &mut Vec<Text>) -> String {
        self.names += 1;
        let name = format!("_v{}", self.names);
        known.push(Text::Name(name.clone()));
        name
    }

    /// A few statements; `known` are the texts that they may use, `depth` how far blocks may nest.
    fn block(&mut self, known: &mut Vec<Text>, depth: u64) -> Vec<Statement> {
        let count = 2 + self.dice.roll(3);
        (0..count).map(|_| self.statement(known, depth)).collect()
    }

    fn statement(&mut self, known: &mut Vec<Text>, depth: u64) -> Statement {
        let text = self.one_of(known);
        match self.dice.roll(14) {
            0..=2 => {
                self.reach.model = true;
                Statement::Ask(self.name(known), text)
            }
            3..=5 => match self.callee(true) {
                Some(callee) => Statement::Call(self.name(known), callee, text),
                None => Statement::Print(text),
            },
            6 | 7 => {
                let texts = [text, self.one_of(known)];
                // `sleep`s of different elements overlap, which is another rule.
                match self.callee(false) {
                    Some(callee) if self.dice.roll(2) == 0 => Statement::Unseen(callee, texts),
                    Some(callee) => Statement::Join(self.name(known), callee, texts),
                    None => Statement::Print(texts[1].clone()),
                }
            }
            8 if depth > 0 => {
                let left = self.block(&mut known.clone(), depth - 1);
                let right = self.block(&mut known.clone(), depth - 1);
                Statement::If(text, self.dice.roll(3) as usize, left, right)
            }
            9 if depth > 0 => {
                let texts = [text, self.one_of(known)];
                let mut inner = known.clone();
                let name = self.name(&mut inner);
                Statement::For(name, texts, self.block(&mut inner, depth - 1))
            }
            10 if depth > 0 => Statement::Try(self.block(&mut known.clone(), depth - 1)),
            11 => {
                self.reach.effect = true;
                Statement::Log(text)
            }
            12 => {
                (self.reach.effect, self.reach.sleeps) = (true, true);
                Statement::Sleep(10 + self.dice.roll(300))
            }
            _ => Statement::Print(text),
        }
    }

    fn callee(&mut self, sleeping: bool) -> Option<usize> {
        let callees: Vec<usize> = (0..self.functions.len())
            .filter(|f| sleeping || !self.functions[*f].reach.sleeps)
            .collect();
        let callee = *callees.get(self.dice.roll(callees.len().max(1) as u64) as usize)?;
        let reach = self.functions[callee].reach;
        self.reach.model |= reach.model;
        self.reach.effect |= reach.effect;
        self.reach.sleeps |= reach.sleeps;
        Some(callee)
    }
}

/// The program as dsp reads it.
fn source(program: &Program) -> String {
    let mut out = String::from(
        "configure(max_concurrency: 100000)\n\
         let p = Predict(\"question -> answer\", max_retries: 0)\nwrite_text(\"log.txt\", \"\")\n",
    );
    for (number, function) in program.functions.iter().enumerate() {
        let _ = writeln!(out, "fn f{number}(q: str) -> str {{");
        function.body.iter().for_each(|one| statement(&mut out, one));
        let _ = writeln!(out, "{}\n}}", shown(&function.result));
    }
    program.script.iter().for_each(|one| statement(&mut out, one));
    out
}

fn shown(text: &Text) -> String {
    match text {
        Text::Literal(text) => format!("{text:?}"),
        Text::Name(name) => name.clone(),
    }
}

fn statement(out: &mut String, one: &Statement) {
    let pair = |[a, b]: &[Text; 2]| format!("[{}, {}]", shown(a), shown(b));
    let mut block = |head: &str, body: &[Statement]| {
        let _ = writeln!(out, "{head} {{");
        body.iter().for_each(|one| statement(out, one));
        out.push('}');
    };
    let line = match one {
        Statement::Ask(new, text) => format!("let {new} = p({}).answer", shown(text)),
        Statement::Call(new, f, text) => format!("let {new} = f{f}({})", shown(text)),
        Statement::Join(new, f, texts) => format!("let {new} = join([f{f}(x) for x in {}], \",\")", pair(texts)),
        Statement::Unseen(f, texts) => format!("let _ = [f{f}(x) for x in {}]", pair(texts)),
        Statement::If(text, rest, left, right) => {
            block(&format!("if len({}) % 3 == {rest}", shown(text)), left);
            block(" else", right);
            String::new()
        }
        Statement::For(new, texts, body) => {
            block(&format!("for {new} in {}", pair(texts)), body);
            String::new()
        }
        Statement::Try(body) => {
            block("try", body);
            " catch e { print(e.message) }".into()
        }
        Statement::Log(text) => {
            format!("write_text(\"log.txt\", read_text(\"log.txt\") + {})", shown(text))
        }
        Statement::Sleep(time) => format!("sleep({})", *time as f64 / 1000.0),
        Statement::Print(text) => format!("print({})", shown(text)),
    };
    let _ = writeln!(out, "{line}");
}

/// A text, and when it is there.
#[derive(Clone)]
struct Timed {
    text: String,
    ready: u64,
}

/// Reads a program statement by statement, in program order, and says when each thing happens.
struct Reading<'a> {
    functions: &'a [Function],
    latency: &'a dyn Fn(&str) -> u64,
    /// When the last effect that stands before is over, and every call that might have one.
    turn: u64,
    /// When the last call is over that this `try`, or the script, has started.
    last: u64,
}

type Names = HashMap<String, Timed>;

/// When a program ends.
fn longest(program: &Program, latency: &dyn Fn(&str) -> u64) -> u64 {
    let mut reading = Reading {
        functions: &program.functions,
        latency,
        turn: 0,
        last: 0,
    };
    let mut now = 0;
    reading.block(&program.script, &mut Names::new(), &mut now);
    now.max(reading.last)
}

impl Reading<'_> {
    /// `now` is when the statement that comes next begins.
    fn block(&mut self, statements: &[Statement], names: &mut Names, now: &mut u64) {
        for one in statements {
            self.statement(one, names, now);
        }
    }

    fn statement(&mut self, one: &Statement, names: &mut Names, now: &mut u64) {
        match one {
            Statement::Ask(new, text) => {
                let Timed { text, ready } = value(text, names);
                let ready = ready.max(*now) + (self.latency)(&text);
                self.last = self.last.max(ready);
                let text = format!("{text}!");
                names.insert(new.clone(), Timed { text, ready });
            }
            Statement::Call(new, f, text) => {
                let (result, end) = self.call(*f, value(text, names), *now);
                // What reaches no model is an ordinary call.
                if !self.functions[*f].reach.model {
                    *now = end;
                }
                names.insert(new.clone(), result);
            }
            Statement::Join(new, f, texts) => {
                let parts = self.elements(*f, texts, names, now);
                *now = parts.iter().map(|part| part.ready).fold(*now, u64::max);
                let text = format!("{},{}", parts[0].text, parts[1].text);
                names.insert(new.clone(), Timed { text, ready: *now });
            }
            Statement::Unseen(f, texts) => {
                self.elements(*f, texts, names, now);
            }
            Statement::If(text, rest, left, right) => {
                let Timed { text, ready } = value(text, names);
                *now = ready.max(*now);
                let taken = if text.len() % 3 == *rest { left } else { right };
                self.block(taken, &mut names.clone(), now);
            }
            Statement::For(new, texts, body) => {
                looked_at(texts, names, now);
                for text in texts {
                    let mut inner = names.clone();
                    inner.insert(new.clone(), value(text, names));
                    self.block(body, &mut inner, now);
                }
            }
            Statement::Try(body) => {
                let outside = std::mem::replace(&mut self.last, 0);
                self.block(body, &mut names.clone(), now);
                *now = self.last.max(*now);
                self.last = outside.max(*now);
            }
            Statement::Log(text) => {
                *now = value(text, names).ready.max(self.turn).max(*now);
                self.turn = *now;
            }
            Statement::Sleep(time) => {
                *now = self.turn.max(*now) + time;
                self.turn = *now;
            }
            // What is printed is looked at; the line itself waits in a queue, and nothing waits for it.
            Statement::Print(text) => *now = value(text, names).ready.max(*now),
        }
    }

    /// What a call yields, which is there when the body is through and what it returns is there; when the body is
    /// through.
    fn call(&mut self, f: usize, argument: Timed, mut now: u64) -> (Timed, u64) {
        let function = &self.functions[f];
        let mut names = Names::from([("q".to_owned(), argument)]);
        self.block(&function.body, &mut names, &mut now);
        self.last = self.last.max(now);
        if function.reach.effect {
            self.turn = self.turn.max(now);
        }
        let Timed { text, ready } = value(&function.result, &names);
        let ready = ready.max(now);
        (Timed { text, ready }, now)
    }

    fn elements(&mut self, f: usize, texts: &[Text; 2], names: &Names, now: &mut u64) -> [Timed; 2] {
        looked_at(texts, names, now);
        [0, 1].map(|i| self.call(f, value(&texts[i], names), *now).0)
    }
}

/// Going through a list looks at all that is in it.
fn looked_at(texts: &[Text; 2], names: &Names, now: &mut u64) {
    *now = texts.iter().map(|text| value(text, names).ready).fold(*now, u64::max);
}

fn value(text: &Text, names: &Names) -> Timed {
    match text {
        Text::Literal(text) => Timed {
            text: text.clone(),
            ready: 0,
        },
        Text::Name(name) => names[name].clone(),
    }
}

#[test]
fn a_program_takes_as_long_as_its_longest_chain() {
    let mut chains = 0;
    for seed in 0..count(40) {
        let program = Writer::program(seed);
        let text = source(&program);
        for schedule in 0..3 {
            let wanted = longest(&program, &|input| latency(schedule, input));
            let ran = run_with(&text, move |input| latency(schedule, input));
            assert!(ran.outcome.is_ok(), "{:?}, seed {seed}:\n{text}", ran.outcome);
            assert_eq!(
                ran.time,
                u128::from(wanted),
                "schedule {schedule}, seed {seed}:\n{text}"
            );
            chains += u64::from(wanted > 300);
        }
    }
    assert!(chains > 0, "no program waits for more than one call");
}
