"""llama.cpp's own programs in processes of their own: what they print is read while they run."""

import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from slingshot.errors import MissingTool, SlingshotError
from slingshot.files import readable_disk_errors

Advance = Callable[[int, int], None]  # done, total

# As Python, numpy and C++ say that a file could not be written.
_FULL = re.compile(r"No space left on device|File too large|\d+ requested and \d+ written|iostream error")
_REASON = re.compile(r"failed to quantize: (.+)")  # which a traceback of the wheel's follows


def run_child(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    progress: re.Pattern[str] | None = None,
    advance: Advance | None = None,
) -> tuple[int, str]:
    """Run a program to its end; its exit code and all that it printed, both streams in their order.

    Args:
        command: the program and its arguments.
        environment: its whole environment; None: ours.
        progress: finds two groups, done and total, in a line that tells how far it is; a total is 100 without.
        advance: called with them.
    """
    lines = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,  # a carriage return, with which bars are drawn, ends a line too
        errors="replace",
        env=environment,
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                lines.append(line)
                if advance and progress and (found := progress.search(line)):
                    done, total = (*found.groups(), "100")[:2]
                    advance(int(done), int(total))
        except BaseException:
            process.kill()
            raise
    return process.returncode, "".join(lines)


def part_of(out: Path, needed: int = 0) -> Path:
    """Where to write `out` until it is whole: an empty neighbour, in a folder that has the room.

    Raises:
        SlingshotError: the folder may not be written, or has less than `needed` bytes free.
    """
    part = out.with_name(f".{out.name}.part")
    with readable_disk_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
        free = shutil.disk_usage(out.parent).free
    if free < needed:
        part.unlink()
        raise SlingshotError(
            f"{out} needs {needed / 1e9:.2f} GB, and {free / 1e9:.2f} GB are free; free some space or choose another "
            "folder"
        )
    return part


def failed(what: str, out: Path, code: int, printed: str) -> SlingshotError:
    """The error for a program that failed: `what` it could not do, and why."""
    said = [line.strip() for line in printed.splitlines() if line.strip() and "%|" not in line]  # no bars
    reason = (_REASON.findall(printed) or said or ["it printed nothing"])[-1]
    if missing := re.search(r"No module named '(\w+)", reason):
        return MissingTool(
            f"the package {missing[1]} is missing; install it with `pip install 'slingshot[train]'`"
        )
    if _FULL.search(reason) or code == -signal.SIGXFSZ:
        return SlingshotError(
            f"could not write {out}: No space left on device; free some space or choose another folder, then run again"
        )
    if code < 0:
        reason = f"it was ended by {signal.Signals(-code).name}"
        reason += ", most likely for want of memory" if code == -signal.SIGKILL else ""
    return SlingshotError(f"{what}: {reason}")
