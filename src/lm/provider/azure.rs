//! Azure OpenAI: OpenAI's chat completions at a deployment of one's own.

use serde_json::Value as Json;

use super::openai::{OPENAI, body};
use super::{Outgoing, Provider};
use crate::chat::{Reply, Request};

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

    fn takes_parts(&self) -> bool {
        true
    }

    fn default_base(&self) -> Option<&'static str> {
        None
    }

    fn key_env(&self) -> Option<&'static str> {
        Some("AZURE_API_KEY")
    }

    /// The model is the name of the deployment.
    fn request(&self, model: &str, request: &Request, key: Option<&str>) -> Outgoing {
        let mut request = request.clone();
        let version = request.extra.shift_remove("api_version");
        let version = version.as_ref().and_then(Json::as_str).unwrap_or(VERSION);
        let path = format!("/openai/deployments/{model}/chat/completions?api-version={version}");
        let mut outgoing = Outgoing::bytes(&path, body(model, &request, true));
        outgoing.header_if("api-key", key);
        outgoing
    }

    fn reply(&self, body: &[u8]) -> Result<Reply, String> {
        OPENAI.reply(body)
    }
}
