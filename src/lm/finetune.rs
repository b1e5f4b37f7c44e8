//! Fine-tuning over OpenAI's interface: the rows go up as a file, a job trains on them, and is waited for. The rows and
//! the job's name are kept beside the cache, so that a run that was stopped goes on waiting for the job that it paid for.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use super::endpoint::Endpoint;
use super::{Client, refusal, request};
use crate::call::{Again, Key, LONGEST_PAUSE, Trouble};
use crate::chat::{Interface, Mode};
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, BoxFuture, Host, Stream};
use crate::value::{EcoString, LmKind, LmSpec};

/// Between two looks at a job, which takes minutes to hours.
const PAUSE: Duration = Duration::from_secs(10);
/// So often in a row a request may fail in a way that may pass.
const PATIENCE: usize = 6;
/// For one request; a file may be large.
const TIMEOUT: Duration = Duration::from_secs(600);
/// Below the cache folder.
const FOLDER: &str = "finetune";
const BOUNDARY: &str = "dsp-training-file-3f9c1d";

/// What a model is trained on, and how.
pub struct Training {
    /// `{"messages": [{"role": …, "content": …}, …]}`
    pub rows: Vec<Json>,
    /// As the provider knows them: `n_epochs`.
    pub hyperparameters: Map<String, Json>,
}

impl Training {
    fn lines(&self) -> String {
        self.rows.iter().map(|row| format!("{row}\n")).collect()
    }
}

impl Client {
    /// Trains a model; the name of the one that came of it.
    pub fn finetune(&self, lm: &LmSpec, training: Training) -> BoxFuture<'static, Result<EcoString, Fault>> {
        let job = match Job::of(self, lm, training) {
            Ok(job) => job,
            Err(fault) => return Box::pin(std::future::ready(Err(fault))),
        };
        Box::pin(async move { job.run().await })
    }
}

struct Job {
    host: Arc<dyn Host>,
    /// `openai/gpt-4o-mini`
    name: String,
    api_base: Option<String>,
    key_env: Option<String>,
    training: Training,
    /// Without an ending; none where nothing may be kept.
    kept: Option<PathBuf>,
}

impl Job {
    fn of(client: &Client, lm: &LmSpec, training: Training) -> Result<Job, Fault> {
        if !matches!(lm.kind, LmKind::Provider) || !lm.name.starts_with("openai/") {
            let message = format!("the model `{}` cannot be trained from here", lm.name);
            return Err(Fault::new(FaultKind::Lm, message)
                .help("`openai/…` can, and servers that offer OpenAI's fine-tuning by `api_base`"));
        }
        let options = request(lm, Vec::new(), Mode::Chat, [])?;
        let host = client.inner.host.clone();
        let asked = json!({
            "model": options.model,
            "server": options.api_base,
            "hyperparameters": training.hyperparameters,
            "rows": training.rows,
        });
        let key = Key::of(&asked)?;
        let folder = host.cache_dir().ok().filter(|_| client.inner.cache);
        Ok(Job {
            kept: folder.map(|folder| folder.join(FOLDER).join(key.as_str())),
            name: options.model,
            api_base: options.api_base,
            key_env: lm
                .options
                .get("api_key_env")
                .and_then(|name| name.as_str())
                .map(ToString::to_string),
            host,
            training,
        })
    }

    async fn run(&self) -> Result<EcoString, Fault> {
        let id = match self.begun() {
            Some(id) => id,
            None => self.begin().await?,
        };
        loop {
            let state = self.ask("GET", &format!("/fine_tuning/jobs/{id}"), None).await?;
            match state["status"].as_str() {
                Some("succeeded") => {
                    let model = state["fine_tuned_model"].as_str();
                    return model
                        .map(Into::into)
                        .ok_or_else(|| self.odd("a name for the trained model"));
                }
                Some(ended @ ("failed" | "cancelled")) => {
                    self.forget();
                    let why = state["error"]["message"].as_str().unwrap_or("it does not say why");
                    let message = format!("the job `{id}` that trains `{}` has {ended}: {why}", self.name);
                    return Err(Fault::new(FaultKind::Lm, message));
                }
                Some(_) => self.host.sleep(PAUSE).await,
                None => return Err(self.odd("the state of the job")),
            }
        }
    }

