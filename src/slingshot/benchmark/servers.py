"""One model behind one server or several: who is asked next, who rests, who is down, and what each has done.

Each of several servers gets as many questions at once as do it good (`pace.py`). One that fails is looked at, which
costs no question: is it there, and is it still the same model? If it is not there, its questions go to the others, and
it is looked at again after pauses that grow. One that is merely slow is left with fewer and fewer of the last
questions. Everything here belongs to the benchmark's loop, and decides nothing about single questions.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from slingshot.benchmark.errands import Errand
from slingshot.benchmark.pace import FIRST, Pace
from slingshot.benchmark.subject import Subject
from slingshot.benchmark.tally import ServerTally
from slingshot.errors import RequestError
from slingshot.models import Endpoint
from slingshot.models.ask import NoAnswer, plain_name
from slingshot.models.look import Sight, difference, look_at_all, unlike
from slingshot.models.patience import Patience

# So many failures without an answer between them make a server rest, though it is there.
_FAILURES_TO_REST = 3
# How much the last answer's seconds say of the next one's.
_SMOOTHING = 0.2


@dataclass(eq=False)
class Server:
    """One server, as its model's benchmark sees it.

    Attributes:
        endpoint: where it is.
        pace: how many questions it gets at once.
        tally: what it did.
        errands: questions under way there.
        seconds: an answer takes there, of late; 0 before the first.
        failures: without an answer since.
        failed_at: when the last of them was, on the monotonic clock.
        looks: in vain, since it was last there.
        rests_until: nothing is asked, and nobody looks, before; on the monotonic clock.
        heard: when it last gave a sign of life.
        doubtful: whether somebody has to look at it before it is asked again.
        in_sight: whether somebody looks at it now.
        out: why it is never asked again; empty while it may be.
    """

    endpoint: Endpoint
    pace: Pace
    tally: ServerTally
    errands: set[Errand] = field(default_factory=set)
    seconds: float = 0.0
    failures: int = 0
    failed_at: float = 0.0
    looks: int = 0
    rests_until: float = 0.0
    heard: float = 0.0
    doubtful: bool = False
    in_sight: bool = False
    out: str = ""

    @property
    def has_room(self) -> bool:
        """Whether it may have one more question under way."""
        return len(self.errands) < self.pace.limit

    def may_be_asked(self, now: float) -> bool:
        """Whether it is there, as far as is known, and does not rest."""
        return not (self.tally.down or self.doubtful or self.in_sight) and now >= self.rests_until

    def is_due(self, now: float, silence: float) -> bool:
        """Whether it is time that somebody looks at it: it is in doubt, was down for a while, or says nothing."""
        if self.out or self.in_sight:
            return False
        if self.tally.down:
            return now >= self.rests_until
        silent = bool(self.errands) and now - self.heard > max(silence, 2 * self.seconds)
        return self.doubtful or silent


class Servers:
    """All servers of one model."""

    def __init__(self, subject: Subject, patience: Patience, note: Callable[[str], None]) -> None:
        self.several = len(subject.endpoints) > 1
        self._name, self._patience, self._note = subject.name, patience, note
        first = FIRST if self.several else subject.concurrency
        self.all = [
            Server(
                endpoint,
                Pace(subject.concurrency, min(first, subject.concurrency)),
                ServerTally(endpoint.address),
            )
            for endpoint in subject.endpoints
        ]
        self._first: Sight | None = None
        self._served: tuple[str, Endpoint | None] | None = None
        self._served_lock = threading.Lock()
        self._show()

    @property
    def width(self) -> int:
        """Questions under way at once, to begin with."""
        return sum(server.pace.limit for server in self.all)

    @property
    def busy(self) -> bool:
        """Whether any question is under way."""
        return any(server.errands for server in self.all)

    @property
    def hopeless(self) -> str:
        """Why none of several servers is worth waiting for; empty while one is."""
        if not self.several:
            return ""
        reasons = [server.tally.down for server in self.all]
        lost = [bool(server.out) or server.looks >= self._patience.tries for server in self.all]
        if not all(reasons) or not all(lost):
            return ""
        return f"none of its {len(lost)} servers answers: {'; '.join(reasons)}"

    def look_at_all(self, now: float) -> None:
        """Look at several servers before anything is asked.

        Raises:
            RequestError: two of them serve unlike models.
        """
        if not self.several:
            return
        seen = look_at_all([server.endpoint for server in self.all], self._patience.silence)
        for server, sight in zip(self.all, seen, strict=True):
            if why := self.seen(server, sight, now):
                raise RequestError(why)

    def next(self, waiting: int, now: float) -> Server | None:
        """The server that gets the next of so many questions; None: it has to wait."""
        if not self.several:
            return self.all[0] if self.all[0].has_room else None
        there = [server for server in self.all if server.may_be_asked(now)]
        free = [server for server in there if server.has_room]
        if not free:
            return None
        best = min(free, key=lambda server: server.seconds)
        others = [server for server in there if server is not best and server.seconds]
        if best.seconds and others:
            # The last questions are not for the slow: others may be through with all of them sooner.
            speed = sum(server.pace.limit / server.seconds for server in others)
            if waiting / speed + min(server.seconds for server in others) < best.seconds:
                return None
        return best

    def sent(self, server: Server, errand: Errand) -> None:
        """A question is under way."""
        if not server.errands:
            server.heard = errand.began
        server.errands.add(errand)
        errand.filled = not server.has_room

    def answered(self, errand: Errand, tokens: int, seconds: float, now: float) -> None:
        """A question was answered: with so many tokens, in so many seconds."""
        server = self._of(errand)
        full = errand.filled and not server.has_room
        server.errands.discard(errand)
        server.tally.answered += 1
        server.tally.tokens += tokens
        if not self.several:
            return
        server.seconds += (seconds - server.seconds) * (_SMOOTHING if server.seconds else 1.0)
        server.heard, server.failures = now, 0
        if server.looks:
            server.looks = 0
            server.pace.start_again(FIRST, now)
        server.pace.answered(errand.began, now, tokens, seconds, full)
        self._show()

    def failed(self, errand: Errand, error: NoAnswer | None, now: float) -> None:
        """A question was not answered; None: for no fault of the server."""
        server = self._of(errand)
        server.errands.discard(errand)
        if error is None or not self.several:
            return
        server.tally.failures += 1
        if error.for_good or (error.wait or 0.0) > self._patience.longest_asked_wait:
            server.out = server.tally.down = str(error)
            self._note(f"{self._name}: {error}; the other servers are asked, and it is not tried again")
        if error.status is not None:
            server.heard = now
        if errand.began >= server.failed_at:  # what fails at one moment fails once
            server.failures += 1
            server.failed_at = now
            server.pace.failed(now)
        wait = 0.0
        if error.wait is not None:
            wait = self._patience.wait(server.failures, error.wait)
        elif error.status == 429 or server.failures >= _FAILURES_TO_REST:
            wait = self._patience.wait(server.failures, None)
        server.rests_until = max(server.rests_until, now + wait)
        server.doubtful |= error.status is None
        self._show()

    def to_look_at(self, now: float) -> list[Server]:
        """The servers that somebody has to look at now."""
        if not self.several:
            return []
        due = [server for server in self.all if server.is_due(now, self._patience.silence)]
        for server in due:
            server.in_sight = True
        return due

    def seen(self, server: Server, sight: Sight | NoAnswer, now: float) -> str:
        """Somebody looked at a server; one sentence if another model is there than at the first."""
        server.in_sight = server.doubtful = False
        if isinstance(sight, NoAnswer):
            if not server.tally.down:
                self._note(f"{self._name}: {sight}; the other servers are asked, and it is tried again")
            server.tally.down = str(sight)
            server.looks += 1
            server.rests_until = max(server.rests_until, now + self._patience.wait(server.looks, None))
            self._show()
            return ""
        server.heard = now
        if server.tally.down:
            server.tally.down = ""
            self._note(f"{self._name}: {server.endpoint.address} is there again")
            server.pace.start_again(1, now)
        self._show()
        if self._first is None:
            self._first = sight
        return difference(self._first, sight)

    def called_back(self, server: Server) -> list[Errand]:
        """The errands that are under way at a server, taken from it; one whose answer is being written stays."""
        ended = [errand for errand in server.errands if errand.end()]
        server.errands.difference_update(ended)
        return ended

    def check_served(self, endpoint: Endpoint | None, served: str | None) -> None:
        """Check that an answer came from the model that gave the first one; from any thread.

        `endpoint` is None for an answer of an earlier run, `served` where it does not say who it is from.

        Raises:
            NoAnswer: it came from another.
        """
        if not self.several or not served:
            return
        asked = endpoint or self.all[0].endpoint
        if served == asked.served_as:
            served = asked.model
        with self._served_lock:
            self._served = self._served or (served, endpoint)
        first, where = self._served
        if endpoint is not None and plain_name(served) != plain_name(first):
            who = f"{where.address} serves" if where else "earlier answers are by"
            raise NoAnswer(unlike(endpoint, served, who, first), other_model=True)

    def _of(self, errand: Errand) -> Server:
        return next(server for server in self.all if server.endpoint is errand.endpoint)

    def _show(self) -> None:
        for server in self.all:
            server.tally.concurrency = 0 if server.tally.down else server.pace.limit
