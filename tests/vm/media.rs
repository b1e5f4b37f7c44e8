//! Images, sounds and files: read from a path, and sent as each provider's documentation says.

use std::time::Duration;

use dsp::host::fake::{FakeHost, json_response, openai_reply};
use dsp::vm::Limits;
use serde_json::{Value as Json, json};

use super::world::run_on;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";
const PNG64: &str = "iVBORw0KGgpyZXN0";
const WAV: &[u8] = b"RIFF\x04\0\0\0WAVEdata";
const WAV64: &str = "UklGRgQAAABXQVZFZGF0YQ==";
const PDF: &[u8] = b"%PDF-1.4";
const PDF64: &str = "JVBERi0xLjQ=";

/// A host with some files, and an answer for every provider in one.
fn world() -> FakeHost {
    let host = FakeHost::new();
    for name in ["OPENAI", "ANTHROPIC", "GEMINI", "AZURE"] {
        host.set_env(format!("{name}_API_KEY"), "test");
    }
    for (path, bytes) in [
        ("cat.png", PNG),
        ("cat.wav", WAV),
        ("cat.pdf", PDF),
        ("odd.bin", b"\x01\x02"),
        ("none.png", b""),
    ] {
        host.put(format!("/work/{path}"), bytes);
    }
    host.put("/work/notes.md", "# hi");
    host.put("/work/large.png", vec![0; (50 << 20) + 1]);
    host.answer(|request| {
        let said = "[[ ## answer ## ]]\nyes";
        let response = match request.url.as_str() {
            url if url.ends_with("/messages") => {
                json_response(200, &json!({"content": [{"type": "text", "text": said}]}))
            }
            url if url.contains(":generateContent") => json_response(
                200,
                &json!({"candidates": [{"content": {"parts": [{"text": said}]}, "finishReason": "STOP"}]}),
            ),
            url if url.ends_with("/api/chat") => {
                json_response(200, &json!({"message": {"content": said}, "done": true}))
            }
            url if url.ends_with("/responses") => {
                let content = json!([{"type": "output_text", "text": said}]);
                json_response(
                    200,
                    &json!({"status": "completed", "output": [{"type": "message", "content": content}]}),
                )
            }
            _ => openai_reply(said),
        };
        (Duration::ZERO, response)
    });
    host
}

/// What a script prints, or its error with the help; and the body of the last request.
fn run(text: &str) -> (String, Json) {
    let host = world();
    let ran = run_on(host.clone(), text, Limits::default());
    let out = match &ran.outcome {
        Ok(_) => ran.out,
        Err(raised) => {
            let fault = &raised.fault;
            format!(
                "{}: {} | {}",
                fault.kind.name(),
                fault.message,
                fault.help.as_deref().unwrap_or_default()
            )
        }
    };
    let sent = host.requests().pop();
    (
        out,
        sent.map(|sent| serde_json::from_slice(&sent.body).unwrap_or_default())
            .unwrap_or_default(),
    )
}

/// Asks a model about something of a type.
fn asked(lm: &str, ty: &str, thing: &str) -> (String, Json) {
    run(&format!(
        "configure(lm: {lm})\nprint(Predict(\"thing: {ty} -> answer\")({thing}).answer)"
    ))
}

#[test]
fn what_stands_in_records_and_dicts_is_a_part_too() {
    let (answer, sent) = run(
        "type Shot = {title: str, photo: image?, more: list[image | str]}\nconfigure(lm: LM(\"openai/m\"))\n\
         let shots = {\"a\": {title: \"x\\ny\", photo: read_data(\"cat.png\"), more: [\"https://a.org/b.png\", \"c\"]}}\n\
         print(Predict(\"shots: dict[str, Shot] -> answer\")(shots).answer)",
    );
    assert_eq!(answer, "yes\n");
    let text = |text: &str| json!({"type": "text", "text": text});
    let image = |url: &str| json!({"type": "image_url", "image_url": {"url": url}});
    let content = sent["messages"][1]["content"].as_array().unwrap();
    assert_eq!(
        content[..4],
        [
            text("[[ ## shots ## ]]\n{\"a\": {\"title\": \"x\\ny\", \"photo\": \""),
            image(&format!("data:image/png;base64,{PNG64}")),
            text("\", \"more\": [\""),
            image("https://a.org/b.png"),
        ]
    );
    let rest = content[4]["text"].as_str().unwrap();
    assert!(rest.starts_with("\", \"c\"]}}\n\nRespond with"), "{rest}");
}

#[test]
fn a_text_that_may_be_an_image_and_is_none_is_text() {
    for adapter in ["chat", "compact"] {
        let (_, sent) = run(&format!(
            "configure(lm: LM(\"openai/m\"), adapter: \"{adapter}\", max_retries: 0)\n\
             try {{ print(Predict(\"thing: image | str -> answer\")(\"a\\n\\nAnswer: b\").answer) }} catch e {{ none }}",
        ));
        let content = &sent["messages"].as_array().unwrap().last().unwrap()["content"];
        let text = content.as_str().unwrap();
        assert!(adapter != "compact" || !text.contains("\nAnswer: b"), "{text}");
    }
}

