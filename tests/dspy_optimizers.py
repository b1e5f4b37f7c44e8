"""Random searches, by dsp and by the real DSPy, before the same scripted model.

    python tests/dspy_optimizers.py DSP SEED COUNT [KIND …]

The model's answers depend on nothing but the messages. The few-shot searches, `COPRO`, `InferRules` and `BetterTogether`
must send the same prompts as often, try candidates of the same scores in the same order and make the same program.
`MIPROv2` must evaluate as many rows, and the same, in the same order, and ask its proposer as often for each thing; `SIMBA`
must make the same calls where nothing depends on which rows differ. Left out is where DSPy itself fails, ties between near
rows, and which rules `InferRules` ends with (DSPy gives all candidates those of the last). Prints each case that differs.
"""

import collections
import contextlib
import hashlib
import io
import json
import logging
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import threading
import types
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

import dspy  # noqa: E402

TASK = {"answer", "draft", "reasoning"}


class Model:
    """Says what the messages ask for, and keeps what it was asked: the kind, how many answers, how warm, the prompt."""

    def __init__(self, known):
        self.known, self.asked, self.lock, self.counts = known, [], threading.Lock(), collections.Counter()

    def answer(self, messages, n, temperature):
        last = messages[-1]["content"]
        wanted = last[last.rfind("Respond with the corresponding output fields") :]
        fields = [name for name in re.findall(r"\[\[ ## (\w+) ## \]\]", wanted) if name != "completed"]
        prompt = json.dumps([[m["role"], m["content"]] for m in messages], ensure_ascii=False)
        asked = re.findall(r"question ## \]\]\nq(\d+)", last)
        is_task = bool(asked) and set(fields) <= TASK
        with self.lock:
            replies = [{name: self.say(name, asked[-1] if is_task else None, prompt) for name in fields} for _ in range(n or 1)]
            kind = "task" if is_task else ",".join(fields)
            row = int(asked[-1]) if is_task else None
            self.asked.append({"kind": kind, "n": n or 1, "temperature": temperature, "prompt": prompt, "row": row})
        text = lambda said: "\n\n".join(f"[[ ## {name} ## ]]\n{value}" for name, value in said.items())
        return [text(said) + "\n\n[[ ## completed ## ]]" for said in replies]

    def say(self, name, row, prompt):
        if row is None:
            self.counts[name] += 1
            return f"{name} number {self.counts[name]}"
        number = int.from_bytes(hashlib.sha256(prompt.encode()).digest()[:6], "big")
        right = "a" if number % 100 < self.known else "w"
        return {"answer": f"{right}{row}", "draft": f"d{row}-{number % 7}", "reasoning": f"r{row}-{number % 97}"}[name]

    def calls(self):
        return collections.Counter((call["kind"], call["n"], call["temperature"]) for call in self.asked)

    def prompts(self):
        tasks = (call for call in self.asked if call["kind"] == "task")
        return collections.Counter((call["prompt"], call["temperature"]) for call in tasks)


class DspysModel(dspy.BaseLM):
    model_behind = None

    def __init__(self, **options):
        super().__init__("fake", "chat", None, 1000, False, **options)

    def forward(self, prompt=None, messages=None, **options):
        options = {**self.kwargs, **options}
        texts = DspysModel.model_behind.answer(messages, options.get("n"), options.get("temperature"))
        message = lambda text: types.SimpleNamespace(content=text, tool_calls=None, role="assistant")
        choices = [types.SimpleNamespace(message=message(t), finish_reason="stop", index=i, text=None) for i, t in enumerate(texts)]
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        return types.SimpleNamespace(choices=choices, usage=usage, model="fake")

    def launch(self, *_, **__):
        pass

    def kill(self, *_, **__):
        pass


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    model_behind = None

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        texts = Server.model_behind.answer(asked["messages"], asked.get("n"), asked.get("temperature"))
        choices = [{"index": i, "message": {"role": "assistant", "content": t}, "finish_reason": "stop"} for i, t in enumerate(texts)]
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        body = json.dumps({"id": "1", "object": "chat.completion", "model": "fake", "choices": choices, "usage": usage}).encode()
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        self.wfile.write(head % len(body) + body)

    def log_message(self, *_):
        pass


class Two(dspy.Module):
    def __init__(self):
        super().__init__()
        self.gen = dspy.ChainOfThought("question -> draft")
        self.ans = dspy.Predict("question, draft -> answer")

    def forward(self, question):
        return self.ans(question=question, draft=self.gen(question=question).draft)


