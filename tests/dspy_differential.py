"""Random signatures, demos, inputs and replies, and what the real DSPy makes of them.

    python tests/dspy_differential.py SEED COUNT [messages|replies|unions|json]

Prints the cases as JSON, in the form of the shared conformance cases: `messages` (what each adapter sends), `replies` (texts
and what `parse` makes of them, or the class of its error; with `unions`, of types that are mostly unions) and `json` (broken JSON and what `json_repair` makes of it).
`tests/conformance/differential.rs` holds dsp against them.
"""

import datetime
import inspect
import json
import logging
import math
import random
import sys
import types
import warnings
from typing import Any, Literal, Optional, Union, get_args, get_origin  # noqa: F401 (the types of cases are evaluated)

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

import dspy  # noqa: E402
import json_repair  # noqa: E402
import pydantic  # noqa: E402
from dspy.signatures import make_signature  # noqa: E402

NAMES = ["question", "context", "text", "answer", "label", "userQuery2", "HTMLBody", "final_answer", "score", "items", "x1", "class", "reasoning", "note"]
WORDS = ["high", "low", "N/A", "it's", 'say "hi"', "a;b", "None", "true", "ja, klar", "北京", "2", "two words", "Ünïcode", "both ' and \"", "1.5", "x\\y", ""]
PIECES = [
    "Paris", "the answer", "42", "3.5", "True", "null", "None", "\n", "\n\n", " ", "  indented", "\t", "- a\n- b", "[[ ## answer ## ]]", "[[ ## completed ## ]]",
    "```python\nx = 1\n```", "```json\n{\"a\": 1}\n```", "```\nplain\n```", "«quoted»", "<b>bold</b>", "</answer>", "a & b", "1 < 2", "{\"k\": [1, 2]}", "{name}", "[1, 2]", "'single'",
    "\"double\"", "é北京🎉", "e\u0301", "\u2028", "\x1b[31mred\x1b[0m", "\r\n", "\\n", "C:\\path", "it's", "50%", "...", "# head", "a: b", "\u00a0", "\u200b", "\x85", "\x0b",
]
LANGUAGES = ["python", "Java", "sql"]


class Random(random.Random):
    def some(self, items, most):
        return [self.choice(items) for _ in range(self.randint(0, most))]

    def often(self, share):
        return self.random() < share


def text(rng):
    return "".join(rng.some(PIECES, 4)) if rng.often(0.6) else rng.choice(["Paris", "the cat", "42", "", "Wien ist schön", "a\nb"])


class Models:
    """Classes of a case: what they are in Python, and how a case declares them."""

    def __init__(self, rng):
        self.rng, self.declared, self.namespace, self.begun = rng, {}, dict(globals()), 0

    def make(self, media=False):
        rng, name = self.rng, "Model" + "ABCDEFG"[self.begun]
        self.begun += 1
        fields = [{"name": "photo", "type": "dspy.Image"}] if media else []
        for field in rng.sample(["name", "age", "tags", "kind", "first_name", "camelCase", "sub", "when", "code"], rng.randint(1, 4)):
            type_ = field_type(rng, self, 1)
            field = {"name": field, "type": type_}
            if rng.often(0.3):
                field["desc"] = rng.choice(["Full name", "a \"quoted\" text", "über", "line\nbreak"])
            if type_.startswith("Optional["):
                field["default"] = None
            elif rng.often(0.2) and type_ in DEFAULTS:
                field["default"] = DEFAULTS[type_]
            fields.append(field)
        if rng.often(0.2):
            fields.append({"name": "children", "type": f"list[{name}]", "default": []})
        if rng.often(0.1):
            fields.append({"name": "parent", "type": f"Optional[{name}]", "default": None})
        doc = rng.choice([None, None, "A record.", "Two\n    lines of \"doc\"."])
        lines = [f"class {name}(pydantic.BaseModel):"]
        if doc is not None:
            lines.append("    " + repr(doc))
        for field in fields:
            args = [repr(field["default"])] if "default" in field else []
            args += [f"description={field['desc']!r}"] if "desc" in field else []
            lines.append(f"    {field['name']}: {field['type']!r} = pydantic.Field({', '.join(args)})")
        exec("\n".join(lines), self.namespace)
        made = self.namespace[name]
        made.model_rebuild(_types_namespace=self.namespace)
        if doc is not None:
            doc = inspect.cleandoc(doc)
        self.declared[name] = {"kind": "model", "doc": doc, "fields": fields}
        return name

    def evaluate(self, expression):
        return eval(expression, self.namespace)


