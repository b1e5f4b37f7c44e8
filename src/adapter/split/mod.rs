//! A reply while it comes, split into the fields it has: each piece goes to its output as soon as it is certain to be a
//! part of it. Only the layout that was asked for is known here; a reply in any other is split when it was read whole.

mod lines;
mod members;
mod prefixes;
mod sections;
mod tags;

pub use members::Members;
pub use prefixes::prefixes;
pub use sections::sections;
pub use tags::Tags;

use crate::value::python_strip;

/// A further piece of an output, by the output's place in the signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub output: usize,
    pub text: String,
}

/// Finds the outputs in a text that comes in pieces.
pub trait Splitter: Send {
    /// What is certain after this much more of the reply.
    fn feed(&mut self, text: &str) -> Vec<Piece>;

    /// What is certain now that no more comes.
    fn end(&mut self) -> Vec<Piece>;
}

/// The splitter of an adapter whose replies have no layout.
pub struct Nothing;

impl Splitter for Nothing {
    fn feed(&mut self, _: &str) -> Vec<Piece> {
        Vec::new()
    }

    fn end(&mut self) -> Vec<Piece> {
        Vec::new()
    }
}

/// The outputs' texts as they go out: white space at their ends is held back, and each output comes once.
#[derive(Default)]
struct Out {
    pieces: Vec<Piece>,
    current: Option<usize>,
    /// Outputs that had their turn.
    seen: Vec<usize>,
    begun: bool,
    held: String,
}

impl Out {
    /// An output's text begins; one that had its turn is passed over, and so is what belongs to none.
    fn begin(&mut self, output: Option<usize>) {
        self.current = output.filter(|output| !self.seen.contains(output));
        self.seen.extend(self.current);
        self.begun = false;
        self.held.clear();
    }

    fn has_seen(&self, output: usize) -> bool {
        self.seen.contains(&output)
    }

    /// More of the output's text.
    fn push(&mut self, text: &str) {
        let Some(output) = self.current else { return };
        self.held.push_str(text);
        if !self.begun {
            self.held = self.held.trim_start().to_owned();
        }
        let certain = python_strip_end(&self.held).len();
        if certain > 0 {
            self.begun = true;
            let text = self.held.drain(..certain).collect();
            self.piece(output, text);
        }
    }

    /// More of it, white space and all.
    fn push_whole(&mut self, text: &str) {
        if let Some(output) = self.current.filter(|_| !text.is_empty()) {
            self.piece(output, text.to_owned());
        }
    }

    fn piece(&mut self, output: usize, text: String) {
        match self.pieces.last_mut() {
            Some(last) if last.output == output => last.text.push_str(&text),
            _ => self.pieces.push(Piece { output, text }),
        }
    }

    fn take(&mut self) -> Vec<Piece> {
        std::mem::take(&mut self.pieces)
    }
}

