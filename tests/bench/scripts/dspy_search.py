"""The search of search.dsp in DSPy: dspy_search.py BASE. Prints calls and seconds, without the import."""

import contextlib
import io
import json
import logging
import sys
import time
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
import dspy


class Counted(dspy.LM):
    calls = 0

    def forward(self, *args, **kwargs):
        Counted.calls += 1
        return super().forward(*args, **kwargs)


dspy.configure(lm=Counted("openai/mock", api_key="k", api_base=sys.argv[1], cache=False))
rows = [
    dspy.Example(question=f"question {i}", answer="no" if i % 3 == 0 else "ok").with_inputs("question") for i in range(100)
]
search = dspy.BootstrapFewShotWithRandomSearch(
    metric=lambda example, prediction, trace=None: example.answer == prediction.answer,
    num_candidate_programs=10,
    num_threads=16,
)
began = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
    search.compile(dspy.Predict("question -> answer"), trainset=rows)
print(json.dumps({"calls": Counted.calls, "seconds": time.perf_counter() - began}))
