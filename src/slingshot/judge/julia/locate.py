"""Finding a Julia that works: where one may be, and the self-test that every one must pass."""

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slingshot.commands import run_captured
from slingshot.errors import MissingTool, SlingshotError
from slingshot.files import cache_folder, sha256_of_file, sha256_of_text, write_json

OLDEST = (1, 5)
OFFICIAL_PREFIX = "julia-official-"
DEBIAN_FOLDER = "julia-1.5.3-debian"

_SELFTEST = Path(__file__).parent / "selftest.jl"
# A first start may compile the standard library's caches, on a machine that is busy with other things.
_SELFTEST_SECONDS = 180
# Variables of the caller that Julia may need. Everything else, API keys above all, stays out of its reach.
_KEPT_VARIABLES = ("HOME", "PATH", "TMPDIR", "JULIA_DEPOT_PATH", "JULIA_LOAD_PATH", "JULIAUP_DEPOT_PATH")


@dataclass(frozen=True)
class Julia:
    """A Julia that passed the self-test.

    Attributes:
        executable: the program, symbolic links resolved.
        version: for instance `1.10.4`.
        linker_path: folders that the dynamic linker must search first; empty for an ordinary installation.
        origin: where it was found: `$SLINGSHOT_JULIA`, `PATH`, `juliaup`, `official build`, `Debian packages`.
        bindir: the folder Julia calls its own, `Sys.BINDIR`.
    """

    executable: Path
    version: str
    linker_path: tuple[Path, ...]
    origin: str
    bindir: Path

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders, none inside another, that a sandbox must show read-only for this Julia to run."""
        wanted = {self.executable.parent, self.bindir.resolve().parent, *self.linker_path}
        return tuple(
            sorted(folder for folder in wanted if not any(other in folder.parents for other in wanted))
        )

    def environment(self) -> dict[str, str]:
        """The whole environment of its processes: one thread, no package server, none of the caller's secrets."""
        return _environment(self.linker_path)


@dataclass(frozen=True)
class Candidate:
    """A Julia that may work: the program as it was found, and what the linker must search for it."""

    executable: Path
    origin: str
    linker_path: tuple[Path, ...] = ()


def find_julia() -> Julia:
    """The first Julia that is at least 1.5 and passes the self-test.

    Looked for in this order: `$SLINGSHOT_JULIA` (and nothing else when it is set), `julia` on PATH, juliaup's
    own, the official build in the cache, Debian's packages in the cache. A passed self-test is remembered, so
    that the next call costs nothing.

    Raises:
        MissingTool: none works, or the one that `$SLINGSHOT_JULIA` names does not.
    """
    refused = []
    for candidate in _candidates():
        found = check(candidate)
        if isinstance(found, Julia):
            return found
        refused.append(f"{candidate.executable} {found}")
        if candidate.origin == "$SLINGSHOT_JULIA":
            raise MissingTool(
                f"SLINGSHOT_JULIA names a Julia that does not work ({refused[-1]}): correct or unset it"
            )
    why = f" ({'; '.join(refused)})" if refused else ""
    raise MissingTool(f"no working Julia 1.5 or newer{why}: run `slingshot doctor --fix`")


def debian_linker_path(prefix: Path) -> tuple[Path, ...]:
    """What the linker must search for the Julia that Debian's packages, unpacked in `prefix`, make.

    A folder that is not there is left out. Empty when `prefix` holds no Julia.
    """
    prefix = prefix.resolve()
    private = next(iter(sorted(prefix.glob("usr/lib/*/julia"))), None)
    if private is None:
        return ()
    triplet = private.parent.name
    folders = (private.parent, private, prefix / "lib" / triplet)
    return tuple(folder for folder in folders if folder.is_dir())


def check(candidate: Candidate, remember: bool = True) -> Julia | str:
    """The candidate as a `Julia` if it passes the self-test, else why not, as words that follow its path.

    Args:
        candidate: the Julia to test.
        remember: whether a passed self-test may be, and is, kept for the next call.
    """
    executable = candidate.executable.resolve()
    if not (executable.is_file() and os.access(executable, os.X_OK)):
        return "is not a program"
    memory = cache_folder() / "julia-selftests" / f"{_fingerprint(candidate, executable)}.json"
    if remember and (remembered := _remembered(memory, candidate)):
        return remembered
    result = _selftest(executable, candidate.linker_path)
    if isinstance(result, str):
        return result
    version, bindir = result
    # A launcher (juliaup's, asdf's, a wrapper) needs the home and starts slower: prefer what it launches.
    direct = (bindir / "julia").resolve()
    if direct != executable and _selftest(direct, candidate.linker_path) == (version, bindir):
        executable = direct
    julia = Julia(executable, version, candidate.linker_path, candidate.origin, bindir)
    known = {
        "executable": str(executable),
        "stat": _stat(executable),
        "version": version,
        "bindir": str(bindir),
    }
    if remember:
        with suppress(SlingshotError):  # a cache that cannot be written costs a second each time, no more
            write_json(memory, known)
    return julia


