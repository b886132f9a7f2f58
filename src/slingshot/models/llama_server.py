"""llama.cpp's server as a child process: `python -m slingshot.models.llama_server MODEL.gguf --port N`."""

import argparse
import os
import threading
from pathlib import Path

from slingshot.models.lifeline import end_with_parent
from slingshot.threads import patient_threads

# Up to here the scores of all keys fit where they are needed, and attention in one pass ("flash"), llama.cpp's own
# choice, costs 3 to 4 % of the speed on a CPU; beyond it they would take gigabytes.
_SHORT_CONTEXT = 4096
_SECONDS_OF_SILENCE = 120  # after which a client that does not finish its request is taken to be gone


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description="Serve one GGUF file on loopback, OpenAI-compatible.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--adapter", type=Path, help="a LoRA adapter as a GGUF file")
    parser.add_argument("--name", help="of the model; left out, the file's stem")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--parallel", type=int, default=4, help="answers under way at once")
    parser.add_argument("--context", type=int, default=2048, help="tokens of prompt and answer together")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()

    end_with_parent()
    patient_threads()
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(options.model)
    parameters.model_alias = {options.name or options.model.stem}
    if options.adapter is not None:
        parameters.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(options.adapter), 1.0)]
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = options.port
    parameters.n_parallel = options.parallel
    parameters.n_ctx = options.context * options.parallel
    parameters.cpuparams.n_threads = options.threads
    parameters.cpuparams_batch.n_threads = options.threads
    if options.context <= _SHORT_CONTEXT:
        parameters.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    parameters.use_jinja = True
    # Prompts of the past are remembered in the slots only: beside them llama.cpp would keep up to 8 GiB.
    parameters.cache_ram_mib = 0
    parameters.timeout_read = _SECONDS_OF_SILENCE
    # What a request leaves out means the same as with every other server of ours: llama.cpp's own defaults
    # (temperature 0.8, the 40 likeliest tokens, the nucleus before the temperature) make unlike answers.
    sampling = parameters.sampling
    sampling.temp, sampling.top_k, sampling.top_p, sampling.min_p = 1.0, 0, 1.0, 0.0
    sampling.samplers = "top_k;temperature;top_p"
    server = xllamacpp.Server(parameters)
    print(server.listening_address, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