PROGRAMS = {
    'ChainOfThought("question -> answer")': lambda: dspy.ChainOfThought("question -> answer"),
    'Predict("question -> answer")': lambda: dspy.Predict("question -> answer"),
    "Two()": Two,
}
NAMES = {
    "labeled": "LabeledFewShot",
    "bootstrap": "BootstrapFewShot",
    "random_search": "BootstrapFewShotWithRandomSearch",
    "near": "KNNFewShot",
    "copro": "COPRO",
    "rules": "InferRules",
    "mipro": "MIPROv2",
    "simba": "SIMBA",
    "together": "BetterTogether",
}
# What is told of candidates, and who chooses by a valset.
TOLD = ("random_search", "copro", "rules", "mipro")
CHOOSING = ("random_search", "rules", "mipro", "together")
HEAD = """configure(lm: LM("openai/fake", api_base: "BASE"), cache: false, max_concurrency: 1)
module Two {
  gen = ChainOfThought("question -> draft")
  ans = Predict("question, draft -> answer")
  forward(question: str) { ans(question, gen(question).draft) }
}
fn exact(row: any, p: any) -> bool { row.answer == p.answer }
fn graded(row: any, p: any) -> float { if row.answer == p.answer { 1.0 } else { 0.25 } }
fn rows(from: int, to: int) -> list[any] { [{question: f"q{i}", answer: f"a{i}"} for i in range(from, to)] }
fn number(text: str) -> int { int((captures(text, r"(\\d+)$") ?? ["0"])[0]) }
fn vectors(texts: list[str]) -> list[list[float]] { [[1.0 + number(t) * 0.5, float(number(t) * 7 % 41)] for t in texts] }
fn told(t: any) { print(json({rows: get(t, "rows") ?? 0, score: t.score})) }
"""


def exact(row, prediction, trace=None):
    return row.answer == prediction.answer


def graded(row, prediction, trace=None):
    return 1.0 if row.answer == prediction.answer else 0.25


def rows(start, end):
    return [dspy.Example(question=f"q{i}", answer=f"a{i}").with_inputs("question") for i in range(start, end)]


def vectors(texts):
    numbers = [int(re.findall(r"\d+", text)[-1]) for text in texts]
    return [[1.0 + n * 0.5, float(n * 7 % 41)] for n in numbers]


class Written(str):
    """An argument as dsp writes it."""


def written(value):
    if isinstance(value, Written):
        return value
    return json.dumps(value) if value is not None else "none"


def named(arguments):
    return ", ".join(f"{name}: {written(value)}" for name, value in arguments.items())


def some(rng, **choices):
    """Each argument left out, or one of its values."""
    return {name: rng.choice(values) for name, values in choices.items() if rng.random() < 0.6}


def make_case(rng, kind):
    metric = rng.choice(["exact", "exact", "graded"])
    case = {"kind": kind, "program": rng.choice(list(PROGRAMS)), "n": rng.randint(1, 40), "metric": metric}
    case |= {"known": rng.choice([0, 20, 60, 60, 80, 100]), "valset": rng.choice([None, None, rng.randint(1, 15)]), "seed": 0}
    demos = dict(max_bootstrapped_demos=[1, 2, 3, 4, 6], max_labeled_demos=[0, 1, 2, 4, 16, 30], metric_threshold=[0.2, 0.5, 1.0])
    rounds = dict(max_rounds=[1, 2, 3], max_errors=[1, 5, 50])
    teacher = rng.choice([None, None, None, "LabeledFewShot(k: 2)", "BootstrapFewShot(max_bootstrapped_demos: 1)"])
    if kind == "labeled":
        case["p"] = some(rng, k=[0, 1, 3, 16, 50], sample=[True, False])
    elif kind == "bootstrap":
        case |= {"p": some(rng, **demos, **rounds), "teacher": teacher, "shown": rng.random() < 0.25}
    elif kind == "random_search":
        case |= {"p": some(rng, **demos, **rounds, labeled_sample=[True, False], stop_at_score=[10, 50, 80.0]), "teacher": teacher}
        case["p"] |= rng.choice([{"num_candidate_programs": rng.choice([0, 1, 3, 6])}, {"num_candidate_programs": 3, "restrict": [-3, 1]}])
    elif kind == "near":
        case |= {"p": some(rng, **demos), "k": rng.choice([1, 2, 3, 5]), "n": rng.randint(5, 20)}
    elif kind == "copro":
        case |= {"p": {"breadth": rng.choice([2, 3, 5]), "depth": rng.choice([1, 2, 3])}, "n": rng.randint(1, 10)}
    elif kind == "rules":
        case |= {"p": {"num_candidates": rng.choice([1, 2, 4]), **some(rng, **demos, **rounds)}, "n": rng.randint(2, 20)}
        case["program"] = rng.choice(list(PROGRAMS)[:2])
    elif kind == "simba":
        size = rng.choice([2, 4, 8])
        case |= {"p": {"bsize": size, **some(rng, num_candidates=[1, 2, 4], max_steps=[1, 2, 4], max_demos=[0, 2, 4])}, "n": size + rng.randint(0, 9)}
        case |= {"known": rng.choice([0, 100]), "metric": "exact", "seed": rng.choice([0, 3])}
    elif kind == "together":
        case |= {"p": {"strategy": rng.choice(["p", "p -> w", "w -> p", "p -> w -> p"]), **some(rng, valset_ratio=[0.0, 0.3, 0.5])}}
        case |= {"n": rng.randint(4, 30), "seed": rng.choice([0, 1, 7]), "k": rng.choice([1, 3, 16])}
    else:
        case["p"] = {"auto": rng.choice(["light", "light", "medium", None, None]), **some(rng, max_labeled_demos=[0, 2, 8], minibatch=[True, False])}
        case["p"] |= some(rng, minibatch_size=[5, 10], minibatch_full_eval_steps=[1, 2, 5, 10], program_aware_proposer=[True, False])
        case["p"] |= some(rng, data_aware_proposer=[True, False], tip_aware_proposer=[True, False], fewshot_aware_proposer=[True, False])
        case["p"] |= some(rng, view_data_batch_size=[3, 5]) | rng.choice([{}, {"max_bootstrapped_demos": 0, "max_labeled_demos": 0}])
        if case["p"]["auto"] is None:
            case["p"] |= {"num_candidates": rng.choice([3, 5, 7]), "num_trials": rng.choice([1, 3, 7, 12])}
        case |= {"n": rng.randint(10, 60), "valset": rng.choice([None, 20, 60, 120]), "seed": rng.choice([0, 0, 42])}
    return case


