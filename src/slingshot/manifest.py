"""Steps that are done once: each leaves a manifest, written last, and a manifest means finished.

A step is named by its inputs. Run again with the same inputs, a finished step is skipped and a broken one
goes on from what it left; with other inputs its outputs are removed first, so that nothing made from an old
recipe survives under a new one.
"""

import fcntl
import json
import platform
import resource
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import slingshot
from slingshot.energy import Counter, EnergyMeter, find_counters
from slingshot.errors import SlingshotError
from slingshot.files import write_json
from slingshot.folders import PARTIAL

Facts = dict[str, Any]


def do_step(
    run: Path,
    name: str,
    inputs: dict[str, Any],
    outputs: Sequence[Path],
    work: Callable[[], Facts],
    traces: Sequence[Path] = (),
    counters: Callable[[], Sequence[Counter]] = find_counters,
) -> Facts:
    """Do a step unless its manifest says it is done with these inputs; return the manifest's content.

    `work` returns the facts to keep under the key `facts`. Seconds count every attempt: what a killed one
    had used is read from the times of the files it left in `outputs` and in `traces`, places that the step
    writes to but does not own. Joules are those of `counters`, and unknown where an attempt was killed: it took its
    figure along.
    """
    manifest = run / "manifests" / f"{name}.json"
    begun = run / "manifests" / f"{name}.begun.json"
    if done := finished_step(run, name, inputs, outputs):
        return done
    inputs = _as_kept(inputs)
    manifest.unlink(missing_ok=True)
    before = 0.0
    earlier = read_manifest(begun)
    goes_on = earlier is not None and earlier.get("inputs") == inputs
    if earlier and goes_on:
        before = earlier["seconds_before"] + _seconds_used(earlier["began"], [*outputs, *traces])
    else:
        for path in outputs:
            remove(path)
    began = time.time()
    write_json(begun, {"inputs": inputs, "began": began, "seconds_before": before})
    with EnergyMeter(counters()) as meter:
        facts = work()
    content = {
        "step": name,
        "inputs": inputs,
        "facts": facts,
        "seconds": round(before + time.time() - began, 3),
        "joules": None if goes_on or meter.joules is None else round(meter.joules, 3),
        "energy_source": "unknown for the attempts that were stopped" if goes_on else meter.source,
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "python": platform.python_version(),
    }
    write_json(manifest, content)
    begun.unlink()
    return content


def finished_step(run: Path, name: str, inputs: dict[str, Any], outputs: Sequence[Path]) -> Facts | None:
    """The content of a step's manifest, None unless it is done with these inputs and its outputs are there."""
    done = read_manifest(run / "manifests" / f"{name}.json")
    same = done is not None and done.get("inputs") == _as_kept(inputs)
    return done if same and all(path.exists() for path in outputs) else None


def _as_kept(inputs: dict[str, Any]) -> dict[str, Any]:
    """Inputs as they come back from a manifest, the version of this package among them."""
    kept: dict[str, Any] = json.loads(json.dumps({"slingshot": slingshot.__version__, **inputs}, default=str))
    return kept


def read_manifest(path: Path) -> dict[str, Any] | None:
    """A manifest's content, None when there is none; a broken one counts as none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return content if isinstance(content, dict) else None
    except (FileNotFoundError, ValueError):
        return None


def _seconds_used(began: float, places: Sequence[Path]) -> float:
    """How long an attempt ran before it was killed, judged by the last file it wrote."""
    files = [file for path in places for file in ([path] if path.is_file() else path.rglob("*"))]
    return max([file.stat().st_mtime - began for file in files if file.exists()] + [0.0])


def remove(path: Path) -> None:
    """Remove a file or a whole folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextmanager
def only_run(run: Path) -> Iterator[None]:
    """Hold the run's folder against a second process, and clear what a killed one left half-written.

    Raises:
        SlingshotError: another process works in the folder.
    """
    run.mkdir(parents=True, exist_ok=True)
    with (run / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SlingshotError(
                f"{run}: another slingshot works in this folder; wait for it or stop it"
            ) from None
        for part in run.rglob(".*.part"):
            part.unlink()
        for part in list(run.rglob(f"{PARTIAL}*")):
            remove(part)
        yield
