"""What DSPy takes to read a clean reply and to render a request: python dspy_replies.py TIMES ROUNDS

Prints the CPU seconds of each round as JSON. `tests/bench/replies.rs` does the same work.
"""

import json
import logging
import sys
import time
import warnings
from typing import Literal

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

import dspy  # noqa: E402
import pydantic  # noqa: E402

times, rounds = int(sys.argv[1]), int(sys.argv[2])


class P(pydantic.BaseModel):
    name: str
    age: int
    tags: list[str] = []


class Typed(dspy.Signature):
    """Extract and classify."""

    context: list[str] = dspy.InputField()
    question: str = dspy.InputField()
    reasoning: str = dspy.OutputField()
    label: Literal["a", "b", "c"] = dspy.OutputField()
    person: P = dspy.OutputField()


def demo(i):
    question = f"What is the capital of country number {i}?" * 3
    return dspy.Example(question=question, reasoning="Because the atlas says so. " * 4, answer=f"City {i}")


adapter = dspy.ChatAdapter()
qa = dspy.Signature("question -> reasoning, answer")
demos = [demo(i) for i in range(16)]
person = '{"name": "A", "age": 3, "tags": ["x", "y"]}'
reply = f"[[ ## reasoning ## ]]\n{'Because. ' * 20}\n\n[[ ## label ## ]]\na\n\n[[ ## person ## ]]\n{person}\n\n[[ ## completed ## ]]"
works = {
    "parse": lambda: adapter.parse(Typed, reply),
    "format_0": lambda: adapter.format(qa, [], {"question": "Q?"}),
    "format_16": lambda: adapter.format(qa, demos, {"question": "Q?"}),
}


def measured(work):
    before = time.process_time()
    for _ in range(times):
        work()
    return time.process_time() - before


for work in works.values():
    work()
print(json.dumps({name: [measured(work) for _ in range(rounds)] for name, work in works.items()}))
