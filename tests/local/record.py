"""Records what llama.cpp makes of a few prompts with the default model's weights: `goldens.json`, which `tests/local.rs`
compares with.

    pip install llama-cpp-python==0.3.36 jinja2
    python tests/local/record.py path/to/SmolLM2-135M-Instruct.Q4_1.gguf
"""

import json
import pathlib
import sys

import jinja2
import llama_cpp
import numpy

STEPS = 8


def user(text):
    return {"role": "user", "content": text}


def system(text):
    return {"role": "system", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


PROMPTS = [
    ("chat", [user("What is the capital of France?")]),
    ("chat", [system("Answer with one word."), user("Is the sky blue or green?")]),
    ("chat", [user("List three colours, one a line.")]),
    ("chat", [user("Add 12 and 30."), assistant("42"), user("Now write a Python function that adds two numbers.")]),
    ("chat", [user("Übersetze ins Englische: «Guten Morgen, schöne Welt!» 👋")]),
    ("chat", [user("Write a haiku about the sea.")]),
    ("completion", [user("Once upon a time")]),
    ("completion", [user("def fibonacci(n):\n")]),
    ("completion", [user("The numbers are 1, 2, 3, 4,")]),
    ("completion", [user("Dear Sir or Madam,\n\nI am writing to")]),
    ("completion", [user("Q: Which planet is the largest?\nA:")]),
    (
        "completion",
        [
            user(
                "Tell the language of the sentence.\n\n"
                "Sentence: All human beings are born free and equal.\nLanguage: english\n\n"
                "Sentence: Todos los seres humanos nacen libres e iguales.\nLanguage: spanish\n\n"
                "Sentence: Nul ne sera tenu en esclavage ni en servitude.\nLanguage:"
            )
        ],
    ),
]


def main(path):
    # One token after the other from an empty cache, so that no batch size has a say.
    model = llama_cpp.Llama(path, n_ctx=2048, n_threads=1, n_threads_batch=1, logits_all=False, verbose=False)
    template = jinja2.Template(model.metadata["tokenizer.chat_template"])
    cases = []
    for mode, messages in PROMPTS:
        if mode == "chat":
            text = template.render(messages=messages, add_generation_prompt=True)
        else:
            text = messages[0]["content"]
        prompt = model.tokenize(text.encode(), add_bos=False, special=mode == "chat")
        model.reset()
        model.eval(prompt)
        tokens, margins = [], []
        for _ in range(STEPS):
            logits = numpy.ctypeslib.as_array(llama_cpp.llama_get_logits(model.ctx), (model.n_vocab(),)).copy()
            second, first = numpy.argsort(logits, kind="stable")[-2:]
            tokens.append(int(first))
            margins.append(round(float(logits[first] - logits[second]), 3))
            if first in (0, 2):
                break
            model.eval([int(first)])
        case = {"mode": mode, "messages": messages, "prompt": prompt, "tokens": tokens, "margins": margins}
        case["text"] = model.detokenize([token for token in tokens if token not in (0, 2)]).decode(errors="replace")
        print(repr(case["text"]), margins)
        cases.append(case)
    out = pathlib.Path(__file__).with_name("goldens.json")
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    out.write_text(f"[\n{lines}\n]\n")


main(sys.argv[1])
