"""Serves a model with llama.cpp's own server on a free port of loopback until it is killed.

Usage: tiny_server.py MODEL. Prints its address on the first line. Needs xllamacpp.
"""

import signal
import sys

import xllamacpp


def main(path):
    params = xllamacpp.CommonParams()
    params.model.path = path
    params.hostnames = ["127.0.0.1"]
    # Chosen by the kernel.
    params.port = 0
    params.n_ctx = 65536
    params.n_parallel = 4
    params.n_gpu_layers = 0
    # Several would wait for each other in loops, which a busy machine pays dearly.
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    params.warmup = False
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    signal.pause()


if __name__ == "__main__":
    main(sys.argv[1])
