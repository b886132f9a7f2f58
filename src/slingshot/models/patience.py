"""Patience: how often a question is asked again, and how long to wait before that."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from slingshot.models.ask import Endpoint, NoAnswer, Sampling, ask
from slingshot.models.conversation import Conversation


@dataclass(frozen=True)
class Patience:
    """How much failing is put up with.

    Attributes:
        tries: how often one question is asked at most.
        first_wait: seconds before the second try; each later wait is up to twice as long as the one before.
        longest_wait: seconds that no wait of ours exceeds.
        longest_asked_wait: seconds that an endpoint may ask us to wait; beyond, the question has failed.
        failures: questions in a row that may fail before the model is given up.
        silence: seconds without an answer after which one of several servers is looked at, and that this may take.
    """

    tries: int = 6
    first_wait: float = 1.0
    longest_wait: float = 60.0
    longest_asked_wait: float = 600.0
    failures: int = 5
    silence: float = 20.0

    def wait(self, tried: int, asked: float | None, chance: Callable[[], float] = random.random) -> float:
        """Seconds to wait after so many tries: what the endpoint asks for, else a random part of a growing span.

        Everybody who was refused at once would else come back at once ("full jitter", Brooker 2015,
        "Exponential Backoff And Jitter"). An endpoint's own figure is never undercut.
        """
        if asked is not None:
            return asked + chance() * min(1.0, self.first_wait)
        return chance() * min(self.longest_wait, self.first_wait * 2.0**tried)


class GivenUp(Exception):
    """The work was stopped from outside while a question was waiting to be asked again."""


def ask_patiently(
    endpoint: Endpoint,
    messages: list[dict[str, str]],
    sampling: Sampling,
    seed: int | None,
    patience: Patience,
    stopping: threading.Event,
    on_failure: Callable[[NoAnswer, float], None] = lambda error, wait: None,
) -> Conversation:
    """Ask until there is an answer, or no hope of one.

    Args:
        endpoint: whom.
        messages: what.
        sampling: how answers are drawn.
        seed: of the drawing.
        patience: how often and how long.
        stopping: when set, waiting ends at once.
        on_failure: called with every failure that is followed by another try, and the seconds until then.

    Raises:
        NoAnswer: the last failure.
        GivenUp: `stopping` was set.
    """
    for tried in range(1, patience.tries + 1):
        try:
            return ask(endpoint, messages, sampling, seed)
        except NoAnswer as error:
            too_long = error.wait is not None and error.wait > patience.longest_asked_wait
            if stopping.is_set():
                raise GivenUp from None
            if not error.passing or error.for_good or too_long or tried == patience.tries:
                raise
            wait = patience.wait(tried, error.wait)
            on_failure(error, wait)
            if stopping.wait(wait):
                raise GivenUp from None
    raise AssertionError("a question is asked at least once")
