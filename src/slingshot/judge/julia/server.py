"""Julia at the other end of two pipes: one warm fork server, or a process for a single answer.

What is sent and what comes back is described in `julia/wire.jl`. Both sides trust nothing that an answer could
have written: a child's findings carry a secret that its program never sees, the server's replies a seal that
is sent only when the child exists already.
"""

import contextlib
import os
import secrets
import selectors
import signal
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, NamedTuple, Self, get_args

from slingshot.errors import SlingshotError
from slingshot.judge.julia.locate import Julia
from slingshot.judge.sandbox import Limits, sandboxed

Tier = Literal["interpreted", "compiled"]
Ended = Literal["exit", "signal", "deadline", "deadlock", "processes", "output"]

_HARNESS = Path(__file__).parent / "harness.jl"
# The harness is compiled at this level, and what only a compiler can run.
_FLAGS = ["--startup-file=no", "--history-file=no", "-O1", "--compiled-modules=yes"]
_COLD_FLAGS: dict[Tier, list[str]] = {"interpreted": ["-O0", "--compile=min"], "compiled": ["-O1"]}
_SECRET_LENGTH = 32
_START_SECONDS = 180
# What a server may need beyond an answer's deadline to kill, clean up and reply, on a busy machine.
_GRACE_SECONDS = 10
# A starved child may use four times its seconds of wall clock (forkserver.jl).
_STARVED = 4
_LARGEST_REPLY = 4 << 20


class HarnessError(SlingshotError):
    """The judge itself failed; this is never counted as a failure of the model."""


class ServerLost(HarnessError):
    """The server ended, hung or was tampered with; nothing it said about this answer counts."""


@dataclass(frozen=True)
class Request:
    """One answer as Julia gets it; the fields are those of `Request` in `julia/wire.jl`, in its order."""

    name: str
    programs: Sequence[str]
    examples: Sequence[str]
    unit_tests: Sequence[str]
    imports: Sequence[str] = ()
    reference: str = ""
    tier: Tier = "interpreted"
    mode: str = "default"
    early: bool = False
    old_names: bool = False
    skipped: Sequence[str] = ()
    seconds: float = 10.0
    each_piece: bool = False
    limits: Limits = field(default_factory=Limits)

    def encode(self) -> bytes:
        """The request's fields, one after the other."""
        return b"".join(
            (
                _text(self.tier),
                _text(self.mode),
                _text("true" if self.early else "false"),
                _text("true" if self.old_names else "false"),
                _text(self.name),
                _texts(self.imports),
                _texts(self.programs),
                _texts(self.examples),
                _texts(self.unit_tests),
                _text(self.reference),
                _texts(self.skipped),
                _text(f"{self.seconds:.3f}"),
                _text("true" if self.each_piece else "false"),
                *(
                    _text(str(n))
                    for n in (self.limits.memory_bytes, self.limits.file_bytes, self.limits.processes)
                ),
            )
        )


class Reply(NamedTuple):
    """How a child ended, and what it wrote.

    `number` is the exit code or the signal. `odd` says what the server could not clean up, empty if nothing.
    `secret` marks the lines of `output` that the harness wrote.
    """

    ended: Ended
    number: int
    seconds: float
    odd: str
    output: bytes
    secret: bytes


