"""The benchmark at work: models are asked side by side, every answer is recorded, and judged while others come.

One loop, in the caller's thread, decides everything: what is asked next, whether the budget allows it, what the
judge's finding means for the next round. Other threads only ask, write and judge, and report to it. Whatever ends
the loop, what was answered is on disk: run again, and only what is missing is asked.
"""

import queue
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from slingshot.benchmark.budget import Budget
from slingshot.benchmark.fixing import Fixing, feedback
from slingshot.benchmark.plan import Plan, Question, in_waves
from slingshot.benchmark.resume import Found, Place, check_alike, place_of, recorded_before
from slingshot.benchmark.tally import Tally
from slingshot.judge import Evaluation, Judge, Submission
from slingshot.judge.stream import Submit
from slingshot.models import Endpoint
from slingshot.models.ask import NoAnswer
from slingshot.models.patience import GivenUp, Patience, ask_patiently
from slingshot.models.prices import Price, cost_usd
from slingshot.recordings.answers import (
    RecordedAnswer,
    judged_by,
    read_evaluation,
    recorded_evaluation,
)
from slingshot.recordings.files import about_sample, evaluation_path, write_conversation
from slingshot.recordings.judging import record_evaluation
from slingshot.suite import TestCase
from slingshot.suite.prompts import render_fix


@dataclass(frozen=True)
class Subject:
    """A model that is asked.

    Attributes:
        name: as it is recorded.
        endpoint: where it answers.
        concurrency: answers under way at once.
        about: what to record with every answer: device, the file's hash, and the like.
        price: per token; None if unknown, or if nobody is paid by the token.
    """

    name: str
    endpoint: Endpoint
    concurrency: int = 4
    about: Mapping[str, Any] = field(default_factory=dict)
    price: Price | None = None


@dataclass(frozen=True)
class Options:
    """How the work is done.

    Attributes:
        by: the judge; None leaves answers unjudged.
        jobs: answers judged at once, beside the asking; None: one a core.
        budget: what may be spent by all models together; None: any sum.
        patience: with models that fail.
        fixing: whether models may correct themselves.
        on_change: called with all tallies whenever something happened, and twice a second.
        on_note: called with what a person should know at once.
    """

    by: Judge | None = None
    jobs: int | None = None
    budget: Budget | None = None
    patience: Patience = field(default_factory=Patience)
    fixing: Fixing | None = None
    on_change: Callable[[Sequence[Tally]], None] = lambda tallies: None
    on_note: Callable[[str], None] = lambda text: None


@dataclass(frozen=True)
class _Answered:
    question: Question
    found: Found


@dataclass(frozen=True)
class _Failed:
    question: Question
    error: BaseException


@dataclass(frozen=True)
class _Retrying:
    error: NoAnswer


@dataclass(frozen=True)
class _Judged:
    question: Question
    found: Found
    evaluation: Evaluation | BaseException


_Event = _Answered | _Failed | _Retrying | _Judged


def ask_models(
    subjects: Sequence[Subject],
    plans: Sequence[Plan],
    suite: Sequence[TestCase],
    folder: Path,
    options: Options = Options(),
    submit: Submit | None = None,
) -> list[Tally]:
    """Ask every model what the plans say and is not recorded below `folder` yet; judge what is not judged yet.

    A question that fails is asked again with patience; a model that keeps failing is given up while the others
    go on: its tally says why. `submit` hands answers to the judge of `options`, as `judging_stream` gives it;
    without it nothing is judged.

    Raises:
        RequestError: the folder holds answers that were asked or drawn in another way.
        SlingshotError: a file is broken, or cannot be written.
    """
    there = recorded_before(folder, [subject.name for subject in subjects])
    budget = options.budget or Budget(None)
    events: queue.SimpleQueue[tuple[int, _Event]] = queue.SimpleQueue()
    askings = [
        _Asking(index, subject, plans, suite, folder, options, there, submit, budget, events)
        for index, subject in enumerate(subjects)
    ]
    tallies = [asking.tally for asking in askings]
    try:
        for asking in askings:
            asking.start()
        while any(asking.busy for asking in askings):
            try:
                index, event = events.get(timeout=0.5)
                askings[index].handle(event)
                for asking in askings:  # one answer may have made room in the budget for another model
                    asking.dispatch()
            except queue.Empty:
                pass
            options.on_change(tallies)
    finally:
        for asking in askings:
            asking.stop()
    options.on_change(tallies)
    return tallies


