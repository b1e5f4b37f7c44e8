//! `LM("local")`: the model that is built in, or any llama or qwen2 from a GGUF file. Weights come through the host; the engine
//! is pure, on threads of its own.

mod attention;
pub mod catalog;
mod dense;
mod embedding;
mod form;
mod format;
mod gguf;
mod matrix;
mod minilm;
mod model;
mod prefix;
mod product;
mod room;
mod sampler;
mod seat;
mod sequence;
mod shape;
mod simd;
mod text;
pub mod weights;
mod wordpiece;
mod worker;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, oneshot};

use self::catalog::{EMBEDDER, File, Known};
use self::minilm::MiniLm;
use self::sampler::Sampler;
use self::text::Text;
use self::worker::{Job, Shared};
use crate::chat::{Embeddings, Reply, Request};
use crate::diag::{Fault, FaultKind};
use crate::host::{Access, Host, HostErrorKind, Opened};

/// Threads that run a model. Each works alone: two on one product would wait for each other.
const WORKERS: usize = 2;
/// Most tokens of a reply where the request does not say.
const LIMIT: usize = 256;

/// The local models of a session, each loaded when it is first asked.
pub struct Local {
    host: Arc<dyn Host>,
    engines: Mutex<HashMap<String, Arc<OnceCell<Engine>>>>,
    embedder: OnceCell<Arc<MiniLm>>,
    /// Why weights could not be fetched, by the model's name: a session tries that once.
    unfetched: Mutex<HashMap<&'static str, Fault>>,
}

impl Local {
    pub fn new(host: Arc<dyn Host>) -> Local {
        Local {
            host,
            engines: Mutex::default(),
            embedder: OnceCell::new(),
            unfetched: Mutex::default(),
        }
    }

    /// Whether a model of this name is one of these.
    pub fn answers(model: &str) -> bool {
        model.split('/').next() == Some(super::LOCAL)
    }

    /// Whether a model of this name is the embedder that is built in.
    pub fn embeds(model: &str) -> bool {
        model == super::LOCAL
            || model
                .split_once('/')
                .is_some_and(|(_, name)| Local::answers(model) && name == EMBEDDER.name)
    }

    /// The name of a model as a script in `folder` writes it, with the path in it made one that the host finds. Other
    /// models' names stay as they are.
    pub fn placed(model: &str, folder: &Path) -> String {
        match model.split_once('/') {
            Some((super::LOCAL, path)) if !path.is_empty() && catalog::find(path).is_none() => {
                let path = folder.join(path);
                format!("{}/{}", super::LOCAL, path.strip_prefix(".").unwrap_or(&path).display())
            }
            _ => model.to_owned(),
        }
    }

    /// Answers a request to `local`, `local/NAME` or `local/path/to/model.gguf`. Requests are taken up in the order in which they
    /// come here; dropping the future ends the work on one after the token it is at.
    pub async fn complete(&self, request: Request) -> Result<Reply, Fault> {
        let cell = {
            let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
            engines.entry(request.model.clone()).or_default().clone()
        };
        let engine = cell.get_or_try_init(|| self.load(&request.model)).await?;
        engine.complete(&request).await
    }

    /// The places of texts by the embedder that is built in.
    pub async fn embed(&self, texts: Vec<String>) -> Result<Embeddings, Fault> {
        let embedder = self.embedder.get_or_try_init(|| self.load_embedder()).await?.clone();
        self.apart(move || embedder.embed(&texts)).await
    }

    async fn load_embedder(&self) -> Result<Arc<MiniLm>, Fault> {
        let paths = self.fetched(EMBEDDER).await?;
        let host = self.host.clone();
        self.apart(move || {
            let mut files = Vec::new();
            for (path, file) in paths.iter().zip(EMBEDDER.files) {
                let bytes = host.read(Access::Own, path)?;
                weights::check(bytes.len() as u64, file, path)?;
                files.push(bytes);
            }
            let [weights, vocabulary] = files.as_slice() else {
                return Err(stopped());
            };
            Ok(Arc::new(MiniLm::read(weights, vocabulary)?))
        })
        .await
    }

    /// Work that is off the interpreter's thread.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let (done, result) = oneshot::channel();
        self.host.work(Box::new(move || {
            // The one who asked may have gone.
            let _ = done.send(work());
        }));
        result.await.map_err(|_| stopped())?
    }

    async fn load(&self, model: &str) -> Result<Engine, Fault> {
        let named = model.split_once('/').map_or(catalog::DEFAULT.name, |(_, path)| path);
        let Some(known) = catalog::find(named) else {
            if named.is_empty() {
                let fault = Fault::new(
                    FaultKind::Lm,
                    format!("the model `{model}` has no name after its provider"),
                );
                return Err(fault.help("write `LM(\"local\")`, or one of another name: `dsp models` lists them"));
            }
            return Engine::load(&self.host, PathBuf::from(named), None).await;
        };
        let path = self.fetched(known).await?.remove(0);
        Engine::load(&self.host, path, known.files.first()).await
    }

    /// Where the files of a model with a name are.
    async fn fetched(&self, model: &'static Known) -> Result<Vec<PathBuf>, Fault> {
        let host = self.host.as_ref();
        if !model.on_first_use && !weights::has(host, model) {
            let message = format!("the weights of `local/{}` are not there", model.name);
            let help = format!("run `dsp models pull {}`, which fetches them once", model.name);
            return Err(Fault::new(FaultKind::Lm, message).help(help));
        }
        let known = self
            .unfetched
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(model.name)
            .cloned();
        if let Some(fault) = known.filter(|_| !weights::has(host, model)) {
            return Err(fault);
        }
        weights::pull(host, model).await.inspect_err(|fault| {
            let mut unfetched = self.unfetched.lock().unwrap_or_else(PoisonError::into_inner);
            unfetched.insert(model.name, fault.clone());
        })
    }
}