class Server:
    """A running fork server. Use it as a context manager, from one thread."""

    def __init__(
        self, julia: Julia, bubblewrap: Path | None, environment: dict[str, str], readable: Sequence[Path]
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="slingshot-judge-", ignore_cleanup_errors=True)
        way = "serve-sandboxed" if bubblewrap else "serve"
        command = [str(julia.executable), *_FLAGS, str(_HARNESS), way]
        self._process, self._requests, self._replies = _start(
            command, julia, bubblewrap, environment, readable, Path(self._folder.name)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def rehearse(self, request: Request) -> str:
        """Load and compile what a trusted answer needs; the first import that is missing, or an empty string."""
        (missing,) = self._ask(b"rehearse", request, b"", _START_SECONDS)
        return missing.decode(errors="replace")

    def judge(self, request: Request) -> Reply:
        """Judge one answer in a child of its own.

        Raises:
            ServerLost: no reply that can be trusted came; stop this server and start another.
        """
        secret = secrets.token_hex(_SECRET_LENGTH // 2).encode()
        pieces = 1 + len(request.examples) + len(request.unit_tests) if request.each_piece else 1
        patience = request.seconds * pieces * _STARVED + _GRACE_SECONDS
        ended, number, seconds, odd, output = self._ask(b"judge", request, secret, patience)
        how = next((how for how in get_args(Ended) if how == ended.decode(errors="replace")), None)
        if how is None:
            raise ServerLost("the Julia server's reply makes no sense")
        return Reply(how, int(number), float(seconds), odd.decode(errors="replace"), output, secret)

    def stop(self) -> None:
        """Kill the server and everything in its sandbox."""
        _kill(self._process)
        for descriptor in (self._requests, self._replies):
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._requests = self._replies = -1
        self._folder.cleanup()

    def _ask(self, command: bytes, request: Request, secret: bytes, patience: float) -> list[bytes]:
        """Send a request, wait for the sealed reply, return its fields."""
        seal = secrets.token_hex(_SECRET_LENGTH // 2).encode()
        body = _bytes(command) + request.encode()
        deadline = time.monotonic() + patience
        try:
            _write(self._requests, struct.pack("<Q", len(body)) + body + seal + secret, deadline)
            head = _read(self._replies, _SECRET_LENGTH + 8, deadline)
            length = struct.unpack("<Q", head[_SECRET_LENGTH:])[0]
            if not secrets.compare_digest(head[:_SECRET_LENGTH], seal) or length > _LARGEST_REPLY:
                raise ServerLost("the Julia server's reply is not its own")
            return _fields(_read(self._replies, length, deadline))
        except (OSError, EOFError, ValueError, struct.error) as error:
            raise ServerLost(f"the Julia server gave no reply ({error})") from error


def judge_once(
    request: Request,
    julia: Julia,
    bubblewrap: Path | None,
    environment: dict[str, str],
    readable: Sequence[Path],
) -> Reply:
    """Judge one answer in a Julia process that is started for it and ends with it.

    Raises:
        ServerLost: Julia could not be started.
    """
    secret = secrets.token_hex(_SECRET_LENGTH // 2).encode()
    body = request.encode()
    flags = ["--startup-file=no", "--history-file=no", *_COLD_FLAGS[request.tier]]
    with tempfile.TemporaryDirectory(prefix="slingshot-judge-", ignore_cleanup_errors=True) as folder:
        command = [str(julia.executable), *flags, str(_HARNESS), "once"]
        process, requests, replies = _start(command, julia, bubblewrap, environment, readable, Path(folder))
        try:
            _write(requests, struct.pack("<Q", len(body)) + body + secret, time.monotonic() + _GRACE_SECONDS)
            ended, output, seconds = _collect(process, replies, secret, request)
        except OSError as error:
            raise ServerLost(f"Julia at {julia.executable} does not start ({error})") from error
        finally:
            _kill(process)
            os.close(requests)
            os.close(replies)
    if ended != "exit":
        return Reply(ended, 0, seconds, "", output, secret)
    code = process.returncode
    if bubblewrap and code > 128:  # as a shell says it, the sandbox passes a signal on
        code = 128 - code
    return Reply("signal" if code < 0 else "exit", abs(code), seconds, "", output, secret)


def _collect(
    process: "subprocess.Popen[bytes]", replies: int, secret: bytes, request: Request
) -> tuple[Ended, bytes, float]:
    """Read a cold process's findings. Its deadline counts from the moment it says that it is ready."""
    output, ready = b"", False
    start = time.monotonic()
    deadline = start + _START_SECONDS
    while True:
        if not _readable(replies, deadline):
            if not ready:
                raise ServerLost("Julia did not start in time")
            return "deadline", output, time.monotonic() - start
        chunk = os.read(replies, 1 << 16)
        if not chunk:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=1.0)
            return "exit", output, time.monotonic() - start
        output += chunk
        if len(output) > 1 << 20:
            return "output", output, time.monotonic() - start
        if secret in (chunk if ready else output) and (request.each_piece or not ready):
            start = start if ready else time.monotonic()
            ready, deadline = True, time.monotonic() + request.seconds


def _start(
    command: Sequence[str],
    julia: Julia,
    bubblewrap: Path | None,
    environment: dict[str, str],
    readable: Sequence[Path],
    folder: Path,
) -> tuple["subprocess.Popen[bytes]", int, int]:
    """Start Julia with a pipe to send requests and one to receive replies, everything else cut off."""
    child_in, requests = os.pipe()
    # A socket, not a pipe: who holds a pipe's end can open the other through /proc and read what was sent.
    replies, child_out = (end.detach() for end in socket.socketpair())
    whole = [*command, str(child_in), str(child_out)]
    environment = dict(environment)
    if bubblewrap:
        # A server is the first process, out of its children's reach; an answer's own process must not be, for
        # the kernel spares the first process most signals.
        folders = [*julia.roots, _HARNESS.parent, *readable]
        whole = sandboxed(whole, bubblewrap, folders, first="once" not in command)
    else:
        environment |= {"TMPDIR": str(folder), "HOME": str(folder)}
    try:
        process = subprocess.Popen(
            whole,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(child_in, child_out),
            env=environment,
            cwd=folder,
            start_new_session=True,
        )
    except OSError as error:
        os.close(requests)
        os.close(replies)
        raise ServerLost(f"Julia at {julia.executable} does not start ({error})") from error
    finally:
        os.close(child_in)
        os.close(child_out)
    os.set_blocking(requests, False)
    return process, requests, replies


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and its group; in a sandbox, everything in it dies with it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _write(descriptor: int, content: bytes, deadline: float) -> None:
    """Write everything before the deadline.

    Raises:
        OSError: the deadline passed, or nobody reads.
    """
    rest = memoryview(content)
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_WRITE)
        while rest:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError("it does not read")
            with contextlib.suppress(BlockingIOError):
                rest = rest[os.write(descriptor, rest) :]


def _read(descriptor: int, count: int, deadline: float) -> bytes:
    """Read exactly `count` bytes before the deadline.

    Raises:
        OSError: the deadline passed, or the file ended before.
    """
    content = b""
    while len(content) < count:
        if not _readable(descriptor, deadline):
            raise TimeoutError("it takes too long")
        chunk = os.read(descriptor, count - len(content))
        if not chunk:
            raise EOFError("it ended")
        content += chunk
    return content


def _readable(descriptor: int, deadline: float) -> bool:
    """Whether there is something to read, or the end of the file, before the deadline."""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(max(0.0, deadline - time.monotonic())))


def _bytes(raw: bytes) -> bytes:
    return b"%d\n%b" % (len(raw), raw)


def _text(content: str) -> bytes:
    return _bytes(content.encode(errors="surrogatepass"))  # a model may answer half a character


def _texts(contents: Sequence[str]) -> bytes:
    return b"%d\n" % len(contents) + b"".join(map(_text, contents))


def _fields(body: bytes) -> list[bytes]:
    """The fields of a message, each `LENGTH`, a line break, and the bytes."""
    fields = []
    while body:
        length, _, rest = body.partition(b"\n")
        fields.append(rest[: int(length)])
        body = rest[int(length) :]
    return fields
