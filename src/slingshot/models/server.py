"""Local servers: a model on this machine becomes an OpenAI-compatible endpoint on loopback while it is needed."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from slingshot.errors import MissingTool, RequestError, SlingshotError
from slingshot.models.ask import Dialect, Endpoint
from slingshot.models.local import LocalModel, local_model

_SERVERS = {"gguf": "slingshot.models.llama_server", "transformers": "slingshot.models.transformers_server"}
_SECONDS_TO_START = 300.0  # large weights come from the disk once
# What llama.cpp prints about a file that it cannot serve, and what that means.
_REASONS = {
    r"corrupted or incomplete|failed to read|remaining file size": "the file is cut short; make it or fetch it again",
    r"invalid magic characters": "this is no GGUF file, whatever it is called; name another",
    r"unknown model architecture": "llama.cpp does not know models of its kind; serve its Hugging Face folder",
}


def free_port() -> int:
    """A loopback port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_port(port: int) -> None:
    """Raise RequestError if somebody listens on this loopback port."""
    with socket.socket() as probe:
        # As the servers do: connections of one that has just ended keep a port for a minute otherwise.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise RequestError(
                f"port {port} on 127.0.0.1 is in use ({error.strerror}); choose another, or 0 for any free one"
            ) from None


@dataclass(frozen=True)
class Server:
    """A server under way.

    Attributes:
        endpoint: where it answers.
        context: tokens that prompt and answer together may have: as asked (llama.cpp rounds up), or fewer if the model
            has fewer positions.
        process: the server's own.
        log: what it prints.
    """

    endpoint: Endpoint
    context: int
    process: "subprocess.Popen[bytes]"
    log: Path

    def wait(self) -> NoReturn:
        """Wait until it ends.

        Raises:
            SlingshotError: it ended by itself.
        """
        code = self.process.wait()
        raise SlingshotError(
            f"{self.endpoint.model}: the server ended ({_how_it_ended(code)}); its log is {self.log}"
        )


@contextmanager
def serving(
    model: LocalModel | Path, log: Path, *, port: int = 0, parallel: int = 4, context: int = 2048
) -> Iterator[Endpoint]:
    """Serve a local model while the block runs; see `running_server`, which tells more about the server."""
    with running_server(model, log, port=port, parallel=parallel, context=context) as server:
        yield server.endpoint


@contextmanager
def running_server(
    model: LocalModel | Path, log: Path, *, port: int = 0, parallel: int = 4, context: int = 2048
) -> Iterator[Server]:
    """Serve a local model while the block runs; the server is stopped when it ends, however it ends.

    GGUF files are served by llama.cpp, which is quicker for few requests at a time; Hugging Face folders by
    transformers, which computes all requests under way at once.

    Args:
        model: the model, or its path.
        log: what the server prints is added to it.
        port: on loopback; 0 takes any free one.
        parallel: requests under way at once; more wait.
        context: tokens of prompt and answer together, for each request.

    Raises:
        RequestError: no such model, or the port is in use.
        MissingTool: a package that serves it is not installed.
        SlingshotError: the server does not become ready.
    """
    if isinstance(model, Path):
        model = _model_at(model)
    if port:
        check_port(port)
    port = port or free_port()
    address = f"http://127.0.0.1:{port}"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", _SERVERS[model.kind], str(model.path), "--name", model.name]
    command += ["--adapter", str(model.adapter)] if model.adapter else []
    command += ["--port", str(port), "--parallel", str(parallel), "--context", str(context)]
    with log.open("ab") as output:
        begin = output.tell()
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait_until_ready(process, f"{address}/health", model.path, log, begin)
            served = _told(f"{address}/props")["default_generation_settings"]["n_ctx"]
            dialect = Dialect(takes_top_k=model.kind == "gguf")
            yield Server(Endpoint(f"{address}/v1", model.name, dialect=dialect), served, process, log)
        finally:
            process.kill()
            process.wait()
            if process.stdin:
                process.stdin.close()


def _model_at(path: Path) -> LocalModel:
    model = local_model(str(path))
    if model is None:
        raise RequestError(
            f"{path}: there is no such file or folder; name a GGUF file or a Hugging Face folder"
        )
    return model


def _told(address: str) -> Any:
    """What a server says at an address."""
    with build_opener(ProxyHandler({})).open(address, timeout=10) as reply:
        return json.load(reply)


def _wait_until_ready(
    process: "subprocess.Popen[bytes]", health: str, model: Path, log: Path, begin: int
) -> None:
    """Return when the health check answers 200."""
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _why_it_stopped(process.returncode, model, log, begin)
        try:
            _told(health)
        except (URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise SlingshotError(
        f"{model}: the server was not ready after {_SECONDS_TO_START:.0f} seconds; see {log}"
    )


def _why_it_stopped(code: int, model: Path, log: Path, begin: int) -> SlingshotError:
    """What a server that ended while it started had to say; its words begin at a byte of the log."""
    said = log.read_bytes()[begin:].decode(errors="replace").strip()
    last = (said.splitlines() or ["it printed nothing"])[-1]
    if missing := re.search(r"No module named '(\w+)", last):
        return MissingTool(
            f"the package {missing[1]}, which serves {model.name}, is missing; install it with "
            "`pip install 'slingshot[train]'`"
        )
    if errors := re.findall(
        r"^[\d.]+ E (.*)", said, re.MULTILINE
    ):  # llama.cpp's, of which the first says why
        last = errors[0]
        for pattern, reason in _REASONS.items():
            if re.search(pattern, last):
                return SlingshotError(f"{model}: {reason}; the server's log is {log}")
    if code == -signal.SIGKILL:
        last = f"{_how_it_ended(code)}; choose a smaller model or a smaller --parallel"
    elif code < 0:
        last = f"{_how_it_ended(code)} after: {last}"
    return SlingshotError(f"{model}: the server stopped at start: {last}; its log is {log}")


def _how_it_ended(code: int) -> str:
    """An exit code in words."""
    if code == -signal.SIGKILL:
        return "it was killed, most likely for want of memory"
    return f"it crashed ({signal.Signals(-code).name})" if code < 0 else f"exit code {code}"
