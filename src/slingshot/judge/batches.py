"""How many answers travel together to a worker that another process runs.

A batch costs its worker a pause: the answers travel, the verdicts travel back, the one who hands out is busy with
others. The more answers share a pause, the less of it falls on each; the fewer, the less is lost with a machine
that dies, and the sooner a verdict is on disk. Through Ray, between two nodes on one machine, a pause took 2.5 ms and
an answer 30 ms or more (`benchmarks/ray_judging.py`), but both are measured anew wherever answers are judged.
"""

import math
import statistics
from collections import deque

SHARE = 0.02
"""The part of a worker's time that pauses may take."""
LONGEST = 5.0
"""Seconds of one core that a batch may take, and so the most that is lost with it."""
_RECENT = 32


class BatchSizes:
    """Sizes of batches, from what the last ones took."""

    def __init__(self) -> None:
        self._pauses: deque[float] = deque(maxlen=_RECENT)
        self._answers: deque[float] = deque(maxlen=_RECENT)

    def note(self, answers: int, worked: float, pause: float) -> None:
        """Learn of a batch that came back.

        Args:
            answers: how many it held.
            worked: seconds that its worker judged.
            pause: seconds beyond, from when it was handed out until the worker could get the next.
        """
        self._answers.append(worked / answers)
        self._pauses.append(pause)

    def size(self, waiting: int, workers: int) -> int:
        """How many of `waiting` answers one of `workers` gets: enough that pauses take `SHARE` of its time.

        With n answers of t seconds and a pause of p seconds that is n t >= p / SHARE. Towards the end it gets
        half of its share of what is left, so that all workers end at nearly the same time. Medians of recent batches
        are taken: a server that starts, or an answer that runs into its time limit, is no measure of the next.
        Before anything was measured it is one.
        """
        if not self._answers:
            return 1
        seconds = max(statistics.median(self._answers), 1e-6)
        enough = math.ceil(statistics.median(self._pauses) / (SHARE * seconds))
        return max(1, min(enough, int(LONGEST / seconds), math.ceil(waiting / (2 * workers))))
