"""llama.cpp's server on 127.0.0.1: llamacpp.py PORT MODEL [places]"""

import sys
import threading

import xllamacpp

params = xllamacpp.CommonParams()
params.hostnames, params.port = ["127.0.0.1"], int(sys.argv[1])
params.model.path = sys.argv[2]
params.n_ctx, params.n_parallel, params.warmup = 2048, 1, False
if sys.argv[3:] == ["places"]:
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
server = xllamacpp.Server(params)
threading.Event().wait()