DEFAULTS = {"int": 3, "str": "user", "bool": False, "list[str]": []}


def literal(rng):
    kind = rng.random()
    if kind < 0.7:
        choices = rng.sample(WORDS[:-1], rng.randint(1, 4))
    elif kind < 0.85:
        choices = rng.sample([0, 1, 2, 3, -7, 10], rng.randint(2, 4))
    else:
        choices = [rng.choice(["a", "2"]), rng.choice([3, 0, True])]
    return "Literal[" + ", ".join(map(repr, choices)) + "]"


SCALARS = ["int", "float", "bool", "str", "Literal['a', 'b']", "Literal[1, 2]", "Literal['x', 3, True]", "datetime.date", "datetime.datetime", "Any", "dspy.Code['python']", "None"]
RARE = [
    "list[Literal['a', 'b']]", "Optional[Literal['x', 'y']]", "list[Optional[int]]", "dict[str, list[int]]", "list[dict[str, Any]]", "Optional[list[str]]", "Optional[dict[str, str]]",
    "list[list[str]]", "dict[str, Any]", "list[Any]", "Optional[datetime.date]", "list[datetime.date]", "dict[str, datetime.datetime]", "Union[bool, str]", "Union[list[int], dict[str, int]]",
    "Union[Literal['auto'], int]", "Union[str, list[str], None]", "Optional[dspy.Code['python']]", "list[dspy.Code['sql']]", "Literal['a', 1, True]", "list[Union[int, str]]",
    "dict[str, Union[float, None]]", "dict[str, Optional[str]]",
]


def union_type(rng, models, depth=0):
    """Mostly unions, also of classes, lists and dicts."""
    kind = rng.random()
    if depth > 2 or kind < 0.35:
        return rng.choice(SCALARS[:-1])
    if kind < 0.45:
        return f"list[{union_type(rng, models, depth + 1)}]"
    if kind < 0.5:
        return f"dict[str, {union_type(rng, models, depth + 1)}]"
    members = []
    for _ in range(rng.randint(2, 4)):
        kind = rng.random()
        if kind < 0.4 and models.begun < 5:
            members.append(models.make())
        elif kind < 0.7:
            of = rng.choice(["list[{}]", "dict[str, {}]"])
            members.append(of.format(union_type(rng, models, depth + 1)))
        else:
            members.append(rng.choice(SCALARS))
    return f"Union[{', '.join(members)}]"


def field_type(rng, models, depth=0):
    kind = rng.random()
    if kind < 0.12:
        return rng.choice(RARE)
    if kind < 0.15 and models.begun < 3 and depth < 2:
        return f"Union[{models.make()}, {models.make()}]"
    kind = rng.random()
    if kind < 0.40 or depth > 3:
        return rng.choice(["str", "str", "str", "int", "float", "bool"])
    if kind < 0.52:
        return literal(rng)
    if kind < 0.60:
        return f"Optional[{field_type(rng, models, depth + 1)}]".replace("Optional[Any]", "Any")
    if kind < 0.72:
        return f"list[{field_type(rng, models, depth + 1)}]"
    if kind < 0.80:
        return f"dict[str, {field_type(rng, models, depth + 1)}]"
    if kind < 0.86 and models.begun < 5 and depth < 3:
        return models.make()
    if kind < 0.89:
        return rng.choice(["datetime.date", "datetime.datetime"])
    if kind < 0.92:
        return f"dspy.Code[{rng.choice(LANGUAGES)!r}]"
    if kind < 0.95:
        return rng.choice(["int | str", "Union[int, str, None]", "Union[list[str], str]", "bool | int", "Union[float, dict[str, int]]", "float | None"])
    return "Any"