def _candidates() -> Iterator[Candidate]:
    if own := os.environ.get("SLINGSHOT_JULIA"):
        yield Candidate(Path(own), "$SLINGSHOT_JULIA")
        return
    if on_path := shutil.which("julia"):
        yield Candidate(Path(on_path), "PATH")
    juliaup = shutil.which("juliaup")
    if juliaup and (beside := Path(juliaup).with_name("julia")).exists():
        yield Candidate(beside, "juliaup")
    official = cache_folder().glob(f"{OFFICIAL_PREFIX}*/bin/julia")
    for executable in sorted(official, key=lambda path: _numbers(path.parent.parent.name), reverse=True):
        yield Candidate(executable, "official build")
    prefix = cache_folder() / DEBIAN_FOLDER
    if (executable := prefix / "usr" / "bin" / "julia").exists():
        yield Candidate(executable, "Debian packages", debian_linker_path(prefix))


def _selftest(executable: Path, linker_path: tuple[Path, ...]) -> tuple[str, Path] | str:
    """Version and `Sys.BINDIR` of a Julia that works, else why it does not."""
    command = [str(executable), "--startup-file=no", "--history-file=no", str(_SELFTEST)]
    try:
        done = run_captured(command, _SELFTEST_SECONDS, _environment(linker_path))
    except subprocess.TimeoutExpired:
        return f"did not finish its self-test in {_SELFTEST_SECONDS} seconds"
    except OSError as error:
        return f"does not start: {error.strerror or error}"
    said = dict(
        line.split(" ", 1) for line in done.stdout.splitlines() if line.startswith(("version ", "bindir "))
    )
    # The version comes first: an old one fails the self-test for reasons that would mislead.
    if "version" in said and _numbers(said["version"])[:2] < OLDEST:
        return f"is Julia {said['version']}, older than {OLDEST[0]}.{OLDEST[1]}"
    if number := _signal_number(done.returncode):
        return f"crashes in its self-test ({signal.Signals(number).name})"
    if done.returncode or "sound" not in done.stdout.splitlines():
        errors = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return f"fails its self-test: {errors[0]}"
    return said["version"], Path(said["bindir"])


def _signal_number(returncode: int) -> int:
    """The signal that ended a program, seen directly or through a shell script; 0 if none did."""
    number = -returncode if returncode < 0 else returncode - 128
    return number if number in set(signal.Signals) else 0


def _remembered(memory: Path, candidate: Candidate) -> Julia | None:
    """The result of an earlier self-test, if the program it led to is still the same file."""
    try:
        known: dict[str, Any] = json.loads(memory.read_text(encoding="utf-8"))
        executable = Path(known["executable"])
        if known["stat"] != _stat(executable):
            return None
        bindir = Path(known["bindir"])
        return Julia(executable, known["version"], candidate.linker_path, candidate.origin, bindir)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _fingerprint(candidate: Candidate, executable: Path) -> str:
    """A name for "this program, as it is now, under this self-test"."""
    # juliaup's launcher stays the same file when the user chooses another Julia: its settings tell.
    depot = os.environ.get("JULIAUP_DEPOT_PATH") or os.environ.get("JULIA_DEPOT_PATH") or "~/.julia"
    settings = Path(depot.split(":")[0]).expanduser() / "juliaup" / "juliaup.json"
    parts = [
        str(executable),
        *map(str, _stat(executable)),
        *map(str, candidate.linker_path),
        *(map(str, _stat(settings)) if "juliaup" in str(executable) and settings.exists() else ()),
        sha256_of_file(_SELFTEST),
    ]
    return sha256_of_text("\0".join(parts))[:24]


def _stat(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_mtime_ns, found.st_size]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _environment(linker_path: tuple[Path, ...]) -> dict[str, str]:
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    environment |= {
        "LANG": "C.UTF-8",
        "JULIA_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "JULIA_PKG_OFFLINE": "true",
        "JULIA_PKG_SERVER": "",
    }
    # An empty entry would make the linker search the working folder.
    own = [str(folder) for folder in linker_path]
    inherited = [folder for folder in os.environ.get("LD_LIBRARY_PATH", "").split(":") if folder]
    if search := own or inherited:
        environment["LD_LIBRARY_PATH"] = ":".join(search)
    return environment
