"""Joules that the processor uses while something is done, from the counters that Linux shows of it (RAPL).

A counter counts microjoules in one package or its memory, and starts again from nought every few minutes to an
hour: it is looked at now and then, so that no turn is missed. It counts all that runs on the machine. Virtual
machines have none, and usually only root may read them.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

POWERCAP = Path("/sys/class/powercap")
# At 500 W the smallest counters in use, of 262 kJ, turn over after nine minutes.
_SECONDS_BETWEEN_LOOKS = 30.0


@dataclass(frozen=True)
class Counter:
    """One counter: its file, what it counts (`package-0`, `dram`), and how many microjoules are a turn."""

    file: Path
    what: str
    turn: int

    def read(self) -> int:
        """Microjoules since some beginning, less than a turn.

        Raises:
            OSError, ValueError: it cannot be read.
        """
        return int(self.file.read_text())


def find_counters(powercap: Path = POWERCAP) -> list[Counter]:
    """The counters of all packages and of their memory, as far as they can be read.

    Parts of a package (cores, graphics), the whole platform (`psys`) and the same counters on another way
    (`intel-rapl-mmio`) are left out: they would be counted twice.
    """
    found = []
    for folder in sorted(powercap.glob("intel-rapl:*")):
        try:
            what = (folder / "name").read_text().strip()
            counter = Counter(folder / "energy_uj", what, int((folder / "max_energy_range_uj").read_text()))
            if what == "dram" or what.startswith("package"):
                counter.read()
                found.append(counter)
        except (OSError, ValueError):
            continue
    return found


class EnergyMeter:
    """Counts joules while its block runs: `joules` and `source` say how many, and from where or why none.

    Args:
        counters: what is counted; None for all there are.
        seconds: between two looks.
    """

    def __init__(
        self, counters: Sequence[Counter] | None = None, seconds: float = _SECONDS_BETWEEN_LOOKS
    ) -> None:
        self._counters = find_counters() if counters is None else list(counters)
        self._seconds = seconds
        self._microjoules, self._broken = 0, False
        self._last: list[int] = []
        self._looking = threading.Lock()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look_now_and_then, daemon=True)

    @property
    def joules(self) -> float | None:
        """Used since the block began, None where they cannot be read."""
        if not self._counters or self._broken:
            return None
        return self._microjoules / 1e6

    @property
    def source(self) -> str:
        """Where the figure comes from, or that there is none."""
        if self.joules is None:
            return "not readable here"
        whats = ", ".join(counter.what for counter in self._counters)
        return f"Linux RAPL: {whats}; all that ran on this machine"

    def __enter__(self) -> "EnergyMeter":
        """Begin to count."""
        if self._counters:
            self._last = self._read()
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Look a last time."""
        if self._counters:
            self._done.set()
            self._thread.join()
            self._look()

    def _look_now_and_then(self) -> None:
        while not self._done.wait(self._seconds):
            self._look()

    def _look(self) -> None:
        with self._looking:
            now = self._read()
            if not self._broken:
                pairs = zip(self._counters, self._last, now, strict=True)
                self._microjoules += sum((after - before) % counter.turn for counter, before, after in pairs)
                self._last = now

    def _read(self) -> list[int]:
        try:
            return [counter.read() for counter in self._counters]
        except (OSError, ValueError):
            self._broken = True  # what is missing cannot be guessed
            return []