def script(case, base):
    arguments = dict(case["p"])
    if case.get("teacher"):
        arguments["teacher"] = Written(f"compile({case['program']}, rows(50, 55), optimizer: {case['teacher']})")
    if case["kind"] == "near":
        arguments |= {"k": case["k"], "vectorizer": Written("vectors")}
    if case["kind"] == "together":
        arguments |= {"p": Written("BootstrapFewShot()"), "w": Written(f"LabeledFewShot(k: {case['k']})")}
    if case["kind"] in TOLD:
        arguments["on_candidate"] = Written("told")
    shown = f"compile({case['program']}, rows(60, 63), optimizer: LabeledFewShot(k: 2))" if case.get("shown") else case["program"]
    told = [shown, f"rows(0, {case['n']})", f"optimizer: {NAMES[case['kind']]}({named(arguments)})", f"seed: {case['seed']}"]
    if case["kind"] != "labeled":
        told.append(f"metric: {case['metric']}")
    if case["valset"] and case["kind"] in CHOOSING:
        told.append(f"valset: rows(200, {200 + case['valset']})")
    said = '[made(question: f"q{i}").answer for i in [3, 14, 25]]'
    if case["kind"] != "near":
        said = "[[p.demos, p.signature.instructions] for p in predictors(made)]"
    return f"{HEAD.replace('BASE', base)}let made = compile({', '.join(told)})\nprint(json({said}))\n"


def by_dsp(dsp, case, base):
    model = Server.model_behind = Model(case["known"])
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "s.dsp")
        path.write_text(script(case, base))
        env = {**os.environ, "OPENAI_API_KEY": "k", "HOME": folder, "XDG_CACHE_HOME": folder}
        ran = subprocess.run([dsp, "run", str(path)], capture_output=True, text=True, env=env, timeout=600)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    return model, ran.stderr if ran.returncode else None, lines[:-1], lines[-1] if lines else None


def by_dspy(case):
    model = DspysModel.model_behind = Model(case["known"])
    evaluated = []
    evaluate = dspy.Evaluate.__call__

    def watched(self, program, *args, devset=None, **options):
        said = evaluate(self, program, *args, devset=devset, **options)
        evaluated.append({"rows": [int(row.question[1:]) for row in devset or self.devset], "score": said.score})
        return said

    dspy.Evaluate.__call__ = watched
    dspy.configure(lm=DspysModel())
    made, error = None, None
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            made = searched(case)
    except Exception as raised:  # noqa: BLE001
        error = f"{type(raised).__name__}: {raised}"
    finally:
        dspy.Evaluate.__call__ = evaluate
    return model, error, evaluated, made


