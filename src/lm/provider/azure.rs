//! Azure OpenAI: OpenAI's chat completions at a deployment of one's own.

use serde_json::{Map, Value as Json};

use super::super::stream::{Odd, Partial};
use super::openai::{OPENAI, embed_body};
use super::{Outgoing, Provider};
use crate::chat::{EmbeddingRequest, Embeddings, Part, Reply, Request};

pub struct Azure;

/// The version of the API, unless the model's option `api_version` names another.
const VERSION: &str = "2024-10-21";

impl Provider for Azure {
    fn name(&self) -> &'static str {
        "azure"
    }

    fn takes_shape(&self) -> bool {
        true
    }

    fn gives_several(&self) -> bool {
        true
    }

    fn takes(&self, _: &Part) -> bool {
        true
    }

    fn default_base(&self) -> Option<&'static str> {
        None
    }

    fn key_env(&self) -> Option<&'static str> {
        Some("AZURE_API_KEY")
    }

    /// The model is the name of the deployment.
    fn request(&self, model: &str, request: &Request, key: Option<&str>, stream: bool) -> Outgoing {
        let mut request = request.clone();
        let path = at(model, "chat/completions", &mut request.extra);
        let mut outgoing = Outgoing::bytes(path, OPENAI.body(model, &request, stream));
        outgoing.header_if("api-key", key);
        outgoing
    }

    fn reply(&self, body: &[u8], request: &Request) -> Result<Reply, String> {
        OPENAI.reply(body, request)
    }

    fn event(&self, event: &[u8], partial: &mut Partial) -> Result<(), Odd> {
        OPENAI.event(event, partial)
    }

    fn embed(&self, model: &str, request: &EmbeddingRequest, key: Option<&str>) -> Option<Outgoing> {
        let mut request = request.clone();
        let path = at(model, "embeddings", &mut request.extra);
        let mut outgoing = Outgoing::json(path, &embed_body(model, &request));
        outgoing.header_if("api-key", key);
        Some(outgoing)
    }

    fn vectors(&self, body: &[u8]) -> Result<Embeddings, String> {
        OPENAI.vectors(body)
    }
}

/// Where a deployment does what is asked of it, in the version of the API that the options name.
fn at(model: &str, deed: &str, options: &mut Map<String, Json>) -> String {
    let version = options.shift_remove("api_version");
    let version = version.as_ref().and_then(Json::as_str).unwrap_or(VERSION);
    format!("/openai/deployments/{model}/{deed}?api-version={version}")
}
