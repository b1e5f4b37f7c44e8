"""What llama.cpp takes to read or to write a token, in seconds of CPU on one thread: the numbers that `local.rs` sets dsp's
beside. `python llama_cpp.py read|write path/to/model.gguf`"""

import json
import sys
import time
import urllib.request

import xllamacpp

WORDS = "river stone walks under the bright window and seven letters travel home".split()


def text(own, words):
    chosen = (WORDS[(index * 5 + index // 12 + own) % 12] for index in range(words))
    return f"{own}: " + " ".join(chosen)


def main(what, model):
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.n_ctx, params.n_parallel, params.warmup = 2048, 1, False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)

    def ask(prompt, limit):
        body = {"prompt": prompt, "n_predict": limit, "temperature": 0, "cache_prompt": True, "ignore_eos": True}
        request = urllib.request.Request(
            server.listening_address + "/completion", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        before = time.process_time()
        with urllib.request.urlopen(request) as response:
            said = json.load(response)
        return time.process_time() - before, said["timings"]

    ask("x", 1)
    if what == "read":
        each = []
        for run in range(5):
            cpu, timings = ask(text(run, 500), 1)
            each.append(cpu / timings["prompt_n"])
    else:
        ask(text(0, 500), 1)
        each = []
        for run in range(5):
            before, _ = ask(text(0, 500), 1)
            cpu, timings = ask(text(0, 500), 40 + run)
            each.append((cpu - before) / (timings["predicted_n"] - 1))
    print(*each)


main(*sys.argv[1:])