    /// The job of an earlier run that was stopped.
    fn begun(&self) -> Option<String> {
        let path = self.kept.as_ref()?.with_extension("job");
        let id = String::from_utf8(self.host.read(Access::Own, &path).ok()?).ok()?;
        Some(id.trim().to_owned()).filter(|id| !id.is_empty())
    }

    fn forget(&self) {
        if let Some(kept) = &self.kept {
            // One that stays is asked for once more, and has failed then too.
            let _ = self.host.remove(Access::Own, &kept.with_extension("job"));
        }
    }

    async fn begin(&self) -> Result<String, Fault> {
        let lines = self.training.lines();
        if let Some(kept) = &self.kept {
            self.keep(&kept.with_extension("jsonl"), &lines);
        }
        let file = self.ask("POST", "/files", Some(upload(&lines))).await?;
        let file = file["id"].as_str().ok_or_else(|| self.odd("a name for the file"))?;
        let (_, model) = self.name.split_once('/').unwrap_or(("", &self.name));
        let mut wanted = json!({"model": model, "training_file": file});
        if !self.training.hyperparameters.is_empty() {
            wanted["hyperparameters"] = Json::Object(self.training.hyperparameters.clone());
        }
        let body = ("application/json".to_owned(), wanted.to_string().into_bytes());
        let job = self.ask("POST", "/fine_tuning/jobs", Some(body)).await?;
        let id = job["id"].as_str().ok_or_else(|| self.odd("a name for the job"))?;
        if let Some(kept) = &self.kept {
            self.keep(&kept.with_extension("job"), id);
        }
        let rows = self.training.rows.len();
        let told = format!("`{}` is trained on {rows} rows by the job `{id}`\n", self.name);
        let _ = self.host.print(Stream::Err, &told);
        Ok(id.to_owned())
    }

    /// What cannot be kept costs the going on, not the run.
    fn keep(&self, path: &std::path::Path, text: &str) {
        if let Err(error) = self.host.write(Access::Own, path, text.as_bytes()) {
            let _ = self.host.print(Stream::Err, &format!("warning: {error}\n"));
        }
    }

    async fn ask(&self, method: &'static str, path: &str, body: Option<(String, Vec<u8>)>) -> Result<Json, Fault> {
        for _ in 1..PATIENCE {
            match self.once(method, path, body.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(trouble) => match trouble.again {
                    Again::Never => return Err(trouble.fault),
                    Again::Soon => self.host.sleep(PAUSE).await,
                    Again::After(pause) => self.host.sleep(pause.min(LONGEST_PAUSE)).await,
                },
            }
        }
        self.once(method, path, body).await.map_err(|trouble| trouble.fault)
    }

    async fn once(&self, method: &'static str, path: &str, body: Option<(String, Vec<u8>)>) -> Result<Json, Trouble> {
        let base = self.api_base.as_deref();
        let mut endpoint = Endpoint::find(&self.name, Interface::Chat, base, self.key_env.as_deref())?;
        let http = endpoint.http_at(self.host.as_ref(), method, path, body, TIMEOUT)?;
        let response = self.host.http(Access::Own, http).await;
        let response = response.map_err(|error| refusal::unreachable_server(&endpoint, error))?;
        if !(200..300).contains(&response.status) {
            return Err(refusal::refused(&endpoint, &response, self.host.now()));
        }
        serde_json::from_slice(&response.body)
            .map_err(|error| refusal::unreadable(&endpoint, &response.body, &error.to_string()))
    }

    fn odd(&self, wanted: &str) -> Fault {
        Fault::new(
            FaultKind::Lm,
            format!("the server of `{}` does not give {wanted}", self.name),
        )
    }
}

/// The rows as a form with a file.
fn upload(lines: &str) -> (String, Vec<u8>) {
    let part = |head: &str, content: &str| {
        format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    let purpose = part("name=\"purpose\"", "fine-tune");
    let file = part(
        "name=\"file\"; filename=\"rows.jsonl\"\r\nContent-Type: application/jsonl",
        lines,
    );
    let body = format!("{purpose}{file}--{BOUNDARY}--\r\n");
    (format!("multipart/form-data; boundary={BOUNDARY}"), body.into_bytes())
}
