"""A Hugging Face folder behind an OpenAI-compatible endpoint, as a child process.

    python -m slingshot.models.transformers_server FOLDER [--adapter DIR] --port N

`POST /v1/chat/completions` reads messages, temperature, top_p, max_tokens (or max_completion_tokens), seed, stop,
stream and stream_options. What is left out is 1 (temperature, top_p), all that the context has room for, a random
seed. Nothing else shapes the draws: no top_k, no penalty, whatever the model's generation configuration recommends.
More than one answer (`n`), and what would shape them in other ways, is refused; fields that would not are ignored.
`GET /health` answers once the model is there, `GET /v1/models` names it, `GET /props` has its context where llama.cpp
has it. Errors are `{"error": {"message", "type"}}`.
"""

import argparse
import json
import queue
import select
import socket
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any

from slingshot.errors import RequestError, SlingshotError
from slingshot.models.completions import Completion, CompletionRequest, read_request
from slingshot.models.lifeline import end_with_parent
from slingshot.models.question import Answer, Question
from slingshot.threads import patient_threads

if TYPE_CHECKING:  # they import torch, which must come after `patient_threads`
    from slingshot.models.chat import Chat
    from slingshot.models.generation import Decoder

_LONGEST_BODY = 16 << 20
_SECONDS_BETWEEN_LOOKS = 0.5  # whether a client that waits is still there
_SECONDS_OF_SILENCE = 120.0  # after which a client that neither writes nor reads is taken to be gone


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(
        description="Serve a Hugging Face folder on loopback, OpenAI-compatible."
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--adapter", type=Path, help="peft's folder of a LoRA adapter")
    parser.add_argument("--name", help="of the model; left out, the folder's")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--parallel", type=int, default=4, help="answers under way at once")
    parser.add_argument("--context", type=int, default=2048, help="tokens of prompt and answer together")
    options = parser.parse_args()

    end_with_parent()
    patient_threads()
    from slingshot.models.chat import load
    from slingshot.models.generation import Decoder

    try:
        model, chat = load(options.folder, options.adapter)
        ends = chat.ends(model.generation_config.eos_token_id)
        decoder = Decoder(model, chat.text, ends, options.parallel)
    except SlingshotError as error:
        sys.exit(str(error))
    positions = getattr(model.config.get_text_config(), "max_position_embeddings", None) or options.context
    context, name = min(options.context, positions), options.name or options.folder.resolve().name
    server = _Server(options.port, name, context, chat, decoder)
    print(
        f"{name} on port {options.port}: {model.dtype}, {context} tokens, {decoder.parallel} answers at once",
        flush=True,
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    decoder.run()


class _Server(ThreadingHTTPServer):
    """The endpoint of one model; each connection has a thread, and one more decodes for all of them."""

    request_queue_size = 128

    def __init__(self, port: int, name: str, context: int, chat: "Chat", decoder: "Decoder") -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.name, self.context, self.chat, self.decoder = name, context, chat, decoder

    def server_bind(self) -> None:
        """Bind without asking the network what this machine is called, which can take long without one."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.socket.getsockname()[1]

    def told(self, path: str) -> dict[str, Any] | None:
        """What a GET of this path tells, or None if there is nothing at it."""
        model = {"id": self.name, "object": "model", "owned_by": "slingshot"}
        settings = {"n_ctx": self.context}
        known: dict[str, dict[str, Any]] = {
            "/health": {"status": "ok"},
            "/v1/models": {"object": "list", "data": [model]},
            "/props": {"default_generation_settings": settings, "total_slots": self.decoder.parallel},
        }
        return known.get(path)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = _SECONDS_OF_SILENCE

    def do_GET(self) -> None:
        if (told := self.server.told(self.path.partition("?")[0])) is not None:
            self._reply(200, told)
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not (length.isdecimal() and int(length) <= _LONGEST_BODY):
            return self.send_error(400, f"a body needs a Content-Length of at most {_LONGEST_BODY} bytes")
        content = self.rfile.read(int(length))
        if self.path != "/v1/chat/completions":
            return self.send_error(404)
        try:
            request = read_request(content)
            prompt = self.server.chat.prompt(request.roles_and_texts)
            question = request.question(prompt, self.server.context)
            if request.stream:
                self._stream(request, question)
            else:
                self._answer(question)
        except RequestError as error:
            self.send_error(400, str(error))
        except Exception as error:
            self.send_error(500, str(error) or type(error).__name__)
        return None

    def _answer(self, question: Question) -> None:
        """Answer in one piece."""
        answer = self._wait_for(self.server.decoder.submit(question))
        if answer is None:
            self.close_connection = True
        else:
            self._reply(200, Completion(self.server.name).whole(question, answer))

    def _wait_for(self, promise: "Future[Answer]") -> Answer | None:
        """The answer, or None once the client has hung up; then nobody works on it any longer."""
        while True:
            try:
                return promise.result(_SECONDS_BETWEEN_LOOKS)
            except TimeoutError:
                if self._hung_up():
                    promise.cancel()
                    return None

    def _stream(self, request: CompletionRequest, question: Question) -> None:
        """Answer in events, one for each piece. A client that has gone, or does not read, is not waited for."""
        reply, pieces = Completion(self.server.name), queue.SimpleQueue[str | None]()
        promise = self.server.decoder.submit(question, pieces.put)
        promise.add_done_callback(lambda _: pieces.put(None))
        begun = False
        try:
            for piece in self._coming(pieces, promise):
                if not begun:
                    begun = self._begin_stream(reply)
                self._send_event(json.dumps(reply.piece(piece)))
            if promise.cancelled():
                self.close_connection = True
                return
            if error := promise.exception():
                if not begun:
                    raise error
                self._send_event(json.dumps({"error": {"message": str(error), "type": "server_error"}}))
            else:
                begun = begun or self._begin_stream(reply)
                usage = request.stream_options.include_usage
                for event in reply.end(question, promise.result(), usage=usage):
                    self._send_event(json.dumps(event))
                self._send_event("[DONE]")
            self._send_chunk(b"")
        except (ConnectionError, TimeoutError):
            promise.cancel()
            self.close_connection = True

    def _coming(self, pieces: "queue.SimpleQueue[str | None]", promise: "Future[Answer]") -> Iterator[str]:
        """The pieces of an answer until it is over; it is cancelled once the client has hung up."""
        while True:
            try:
                piece = pieces.get(timeout=_SECONDS_BETWEEN_LOOKS)
            except queue.Empty:
                if self._hung_up():
                    promise.cancel()
                continue
            if piece is None:
                return
            yield piece

    def _begin_stream(self, reply: Completion) -> bool:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache")
        if self._in_chunks:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.close_connection = True  # what else would tell where it ends
        self.end_headers()
        self._send_event(json.dumps(reply.piece("")))
        return True

    @property
    def _in_chunks(self) -> bool:
        return self.request_version != "HTTP/1.0"

    def _send_event(self, data: str) -> None:
        self._send_chunk(f"data: {data}\n\n".encode())

    def _send_chunk(self, content: bytes) -> None:
        """Send a part of a body of unknown length; an empty one ends it."""
        self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content) if self._in_chunks else content)

    def _hung_up(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        try:
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)
        except ConnectionError:
            return True

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse in OpenAI's form; the connection is closed, for the rest of the request may be unread."""
        self.close_connection = True
        kind = "server_error" if code >= 500 else "invalid_request_error"
        words = message or f"{self.command} {self.path}: no such address; ask with POST /v1/chat/completions"
        self._reply(code, {"error": {"message": words, "type": kind}})

    def _reply(self, code: int, value: dict[str, Any]) -> None:
        content = json.dumps(value).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        try:
            self.end_headers()
            self.wfile.write(content)
        except (ConnectionError, TimeoutError):  # nobody listens any longer
            self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        """Log what was answered, but for the health checks."""
        if getattr(self, "path", "") != "/health":  # a request that cannot be read has no path
            super().log_message(format, *arguments)


if __name__ == "__main__":
    main()
