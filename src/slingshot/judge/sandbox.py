"""Running a program that nobody trusts: no network, no home, a private /tmp, and hard limits."""

import contextlib
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

# What a dynamically linked program needs of the machine. The home, other users' files and /etc stay outside.
_SYSTEM_FOLDERS = ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32", "/etc/ld.so.cache", "/etc/localtime"]
_LARGEST_OUTPUT = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one run may use: wall-clock seconds, bytes of address space, bytes of any file it writes."""

    seconds: float = 10.0
    memory_bytes: int = 4 << 30
    file_bytes: int = 64 << 20


@dataclass(frozen=True)
class Outcome:
    """How a run ended. `returncode` is negative for a signal, as in `subprocess`."""

    stdout: bytes
    returncode: int
    timed_out: bool
    seconds: float


def sandboxed(command: Sequence[str], bubblewrap: Path, readable: Sequence[Path]) -> list[str]:
    """`command` inside bubblewrap: new namespaces, an empty /tmp, `readable` folders read-only."""
    arguments = [
        str(bubblewrap),
        "--unshare-all",
        "--die-with-parent",
        "--new-session",
        "--hostname",
        "judge",
    ]
    for folder in _SYSTEM_FOLDERS:
        arguments += ["--ro-bind-try", folder, folder]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]
    for path in readable:
        arguments += ["--ro-bind", str(path), str(path)]
    arguments += ["--setenv", "HOME", "/tmp", "--setenv", "TMPDIR", "/tmp", "--chdir", "/tmp", "--"]
    return [*arguments, *command]


def limited(command: Sequence[str], limits: Limits) -> list[str]:
    """`command` under resource limits; CPU time is capped a little above the wall-clock deadline."""
    return [
        "prlimit",
        f"--as={limits.memory_bytes}",
        f"--fsize={limits.file_bytes}",
        f"--cpu={int(limits.seconds) * 2 + 2}",
        "--core=0",
        "--",
        *command,
    ]


def run_limited(command: Sequence[str], stdin: bytes, environment: dict[str, str], limits: Limits) -> Outcome:
    """Run `command` with `stdin`; kill its whole process group at the deadline.

    What it wrote until then is kept, up to one MiB; a program that writes more is killed as well.
    """
    start = time.monotonic()
    process = subprocess.Popen(
        limited(command, limits),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    timed_out = True  # until it is known to have ended: an interrupt must not wait
    try:
        # On the side: a program that does not read must not keep us from the deadline. And through a pipe,
        # not a file: what was read from it, the secret above all, cannot be read again.
        threading.Thread(target=_feed, args=(process.stdin, stdin), daemon=True).start()
        stdout, timed_out = _read_until(process.stdout.fileno(), start + limits.seconds)
    finally:
        _kill_group(process, grace=0.0 if timed_out else 0.5)
        process.stdout.close()
    return Outcome(stdout, process.returncode, timed_out, time.monotonic() - start)


def _feed(pipe: IO[bytes], content: bytes) -> None:
    """Write all of `content` and close the pipe; a program that ended before tells why by its exit code."""
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(content)


def _read_until(descriptor: int, deadline: float) -> tuple[bytes, bool]:
    """Read to the end, the deadline or the output limit; say whether the deadline passed."""
    chunks, size = list[bytes](), 0
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        while size < _LARGEST_OUTPUT:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                return b"".join(chunks), True
            chunk = os.read(descriptor, 65536)
            if not chunk:
                break
            chunks.append(chunk)
            size += len(chunk)
    return b"".join(chunks), False


def _kill_group(process: subprocess.Popen[bytes], grace: float) -> None:
    """Give the process `grace` seconds to end by itself, then kill what is left of its group."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=grace)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
