"""Who judges what next, so that servers prepare for as few test cases as they can."""

import threading
from collections import deque
from collections.abc import Sequence


class Tasks:
    """What waits, test case by test case, variants with their plain form.

    A server prepares for every test case that it meets. So a worker stays with one to its end, then takes one that
    nobody has begun, and only when all are begun helps with the one of which most is left.
    """

    def __init__(self, waiting: Sequence[list[int]], names: Sequence[str]) -> None:
        """Take tasks, each the places of equal answers, and the name of each one's test case."""
        by_name: dict[str, deque[list[int]]] = {}
        for indices, name in zip(waiting, names, strict=True):
            by_name.setdefault(name, deque()).append(indices)
        self._lock, self._fresh, self._waiting = threading.Lock(), deque(by_name), by_name

    def next_after(self, name: str | None) -> tuple[str, list[int]] | None:
        """The next task of a worker that was last at a test case, and its test case; None when all are taken."""
        with self._lock:
            if name is None or not self._waiting[name]:
                if self._fresh:
                    name = self._fresh.popleft()
                else:
                    name = max(self._waiting, key=lambda begun: len(self._waiting[begun]), default=None)
            return (name, self._waiting[name].popleft()) if name is not None and self._waiting[name] else None

    def give_back(self, name: str, indices: list[int]) -> None:
        """Put a task back that was taken, and not done: it is the next of its test case."""
        with self._lock:
            self._waiting[name].appendleft(indices)

    @property
    def waiting(self) -> int:
        """How many tasks nobody has taken."""
        with self._lock:
            return sum(map(len, self._waiting.values()))
