"""What DSPy 3.4.1 sends where tools are the request's own: prints the requests of its chat and JSON adapters.

    python tests/dspy/native_tools.py > tests/dspy/native_tools.json

`tests/vm/tools.rs` holds dsp's requests against them.
"""

import json

import dspy


class Recorder(dspy.BaseLM):
    supports_function_calling = True
    supports_response_schema = True
    supported_params = {"response_format", "tools"}

    def __init__(self):
        super().__init__(model="openai/fake")

    def __call__(self, prompt=None, messages=None, **options):
        self.request = {"messages": messages, **options}
        call = {"id": "c1", "type": "function", "function": {"name": "search", "arguments": '{"query": "x"}'}}
        return [{"text": None, "tool_calls": [call]}]


def search(query: str, k: int = 3):
    """Searches."""


def clock():
    """Tells the time."""


class Find(dspy.Signature):
    """Find out."""

    question: str = dspy.InputField()
    history: dspy.History = dspy.InputField()
    tools: list[dspy.Tool] = dspy.InputField()
    calls: dspy.ToolCalls = dspy.OutputField()
    answer: str | None = dspy.OutputField()


def calls(*ids, results=None):
    made = [{"id": id, "name": "search", "args": {"query": id}} for id in ids]
    return dspy.ToolCalls(tool_calls=made, tool_call_results=results and {"tool_call_results": results})


results = [
    {"call_id": "call_0_0", "name": "search", "value": "six of them"},
    {"call_id": "call_0_1", "name": "search", "value": {"n": 6, "list": [1, None]}, "is_error": True},
]
turns = [
    {"question": "how many?", "calls": calls("call_0_0", "call_0_1", results=results), "answer": None},
    {"question": "sure?", "answer": "yes"},
    {"question": "and then?", "calls": calls("call_2_0", results=[{"call_id": "call_2_0", "name": "search", "value": "so"}]), "answer": "wait"},
    {"question": "well?", "calls": calls("call_3_0"), "answer": None},
]
adapters = {"chat": dspy.ChatAdapter(use_native_function_calling=True), "json": dspy.JSONAdapter()}
sent = {}
for name, adapter in adapters.items():
    lm = Recorder()
    given = {"question": "and now?", "history": dspy.History(messages=turns), "tools": [dspy.Tool(search), dspy.Tool(clock)]}
    adapter(lm, {}, Find, [{"question": "q0", "answer": "a0"}], given)
    form = lm.request.pop("response_format", None)
    if form is not None:
        form = {"type": "json_schema", "json_schema": {"name": form.__name__, "schema": form.model_json_schema(), "strict": True}}
        lm.request["response_format"] = form
    sent[name] = lm.request
print(json.dumps(sent, indent=1, ensure_ascii=False))
