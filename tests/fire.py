"""Requests of every kind that a server on loopback may meet, well-behaved or not, many at once."""

import http.client
import itertools
import json
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

CHAT = "/v1/chat/completions"
QUESTION = "In Julia, write a function that adds two numbers."


def messages(text=QUESTION):
    return [{"role": "user", "content": text}]


def exchange(url, body, path=CHAT, method="POST", headers=None):
    """Status and body of one request on a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, content, {"Content-Type": "application/json", **(headers or {})})
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def events_of(content):
    """The values of a stream's events; the last has to say that it is over."""
    *events, done = [line[6:] for line in content.decode().splitlines() if line.startswith("data: ")]
    assert done == "[DONE]", content[-200:]
    return [json.loads(event) for event in events]


def text_of_stream(content):
    choices = [choice for event in events_of(content) for choice in event["choices"]]
    assert choices[-1]["finish_reason"] in ("stop", "length")
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def whole(url, fields):
    """The text of an answer that comes in one piece."""
    status, content = exchange(url, {"messages": messages(), **fields})
    assert status == 200, content
    return json.loads(content)["choices"][0]["message"]["content"]


def streamed(url, fields):
    """The text of an answer that comes in events."""
    status, content = exchange(url, {"messages": messages(), **fields, "stream": True})
    assert status == 200, content
    return text_of_stream(content)


class Fire:
    """What is sent, by kind; each method sends one request and asserts what comes back."""

    def __init__(self, url, tokens, oversized):
        self.url, self.tokens, self.oversized = url, tokens, oversized
        self.half_open = []
        self._lock = threading.Lock()

    def fields(self, number, **more):
        return {
            "messages": messages(f"{QUESTION} {number % 40}"),
            "max_tokens": self.tokens,
            "seed": number,
            **more,
        }

    def asks(self, number):
        assert whole(self.url, self.fields(number)) is not None

    def streams(self, number):
        streamed(self.url, self.fields(number))

    def hangs_up_in_the_middle(self, number):
        with self._begun(self.fields(number, stream=True, max_tokens=4 * self.tokens)) as connection:
            connection.recv(200)

    def hangs_up_before_the_answer(self, number):
        self._begun(self.fields(number)).close()

    def reads_slowly(self, number):
        with self._begun(self.fields(number, stream=True), buffer=2048) as connection:
            content = b""
            while b"[DONE]" not in content:
                time.sleep(0.01)
                piece = connection.recv(256)
                assert piece, content[-200:]
                content += piece
        assert content.startswith(b"HTTP/1.1 200")

    def sends_half(self, number):
        """Half a request, whose connection stays open until the end of the fire."""
        connection = socket.create_connection(self._address())
        connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")
        with self._lock:
            self.half_open.append(connection)

    def asks_too_much(self, number):
        self._refused(400, {"messages": messages(f"{number} {self.oversized}"), "max_tokens": 5}, "context")

    def breaks_json(self, number):
        self._refused(400, b'{"messages": [' + b"{" * (number % 7))

    def mistakes_types(self, number):
        wrong = [{"messages": "hello"}, {"messages": 3}, {"temperature": "hot"}, {"max_tokens": "many"}]
        self._refused(400, {**self.fields(number), **wrong[number % len(wrong)]})

    def goes_astray(self, number):
        assert exchange(self.url, self.fields(number), path=f"/v1/nothing/{number}")[0] == 404

    def _refused(self, status, body, said=""):
        found, content = exchange(self.url, body)
        assert found == status, (found, content)
        assert said in json.loads(content)["error"]["message"]

    def _begun(self, fields, buffer=None):
        """A connection on which a request was sent."""
        connection = socket.socket()
        if buffer:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.settimeout(60)
        connection.connect(self._address())
        body = json.dumps(fields).encode()
        head = f"POST {CHAT} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        connection.sendall(f"{head}\r\n\r\n".encode() + body)
        return connection

    def _address(self):
        return urlsplit(self.url).hostname, urlsplit(self.url).port


# How often each kind comes in a round.
KINDS = {
    "asks": 5,
    "streams": 5,
    "hangs_up_in_the_middle": 3,
    "hangs_up_before_the_answer": 1,
    "reads_slowly": 1,
    "sends_half": 1,
    "asks_too_much": 1,
    "breaks_json": 1,
    "mistakes_types": 1,
    "goes_astray": 1,
}


def under_fire(url, requests, at_once=8, tokens=12, oversized="x " * 3000):
    """Send so many requests, so many at once; what went wrong, counted by kind and complaint."""
    fire = Fire(url, tokens, oversized)
    round_ = [kind for kind, count in KINDS.items() for _ in range(count)]
    kinds = itertools.islice(itertools.cycle(round_), requests)

    def send(numbered):
        number, kind = numbered
        try:
            getattr(fire, kind)(number)
        except Exception as error:
            return f"{kind}: {type(error).__name__}: {str(error)[:300]}"
        return None

    with ThreadPoolExecutor(at_once) as pool:
        complaints = Counter(filter(None, pool.map(send, enumerate(kinds))))
    for connection in fire.half_open:
        connection.close()
    return complaints


def resident_bytes(pid):
    """The memory of a process that is in RAM."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
