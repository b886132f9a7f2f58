"""Local servers: a GGUF file becomes an OpenAI-compatible endpoint on loopback for as long as it is needed."""

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

_SECONDS_TO_START = 120.0


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
    gguf: Path, log: Path, *, port: int = 0, parallel: int = 4, context: int = 2048
) -> Iterator[Endpoint]:
    """Serve a GGUF file while the block runs; the server is stopped when it ends, however it ends.

    `port` 0 takes any free one; `context` is in tokens for each of the `parallel` requests; what the server
    prints goes to `log`.

    Raises:
        RequestError: no such file, or the port is in use.
        MissingTool: llama.cpp's server is not installed.
        SlingshotError: the server does not become ready.
    """
    if not gguf.is_file():
        raise RequestError(f"{gguf}: there is no such GGUF file; make it with `slingshot gguf`")
    if port:
        check_port(port)
    port = port or free_port()
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "slingshot.models.llama_server", str(gguf), "--port", str(port)]
    command += ["--parallel", str(parallel), "--context", str(context)]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait_until_ready(process, f"http://127.0.0.1:{port}/health", gguf, log)
            yield Endpoint(f"http://127.0.0.1:{port}/v1", gguf.stem)
        finally:
            process.kill()
            process.wait()
            if process.stdin:
                process.stdin.close()


def _wait_until_ready(process: subprocess.Popen[bytes], health: str, gguf: Path, log: Path) -> None:
    """Return when the health check answers 200."""
    opener = build_opener(ProxyHandler({}))
    deadline = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["it printed nothing"]
            if "No module named 'xllamacpp'" in last[0]:
                raise MissingTool(
                    "llama.cpp's server is missing; install it with `pip install slingshot[train]`"
                )
            raise SlingshotError(f"{gguf}: the server stopped at start: {last[0]}; its log is {log}")
        try:
            with opener.open(health, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SlingshotError(f"{gguf}: the server was not ready after {_SECONDS_TO_START:.0f} seconds; see {log}")