def value(rng, type_, models, depth=0):
    """A value of a type, as Python has it."""
    origin, args = get_origin(type_), get_args(type_)
    if type_ is str:
        return text(rng)
    if type_ is int:
        return rng.choice([0, 1, -7, 42, 2**40, -(2**62), rng.randint(-999, 999)])
    if type_ is float:
        return rng.choice([0.0, 1.0, 0.1, -2.5, 1e20, 1e-7, 3.14159, 123456789.125, 1e16, 5e-324, rng.random()])
    if type_ is bool:
        return rng.often(0.5)
    if type_ is None or type_ is type(None):
        return None
    if type_ is Any:
        return rng.choice([None, True, 3, 2.5, text(rng), [1, "a", None], {"k": [1, {"b": "c"}], "two words": None}, [], {}])
    if type_ is datetime.date:
        return datetime.date(rng.randint(1900, 2100), rng.randint(1, 12), rng.randint(1, 28))
    if type_ is datetime.datetime:
        zone = rng.choice([None, None, datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=5, minutes=30))])
        return datetime.datetime(rng.randint(1900, 2100), rng.randint(1, 12), rng.randint(1, 28), rng.randint(0, 23), rng.randint(0, 59), rng.choice([0, 7, 59]), rng.choice([0, 0, 120000, 7]), zone)
    if origin is Literal:
        return rng.choice(args)
    if origin in (Union, types.UnionType):
        return value(rng, rng.choice(args), models, depth)
    if origin is list or type_ is list:
        item = args[0] if args else Any
        return [value(rng, item, models, depth + 1) for _ in range(rng.randint(0, 3 if depth < 2 else 1))]
    if origin is dict or type_ is dict:
        item = args[1] if args else Any
        keys = rng.sample(["a", "b-c", "two words", "ü", "1", "d.e", "it's", "_x", "&"], rng.randint(0, 3))
        return {key: value(rng, item, models, depth + 1) for key in keys}
    if isinstance(type_, type) and issubclass(type_, dspy.Code):
        return type_(code=rng.choice(["x = 1", "def f():\n    return 'a'\n", "a & b < c", "print(\"hi\")\\n"]))
    if isinstance(type_, type) and issubclass(type_, dspy.Image):
        return type_(rng.choice(["https://example.com/a.png", "data:image/png;base64,aGVsbG8=", "http://x.org/p?q=1&r=2"]))
    if isinstance(type_, type) and issubclass(type_, dspy.Audio):
        return type_(rng.choice(["data:audio/wav;base64,aGVsbG8=", "data:audio/x-mp3;base64,d29ybGQ="]))
    if isinstance(type_, type) and issubclass(type_, dspy.File):
        return type_("data:application/pdf;base64,aGVsbG8=")
    if isinstance(type_, type) and issubclass(type_, dspy.Tool):
        return tool(rng)
    if isinstance(type_, type) and issubclass(type_, dspy.ToolCalls):
        calls = [{"name": rng.choice(["search", "add"]), "args": {"query": text(rng), "k": 3}} for _ in range(rng.randint(0, 2))]
        return dspy.ToolCalls.from_dict_list(calls)
    if isinstance(type_, type) and issubclass(type_, pydantic.BaseModel):
        made = {}
        for name, field in type_.model_fields.items():
            if not field.is_required() and (depth > 1 or rng.often(0.4)):
                continue
            made[name] = value(rng, field.annotation, models, depth + 1)
        return type_(**made)
    raise TypeError(type_)


def tool(rng):
    def search(query: str, k: int = 3):
        """Search the web."""

    def add(a: int, b: int) -> int:
        """Adds.
        Two lines."""

    def plain(x):
        pass

    return dspy.Tool(rng.choice([search, add, plain]))


def tagged(v):
    """A value as cases write it."""
    if isinstance(v, dspy.Code):
        return {"$code": v.code}
    if isinstance(v, dspy.Image):
        return {"$image": {"url": v.url}}
    if isinstance(v, dspy.Audio):
        return {"$audio": {"data": f"data:audio/{v.audio_format};base64,{v.data}"}}
    if isinstance(v, dspy.File):
        return {"$file": {"file_data": v.file_data}}
    if isinstance(v, dspy.Tool):
        return {"$tool": {"name": v.name, "desc": v.desc, "args": v.args}}
    if isinstance(v, dspy.ToolCalls):
        return {"$model": "ToolCalls", "value": {"tool_calls": [{"$model": "ToolCall", "value": {"name": c.name, "args": {"$dict": tagged(c.args)}}} for c in v.tool_calls]}}
    if isinstance(v, dspy.History):
        return {"$history": tagged(v.messages)}
    if isinstance(v, pydantic.BaseModel):
        return {"$model": type(v).__name__, "value": {k: tagged(getattr(v, k)) for k in type(v).model_fields}}
    if isinstance(v, datetime.datetime):
        return {"$datetime": pydantic.TypeAdapter(datetime.datetime).dump_python(v, mode="json")}
    if isinstance(v, datetime.date):
        return {"$date": v.isoformat()}
    if isinstance(v, dict):
        return {k: tagged(x) for k, x in v.items()}
    if isinstance(v, (list, tuple)):
        return [tagged(x) for x in v]
    if isinstance(v, float) and not math.isfinite(v):
        return "<nan>"
    return v


