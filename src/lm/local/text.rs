//! Between text and tokens: the file's own tokenizer and chat template.

use std::io::BufReader;

use shimmytok::Tokenizer;
use shimmytok::vocab::TokenType;

use crate::chat::{Message, Mode, Request, Role};
use crate::diag::{Fault, FaultKind};
use crate::host::{Opened, Reader};

const START: &str = "<|im_start|>";
const END: &str = "<|im_end|>";

/// Tokens that end a reply in one family of models or another, beside the one that the file names.
const ENDS: [&str; 5] = [END, "<|endoftext|>", "<|eot_id|>", "<|end|>", "</s>"];

/// A model's tokenizer, and how it writes a chat.
pub(super) struct Text {
    tokenizer: Tokenizer,
    template: Template,
    ends: Vec<u32>,
}

/// The chat templates that are known.
enum Template {
    /// `<|im_start|>user⏎…<|im_end|>⏎`; the system text is put before a chat that has none.
    ChatMl { system: Option<String> },
    /// The file has none, or another one: only texts can be completed.
    Unknown,
}

impl Text {
    pub(super) fn read(name: &str, opened: &dyn Opened) -> Result<Text, Fault> {
        let unreadable = |error| {
            Fault::new(
                FaultKind::Lm,
                format!("the model file `{name}` has a tokenizer that cannot be read: {error}"),
            )
            .help("`local` takes the tokenizer from the GGUF file's own metadata; use a file that has one")
        };
        let tokenizer = Tokenizer::from_reader(BufReader::new(Reader::new(opened))).map_err(unreadable)?;
        let mut ends: Vec<u32> = ENDS.iter().filter_map(|end| tokenizer.get_token(end)).collect();
        ends.push(tokenizer.eos_token());
        let template = Template::of(tokenizer.chat_template().unwrap_or_default());
        Ok(Text {
            tokenizer,
            template,
            ends,
        })
    }

    pub(super) fn vocabulary(&self) -> usize {
        self.tokenizer.vocab_size()
    }

    /// The tokens of a request's messages.
    pub(super) fn prompt(&self, request: &Request) -> Result<Vec<u32>, Fault> {
        match (request.mode, &request.messages[..]) {
            (Mode::Completion, messages) => {
                let texts: Vec<&str> = messages.iter().map(|message| message.content.as_str()).collect();
                self.tokens(&texts.join("\n\n"), true)
            }
            (Mode::Chat, messages) => self.chat(&request.model, messages),
        }
    }

    fn chat(&self, name: &str, messages: &[Message]) -> Result<Vec<u32>, Fault> {
        let marks = (self.tokenizer.get_token(START), self.tokenizer.get_token(END));
        let (Template::ChatMl { system }, (Some(start), Some(end))) = (&self.template, marks) else {
            let message = format!("the model `{name}` has no chat template that is known (ChatML)");
            return Err(Fault::new(FaultKind::Lm, message)
                .help("use the adapter `compact`, which completes a text without a template"));
        };
        let mut tokens = Vec::new();
        let mut write = |role: Role, content: Option<&str>| -> Result<(), Fault> {
            tokens.push(start);
            match content {
                // Text is never read as a mark: a `<|im_end|>` in it ends nothing.
                Some(content) => {
                    tokens.extend(self.tokens(&format!("{}\n{content}", role.name()), false)?);
                    tokens.push(end);
                    tokens.extend(self.tokens("\n", false)?);
                }
                None => tokens.extend(self.tokens(&format!("{}\n", role.name()), false)?),
            }
            Ok(())
        };
        if messages.first().is_none_or(|first| first.role != Role::System)
            && let Some(system) = system
        {
            write(Role::System, Some(system))?;
        }
        for message in messages {
            write(message.role, Some(&message.content))?;
        }
        write(Role::Assistant, None)?;
        Ok(tokens)
    }

    /// The tokens of a text; those that the file puts around a text too, if it is `whole`.
    pub(super) fn tokens(&self, text: &str, whole: bool) -> Result<Vec<u32>, Fault> {
        let tokens = self.tokenizer.encode(text, whole);
        tokens.map_err(|error| {
            Fault::new(
                FaultKind::Lm,
                format!("the prompt cannot be turned into tokens: {error}"),
            )
        })
    }

    /// Whether the token ends the reply.
    pub(super) fn is_end(&self, token: u32) -> bool {
        self.ends.contains(&token)
    }

    /// The text of tokens; a character that is cut off at the end is left out.
    pub(super) fn text(&self, tokens: &[u32]) -> String {
        // By their type: the tokenizer's own choice of what is special takes the first token for the unknown one where
        // the file names none, which is `!` in qwen2.
        let is_said = |token: &u32| {
            let kind = self.tokenizer.token_type(*token);
            !matches!(kind, TokenType::Control | TokenType::Unknown)
        };
        let said: Vec<u32> = tokens.iter().copied().filter(is_said).collect();
        let mut text = self.tokenizer.decode(&said, false).unwrap_or_default();
        while text.ends_with(char::REPLACEMENT_CHARACTER) {
            text.pop();
        }
        text
    }
}

impl Template {
    fn of(template: &str) -> Template {
        if !template.contains(START) || !template.contains(END) {
            return Template::Unknown;
        }
        // `{{ '<|im_start|>system⏎You are …<|im_end|>⏎' }}`: a text that stands in the template itself. Where it stands
        // in several cases (with tools, with a system text of the chat's own), the one that is whole counts.
        let system = template.split("<|im_start|>system").skip(1).find_map(|rest| {
            let text = rest.split_once(END)?.0;
            let text = text.strip_prefix('\n').or_else(|| text.strip_prefix("\\n"))?;
            (!text.contains(['{', '\'', '"'])).then(|| text.to_owned())
        });
        Template::ChatMl { system }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_system_text_is_taken_from_the_template() {
        let template = "{% if loop.first %}{{ '<|im_start|>system\nYou help.<|im_end|>\n' }}{% endif %}";
        assert!(matches!(Template::of(template), Template::ChatMl { system: Some(text) } if text == "You help."));
        let plain = "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>'}}";
        assert!(matches!(Template::of(plain), Template::ChatMl { system: None }));
        let cases = "{{- '<|im_start|>system\\n' }}{{- '# Tools<|im_end|>\\n' }}\
                     {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}\
                     {{- '<|im_start|>system\\nYou are Q.<|im_end|>\\n' }}";
        assert!(matches!(Template::of(cases), Template::ChatMl { system: Some(text) } if text == "You are Q."));
        assert!(matches!(Template::of("[INST]"), Template::Unknown));
    }
}