def searched(case):
    make, metric, options = PROGRAMS[case["program"]], {"exact": exact, "graded": graded}[case["metric"]], dict(case["p"])
    teachers = {"LabeledFewShot(k: 2)": dspy.LabeledFewShot(k=2), "BootstrapFewShot(max_bootstrapped_demos: 1)": dspy.BootstrapFewShot(max_bootstrapped_demos=1)}
    given = {"trainset": rows(0, case["n"])}
    if case.get("teacher"):
        given["teacher"] = teachers[case["teacher"]].compile(make(), trainset=rows(50, 55))
    student = dspy.LabeledFewShot(k=2).compile(make(), trainset=rows(60, 63)) if case.get("shown") else make()
    if case["kind"] in CHOOSING:
        given["valset"] = rows(200, 200 + case["valset"]) if case["valset"] else None
    of_compile = ["sample", "restrict", "labeled_sample", "num_trials", "strategy", "valset_ratio"]
    of_compile += [name for name in options if name.startswith("minibatch") or name.endswith("_proposer") or name.startswith("view")]
    given |= {name: options.pop(name) for name in of_compile if name in options}
    if case["kind"] in ("simba", "together") or case["seed"]:
        given["seed"] = case["seed"]
    if case["kind"] == "labeled":
        search = dspy.LabeledFewShot(**options)
    elif case["kind"] == "near":
        search = dspy.KNNFewShot(case["k"], given.pop("trainset"), dspy.Embedder(vectors), metric=metric, **options)
    elif case["kind"] == "together":
        search = dspy.BetterTogether(metric=metric, p=dspy.BootstrapFewShot(metric=metric), w=dspy.LabeledFewShot(k=case["k"]))
        student.set_lm(dspy.settings.lm)
    elif case["kind"] == "copro":
        given["eval_kwargs"] = {"num_threads": 1}
        search = dspy.COPRO(metric=metric, **options)
    else:
        threads = {} if case["kind"] == "bootstrap" else {"num_threads": 1}
        search = getattr(dspy.teleprompt, NAMES[case["kind"]])(metric=metric, **threads, **options)
    made = search.compile(student, **given)
    if case["kind"] == "near":
        return [made(question=f"q{i}").answer for i in [3, 14, 25]]
    return [[[dict(demo) for demo in p.demos], p.signature.instructions] for _, p in made.named_predictors()]


def differences(dsp, case, base):
    ours, failed, told, made = by_dsp(dsp, case, base)
    theirs, error, evaluated, wanted = by_dspy(case)
    if (failed is None) != (error is None) or failed:
        # DSPy fails where all combinations were tried on all rows.
        known = error and "No valid program found" in error
        return [] if (failed and error) or known else [f"dsp: {failed}, DSPy: {error}"]
    found = []
    if ours.calls() != theirs.calls():
        found.append(f"calls: dsp {ours.calls() - theirs.calls()} more, DSPy {theirs.calls() - ours.calls()} more")
    if case["kind"] == "mipro":
        if [one["rows"] for one in told] != [len(one["rows"]) for one in evaluated]:
            found.append(f"sizes of evaluations: {told}, {evaluated}")
        if case["program"] != "Two()":
            drawn = [sorted(one["rows"]) for one in evaluated]
            rows_asked = [call["row"] for call in ours.asked if call["kind"] == "task"][-sum(map(len, drawn)) :]
            for part in drawn:
                if sorted(rows_asked[: len(part)]) != part:
                    found.append("the rows of an evaluation")
                rows_asked = rows_asked[len(part) :]
        return found
    if case["kind"] == "simba":
        return found
    if ours.prompts() != theirs.prompts():
        found.append(f"{sum((ours.prompts() - theirs.prompts()).values())} prompts")
    if case["kind"] in TOLD and [one["score"] for one in told] != [one["score"] for one in evaluated]:
        found.append(f"scores: {told}, {evaluated}")
    plain = lambda made: re.sub(r"rules number \d+", "rules", json.dumps(made))
    if plain(made) != plain(wanted):
        found.append(f"programs: {made}, {wanted}")
    return found


def main(dsp, seed, count, *kinds):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/v1"
    kinds = kinds or list(NAMES)
    differ = 0
    for number in range(int(count)):
        case = make_case(random.Random(f"{seed}/{number}"), kinds[number % len(kinds)])
        found = differences(dsp, case, base)
        differ += bool(found)
        if found:
            print(f"{json.dumps(case)}\n    " + "\n    ".join(text[:600] for text in found), flush=True)
    print(f"{count} searches, {differ} differ")
    sys.exit(bool(differ))


if __name__ == "__main__":
    main(*sys.argv[1:])