const NO_SUCH_MODEL: &str = "`dsp models` lists the models that have a name; any other is named by its file: \
                             `LM(\"local/path/to/model.gguf\")`";

/// A loaded model and its workers.
struct Engine {
    shared: Arc<Shared>,
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl Engine {
    /// Reads a file: one of a model that has a name, or one that a script names.
    async fn load(host: &Arc<dyn Host>, path: PathBuf, known: Option<&'static File>) -> Result<Engine, Fault> {
        let access = if known.is_some() { Access::Own } else { Access::Script };
        let (done, loaded) = oneshot::channel();
        let reader = host.clone();
        host.work(Box::new(move || {
            let opened = reader.open(access, &path).map_err(|error| match error.kind {
                HostErrorKind::NotFound => Fault::from(error).help(NO_SUCH_MODEL),
                _ => Fault::from(error),
            });
            let shared = opened.and_then(|opened| {
                if let Some(file) = known {
                    weights::check(opened.size(), file, &path)?;
                }
                Engine::build(&path, opened.as_ref())
            });
            // The one who asked may have gone.
            let _ = done.send(shared);
        }));
        let shared = Arc::new(loaded.await.map_err(|_| stopped())??);
        for number in 0..WORKERS {
            let shared = shared.clone();
            // A pool of one thread: candle would give each product to all processors, and then the workers, which are busy
            // with products of their own, would wait for each other. A request whose worker panics is answered by `stopped`.
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(1)
                .thread_name(move |_| format!("local model {number}"))
                .panic_handler(|_| ());
            let pool = pool
                .build()
                .map_err(|_| Fault::new(FaultKind::Lm, "the system has no thread left to run `local` on"))?;
            pool.spawn(move || worker::work(&shared));
        }
        Ok(Engine { shared })
    }

    fn build(path: &Path, opened: &dyn Opened) -> Result<Shared, Fault> {
        let name = path.display().to_string();
        let (model, text) = std::thread::scope(|scope| {
            let text = scope.spawn(|| Text::read(&name, opened));
            (gguf::read(&name, opened, WORKERS), text.join().map_err(|_| stopped()))
        });
        let (model, text) = (model?, text??);
        if text.vocabulary() > model.shape.vocabulary {
            let message = format!("the model file `{name}` has more tokens than its weights know");
            return Err(Fault::new(FaultKind::Lm, message).help("the file is damaged; fetch it again"));
        }
        Ok(Shared::new(model, text))
    }

    async fn complete(&self, request: &Request) -> Result<Reply, Fault> {
        let prompt = self.shared.text.prompt(request)?;
        let context = self.shared.model.shape.context;
        if prompt.is_empty() {
            return Err(Fault::new(
                FaultKind::Lm,
                format!("the prompt for `{}` is empty", request.model),
            ));
        }
        if prompt.len() >= context {
            let message = format!(
                "the prompt has {} tokens, and the context of `{}` is {context}",
                prompt.len(),
                request.model
            );
            return Err(Fault::new(FaultKind::ContextLength, message).help("use fewer or shorter demos and inputs"));
        }
        let limit = request.max_tokens.map_or(LIMIT, |limit| limit as usize);
        let (reply, answer) = oneshot::channel();
        self.shared.submit(Job {
            limit: limit.clamp(1, context - prompt.len()),
            prompt,
            form: form::of(request, &self.shared.text)?,
            sampler: sampler(request)?,
            reply,
        });
        answer.await.map_err(|_| stopped())
    }
}

/// How the request wants tokens chosen. Without a seed another rollout is another answer.
fn sampler(request: &Request) -> Result<Sampler, Fault> {
    let mut top_p = 1.0;
    let mut seed = request.rollout.unwrap_or(0);
    for (name, value) in &request.extra {
        let wrong = |wanted: &str| {
            let message = format!("`{name}` of the model `{}` is {value}, not {wanted}", request.model);
            Err(Fault::new(FaultKind::Value, message))
        };
        match (name.as_str(), value.as_f64(), value.as_i64()) {
            ("seed", _, Some(number)) => seed = seed.wrapping_add((number as u64).rotate_left(32)),
            ("seed", ..) => return wrong("a whole number"),
            ("top_p", Some(share), _) if share > 0.0 && share <= 1.0 => top_p = share,
            ("top_p", ..) => return wrong("a number above 0 and at most 1"),
            _ => {
                let message = format!("the model `{}` does not know the setting `{name}`", request.model);
                let help = "`local` takes `temperature`, `max_tokens`, `stop`, `seed` and `top_p`";
                return Err(Fault::new(FaultKind::Value, message).help(help));
            }
        }
    }
    Ok(Sampler::new(request.temperature.unwrap_or(0.0), top_p, seed))
}

/// A worker is gone, which only a fault of the engine can bring about.
fn stopped() -> Fault {
    Fault::new(FaultKind::Lm, "the local model stopped while it was at work")
        .help("this is a fault of dsp; please report it with the request that it happened on")
}