def nested_dicts(v):
    """A dict inside of an object of a class is marked, for it is no object of a class itself."""
    if isinstance(v, dict) and "$model" in v:
        return {"$model": v["$model"], "value": {k: {"$dict": nested_dicts(x)} if isinstance(x, dict) and not any(key.startswith("$") for key in x) else nested_dicts(x) for k, x in v["value"].items()}}
    if isinstance(v, dict):
        return {k: nested_dicts(x) for k, x in v.items()}
    if isinstance(v, list):
        return [nested_dicts(x) for x in v]
    return v


def told(v):
    return nested_dicts(tagged(v))


class Case:
    def __init__(self, rng, number):
        self.rng, self.number, self.models = rng, number, Models(rng)
        names = rng.sample(NAMES, rng.randint(2, 5))
        # The second step's input has this name, and DSPy gives it up where an output has it too.
        names.sort(key=lambda name: name != "text")
        inputs = rng.randint(0 if rng.often(0.05) and names[0] != "text" else 1, len(names) - 1)
        self.fields, fields = [], {}
        special = {}
        if rng.often(0.12) and inputs:
            special[names[0]] = rng.choice(["dspy.Image", "Optional[dspy.Image]", "list[dspy.Image]", "dict[str, dspy.Image]", "dspy.Audio", "dspy.File", self.models.make(media=True)])
        elif rng.often(0.12) and inputs:
            special[names[0]] = "dspy.History"
        elif rng.often(0.12) and inputs:
            special[names[0]] = rng.choice(["list[dspy.Tool]", "dspy.Tool"])
            if rng.often(0.7):
                special[names[-1]] = "dspy.ToolCalls"
        for i, name in enumerate(names):
            io = "input" if i < inputs else "output"
            expression = special.get(name) or field_type(rng, self.models)
            annotation = self.models.evaluate(expression)
            field = {"name": name, "io": io, "type": expression, "desc": None}
            options = {}
            if rng.often(0.3):
                field["desc"] = options["desc"] = rng.choice(["the text", "a \"quoted\" one", "line\nbreak", f"${{{name}}}", "${other}", " spaced ", "über {x}", ""])
            if expression in ("int", "float") and rng.often(0.3):
                field["constraints"] = rng.choice([{"ge": 0, "le": 10}, {"gt": 0.0, "lt": 1.0}, {"multiple_of": 5}])
            if expression in ("str", "list[str]") and rng.often(0.1):
                field["constraints"] = {"min_length": 2, "max_length": 10}
            make = dspy.InputField if io == "input" else dspy.OutputField
            fields[name] = (annotation, make(**options, **field.get("constraints", {})))
            self.fields.append(field)
        self.instructions = rng.choice([None, None, "Answer.", "First line.\n\n    indented\n  less", "\n  Dedent me.\n    More.\n  ", "tab\there\n\tand here", "ünï «x» {y} [[ ## answer ## ]]", "a\u2028b\x0bc", "trailing  \n\n\nblank"])
        self.signature = make_signature(fields, self.instructions) if self.instructions is not None else make_signature(fields)

    def annotation(self, name):
        return self.signature.fields[name].annotation

    def value(self, name, loose=True):
        rng, annotation = self.rng, self.annotation(name)
        if annotation == dspy.History:
            turns = []
            for _ in range(rng.randint(0, 3)):
                turn = {}
                for field in self.fields:
                    # Of a history the first step of two shows what its values are in Python, which dsp does not know.
                    if field["name"] != name and field["type"] in ("str", "int", "float", "bool") and rng.often(0.9):
                        turn[field["name"]] = self.value(field["name"], loose=False)
                turns.append(turn)
            return dspy.History(messages=turns)
        if loose and annotation is str and rng.often(0.25):
            return rng.choice([[], ["one"], ["a", "b\nc"], ["«x»"], 3, 2.5, True, None, {"a": [1, None]}])
        made = value(rng, annotation, self.models)
        # As data an image is its mark, which is a text to dsp.
        is_plain = isinstance(made, pydantic.BaseModel) and not type(made).__module__.startswith("dspy") and "photo" not in type(made).model_fields
        if loose and is_plain and rng.often(0.3):
            return made.model_dump(mode="json")
        return made

    def row(self, share, none=0.0):
        row = {}
        for field in self.fields:
            unshown = "History" in field["type"] or field["io"] == "input" and "Tool" in field["type"]
            if self.rng.often(share) and not unshown:
                row[field["name"]] = None if self.rng.often(none) else self.value(field["name"], loose=False)
        if self.rng.often(0.3):
            row["augmented"] = True
        return row

    def declaration(self):
        return {"name": "S", "instructions": self.instructions, "effective_instructions": self.signature.instructions, "fields": self.fields, "types": self.models.declared}

    def messages(self):
        rng = self.rng
        demos = [self.row(rng.choice([1.0, 1.0, 0.7]), rng.choice([0.0, 0.0, 0.15])) for _ in range(rng.choice([0, 0, 1, 2, 4]))]
        inputs = {field["name"]: self.value(field["name"]) for field in self.fields if field["io"] == "input" and rng.often(0.95)}
        adapters = {"chat": dspy.ChatAdapter(), "json": dspy.JSONAdapter(), "xml": dspy.XMLAdapter(), "two_step": dspy.TwoStepAdapter(dspy.LM("openai/x"))}
        for name, adapter in adapters.items():
            case = {"id": f"{name}/random_{self.number}", "adapter": name, "signature": self.declaration(), "demos": told(demos), "inputs": told(inputs)}
            try:
                case["messages"] = adapter.format(self.signature, demos, dict(inputs))
            except Exception as error:  # noqa: BLE001
                case["error"] = f"{type(error).__name__}: {error}"
                yield case
                continue
            if name == "json":
                lm = types.SimpleNamespace(supported_params={"response_format"}, supports_response_schema=True)
                kwargs = {}
                adapter._prepare_response_format(lm, kwargs, self.signature)
                wanted = kwargs["response_format"]
                case["response_format"] = wanted if isinstance(wanted, dict) else {"json_schema_model": "DSPyProgramOutputs", "schema": wanted.model_json_schema()}
            if name == "two_step":
                extractor = adapter._create_extractor_signature(self.signature)
                case["extraction_messages"] = dspy.ChatAdapter().format(extractor, [], {"text": "Free text answer from the main LM."})
            yield case

    def replies(self):
        rng = self.rng
        if any("Tool" in field["type"] for field in self.fields):
            return
        for name, adapter in {"chat": dspy.ChatAdapter(), "json": dspy.JSONAdapter(), "xml": dspy.XMLAdapter()}.items():
            for part in range(3):
                outputs = {field["name"]: self.value(field["name"], loose=False) for field in self.fields if field["io"] == "output" and rng.often(0.97)}
                said = adapter.format_assistant_message_content(self.signature, outputs, missing_field_message="x")
                completion = mutated(rng, said, part)
                case = {"id": f"{name}/random_{self.number}_{part}", "signature": self.declaration(), "completion": completion}
                try:
                    parsed = told(adapter.parse(self.signature, completion))
                    # `...` is a value of Python's.
                    json.dumps(parsed)
                    case["parsed"] = parsed
                except Exception as error:  # noqa: BLE001
                    case["error"] = type(error).__name__
                yield case


