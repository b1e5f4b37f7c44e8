"""Records what llama.cpp makes of prompts with a model's weights: a file that `tests/local.rs` compares with.

    pip install xllamacpp==2026.10.11549 jinja2
    python tests/local/record.py path/to/model.gguf tests/local/goldens/NAME.json

The rule, set before anything was compared with dsp: a prompt is kept if llama.cpp itself finds its first token clearly the
likeliest, by at least CLEAR in the logarithm of the probability. llama.cpp rounds activations to 8 bits, and how depends on its
build and the processor: two builds have set the same two tokens of one prompt 0.2 and 0.7 apart. Below that a first token says
nothing. Prompts that are left out are printed with their margins, and nothing else decides; but where the first token is a part of
a character, llama.cpp tells how likely the last part is and not the first, and there is nothing to compare.
"""

import json
import pathlib
import sys
import urllib.request

import jinja2
import xllamacpp

STEPS = 8
TOP = 8
CLEAR = 0.5


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


UNIVERSAL = {
    "english": "All human beings are born free and equal in dignity and rights.",
    "spanish": "Todos los seres humanos nacen libres e iguales en dignidad y derechos.",
    "french": "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
}


def compact(instructions, name, label, rows, last):
    """The adapter `compact`: few examples as lines, and one that is left open."""
    shown = "".join(f"{name}: {text}\n{label}: {value}\n\n" for text, value in rows)
    return completion(f"{instructions}\n\n{shown}{name}: {last}\n{label}:")


LANGUAGES = [
    (UNIVERSAL["english"], "english"),
    (UNIVERSAL["spanish"], "spanish"),
    (UNIVERSAL["french"], "french"),
    ("Nadie será sometido a esclavitud ni a servidumbre.", "spanish"),
    ("No one shall be held in slavery or servitude.", "english"),
    ("Nul ne sera tenu en esclavage ni en servitude.", "french"),
]
SUMS = [("2 + 2", 4), ("3 + 5", 8), ("6 + 1", 7), ("4 + 5", 9)]
COLOURS = [("grass", "green"), ("snow", "white"), ("coal", "black")]

PROMPTS = [
    # Chats.
    chat(user("What is the capital of France?")),
    chat(system("Answer with one word."), user("Is the sky blue or green?")),
    chat(user("List three colours, one a line.")),
    chat(user("Add 12 and 30."), assistant("42"), user("Now write a Python function that adds two numbers.")),
    chat(user("Übersetze ins Englische: «Guten Morgen, schöne Welt!» 👋")),
    chat(user("Write a haiku about the sea.")),
    chat(system("You are a pirate."), user("Who are you?")),
    chat(user("How many legs has a spider? 1234567890 + 42 = ?")),
    chat(user("Hello!")),
    chat(user("Write a short poem about a cat.")),
    chat(user("Thank you very much!")),
    chat(user("Explain photosynthesis in one sentence.")),
    chat(user("Write an SQL query that counts the rows of the table `users`.")),
    chat(user("What is the meaning of life?")),
    chat(user("Say yes."), assistant("Yes."), user("Say yes."), assistant("Yes."), user("Say yes.")),
    chat(user("¿Cuál es la capital de España?")),
    chat(user("Quelle est la capitale de l'Italie ?")),
    # Few examples as lines.
    compact("Tell the language of the sentence.", "Sentence", "Language", LANGUAGES, "Everyone has the right to life."),
    compact("Tell the language of the sentence.", "Sentence", "Language", LANGUAGES, "Tout individu a droit à la vie."),
    compact("Tell the language of the sentence.", "Sentence", "Language", LANGUAGES, "Todo individuo tiene derecho a la vida."),
    compact("Add.", "Sum", "Result", SUMS, "1 + 2"),
    compact("Name the colour.", "Thing", "Colour", COLOURS, "the sky"),
    compact("Copy the word.", "Word", "Copy", [("apple", "apple"), ("stone", "stone")], "river"),
    compact("Is it a verb or a noun?", "Word", "Kind", [("run", "verb"), ("house", "noun"), ("sing", "verb")], "table"),
    completion("Q: Which planet is the largest?\nA:"),
    # Prose.
    completion("Once upon a time"),
    completion("Dear Sir or Madam,\n\nI am writing to"),
    completion("The capital of Italy is Rome. The capital of France is"),
    completion("Two plus two is four. Three plus three is six. Four plus four is"),
    completion("She opened the door and walked into the"),
    completion("The United States of"),
    completion("The quick brown fox jumps over the lazy"),
    completion("Ladies and"),
    completion("To be, or not to be, that is the"),
    # Code and data.
    completion("def fibonacci(n):\n"),
    completion("import numpy as"),
    completion("for (int i = 0; i < n;"),
    completion("<html>\n<head>\n<title>Home</title>\n</head>\n<"),
    completion('{"name": "Ada", "age": 36, "city": "London"}\n{"name": "Bob", "age": 41, "city'),
    completion("x = 10\ny = 20\nprint(x +"),
    completion("if __name__ =="),
    completion("#include <stdio"),
    completion("SELECT name, age FROM users WHERE age >"),
    completion("fn main() {\n    println!("),
    completion("class Point:\n    def __init__(self, x, y):\n        self.x = x\n        self.y ="),
    # Other languages and letters.
    completion("Il était une"),
    completion("Liberté, égalité,"),
    completion("Uno, dos, tres, cuatro,"),
    completion(UNIVERSAL["spanish"] + " " + UNIVERSAL["spanish"][:52]),
    completion(UNIVERSAL["french"] + " " + UNIVERSAL["french"][:54]),
    completion("Montag, Dienstag, Mittwoch,"),
    completion("Привет, мир! Привет,"),
    completion("你好，世界！你好，"),
    completion("🙂🙃🙂🙃🙂🙃🙂"),
    completion("naïve café, naïve café, naïve"),
    # Digits and rows.
    completion("The numbers are 1, 2, 3, 4,"),
    completion("10, 20, 30, 40, 50,"),
    completion("1999, 2000, 2001, 2002, 200"),
    completion("3.14159"),
    completion("Monday, Tuesday, Wednesday, Thursday,"),
    completion("A B C D E F G"),
    completion("January, February, March, April,"),
    # Long ones: more than one step of reading, and blocks that are full.
    completion(" ".join(str(number) for number in range(1, 181))),
    completion("\n".join(f"{number}. The word of line {number} is word{number}." for number in range(1, 41)) + "\n41. The word of"),
    compact("Tell the language of the sentence.", "Sentence", "Language", LANGUAGES * 4, UNIVERSAL["french"]),
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
    cases, left_out = [], []
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
        if top[0][0][0] != said["tokens"][0]:
            print(f"left out: the first token is a part of a character after {text[-40:]!r}")
            continue
        margin = top[0][0][2] - top[0][1][2]
        (cases if margin >= CLEAR else left_out).append(case)
        print(f"{margin:.3f} {messages[-1]['content'][-40:]!r} {said['content']!r}")
    for case in left_out:
        first, second = case["top"][0][:2]
        text = case["messages"][-1]["content"]
        print(f"left out: {first[2] - second[2]:.3f} between {first[1]!r} and {second[1]!r} after {text[-60:]!r}")
    print(f"{len(cases)} kept, {len(left_out)} left out")
    lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    pathlib.Path(out).write_text(f"[\n{lines}\n]\n")


main(*sys.argv[1:])
