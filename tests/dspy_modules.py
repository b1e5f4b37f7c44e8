"""Proves against the real DSPy that the states of the library's modules pass both ways.

    python tests/dspy_modules.py DSP_SAVED_DIR OUT_DIR

DSP_SAVED_DIR holds what dsp saved of each module below, changed by hand and compiled as here; each must load into DSPy's
module, instructions and demos whole. OUT_DIR gets the states that DSPy saves, which `tests/dspy/modules/` records for the
everyday test.
"""

import pathlib
import sys
import warnings

import dspy
from dspy.utils import DummyLM

warnings.simplefilter("ignore")


def add(a: int, b: int = 2) -> int:
    return a + b


def worth(args, pred):
    return 1.0


QA = "question -> answer"
ROWS = [dspy.Example(question=f"q{i}", answer=f"a{i}").with_inputs("question") for i in range(6)]

ATTEMPTS = [
    dspy.Example(**row, completions=[{"reasoning": "r", "answer": f"a{j}"} for j in range(3)]).with_inputs("question")
    for row in ROWS
]


class Inner(dspy.Module):
    def __init__(self):
        super().__init__()
        self.steps = [dspy.ChainOfThought(QA), dspy.Predict(QA)]
        self.last = dspy.ReAct(QA, tools=[add])


class Nested(dspy.Module):
    """Lists and dicts of predictors and modules, and a module that has some of its own."""

    def __init__(self):
        super().__init__()
        self.first = dspy.Predict(QA)
        self.hops = [dspy.ChainOfThought(QA), dspy.Predict(QA)]
        self.kinds = {"a": dspy.ChainOfThought(QA), "b c": dspy.Predict(QA)}
        self.inner = Inner()
        self.several = [Inner(), Inner()]

    def forward(self, question):
        return self.first(question=question)


MODULES = {
    "Predict": lambda: dspy.Predict(QA),
    "ChainOfThought": lambda: dspy.ChainOfThought(QA),
    "ReAct": lambda: dspy.ReAct(QA, tools=[add]),
    "ProgramOfThought": lambda: dspy.ProgramOfThought(QA),
    "CodeAct": lambda: dspy.CodeAct(QA, tools=[add]),
    "MultiChainComparison": lambda: dspy.MultiChainComparison(QA),
    "BestOfN": lambda: dspy.BestOfN(dspy.ChainOfThought(QA), N=2, reward_fn=worth, threshold=1.0),
    "Refine": lambda: dspy.Refine(dspy.ChainOfThought(QA), N=2, reward_fn=worth, threshold=1.0),
    "Ensemble": lambda: dspy.Ensemble(reduce_fn=dspy.majority).compile([dspy.ChainOfThought(QA), dspy.Predict(QA)]),
    "KNNFewShot": lambda: nearby(dspy.ChainOfThought(QA)),
    "KNNFewShotPredict": lambda: nearby(dspy.Predict(QA)),
    "Nested": Nested,
    "SemanticF1": lambda: dspy.evaluate.SemanticF1(decompositional=True),
    "CompleteAndGrounded": lambda: dspy.evaluate.CompleteAndGrounded(),
}


def changed(program):
    for path, predictor in program.named_predictors():
        predictor.signature = predictor.signature.with_instructions(f"Do {path}.\nWell.")
        first = next(iter(predictor.signature.input_fields))
        predictor.demos = [dspy.Example(augmented=True, **{first: "x é"})]
    return program


def nearby(program):
    vectorizer = dspy.Embedder(lambda texts: [[float(len(text))] for text in texts])
    return dspy.KNNFewShot(2, ROWS, vectorizer, metric=lambda row, pred, trace=None: True).compile(program)


def compiled(program):
    compares = isinstance(program, dspy.MultiChainComparison)
    return dspy.LabeledFewShot(k=3).compile(program, trainset=ATTEMPTS if compares else ROWS)


def bootstrapped(program):
    said = [{"reasoning": f"because {i}", "answer": f"a{i}"} for i in range(6)]
    search = dspy.BootstrapFewShot(
        metric=lambda row, pred, trace=None: row.answer == pred.answer, max_bootstrapped_demos=2, max_labeled_demos=4
    )
    with dspy.context(lm=DummyLM(said)):
        return search.compile(program, trainset=ROWS)


# What is done to a module before it is saved, and which modules can take it.
CHANGES = {
    "": (changed, lambda name: True),
    ".compiled": (compiled, lambda name: not name.startswith("KNN") and name not in ("SemanticF1", "CompleteAndGrounded")),
    ".bootstrapped": (bootstrapped, lambda name: name in ("Predict", "ChainOfThought", "Nested")),
}


def told(program, suffix):
    """What is known of each predictor; where nothing changed its instructions they are each library's own."""
    return [
        (path, "" if suffix else p.signature.instructions, [dict(demo) for demo in p.demos])
        for path, p in program.named_predictors()
    ]


def main(saved, out):
    saved, out = pathlib.Path(saved), pathlib.Path(out)
    out.mkdir(exist_ok=True)
    count = 0
    for name, make in MODULES.items():
        for suffix, (change, takes) in CHANGES.items():
            if not takes(name):
                continue
            file = f"{name}{suffix}.json"
            change(make()).save(out / file)
            program = make()
            program.load(saved / file)
            found, wanted = told(program, suffix), told(change(make()), suffix)
            assert found == wanted, f"{file}: {found}, wanted {wanted}"
            count += 1
    print(f"{count} states of {len(MODULES)} modules both ways")


if __name__ == "__main__":
    main(*sys.argv[1:])
