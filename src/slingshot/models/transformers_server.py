"""A Hugging Face folder behind an OpenAI-compatible endpoint, as a child process.

    python -m slingshot.models.transformers_server FOLDER [--adapter DIR] --port N

`POST /v1/chat/completions` reads messages, temperature, top_p, max_tokens (or max_completion_tokens), seed and stop.
What is left out is 1 (temperature, top_p), all that the context has room for, a random seed. Nothing else shapes
the draws: no top_k, no penalty, whatever the model's generation configuration recommends. More than one answer
(`n`) and `stream` are refused, other fields are ignored. `GET /health` answers once the model is there,
`GET /v1/models` names it. Errors are `{"error": {"message", "type"}}`.
"""

import argparse
import json
import secrets
import select
import socket
import sys
import threading
import time
from concurrent.futures import Future
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, ValidationError, field_validator

from slingshot.errors import RequestError, SlingshotError
from slingshot.models.lifeline import end_with_parent
from slingshot.threads import patient_threads

if TYPE_CHECKING:  # they import torch, which must come after `patient_threads`
    from slingshot.models.chat import Chat
    from slingshot.models.generation import Answer, Decoder, Question

_LONGEST_BODY = 16 << 20
_SECONDS_BETWEEN_LOOKS = 0.5  # whether a client that waits is still there


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


class _Message(BaseModel):
    role: str
    content: str

    @field_validator("role", "content")
    @classmethod
    def _is_text(cls, text: str) -> str:
        text.encode()  # JSON can write half a character, which no tokenizer reads
        return text


class _Body(BaseModel):
    """What is read of a request."""

    messages: list[_Message] = Field(min_length=1)
    temperature: float = Field(1.0, ge=0, allow_inf_nan=False)
    top_p: float = Field(1.0, ge=0, le=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    seed: int = Field(default_factory=lambda: secrets.randbits(63))
    stop: str | list[str] = []
    n: int = 1
    stream: bool = False


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

    def question(self, content: bytes) -> "Question":
        """The question in a request's body.

        Raises:
            RequestError: it is none, it asks for what this server cannot do, or it has no room in the context.
        """
        from slingshot.models.generation import Question

        try:
            fields = json.loads(content)
            if not isinstance(fields, dict):
                raise RequestError("the body is no JSON object")
            body = _Body.model_validate({key: value for key, value in fields.items() if value is not None})
        except ValidationError as error:
            first = error.errors()[0]
            raise RequestError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
        except (ValueError, RecursionError) as error:
            raise RequestError(f"the body is no JSON: {error}") from None
        if body.n != 1:
            raise RequestError(f"n: {body.n} answers to one request are not supported; ask again for each")
        if body.stream:
            raise RequestError("stream: answers come whole; leave it out")
        prompt = self.chat.prompt([message.model_dump() for message in body.messages])
        if not 0 < len(prompt) < self.context:
            raise RequestError(
                f"messages: the prompt has {len(prompt)} tokens, and prompt and answer together may have "
                f"{self.context}; serve with a larger --context, if the model has room for it"
            )
        room = self.context - len(prompt)
        stop = [body.stop] if isinstance(body.stop, str) else body.stop
        return Question(
            prompt=prompt,
            max_tokens=min(body.max_completion_tokens or body.max_tokens or room, room),
            temperature=body.temperature,
            top_p=body.top_p,
            seed=body.seed,
            stop=tuple(text for text in stop if text),
        )

    def completion(self, question: "Question", answer: "Answer") -> dict[str, Any]:
        """An answer in OpenAI's form, with llama.cpp's names for its timings."""
        read, drawn = len(question.prompt), len(answer.tokens)
        message = {"role": "assistant", "content": answer.text}
        return {
            "id": f"chatcmpl-{secrets.token_hex(12)}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self.name,
            "choices": [{"index": 0, "message": message, "finish_reason": answer.finish_reason}],
            "usage": {"prompt_tokens": read, "completion_tokens": drawn, "total_tokens": read + drawn},
            "timings": {
                "prompt_n": answer.prompt_tokens,
                "prompt_ms": round(answer.prompt_seconds * 1e3, 3),
                "predicted_n": drawn,
                "predicted_ms": round(answer.answer_seconds * 1e3, 3),
            },
        }


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if self.path == "/health":
            self._reply(200, {"status": "ok"})
        elif self.path == "/v1/models":
            model = {"id": self.server.name, "object": "model", "owned_by": "slingshot"}
            self._reply(200, {"object": "list", "data": [model]})
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
            question = self.server.question(content)
            answer = self._wait_for(self.server.decoder.submit(question))
        except RequestError as error:
            return self.send_error(400, str(error))
        except Exception as error:
            return self.send_error(500, str(error) or type(error).__name__)
        if answer is None:
            self.close_connection = True
        else:
            self._reply(200, self.server.completion(question, answer))
        return None

    def _wait_for(self, promise: "Future[Answer]") -> "Answer | None":
        """The answer, or None once the client has hung up; then nobody works on it any longer."""
        while True:
            try:
                return promise.result(_SECONDS_BETWEEN_LOOKS)
            except TimeoutError:
                if self._hung_up():
                    promise.cancel()
                    return None

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
        except ConnectionError:  # nobody listens any longer
            self.close_connection = True

    def log_message(self, format: str, *arguments: Any) -> None:
        """Log what was answered, but for the health checks."""
        if getattr(self, "path", "") != "/health":  # a request that cannot be read has no path
            super().log_message(format, *arguments)


if __name__ == "__main__":
    main()
