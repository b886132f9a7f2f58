"""How a benchmark stands, model by model: counted as answers come in, and read by whoever shows progress."""

import time
from collections import Counter
from dataclasses import dataclass, field

from slingshot.judge import Evaluation
from slingshot.models import Conversation
from slingshot.recordings.files import ONE_SHOT, Sample
from slingshot.statistics import Interval, interval_over_test_cases

# So many copies, and at least half of those answers that could be one, are no accident any more.
_COPIES_TO_TELL = 2


@dataclass
class ServerTally:
    """What one of several servers of a model did.

    Attributes:
        address: its host and port.
        answered: answers recorded now.
        failures: questions that it did not answer.
        tokens: of the answers recorded now.
        concurrency: questions that it gets at once at the moment; 0 while it is down.
        down: why it is not asked; empty while it is.
    """

    address: str
    answered: int = 0
    failures: int = 0
    tokens: int = 0
    concurrency: int = 0
    down: str = ""


@dataclass
class Tally:
    """The count of one model.

    Attributes:
        model: its name.
        total: answers there will be, corrections included.
        there_before: answers of an earlier run.
        answered: answers recorded now.
        failed: one sentence for each question that was not answered.
        retries: failures that another try made good, or may still.
        tokens_prompt: of the answers recorded now.
        tokens_answer: of these, too.
        dollars: what they cost; None where the price is unknown.
        cut_off: answers that the token limit ended, those of an earlier run too.
        judged: evaluations there are, those of an earlier run too.
        unjudged: one sentence for each answer that the judge failed on.
        points: the scores of the plain answers by test case.
        stopped: why no more is asked; empty while it goes on.
        servers: what each server did, if there are several.
    """

    model: str
    total: int = 0
    there_before: int = 0
    answered: int = 0
    failed: list[str] = field(default_factory=list)
    retries: int = 0
    tokens_prompt: int = 0
    tokens_answer: int = 0
    dollars: float | None = None
    cut_off: int = 0
    judged: int = 0
    unjudged: list[str] = field(default_factory=list)
    points: dict[str, list[float]] = field(default_factory=dict)
    stopped: str = ""
    servers: list[ServerTally] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None
    last_failure: str = ""
    _texts: dict[tuple[str, str, str], Counter[str]] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """Answers on disk."""
        return self.there_before + self.answered

    @property
    def missing(self) -> int:
        """Answers that are still to come, or never will."""
        return self.total - self.done

    @property
    def seconds(self) -> float:
        """Since asking began, until the last answer."""
        return (self.ended or time.monotonic()) - self.began

    @property
    def answers_per_second(self) -> float:
        """How fast answers come in, all requests together."""
        return self.answered / self.seconds if self.answered else 0.0

    @property
    def tokens_per_second(self) -> float:
        """Answers' tokens a second, all requests together."""
        return self.tokens_answer / self.seconds if self.answered else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Until the last answer, at the speed so far; None while that is unknown."""
        return self.missing / self.answers_per_second if self.answered else None

    @property
    def dollars_foreseen(self) -> float | None:
        """What the whole will have cost from now on and before now in this run, at the mean price so far."""
        if self.dollars is None or not self.answered:
            return None
        return self.dollars * (self.answered + self.missing) / self.answered

    @property
    def score(self) -> Interval | None:
        """The mean over test cases of the answers judged so far, with its interval; None before the first."""
        return interval_over_test_cases(self.points, resamples=2000) if self.points else None

    @property
    def copies(self) -> int:
        """Answers that say the very same as an earlier one to the same question."""
        return sum(counts.total() - len(counts) for counts in self._texts.values())

    @property
    def could_be_copies(self) -> int:
        """Answers that have an earlier one to the same question."""
        return sum(counts.total() - 1 for counts in self._texts.values())

    def count_answer(self, sample: Sample, conversation: Conversation) -> bool:
        """Count an answer's text; whether this is the moment to say that the answers are copies."""
        self.cut_off += conversation.cut_off
        if sample.strategy != ONE_SHOT:  # a correction that was not needed is a copy by intent
            return False
        before = self._are_copies
        texts = self._texts.setdefault((sample.test_case, sample.prompt_label, sample.experiment), Counter())
        texts[conversation.answer] += 1
        return self._are_copies and not before

    def count_evaluation(self, sample: Sample, found: Evaluation) -> None:
        """Count what judging found."""
        self.judged += 1
        if found.score is not None and sample.strategy == ONE_SHOT:
            self.points.setdefault(sample.test_case, []).append(found.score)

    @property
    def _are_copies(self) -> bool:
        return self.copies >= _COPIES_TO_TELL and 2 * self.copies >= self.could_be_copies
