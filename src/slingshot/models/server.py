"""Local servers: a model on this machine becomes an OpenAI-compatible endpoint on loopback while it is needed."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from slingshot.errors import MissingTool, RequestError, SlingshotError
from slingshot.models.ask import Endpoint
from slingshot.models.local import LocalModel, local_model

_SERVERS = {"gguf": "slingshot.models.llama_server", "transformers": "slingshot.models.transformers_server"}
_SECONDS_TO_START = 300.0  # large weights come from the disk once


def free_port() -> int:
    """A loopback port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_port(port: int) -> None:
    """Raise RequestError if somebody listens on this loopback port."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise RequestError(
                f"port {port} on 127.0.0.1 is in use ({error.strerror}); choose another, or 0 for any free one"
            ) from None


@contextmanager
def serving(
    model: LocalModel | Path, log: Path, *, port: int = 0, parallel: int = 4, context: int = 2048
) -> Iterator[Endpoint]:
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
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", _SERVERS[model.kind], str(model.path), "--name", model.name]
    command += ["--adapter", str(model.adapter)] if model.adapter else []
    command += ["--port", str(port), "--parallel", str(parallel), "--context", str(context)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait_until_ready(process, f"http://127.0.0.1:{port}/health", model.path, log)
            yield Endpoint(f"http://127.0.0.1:{port}/v1", model.name)
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


def _wait_until_ready(process: subprocess.Popen[bytes], health: str, model: Path, log: Path) -> None:
    """Return when the health check answers 200."""
    opener = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise _why_it_stopped(process.returncode, model, log)
        try:
            with opener.open(health, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SlingshotError(
        f"{model}: the server was not ready after {_SECONDS_TO_START:.0f} seconds; see {log}"
    )


def _why_it_stopped(code: int, model: Path, log: Path) -> SlingshotError:
    """What a server that ended while it started had to say."""
    last = (log.read_text(errors="replace").strip().splitlines() or ["it printed nothing"])[-1]
    if missing := re.search(r"No module named '(\w+)", last):
        return MissingTool(
            f"the package {missing[1]}, which serves {model.name}, is missing; install it with "
            "`pip install 'slingshot[train]'`"
        )
    if code == -signal.SIGKILL:
        last = "it was killed, most likely for want of memory; choose a smaller model or a smaller --parallel"
    elif code < 0:
        last = f"it crashed ({signal.Signals(-code).name}) after: {last}"
    return SlingshotError(f"{model}: the server stopped at start: {last}; its log is {log}")
