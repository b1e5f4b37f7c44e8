"""Records what llama.cpp makes of a few prompts with a model's weights: a file that `tests/local.rs` compares with.

    pip install xllamacpp==2026.10.11549 jinja2
    python tests/local/record.py path/to/model.gguf tests/local/goldens/NAME.json
"""

import json
import pathlib
import sys
import urllib.request

import jinja2
import xllamacpp

STEPS = 8
TOP = 8


def user(text):
    return {"role": "user", "content": text}


def system(text):
    return {"role": "system", "content": text}


def assistant(text):
    return {"role": "assistant", "content": text}


def chat(*messages):
    return ("chat", list(messages))


def completion(text):
    return ("completion", [user(text)])


PROMPTS = [
    chat(user("What is the capital of France?")),
    chat(system("Answer with one word."), user("Is the sky blue or green?")),
    chat(user("List three colours, one a line.")),
    chat(user("Add 12 and 30."), assistant("42"), user("Now write a Python function that adds two numbers.")),
    chat(user("Übersetze ins Englische: «Guten Morgen, schöne Welt!» 👋")),
    chat(user("Write a haiku about the sea.")),
    chat(system("You are a pirate."), user("Who are you?")),
    chat(user("How many legs has a spider? 1234567890 + 42 = ?")),
    completion("Once upon a time"),
    completion("def fibonacci(n):\n"),
    completion("The numbers are 1, 2, 3, 4,"),
    completion("Dear Sir or Madam,\n\nI am writing to"),
    completion("Q: Which planet is the largest?\nA:"),
    completion(
        "Tell the language of the sentence.\n\n"
        "Sentence: All human beings are born free and equal.\nLanguage: english\n\n"
        "Sentence: Todos los seres humanos nacen libres e iguales.\nLanguage: spanish\n\n"
        "Sentence: Nul ne sera tenu en esclavage ni en servitude.\nLanguage:"
    ),
    completion("Monday, Tuesday, Wednesday, Thursday,"),
    completion("A B C D E F G"),
    completion("The capital of Italy is Rome. The capital of France is"),
    completion("import numpy as"),
    completion("for (int i = 0; i < n;"),
    completion("<html>\n<head>\n<title>Home</title>\n</head>\n<"),
    completion('{"name": "Ada", "age": 36, "city": "London"}\n{"name": "Bob", "age": 41, "city'),
    completion("Two plus two is four. Three plus three is six. Four plus four is"),
    completion("She opened the door and walked into the"),
    completion("The United States of"),
    completion("Il était une"),
    completion("x = 10\ny = 20\nprint(x +"),
]


def main(model, out):
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.n_ctx, params.n_parallel, params.warmup = 2048, 1, False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)

    def ask(path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(server.listening_address + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as response:
            return json.load(response)

    def tokens_of(text, marks):
        return ask("/tokenize", {"content": text, "add_special": False, "parse_special": marks})["tokens"]

    template = jinja2.Template(ask("/props")["chat_template"])
    cases = []
    for mode, messages in PROMPTS:
        text = messages[0]["content"]
        if mode == "chat":
            text = template.render(messages=messages, add_generation_prompt=True)
        prompt = tokens_of(text, mode == "chat")
        asked = {"prompt": prompt, "n_predict": STEPS, "temperature": 0, "n_probs": TOP}
        said = ask("/completion", asked | {"cache_prompt": False, "return_tokens": True})
        steps = said["completion_probabilities"]
        if len(steps) != len(said["tokens"]):
            # Tokens that are parts of one character come as one step.
            steps = steps[:1]
        # How likely each of the likeliest tokens is; a token that ends the reply has no text.
        top = [[(t["id"], t["token"], round(t["logprob"], 4)) for t in step["top_logprobs"]] for step in steps]
        top = top[:1] + [step[:3] for step in top[1:]]
        # Those of the first step that their text alone stands for.
        options = [[text, score] for token, text, score in top[0] if tokens_of(text, False) == [token]]
        case = {"mode": mode, "messages": messages, "prompt": prompt, "top": top, "options": options}
        print(repr(said["content"]), [round(step[0][2] - step[1][2], 3) for step in top])
        cases.append(case)
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    pathlib.Path(out).write_text(f"[\n{lines}\n]\n")


main(*sys.argv[1:])
