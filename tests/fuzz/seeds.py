"""Writes the recorded replies of the tests as seeds: python seeds.py FOLDER. Two bytes before each choose a type and a cut."""

import json
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
recorded = json.loads((pathlib.Path(__file__).parent / "../dspy/differences.json").read_text())
texts = [case["completion"] for case in recorded["replies"]] + [case["in"] for case in recorded["json"]]
texts += ["[[ ## x ## ]]\n1\n\n[[ ## y ## ]]\na\n\n[[ ## completed ## ]]\n", '{"x": [1, "a"], "y": "b"}', "<x><item>1</item></x>\n<y>a</y>", "1\nY: b\n"]
for number, text in enumerate(texts):
    # The outputs are called x and y.
    for name in ("answer", "reasoning", "context"):
        text = text.replace(f"## {name} ##", "## x ##").replace(f"<{name}>", "<x>").replace(f"</{name}>", "</x>")
    (folder / f"seed_{number}").write_bytes(bytes([number % 32, 7]) + text.encode())