def plain_data(rng, depth=0):
    """Some JSON that a type may fit or not."""
    kind = rng.random()
    if depth > 2 or kind < 0.5:
        return rng.choice([0, 1, -3, 2.0, 2.5, True, False, None, "a", "b", "1", "2.5", "true", "2024-01-02", "2024-01-02T03:04:05", "yes", "", 1e3])
    if kind < 0.65:
        return [plain_data(rng, depth + 1) for _ in range(rng.randint(0, 3))]
    keys = ["name", "age", "tags", "kind", "first_name", "camelCase", "sub", "when", "code", "children", "a"]
    return {rng.choice(keys): plain_data(rng, depth + 1) for _ in range(rng.randint(0, 4))}


def union_replies(rng, number):
    models = Models(rng)
    expression = union_type(rng, models)
    annotation = models.evaluate(expression)
    signature = make_signature({"q": (str, dspy.InputField()), "r": (annotation, dspy.OutputField())})
    fields = [{"name": "q", "io": "input", "type": "str", "desc": None}, {"name": "r", "io": "output", "type": expression, "desc": None}]
    declaration = {"name": "S", "instructions": None, "effective_instructions": signature.instructions, "fields": fields, "types": models.declared}
    for part in range(8):
        given = plain_data(rng)
        if rng.often(0.5):
            try:
                given = json.loads(pydantic.TypeAdapter(annotation).dump_json(value(rng, annotation, models)))
            except ValueError:
                pass
        said = json.dumps(given, ensure_ascii=False)
        for name, adapter, completion in [("chat", dspy.ChatAdapter(), f"[[ ## r ## ]]\n{said}"), ("json", dspy.JSONAdapter(), f'{{"r": {said}}}')]:
            case = {"id": f"{name}/union_{number}_{part}", "signature": declaration, "completion": completion}
            try:
                parsed = adapter.parse(signature, completion)
                # A bool that is taken for one of several numbers stays a bool in DSPy.
                if "Literal[1" in expression + str(models.declared) or "Literal['x'" in expression + str(models.declared):
                    continue
                case["parsed"] = told(parsed)
                json.dumps(case["parsed"])
            except Exception as error:  # noqa: BLE001
                case["error"] = type(error).__name__
            yield case