class _Asking:
    """One model's share of the work. All methods but `_work` and `_judged` belong to the loop's thread."""

    def __init__(
        self,
        index: int,
        subject: Subject,
        plans: Sequence[Plan],
        suite: Sequence[TestCase],
        folder: Path,
        options: Options,
        there: Mapping[Place, Found],
        submit: Submit | None,
        budget: Budget,
        events: "queue.SimpleQueue[tuple[int, _Event]]",
    ) -> None:
        self._index, self._subject, self._plans, self._folder = index, subject, plans, folder
        self._options, self._there, self._submit, self._budget = options, there, submit, budget
        self._suite = {test_case.name: test_case for test_case in suite}
        self._events = events
        self._waiting: deque[Question] = deque()
        self._under_way: dict[Place, float] = {}
        self._being_judged = self._failures_in_a_row = 0
        self._tasks: queue.SimpleQueue[Question | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        rounds = options.fixing.rounds if options.fixing and submit else 0
        planned = sum(len(plan.questions) * plan.samples for plan in plans)
        self.tally = Tally(subject.name, total=planned * (1 + rounds))
        self.tally.dollars = 0.0 if subject.price else None

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        return bool(self._waiting or self._under_way or self._being_judged)

    def start(self) -> None:
        """Take stock of what is there, and begin to ask for the rest."""
        for plan in self._plans:
            for sample in in_waves(plan.all_samples(self._subject.name), self._subject.concurrency):
                question = Question(
                    sample, plan.questions[sample.test_case, sample.prompt_label], plan.sampling
                )
                self._take(question)
        for _ in range(self._subject.concurrency):
            threading.Thread(target=self._work, daemon=True).start()
        self.dispatch()

    def dispatch(self) -> None:
        """Hand out as many questions as may be under way, and as the budget allows."""
        while self._waiting and len(self._under_way) < self._subject.concurrency:
            question = self._waiting[0]
            reserved = self._budget.reserve(self._subject.price, question)
            if reserved is None:
                if self._budget.idle:  # nothing is under way that could turn out cheaper than feared
                    self._give_up(f"the budget of {self._budget.limit:g} dollars is used up")
                return
            self._waiting.popleft()
            self._under_way[place_of(question.sample)] = reserved
            self._tasks.put(question)

    def handle(self, event: _Event) -> None:
        """Draw the conclusions from what happened."""
        if isinstance(event, _Retrying):
            self.tally.retries += 1
            self.tally.last_failure = str(event.error)
        elif isinstance(event, _Judged):
            self._being_judged -= 1
            self._conclude(event.question, event.found, event.evaluation)
        elif isinstance(event, _Answered):
            self._failures_in_a_row = 0
            self._budget.release(self._under_way.pop(place_of(event.question.sample)), self._count(event))
            self._settle(event.question, event.found, was_there=False)
        else:
            self._budget.release(self._under_way.pop(place_of(event.question.sample)), 0.0)
            self._fail(event.error)

    def stop(self) -> None:
        """End the threads; those that wait for an answer end by themselves, and nobody waits for them."""
        self.tally.ended = self.tally.began + self.tally.seconds
        self._stopping.set()
        for _ in range(self._subject.concurrency):
            self._tasks.put(None)

    def _take(self, question: Question) -> None:
        """Ask a question unless its answer is on disk."""
        found = self._there.get(place_of(question.sample))
        if found is None:
            if not self.tally.stopped:
                self._waiting.append(question)
            return
        check_alike(found, question, self._subject.about)
        self.tally.there_before += 1
        self._settle(question, found, was_there=True)

    def _settle(self, question: Question, found: Found, was_there: bool) -> None:
        """An answer is on disk: count it, and have it judged unless it is."""
        if (
            self.tally.count_answer(question.sample, found.conversation)
            and question.sampling.temperature != 0
        ):
            cell = f"{question.sample.test_case} {question.sample.prompt_label}"
            self._options.on_note(
                f"{self._subject.name}: samples come back identical ({self.tally.copies} of"
                f" {self.tally.could_be_copies} repeat an earlier answer, the last to {cell}): the endpoint seems to"
                " ignore seeds or to answer from a cache; copies are no evidence"
            )
        if self._submit is None or self._options.by is None:
            return
        file = evaluation_path(found.path)
        if was_there and file.exists() and judged_by(record := read_evaluation(file), self._options.by):
            self._conclude(question, found, recorded_evaluation(record, file))
            return
        self._being_judged += 1
        test_case = self._suite[question.sample.test_case]
        answer = RecordedAnswer(
            found.path,
            test_case,
            self._subject.name,
            found.conversation,
            found.about,
            read_evaluation(file) if file.exists() else None,
        )
        submission = Submission(found.conversation.answer, test_case)
        self._submit(submission, lambda evaluation: self._judged(question, found, answer, evaluation))

    def _judged(
        self, question: Question, found: Found, answer: RecordedAnswer, evaluation: Evaluation | BaseException
    ) -> None:
        """In the judge's thread: write what it found."""
        try:
            by = self._options.by
            if by and isinstance(evaluation, Evaluation) and evaluation.failure != "harness_error":
                record_evaluation(answer, evaluation, by)
        except BaseException as error:
            evaluation = error
        self._events.put((self._index, _Judged(question, found, evaluation)))

    def _conclude(self, question: Question, found: Found, evaluation: Evaluation | BaseException) -> None:
        """An answer is judged: count it, and let the model correct it if it may."""
        if isinstance(evaluation, BaseException):
            self.tally.unjudged.append(f"{found.path}: {evaluation}")
            return
        if evaluation.failure == "harness_error":
            self.tally.unjudged.append(f"{found.path}: {evaluation.detail}")
            return
        self.tally.count_evaluation(question.sample, evaluation)
        fixing = self._options.fixing
        if fixing is not None and question.round < fixing.rounds:
            self._correct(question, found, evaluation, fixing)

    def _correct(self, question: Question, found: Found, evaluation: Evaluation, fixing: Fixing) -> None:
        """Let the model correct an answer; one that needs no correction stands for the next round too."""
        number = question.round + 1
        sample = replace(question.sample, strategy=fixing.strategy(number))
        told = feedback(evaluation, found.conversation.answer)
        if told is not None:
            corrected = [
                *found.conversation.messages,
                {"role": "assistant", "content": found.conversation.answer},
                {"role": "user", "content": render_fix(fixing.template, number, told)},
            ]
            self._take(Question(sample, corrected, question.sampling, number, found.conversation))
            return
        again = replace(question, sample=sample, round=number)
        there = self._there.get(place_of(sample))
        if there is None:
            about = {**found.about, **about_sample(sample)}
            path = write_conversation(self._folder, sample, found.conversation, about)
            self.tally.there_before += 1
            self._settle(again, Found(path, found.conversation, about), was_there=False)
        else:
            self._take(again)

    def _count(self, event: _Answered) -> float:
        """Count an answer that was asked for now; its price in dollars, 0 where unknown."""
        tally, before = self.tally, event.question.before
        prompt, answer = event.found.conversation.tokens
        if before is not None:
            prompt, answer = prompt - before.tokens[0], answer - before.tokens[1]
        tally.answered += 1
        tally.tokens_prompt += prompt
        tally.tokens_answer += answer
        cost = cost_usd(prompt, answer, self._subject.price) if self._subject.price else 0.0
        if tally.dollars is not None:
            tally.dollars += cost
        return cost

    def _fail(self, error: BaseException) -> None:
        if isinstance(error, GivenUp):
            return
        if not isinstance(error, NoAnswer):  # a full disk, a bug: nothing can go on
            raise error
        self.tally.failed.append(str(error))
        self._failures_in_a_row += 1
        if error.for_good or self._failures_in_a_row >= self._options.patience.failures:
            self._give_up(str(error))

    def _give_up(self, why: str) -> None:
        """Ask this model nothing more; what is under way may still come in."""
        if not self.tally.stopped:
            self.tally.stopped = why
            self._options.on_note(f"{self._subject.name}: given up: {why}")
        self._waiting.clear()
        self._stopping.set()

    def _work(self) -> None:
        """In a thread of its own: ask, write, report."""
        while (question := self._tasks.get()) is not None:
            event: _Event
            try:
                event = _Answered(question, self._ask(question))
            except BaseException as error:  # it is raised, or counted, in the loop's thread
                event = _Failed(question, error)
            self._events.put((self._index, event))

    def _ask(self, question: Question) -> Found:
        """Ask one question and write the answer."""
        subject, sample = self._subject, question.sample
        conversation = ask_patiently(
            subject.endpoint,
            question.messages,
            question.sampling,
            sample.seed,
            self._options.patience,
            self._stopping,
            lambda error, wait: self._events.put((self._index, _Retrying(error))),
        )
        if question.before is not None:  # a correction's tokens and seconds are those of all its rounds
            tokens = [sum(pair) for pair in zip(conversation.tokens, question.before.tokens, strict=True)]
            elapsed = round(conversation.elapsed + question.before.elapsed, 4)
            conversation = replace(conversation, tokens=(tokens[0], tokens[1]), elapsed=elapsed)
        about: dict[str, Any] = {"parameters": question.sampling.parameters}
        about["served_model"] = conversation.served_model
        if subject.price is not None:
            about["cost_usd"] = cost_usd(*conversation.tokens, subject.price)
        about |= subject.about
        sample = replace(sample, seed=conversation.seed)
        path = write_conversation(self._folder, sample, conversation, about)
        return Found(path, conversation, about_sample(sample) | about)