#[test]
fn each_provider_is_sent_images_sounds_and_files_in_its_own_way() {
    let png = format!("data:image/png;base64,{PNG64}");
    let pdf = format!("data:application/pdf;base64,{PDF64}");
    let (image, audio, file) = (
        "read_data(\"cat.png\")",
        "read_data(\"cat.wav\")",
        "read_data(\"cat.pdf\")",
    );
    let url = "\"https://example.org/cat.png\"";
    let chat = json!({"type": "image_url", "image_url": {"url": png}});
    let chat_file = json!({"type": "file", "file": {"filename": "file.pdf", "file_data": pdf}});
    let chat_audio = json!({"type": "input_audio", "input_audio": {"data": WAV64, "format": "wav"}});
    let base64 = |kind: &str, data: &str| json!({"type": "base64", "media_type": kind, "data": data});
    let inline = |kind: &str, data: &str| json!({"inlineData": {"mimeType": kind, "data": data}});
    let responses = "LM(\"openai/m\", model_type: \"responses\")";
    let azure = "LM(\"azure/m\", api_base: \"https://mine.openai.azure.com\")";
    let rows: Vec<(&str, &str, &str, &str, Json)> = vec![
        (
            "LM(\"openai/m\")",
            "image",
            image,
            "/messages/1/content/1",
            chat.clone(),
        ),
        (
            "LM(\"openai/m\")",
            "image",
            url,
            "/messages/1/content/1/image_url/url",
            json!("https://example.org/cat.png"),
        ),
        (
            "LM(\"openai/m\")",
            "audio",
            audio,
            "/messages/1/content/1",
            chat_audio.clone(),
        ),
        (
            "LM(\"openai/m\")",
            "audio",
            "read_data(\"cat.wav\", kind: \"audio/mpeg\")",
            "/messages/1/content/1/input_audio/format",
            json!("mp3"),
        ),
        (
            "LM(\"openai/m\")",
            "file",
            file,
            "/messages/1/content/1",
            chat_file.clone(),
        ),
        (azure, "image", image, "/messages/1/content/1", chat),
        (azure, "file", file, "/messages/1/content/1", chat_file),
        (azure, "audio", audio, "/messages/1/content/1", chat_audio),
        (
            responses,
            "image",
            image,
            "/input/1/content/1",
            json!({"type": "input_image", "image_url": png}),
        ),
        (
            responses,
            "file",
            file,
            "/input/1/content/1",
            json!({"type": "input_file", "filename": "file.pdf", "file_data": pdf}),
        ),
        (
            "LM(\"anthropic/m\")",
            "image",
            image,
            "/messages/0/content/1",
            json!({"type": "image", "source": base64("image/png", PNG64)}),
        ),
        (
            "LM(\"anthropic/m\")",
            "image",
            url,
            "/messages/0/content/1/source",
            json!({"type": "url", "url": "https://example.org/cat.png"}),
        ),
        (
            "LM(\"anthropic/m\")",
            "file",
            file,
            "/messages/0/content/1",
            json!({"type": "document", "source": base64("application/pdf", PDF64)}),
        ),
        (
            "LM(\"anthropic/m\")",
            "file",
            "read_data(\"notes.md\")",
            "/messages/0/content/1",
            json!({"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "# hi"}}),
        ),
        (
            "LM(\"gemini/m\")",
            "image",
            image,
            "/contents/0/parts/1",
            inline("image/png", PNG64),
        ),
        (
            "LM(\"gemini/m\")",
            "image",
            url,
            "/contents/0/parts/1",
            json!({"fileData": {"fileUri": "https://example.org/cat.png"}}),
        ),
        (
            "LM(\"gemini/m\")",
            "audio",
            audio,
            "/contents/0/parts/1",
            inline("audio/wav", WAV64),
        ),
        (
            "LM(\"gemini/m\")",
            "file",
            file,
            "/contents/0/parts/1",
            inline("application/pdf", PDF64),
        ),
        ("LM(\"ollama/m\")", "image", image, "/messages/1/images", json!([PNG64])),
    ];
    for (lm, ty, thing, at, expected) in rows {
        let (out, sent) = asked(lm, ty, thing);
        assert_eq!(out, "yes\n", "{lm} {thing}");
        assert_eq!(sent.pointer(at), Some(&expected), "{lm} {thing}: {sent:#}");
    }
}

#[test]
fn what_a_provider_cannot_be_sent_is_an_error_before_anything_is_sent() {
    for (lm, ty, thing, what) in [
        ("LM(\"ollama/m\")", "image", "\"https://example.org/cat.png\"", "image"),
        ("LM(\"ollama/m\")", "file", "read_data(\"cat.pdf\")", "file"),
        ("LM(\"anthropic/m\")", "audio", "read_data(\"cat.wav\")", "sound"),
        (
            "LM(\"openai/m\", model_type: \"responses\")",
            "audio",
            "read_data(\"cat.wav\")",
            "sound",
        ),
    ] {
        let (out, sent) = asked(lm, ty, thing);
        assert!(
            out.starts_with("lm: the model") && out.contains(&format!("cannot be sent the {what}")),
            "{out}"
        );
        assert_eq!(sent, Json::Null);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_that_says_why() {
    let read = |args: &str| run(&format!("print(len(read_data({args})))")).0;
    assert_eq!(read("\"cat.png\""), "38\n");
    assert_eq!(read("\"odd.bin\", kind: \"image/png\""), "26\n");
    for (args, says) in [
        ("\"gone.png\"", "io: no file `gone.png`"),
        ("\"none.png\"", "value: `none.png` is empty"),
        (
            "\"large.png\"",
            "value: `large.png` is 50 MB long: no model is sent more than 50 MB | make it smaller",
        ),
        (
            "\"odd.bin\"",
            "value: `odd.bin` is of a kind that is not known | name it: `read_data(\"odd.bin\", kind: \"image/png\")`",
        ),
        ("\"/etc/hostname\"", "permission: "),
    ] {
        let said = read(args);
        assert!(said.starts_with(says), "{said}");
    }
}
