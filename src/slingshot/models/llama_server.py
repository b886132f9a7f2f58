"""llama.cpp's server as a child process: `python -m slingshot.models.llama_server MODEL.gguf --port N`.

The process ends when its standard input does: however its parent ends, even by `kill -9`, the pipe closes
and no orphan keeps the port or the memory.
"""

import argparse
import os
import sys
from pathlib import Path

from slingshot.threads import patient_threads


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description="Serve one GGUF file on loopback, OpenAI-compatible.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--parallel", type=int, default=4, help="answers under way at once")
    parser.add_argument("--context", type=int, default=2048, help="tokens of prompt and answer together")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()

    patient_threads()
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(options.model)
    parameters.model_alias = {options.model.stem}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = options.port
    parameters.n_parallel = options.parallel
    parameters.n_ctx = options.context * options.parallel
    parameters.cpuparams.n_threads = options.threads
    parameters.cpuparams_batch.n_threads = options.threads
    parameters.use_jinja = True
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)  # at once: requests under way are the caller's to ask again


if __name__ == "__main__":
    main()
