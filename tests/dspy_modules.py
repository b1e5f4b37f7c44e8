"""Proves against the real DSPy that the states of the library's modules pass both ways.

    python tests/dspy_modules.py DSP_SAVED_DIR OUT_DIR

DSP_SAVED_DIR holds what dsp saved of each module below, changed as here; each must load into DSPy's module, instructions and
demos whole. OUT_DIR gets the states that DSPy saves, which `tests/dspy/modules/` records for the everyday test.
"""

import pathlib
import sys
import warnings

import dspy

warnings.simplefilter("ignore")


def add(a: int, b: int = 2) -> int:
    return a + b


def worth(args, pred):
    return 1.0


QA = "question -> answer"
MODULES = {
    "Predict": lambda: dspy.Predict(QA),
    "ChainOfThought": lambda: dspy.ChainOfThought(QA),
    "ReAct": lambda: dspy.ReAct(QA, tools=[add]),
    "ProgramOfThought": lambda: dspy.ProgramOfThought(QA),
    "CodeAct": lambda: dspy.CodeAct(QA, tools=[add]),
    "MultiChainComparison": lambda: dspy.MultiChainComparison(QA),
    "BestOfN": lambda: dspy.BestOfN(dspy.ChainOfThought(QA), N=2, reward_fn=worth, threshold=1.0),
    "Refine": lambda: dspy.Refine(dspy.ChainOfThought(QA), N=2, reward_fn=worth, threshold=1.0),
    "SemanticF1": lambda: dspy.evaluate.SemanticF1(decompositional=True),
    "CompleteAndGrounded": lambda: dspy.evaluate.CompleteAndGrounded(),
}


def changed(program):
    for path, predictor in program.named_predictors():
        predictor.signature = predictor.signature.with_instructions(f"Do {path}.\nWell.")
        first = next(iter(predictor.signature.input_fields))
        predictor.demos = [dspy.Example(augmented=True, **{first: "x é"})]
    return program


def told(program):
    return [(path, p.signature.instructions, [dict(demo) for demo in p.demos]) for path, p in program.named_predictors()]


def main(saved, out):
    saved, out = pathlib.Path(saved), pathlib.Path(out)
    out.mkdir(exist_ok=True)
    for name, make in MODULES.items():
        changed(make()).save(out / f"{name}.json")
        program = make()
        program.load(saved / f"{name}.json")
        assert told(program) == told(changed(make())), f"{name}: {told(program)}"
    print(f"{len(MODULES)} modules both ways")


if __name__ == "__main__":
    main(*sys.argv[1:])
