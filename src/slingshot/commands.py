"""Running other programs, where what they print is read and nobody is asked anything."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


def run_captured(
    command: Sequence[str],
    seconds: float | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> "subprocess.CompletedProcess[str]":
    """Run a program to its end without standard input; its exit code and what it printed, as text.

    Args:
        command: the program and its arguments.
        seconds: how long it may take; None: as long as it likes.
        environment: its whole environment; None: ours.
        folder: where it runs; None: here.

    Raises:
        OSError: it could not be started.
        subprocess.TimeoutExpired: it took longer than `seconds` and was killed.
    """
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        env=environment,
        cwd=folder,
        timeout=seconds,
        check=False,
    )


def end_with_parent() -> None:
    """Let this process get a SIGTERM when the one that started it ends, however that happens; on Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1: PR_SET_PDEATHSIG
