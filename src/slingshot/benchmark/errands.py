"""Questions on their way: in threads of their own they are asked and their answers written, and the loop is told."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from slingshot.benchmark.plan import Question
from slingshot.benchmark.resume import Found
from slingshot.benchmark.subject import Subject
from slingshot.models import Conversation, Endpoint
from slingshot.models.ask import NoAnswer
from slingshot.models.patience import Patience, ask_patiently
from slingshot.models.prices import cost_usd
from slingshot.recordings.files import about_sample, write_conversation


@dataclass(eq=False)
class Errand:
    """One question on its way to one server.

    Attributes:
        question: it.
        endpoint: the server.
        reserved: dollars set aside for it.
        began: when it was sent, on the monotonic clock.
        filled: whether the server had all that it gets at once from then on.
    """

    question: Question
    endpoint: Endpoint
    reserved: float = 0.0
    began: float = field(default_factory=time.monotonic)
    filled: bool = False
    _end: threading.Lock = field(default_factory=threading.Lock)

    def end(self) -> bool:
        """Whether this is the first to end the errand: its answer is only written, and it only called back, by one."""
        return self._end.acquire(blocking=False)


@dataclass(frozen=True)
class Answered:
    """The answer is on disk."""

    errand: Errand
    found: Found


@dataclass(frozen=True)
class Failed:
    """There is no answer, or it could not be written."""

    errand: Errand
    error: BaseException


@dataclass(frozen=True)
class CalledBack:
    """An answer, or a failure, that came after the question had been sent elsewhere."""


@dataclass(frozen=True)
class Retrying:
    """The same server is asked again."""

    error: NoAnswer


class Runners:
    """Threads that run the errands of one model: as many as there are errands under way at once.

    Args:
        subject: the model.
        folder: of its recordings.
        patience: with each question at its server.
        tell: called, from any thread, with what became of an errand.
        accept: called with every answer before it is written; what it raises is the errand's failure.
    """

    def __init__(
        self,
        subject: Subject,
        folder: Path,
        patience: Patience,
        tell: Callable[[Answered | Failed | CalledBack | Retrying], None],
        accept: Callable[[Endpoint, Conversation], None],
    ) -> None:
        self._subject, self._folder, self._patience = subject, folder, patience
        self._tell, self._accept = tell, accept
        self._errands: queue.SimpleQueue[Errand | None] = queue.SimpleQueue()
        self._threads = self._under_way = 0
        self._stopping = threading.Event()

    def send(self, errand: Errand) -> None:
        """Run an errand."""
        self._under_way += 1
        if self._under_way > self._threads:
            self._threads += 1
            threading.Thread(target=self._work, daemon=True).start()
        self._errands.put(errand)

    def came_back(self) -> None:
        """One of them came back."""
        self._under_way -= 1

    def give_up(self) -> None:
        """Ask nothing again that fails from now on."""
        self._stopping.set()

    def stop(self) -> None:
        """End the threads; those that wait for an answer end by themselves, and nobody waits for them."""
        self._stopping.set()
        for _ in range(self._threads):
            self._errands.put(None)

    def _work(self) -> None:
        """In a thread of its own: ask, write, tell."""
        while (errand := self._errands.get()) is not None:
            try:
                found = self._run(errand)
                self._tell(CalledBack() if found is None else Answered(errand, found))
            except BaseException as error:  # it is raised, or counted, in the loop's thread
                self._tell(Failed(errand, error))

    def _run(self, errand: Errand) -> Found | None:
        """Ask one question and write the answer; None if it was called back meanwhile."""
        subject, question, sample = self._subject, errand.question, errand.question.sample
        conversation = ask_patiently(
            errand.endpoint,
            question.messages,
            question.sampling,
            sample.seed,
            self._patience,
            self._stopping,
            lambda error, wait: self._tell(Retrying(error)),
        )
        self._accept(errand.endpoint, conversation)
        if not errand.end():
            return None
        if question.before is not None:  # a correction's tokens and seconds are those of all its rounds
            tokens = [sum(pair) for pair in zip(conversation.tokens, question.before.tokens, strict=True)]
            elapsed = round(conversation.elapsed + question.before.elapsed, 4)
            conversation = replace(conversation, tokens=(tokens[0], tokens[1]), elapsed=elapsed)
        about: dict[str, Any] = {"parameters": question.sampling.parameters}
        about["served_model"] = conversation.served_model
        if (price := subject.price_at(errand.endpoint)) is not None:
            about["cost_usd"] = cost_usd(*conversation.tokens, price)
        about |= subject.about_answer(errand.endpoint)
        sample = replace(sample, seed=conversation.seed)
        path = write_conversation(self._folder, sample, conversation, about)
        return Found(path, conversation, about_sample(sample) | about)