def mutated(rng, said, times):
    for _ in range(times):
        kind = rng.random()
        at = rng.randrange(len(said) + 1)
        if kind < 0.25 and said:
            said = said[:at] + said[at + 1 :]
        elif kind < 0.45:
            said = said[:at] + rng.choice(list("{}[](),:\"'`#\\/\n .-0a") + ["\n\n", "```", "//", "True", "null", ", ", "“", "<", "&"]) + said[at:]
        elif kind < 0.52:
            said = said[:at]
        elif kind < 0.60:
            said = rng.choice(["Sure! Here it is:\n", "```json\n", "```\n", "\ufeff", "  ", "{note} "]) + said
        elif kind < 0.66:
            said = said + rng.choice(["\n```", "\nDone.", "\n\n{\"a\": 1}", " \n", "}", "]"])
        elif kind < 0.74:
            said = said.replace('"', "'")
        elif kind < 0.80:
            said = said.replace("true", "True").replace("false", "False").replace("null", "None")
        elif kind < 0.86:
            said = said.replace("]", ",]").replace("}", ",}")
        elif kind < 0.92:
            said = said.replace("\n\n", "\n").replace("[[ ## completed ## ]]\n", "")
        else:
            said = said.replace("\n", "\r\n")
    return said


JSONS = [
    '{"a": 1, "b": [1, 2.5, -3e4], "c": {"d": null}}', '{"text": "it\'s \\"quoted\\" here", "n": 1}', '[{"a": "x"}, {"a": "y"}]', '["a", "b c", "d, e"]', '{"k": "line1\\nline2", "u": "caf\\u00e9"}',
    '{"a": true, "b": false, "c": null}', '{"outer": {"inner": {"deep": [1, [2, [3]]]}}}', '{"name": "Ada", "tags": ["x", "y"], "age": 36}', "{'a': 'b', 'c': ['d']}", '{"url": "http://x.org/a?b=c&d", "path": "C:\\\\x"}',
    '{"rows": [[1, 2], [3, 4]], [5, 6], "z": 1}', '{"a": "say "hi" to, b", "c": "d"}', '[1, 2, {"a": [true, null]}]', '{"a": "x" "b": "y"}', '("a", 1)', '{"k": "```json [1] ```"}', "{'it''s': 'a', 'b': \"c'd\"}",
    '{"code": "def f(x):\\n    return {\\"a\\": x}", "ok": true}', "{a: 1, b: two, c: [x, y]}", '{"a": "b", // note\n "c": "d"}', '{"a": (1, 2), "b": {1, 2}}', '{"s": "a, b: c", "t": "{x}"}', '{"e": "", "f": [], "g": {}}',
]


def json_case(rng, number):
    said = rng.choice(JSONS)
    broken = mutated(rng, said, rng.randint(1, 4))
    try:
        out = json_repair.loads(broken)
        json.dumps(out)
    except Exception as error:  # noqa: BLE001
        return {"id": f"json_{number}", "in": broken, "error": type(error).__name__}
    return {"id": f"json_{number}", "in": broken, "out": tagged(out)}


def main():
    seed, count, part = int(sys.argv[1]), int(sys.argv[2]), "".join(sys.argv[3:])
    found = {"messages": [], "replies": [], "json": []}
    for number in range(count):
        rng = Random(f"{seed}/{number}")
        if part in ("", "messages"):
            found["messages"] += Case(rng, number).messages()
        if part in ("", "replies"):
            found["replies"] += Case(rng, number).replies()
        if part in ("", "unions"):
            found["replies"] += union_replies(Random(f"{seed}/{number}/union"), number)
        if part in ("", "json"):
            found["json"] += [json_case(rng, f"{number}_{i}") for i in range(5)]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
