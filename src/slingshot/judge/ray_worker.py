"""What runs on the nodes of a Ray cluster: one core's judge, which must be the very judge that asks it.

Nothing here imports Ray: it makes an actor of the class (`on_ray.py`).
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import slingshot
from slingshot.errors import SlingshotError
from slingshot.judge.bubblewrap import find_bubblewrap
from slingshot.judge.evaluation import Evaluation
from slingshot.judge.judge import Judge, Submission
from slingshot.judge.julia.install import find_julia
from slingshot.judge.julia.worker import Worker


class Judged(NamedTuple):
    """The verdicts on a batch, in its order, and the seconds that judging took."""

    evaluations: list[Evaluation]
    seconds: float


class RemoteWorker:
    """A judge's worker that stays warm between batches. One process has one, and calls it from one thread."""

    def __init__(self) -> None:
        self._worker: Worker | None = None

    def prepare(self, by: Judge, description: dict[str, str], release: str) -> str:
        """Make the judge that `by` describes of what this machine has; why that is impossible, or an empty text.

        Julia and bubblewrap may lie elsewhere here. All that is written beside verdicts must be the same, and so
        must the judge's code: verdicts of unlike judges must not meet.

        Args:
            by: the judge of the machine that asks.
            description: as that machine has it; here `by` would describe what lies here.
            release: the `release_of_judge()` of that machine.
        """
        if (here := release_of_judge()) != release:
            return f"its Slingshot is {here}, not {release}; install the same on all nodes"
        try:
            bubblewrap = find_bubblewrap() if by.bubblewrap else None
            own = replace(by, julia=find_julia(), bubblewrap=bubblewrap, ray=None)
            unlike = _differences(own.description, description)
        except SlingshotError as error:
            return str(error)
        if unlike:
            return f"its judge is another one ({unlike}); make it the same on all nodes"
        self._worker = Worker(own)
        return ""

    def judge(self, batch: Sequence[Submission]) -> Judged:
        """Judge answers one after the other.

        Raises:
            HarnessError: Julia does not start, twice.
        """
        assert self._worker is not None, "prepare comes first"
        start = time.perf_counter()
        evaluations = [self._worker.judge(submission) for submission in batch]
        return Judged(evaluations, time.perf_counter() - start)

    def stop(self) -> None:
        """End Julia and remove its folder."""
        if self._worker is not None:
            self._worker.__exit__(None, None, None)


@cache
def release_of_judge() -> str:
    """The version of Slingshot, and a hash of the judge's own files: versions under way share a number."""
    folder = Path(__file__).parent
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".jl"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes())
    return f"{slingshot.__version__} (judge {digest.hexdigest()[:8]})"


def _differences(there: dict[str, str], here: dict[str, str]) -> str:
    """In which points two descriptions of judges differ, as `julia 1.11.3, not 1.10.4`."""
    keys = sorted(there.keys() | here.keys())
    return "; ".join(
        f"{key} {there.get(key) or 'none'}, not {here.get(key) or 'none'}"
        for key in keys
        if there.get(key) != here.get(key)
    )
