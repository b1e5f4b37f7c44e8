"""Proves against the real DSPy that saved states pass both ways.

    python tests/dspy_roundtrip.py DSP_SAVED.json OUT_DIR

Loads a state that dsp saved into the DSPy program that it was saved from, and writes to OUT_DIR what that program then
holds (`reloaded.json`) and the state that DSPy itself saves (`saved.json`). `cargo test` runs this in a fresh
environment with `dspy==3.4.1` if `DSP_TEST_DSPY=1` is set; the recorded outputs in `tests/dspy/` are the everyday test.
"""

import pathlib
import sys
from typing import Literal

import dspy


class Triage(dspy.Signature):
    """Sort a ticket.

    Be quick."""

    subject: str = dspy.InputField(desc="subject line")
    lines: list[str] = dspy.InputField()
    urgency: Literal["low", "high"] = dspy.OutputField(desc="how soon")


class Router(dspy.Module):
    def __init__(self):
        super().__init__()
        self.classify = dspy.ChainOfThought(Triage)
        self.hops = [dspy.Predict("question -> query"), dspy.Predict("question, query -> answer")]
        self.tools = {"sum": dspy.Predict("numbers: list[int] -> total: int, by_kind: dict[str, int]")}


def compiled():
    router = Router()
    classify = router.classify.predict
    classify.demos = [
        dspy.Example(augmented=True, subject="Aide é", lines=["a", "b"], reasoning="r", urgency="high"),
        dspy.Example(subject="x", lines=[], urgency="low"),
    ]
    classify.signature = classify.signature.with_instructions("Sort it.\nTwo lines.")
    router.tools["sum"].demos = [dspy.Example(numbers=[1, 2], total=3, by_kind={"odd": 1, "even": 2})]
    router.hops[1].lm = dspy.LM("openai/gpt-4o-mini", temperature=0.5, max_tokens=100)
    return router


def main(dsp_saved, out):
    out = pathlib.Path(out)
    compiled().save(out / "saved.json")
    router = Router()
    router.load(dsp_saved)
    router.save(out / "reloaded.json")
    assert router.dump_state() == compiled().dump_state(), "the program that dsp saved is not the one DSPy loaded"
    single = dspy.Predict("question -> answer")
    single.demos = [dspy.Example(question="q", answer="a")]
    single.save(out / "single.json")
    print("both ways")


if __name__ == "__main__":
    main(*sys.argv[1:])
