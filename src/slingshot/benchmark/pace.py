"""How many questions one of several servers gets at once, found while it is asked.

Throughput at so many questions at once is their number times the tokens a second of each (Little's law: what is
under way is the rate times the time each takes). Two neighbouring numbers are tried in turn and the better stays:
doubled at first, later a step up or a step down. More at once must be worth it: of what twice as many servers would
give, a quarter at least, or the smaller number wins, whose answers come sooner. A failure halves the number (additive
increase, multiplicative decrease: Chiu and Jain 1989, "Analysis of the Increase and Decrease Algorithms for
Congestion Avoidance in Computer Networks").
"""

import time
from dataclasses import dataclass, field

# Where nobody says how many: at first, and at most.
FIRST, MOST = 4, 64
# The share of an ideal gain that makes more at once worth it.
_WORTH = 0.25
# Answers in one measurement at least, twice as many once the gains are small; and how many measurements a number
# stays after a trial that failed.
_FEWEST, _REST = 8, 4


@dataclass
class Pace:
    """The number of questions at once, which answers and failures change.

    Attributes:
        most: it is never above this.
        limit: it.
        since: when it was last changed, on the monotonic clock.
    """

    most: int = MOST
    limit: int = 0
    since: float = field(default_factory=time.monotonic)
    _other: tuple[int, float] | None = None  # the number that is compared with, and its tokens a second
    _doubling: bool = True
    _upwards: bool = True
    _resting: int = 0
    _answers: int = 0
    _tokens: int = 0
    _seconds: float = 0.0

    def __post_init__(self) -> None:
        self.limit = self.limit or min(FIRST, self.most)

    def answered(self, began: float, now: float, tokens: int, seconds: float, full: bool) -> None:
        """Take note of an answer.

        Args:
            began: when it was asked for; answers from before the last change tell nothing.
            now: when it came.
            tokens: it has; 0 where that is unknown, when every answer counts alike.
            seconds: it took.
            full: whether the server had as many as it gets at once when it was asked for, and until it came. The first
                after a change have fewer before them than those that follow, and come sooner.
        """
        if began < self.since or not full:
            return
        self._answers += 1
        self._tokens += tokens or 1
        self._seconds += seconds
        enough = _FEWEST if self._doubling else 2 * _FEWEST
        if self._answers >= max(self.limit, enough) and self._seconds > 0:
            self._conclude(self.limit * self._tokens / self._seconds, now)

    def failed(self, now: float) -> None:
        """Halve it, and begin to measure anew."""
        self._doubling, self._other, self._resting = False, None, _REST
        self._set(self.limit // 2, now)

    def start_again(self, limit: int, now: float) -> None:
        """Begin with so many at once, as with a server that nothing is known of."""
        self._doubling, self._upwards, self._other, self._resting = True, True, None, 0
        self._set(limit, now)

    def _conclude(self, rate: float, now: float) -> None:
        """Compare what was measured with what was before, and say what is tried next."""
        here = (self.limit, rate)
        before = self._other or here
        (few, slow), (many, fast) = sorted([here, before])
        better = many if fast >= slow * (1 + _WORTH * (many / few - 1)) else few
        if better == self.limit:
            self._try_from(here, now)
        else:
            self._doubling, self._upwards, self._resting = False, not self._upwards, _REST
            self._set(before[0], now)

    def _try_from(self, here: tuple[int, float], now: float) -> None:
        """Try the next number after a measured one, unless that has to rest."""
        limit = here[0]
        self._other = here
        if self._resting:
            self._resting -= 1
            self._set(limit, now)
            return
        step = limit if self._doubling else max(1, limit // 8)
        self._set(limit + step if self._upwards else limit - step, now)
        if self.limit == limit:  # at an end: next time the other way
            self._upwards, self._resting, self._doubling = not self._upwards, _REST, False

    def _set(self, limit: int, now: float) -> None:
        self.limit = max(1, min(self.most, limit))
        self.since = now
        self._answers, self._tokens, self._seconds = 0, 0, 0.0
