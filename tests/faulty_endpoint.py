"""An OpenAI-compatible endpoint on loopback that fails in every way that endpoints do, by a schedule of its own."""

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType

FAULTS = ("429", "500", "hang", "half a JSON", "cut short", "reset", "empty choices", "wrong model", "drip")


@dataclass
class Served:
    """What an endpoint did so far.

    Attributes:
        url: where it is.
        answered: good answers by the seed they were asked with.
        asked: questions by seed, failures included.
        faults: failures by kind.
        most_at_once: answers that were under way at the same time, at most.
        early: how often a question came back before the seconds of `Retry-After` were over.
        bodies: the questions as they were received.
    """

    url: str = ""
    answered: Counter[int] = field(default_factory=Counter)
    asked: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    most_at_once: int = 0
    early: int = 0
    bodies: list[dict] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    _not_before: dict[int, float] = field(default_factory=dict)
    _under_way: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def endpoint(
    faults: Sequence[str] = (),
    *,
    always: str | None = None,
    failing: int = 1,
    every: int = 1,
    ignores_seeds: bool = False,
    refuses: Mapping[str, str] = MappingProxyType({}),
    answer: str = "prose SEED",
    seconds: float = 0.0,
    models: Sequence[str] = (),
    answers_as: str | None = None,
) -> Iterator[Served]:
    """Serve while the block runs.

    Args:
        faults: the kinds in turn; each question fails `failing` times before it is answered.
        always: a kind of failure that never ends, or a status such as `401`.
        failing: how often a question fails first.
        every: only every so many-th question fails at all.
        ignores_seeds: every answer to the same prompt is the same.
        refuses: words of a request that it does not know, such as `seed`, and what it says of them.
        answer: what every answer says, its seed in the place of SEED.
        seconds: how long an answer takes.
        models: the names that it lists; none, it has no list.
        answers_as: the name under which it answers, if not the one that was asked.
    """
    served = Served()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seed = body.get("seed", 0)
            with served._lock:
                served.keys.add(self.headers.get("Authorization", ""))
                served.bodies.append(body)
                served.asked[seed] += 1
                served.early += time.monotonic() < served._not_before.get(seed, 0.0)
                tried = served.asked[seed]
                number = len(served.asked)
            for word, message in refuses.items():
                if word in body:
                    return self.reply({"error": {"message": message}}, 400)
            kind = always
            if not kind and faults and tried <= failing and number % every == 0:
                kind = faults[seed % len(faults)]
            if kind:
                served.faults[kind] += 1
                return self.fail(kind, body, seed)
            with served._lock:
                served._under_way += 1
                served.most_at_once = max(served.most_at_once, served._under_way)
            time.sleep(seconds)
            with served._lock:
                served._under_way -= 1
                served.answered[seed] += 1
            self.reply(self.completion(body, seed))
            return None

        def do_GET(self) -> None:
            if not models:
                return self.reply({"error": {"message": "no such list"}}, 404)
            return self.reply({"object": "list", "data": [{"id": name} for name in models]})

        def completion(self, body: dict, seed: int) -> dict:
            text = answer.replace("SEED", "any" if ignores_seeds else str(seed))
            return {
                "model": answers_as or body["model"],
                "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 10, "completion_tokens": 4},
            }

        def reply(self, value: object, status: int = 200, **headers: str) -> None:
            self.send_bytes(json.dumps(value).encode(), status, **headers)

        def send_bytes(
            self, content: bytes, status: int = 200, length: int | None = None, **headers: str
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content) if length is None else length))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(content)

        def fail(self, kind: str, body: dict, seed: int) -> None:
            good = self.completion(body, seed)
            if kind == "429":
                with served._lock:
                    served._not_before[seed] = time.monotonic() + 0.3
                self.reply({"error": {"message": "slow down"}}, 429, Retry_After="0.3")
            elif kind == "hang":
                time.sleep(3)
                self.close_connection = True
            elif kind == "half a JSON":
                self.send_bytes(json.dumps(good).encode()[:40])
            elif kind == "cut short":
                self.send_bytes(json.dumps(good).encode()[:40], length=4000)
                self.close_connection = True
            elif kind == "reset":
                linger = struct.pack("ii", 1, 0)  # a close that sends RST
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                self.close_connection = True
            elif kind == "empty choices":
                self.reply({**good, "choices": []})
            elif kind == "wrong model":
                self.reply({**good, "model": "another-model"})
            elif kind == "drip":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                for _ in range(20):  # a byte now and then: no pause is ever long enough for a time-out
                    self.wfile.write(b" ")
                    self.wfile.flush()
                    time.sleep(0.15)
                self.close_connection = True
            else:
                message = f"it is broken ({self.headers.get('Authorization')})"
                self.reply({"error": {"message": message}}, int(kind))

        def handle(self) -> None:
            try:
                super().handle()
            except (ConnectionError, OSError, ValueError):  # the client has gone
                self.close_connection = True

        def finish(self) -> None:
            try:
                super().finish()
            except (ConnectionError, OSError, ValueError):
                self.close_connection = True

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

        def shutdown_request(self, request: socket.socket) -> None:
            try:
                super().shutdown_request(request)
            except OSError:
                request.close()

    with Server(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
