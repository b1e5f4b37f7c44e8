#!/usr/bin/env python3
"""Makes router.lm.jsonl without a key: a server on loopback stands in for the model and answers by the rules below.

The replies of that recording are therefore ours, not those of gpt-4o-mini: they show how the router is compiled, evaluated
and tested, not how good a model is. With a key, `dsp test --record examples/triage` records the real one.

    python3 record.py path/to/dsp
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HERE = pathlib.Path(__file__).resolve().parent
TICKETS = [json.loads(line) for line in (HERE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()]


def answer(messages):
    """Sees the urgency of a ticket only if examples have shown what is meant, and never that of two of them."""
    question = messages[-1]["content"]
    ticket = next(ticket for ticket in TICKETS if ticket["body"] in question)
    if "[[ ## subject ## ]]" not in question:
        first = re.split(r"(?<=[.!?])\s", ticket["body"])[0]
        return f"[[ ## summary ## ]]\n{first}\n\n[[ ## completed ## ]]"
    examples = len(messages) // 2 - 1
    blind = ticket["subject"] in ("Slow search", "Dark mode")
    urgency = ticket["urgency"] if examples >= 2 and not blind else "medium"
    category = ticket["category"]
    reasoning = f"The customer writes about a {category} matter of {urgency} urgency."
    return (
        f"[[ ## reasoning ## ]]\n{reasoning}\n\n[[ ## urgency ## ]]\n{urgency}\n\n"
        f"[[ ## category ## ]]\n{category}\n\n[[ ## completed ## ]]"
    )


class Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        words = sum(len(message["content"].split()) for message in request["messages"])
        text = answer(request["messages"])
        reply = json.dumps({
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": words, "completion_tokens": len(text.split())},
        }).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        pass


def main():
    dsp = str(pathlib.Path(sys.argv[1]).resolve())
    server = ThreadingHTTPServer(("127.0.0.1", 0), Model)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/v1"
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "tickets.jsonl").write_text((HERE / "tickets.jsonl").read_text(encoding="utf-8"), encoding="utf-8")
        script = (HERE / "router.dsp").read_text(encoding="utf-8")
        script = script.replace('LM("openai/gpt-4o-mini")', f'LM("openai/gpt-4o-mini", api_base: "{base}")')
        (folder / "router.dsp").write_text(script, encoding="utf-8")
        subprocess.run([dsp, "test", "--record", "--update", str(folder / "router.dsp")], check=True)
        lines = []
        for line in (folder / "router.lm.jsonl").read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            entry.get("request", {}).pop("api_base", None)
            lines.append(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")
        (HERE / "router.lm.jsonl").write_text("".join(lines), encoding="utf-8")
        (HERE / "router.golden").write_text((folder / "router.golden").read_text(encoding="utf-8"), encoding="utf-8")


if __name__ == "__main__":
    main()