/// A text without the white space at its end.
fn python_strip_end(text: &str) -> &str {
    let stripped = python_strip(text);
    let lead = text.find(stripped).filter(|_| !stripped.is_empty());
    lead.map_or("", |lead| &text[..lead + stripped.len()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::{self, Adapter};
    use crate::value::{Field, Signature, Type};

    fn signature() -> Signature {
        Signature {
            name: "S".into(),
            instructions: "Answer.".into(),
            inputs: vec![Field::new("question", Type::Str)],
            outputs: vec![
                Field::new("reasoning", Type::Str),
                Field::new("answer", Type::Str),
                Field::new("tags", Type::list(Type::Str)),
            ],
        }
    }

    /// The texts of the outputs when the reply comes in pieces of so many bytes.
    fn split(adapter: &dyn Adapter, reply: &str, size: usize) -> Vec<String> {
        let mut splitter = adapter.splitter(&signature());
        let mut texts = vec![String::new(); 3];
        let mut add = |pieces: Vec<Piece>| pieces.into_iter().for_each(|piece| texts[piece.output] += &piece.text);
        let chars: Vec<char> = reply.chars().collect();
        for piece in chars.chunks(size) {
            add(splitter.feed(&piece.iter().collect::<String>()));
        }
        add(splitter.end());
        texts
    }

    const REPLIES: [(&str, &str); 4] = [
        (
            "chat",
            "Sure.\n[[ ## reasoning ## ]]\nIt is [[ a ]] city;\n\n  [[ ## so\n\n[[ ## answer ## ]]\nParis\u{e9} & more\n\n\
             [[ ## tags ## ]]\n[\"a\", \"b\"]\n\n[[ ## completed ## ]]\n",
        ),
        (
            "json",
            "```json\n{\"reasoning\": \"It is [[ a ]] city;\\n\\n  [[ ## so\", \"note\": {\"answer\": \"}\"},\n \"answer\": \
             \"Paris\\u00e9 & more\", \"tags\": [\"a\", \"b\"]}\n```",
        ),
        (
            "xml",
            "<reasoning>\nIt is [[ a ]] city;\n\n  [[ ## so\n</reasoning>\n\n<answer>Paris\u{e9} &amp; more</answer>\n\
             <tags>[\"a\", \"b\"]</tags>",
        ),
        (
            "compact",
            " It is [[ a ]] city;\nReasons too\nAnswer: Paris\u{e9} & more\nTags: [\"a\", \"b\"]\n\nQuestion: next",
        ),
    ];

    #[test]
    fn outputs_come_out_whole_in_whatever_pieces_the_reply_comes() {
        for (name, reply) in REPLIES {
            let adapter = adapter::by_name(name).expect(name);
            let reasoning = match name {
                "compact" => "It is [[ a ]] city;\nReasons too",
                _ => "It is [[ a ]] city;\n\n  [[ ## so",
            };
            for size in [1, 2, 3, 7, 1000] {
                let texts = split(adapter, reply, size);
                assert_eq!(
                    texts,
                    [reasoning, "Paris\u{e9} & more", "[\"a\", \"b\"]"],
                    "{name} by {size}"
                );
            }
        }
    }

    #[test]
    fn thoughts_before_the_outputs_are_passed_over() {
        let thoughts =
            "<think>\n[[ ## answer ## ]]\n{\"answer\": 1} <answer>x</answer>\nAnswer: <think>x</think></think>\n";
        for (name, reply) in REPLIES {
            let adapter = adapter::by_name(name).expect(name);
            let plain = split(adapter, reply, 5);
            for size in [1, 4, 1000] {
                assert_eq!(
                    split(adapter, &format!("{thoughts}{reply}"), size),
                    plain,
                    "{name} by {size}"
                );
            }
            assert_eq!(
                split(adapter, &format!("<{reply}"), 1),
                split(adapter, &format!("<{reply}"), 1000)
            );
        }
    }

    #[test]
    fn a_piece_goes_out_as_soon_as_it_is_certain() {
        let starts = [
            ("chat", "[[ ## reasoning ## ]]\nIt is a ci"),
            ("json", "{\"reasoning\": \"It is a ci"),
            ("xml", "<reasoning>\nIt is a ci"),
            ("compact", " It is a ci"),
        ];
        for (name, start) in starts {
            let mut splitter = adapter::by_name(name).expect(name).splitter(&signature());
            let pieces = splitter.feed(start);
            let text = "It is a ci".to_owned();
            assert_eq!(pieces, [Piece { output: 0, text }], "{name}");
        }
    }

    #[test]
    fn what_is_cut_off_or_hostile_never_panics() {
        for (name, reply) in REPLIES {
            let adapter = adapter::by_name(name).expect(name);
            for end in (0..reply.len()).filter(|end| reply.is_char_boundary(*end)) {
                split(adapter, &reply[..end], 3);
            }
            for reply in [
                "{\"answer\": \"\\ud83d\\ude00 \\ud83d x\\u00",
                "<answer>&#x;&amp",
                "[[ ## answer ## ]]",
                "{{{",
            ] {
                split(adapter, reply, 1);
            }
        }
    }
}
