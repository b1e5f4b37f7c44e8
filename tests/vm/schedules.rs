//! Time decides nothing: random programs print the same, fail the same and leave the same file behind, whatever order
//! answers come in, and twice as slow answers take exactly twice the time. `DSP_SCHEDULES=500` tries so many programs.

use std::fmt::Write;

use super::world::{Ran, run_with};

/// A small generator of random numbers: programs are the same on every machine.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Writes one program: functions that call earlier ones, then a script that calls them.
struct Writer {
    dice: Dice,
    text: String,
    names: u64,
}

impl Writer {
    fn program(seed: u64) -> String {
        let mut writer = Writer {
            dice: Dice(seed.wrapping_mul(7919).wrapping_add(17)),
            text: "let p = Predict(\"question -> answer\", max_retries: 0)\nwrite_text(\"log.txt\", \"\")\n".into(),
            names: 0,
        };
        let functions = 2 + writer.dice.roll(4);
        for level in 0..functions {
            let _ = writeln!(writer.text, "fn f{level}(q: str) -> str {{");
            let mut known = vec!["q".to_owned()];
            writer.block(level, &mut known, 2);
            let last = writer.one_of(&known);
            let _ = writeln!(writer.text, "{last}\n}}");
        }
        let mut known = vec!["\"s\"".to_owned()];
        writer.block(functions, &mut known, 3);
        writer.text.push_str("print(read_text(\"log.txt\"))\n");
        writer.text
    }

    fn one_of(&mut self, known: &[String]) -> String {
        known[self.dice.roll(known.len() as u64) as usize].clone()
    }

    fn name(&mut self) -> String {
        self.names += 1;
        format!("_v{}", self.names)
    }

    /// A few statements; `known` are the texts that they may use, `depth` how far `try` may nest.
    fn block(&mut self, level: u64, known: &mut Vec<String>, depth: u64) {
        for _ in 0..2 + self.dice.roll(4) {
            self.statement(level, known, depth);
        }
    }

    fn statement(&mut self, level: u64, known: &mut Vec<String>, depth: u64) {
        let (tag, text, new) = (self.dice.roll(1000), self.one_of(known), self.name());
        // The script's first function has none to call.
        let callee = format!("f{}", self.dice.roll(level.max(1)));
        let line = match self.dice.roll(12) {
            0 | 1 => format!("let {new} = p({text}).answer"),
            2 => format!(
                "let {new} = p(\"{}{tag}\").answer",
                if tag % 3 == 0 { "bad" } else { "q" }
            ),
            3 | 4 if level > 0 => format!("let {new} = {callee}({text})"),
            5 if level > 0 => format!("let {new} = join([{callee}(x) for x in [\"a{tag}\", {text}]], \",\")"),
            6 if level > 0 => format!("let _l{new} = [{callee}(x) for x in [{text}, \"b{tag}\"]]\nlet {new} = \"l\""),
            7 => format!("if len({text}) % 5 == {} {{ fail(\"failed {tag}\") }}", tag % 5),
            8 => format!("write_text(\"log.txt\", read_text(\"log.txt\") + \"{tag};\")"),
            9 if depth > 0 => {
                self.text.push_str("try {\n");
                self.block(level, &mut known.clone(), depth - 1);
                self.text
                    .push_str("} catch e { print(\"caught\", e.kind, e.message) }\n");
                return;
            }
            _ => {
                let _ = writeln!(self.text, "print({tag}, {text})");
                return;
            }
        };
        let _ = writeln!(self.text, "{line}");
        if line.starts_with("let") {
            known.push(new);
        }
    }
}

/// What must not depend on time.
fn outcome(ran: &Ran) -> String {
    let error = ran.outcome.as_ref().err().map(|raised| raised.fault.message.clone());
    format!("{}{error:?}", ran.out)
}

/// Some milliseconds for an input, some of them none.
pub fn latency(schedule: u64, input: &str) -> u64 {
    let sum = input
        .bytes()
        .fold(schedule, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    match Dice(sum).roll(4) {
        0 => 0,
        _ => 10 + Dice(sum).roll(300),
    }
}

/// How many programs are tried.
pub fn count(usual: u64) -> u64 {
    let asked = std::env::var("DSP_SCHEDULES").ok();
    asked.and_then(|count| count.parse().ok()).unwrap_or(usual)
}

#[test]
fn random_programs_come_to_the_same_under_every_schedule() {
    for seed in 0..count(12) {
        let program = Writer::program(seed);
        let wanted = outcome(&run_with(&program, |_| 100));
        assert_eq!(
            outcome(&run_with(&program, |_| 0)),
            wanted,
            "all at once, seed {seed}:\n{program}"
        );
        for schedule in 1..4 {
            let ran = run_with(&program, move |input| latency(schedule, input));
            assert_eq!(outcome(&ran), wanted, "schedule {schedule}, seed {seed}:\n{program}");
            let slow = run_with(&program, move |input| 2 * latency(schedule, input));
            assert_eq!(slow.time, 2 * ran.time, "schedule {schedule}, seed {seed}:\n{program}");
        }
    }
}
