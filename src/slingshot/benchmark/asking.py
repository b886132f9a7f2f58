"""The benchmark at work: models are asked side by side, every answer is recorded, and judged while others come.

One loop, in the caller's thread, decides everything: what is asked next, whether the budget allows it, what the
judge's finding means for the next round. Other threads only ask, write and judge, and report to it. Whatever ends
the loop, what was answered is on disk: run again, and only what is missing is asked.
"""

import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from slingshot.benchmark.budget import Budget
from slingshot.benchmark.errands import Answered, CalledBack, Errand, Failed, Retrying, Runners
from slingshot.benchmark.fixing import Fixing, feedback
from slingshot.benchmark.plan import Plan, Question, in_waves
from slingshot.benchmark.resume import Found, Place, check_alike, place_of, recorded_before
from slingshot.benchmark.servers import Server, Servers
from slingshot.benchmark.subject import Options, Subject
from slingshot.benchmark.tally import Tally
from slingshot.judge import Evaluation, Submission
from slingshot.judge.stream import Submit
from slingshot.models.ask import NoAnswer
from slingshot.models.look import Sight, look
from slingshot.models.patience import GivenUp
from slingshot.models.prices import cost_usd
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

_USUAL = Options()


@dataclass(frozen=True)
class _Judged:
    question: Question
    found: Found
    evaluation: Evaluation | BaseException


@dataclass(frozen=True)
class _Seen:
    server: Server
    sight: Sight | NoAnswer


_Event = Answered | Failed | CalledBack | Retrying | _Judged | _Seen


def ask_models(
    subjects: Sequence[Subject],
    plans: Sequence[Plan],
    suite: Sequence[TestCase],
    folder: Path,
    options: Options = _USUAL,
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
            with suppress(queue.Empty):
                index, event = events.get(timeout=0.5)
                askings[index].handle(event)
            for asking in askings:  # one answer may have made room in the budget for another model
                asking.dispatch()
            options.on_change(tallies)
    finally:
        for asking in askings:
            asking.stop()
    options.on_change(tallies)
    return tallies


class _Asking:
    """One model's share of the work. All methods but `_judged` and `_look` belong to the loop's thread."""

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
        self._tries: Counter[Place] = Counter()
        self._being_judged = self._failures_in_a_row = 0
        patience = options.patience
        self._servers = Servers(subject, patience, options.on_note)
        if self._servers.several:  # what one of them does not answer, another is asked
            patience = replace(patience, tries=1)
        accept = self._servers.check_served
        self._runners = Runners(
            subject,
            folder,
            patience,
            self._tell,
            lambda endpoint, conversation: accept(endpoint, conversation.served_model),
        )
        rounds = options.fixing.rounds if options.fixing and submit else 0
        planned = sum(len(plan.questions) * plan.samples for plan in plans)
        self.tally = Tally(subject.name, total=planned * (1 + rounds))
        self.tally.dollars = 0.0 if subject.price else None
        if self._servers.several:
            self.tally.servers = [server.tally for server in self._servers.all]

    @property
    def busy(self) -> bool:
        """Whether something is still to come."""
        return bool(self._waiting or self._servers.busy or self._being_judged)

    def start(self) -> None:
        """Take stock of what is there, and begin to ask for the rest."""
        for plan in self._plans:
            for sample in in_waves(plan.all_samples(self._subject.name), self._servers.width):
                question = Question(
                    sample, plan.questions[sample.test_case, sample.prompt_label], plan.sampling
                )
                self._take(question)
        if self._waiting:
            self._servers.look_at_all(time.monotonic())
        self.dispatch()

    def dispatch(self) -> None:
        """Hand out as many questions as may be under way, and as the budget allows."""
        work_left = self._waiting or self._servers.busy
        for due in self._servers.to_look_at(time.monotonic()) if work_left else ():
            threading.Thread(target=self._look, args=(due,), daemon=True).start()
        if self._waiting and (why := self._servers.hopeless):
            self._give_up(why)
        while self._waiting:
            server = self._servers.next(len(self._waiting), time.monotonic())
            if server is None:
                return
            question = self._waiting[0]
            reserved = self._budget.reserve(self._subject.price_at(server.endpoint), question)
            if reserved is None:
                if self._budget.idle:  # nothing is under way that could turn out cheaper than feared
                    self._give_up(f"the budget of {self._budget.limit:g} dollars is used up")
                return
            errand = Errand(self._waiting.popleft(), server.endpoint, reserved)
            self._servers.sent(server, errand)
            self._runners.send(errand)

    def handle(self, event: _Event) -> None:
        """Draw the conclusions from what happened."""
        if isinstance(event, Retrying):
            self._count_retry(event.error)
        elif isinstance(event, _Judged):
            self._being_judged -= 1
            self._conclude(event.question, event.found, event.evaluation)
        elif isinstance(event, _Seen):
            self._see(event)
        else:
            self._runners.came_back()
            if isinstance(event, Answered):
                self._failures_in_a_row = 0
                self._budget.release(event.errand.reserved, self._count(event))
                self._settle(event.errand.question, event.found, was_there=False)
            elif isinstance(event, Failed):
                self._fail(event.errand, event.error)

    def stop(self) -> None:
        """End the threads; those that wait for an answer end by themselves, and nobody waits for them."""
        self.tally.ended = self.tally.began + self.tally.seconds
        self._runners.stop()

    def _tell(self, event: _Event) -> None:
        """From any thread: tell the loop."""
        self._events.put((self._index, event))

    def _take(self, question: Question) -> None:
        """Ask a question unless its answer is on disk."""
        found = self._there.get(place_of(question.sample))
        if found is None:
            if not self.tally.stopped:
                self._waiting.append(question)
            return
        check_alike(found, question, self._subject.about)
        self._servers.check_served(None, found.about.get("served_model"))
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
        self._tell(_Judged(question, found, evaluation))

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

    def _count(self, event: Answered) -> float:
        """Count an answer that was asked for now; its price in dollars, 0 where unknown."""
        tally, errand, conversation = self.tally, event.errand, event.found.conversation
        (prompt, answer), seconds = conversation.tokens, conversation.elapsed
        if (before := errand.question.before) is not None:
            prompt, answer = prompt - before.tokens[0], answer - before.tokens[1]
            seconds -= before.elapsed
        self._servers.answered(errand, answer, seconds, time.monotonic())
        tally.answered += 1
        tally.tokens_prompt += prompt
        tally.tokens_answer += answer
        price = self._subject.price_at(errand.endpoint)
        cost = cost_usd(prompt, answer, price) if price else 0.0
        if tally.dollars is not None:
            tally.dollars += cost
        return cost

    def _count_retry(self, error: NoAnswer) -> None:
        self.tally.retries += 1
        self.tally.last_failure = str(error)

    def _fail(self, errand: Errand, error: BaseException) -> None:
        if not isinstance(error, GivenUp | NoAnswer):  # a full disk, a bug: nothing can go on
            raise error
        if not errand.end():  # it is under way elsewhere by now
            return
        self._budget.release(errand.reserved, 0.0)
        several = self._servers.several
        fault = error if isinstance(error, NoAnswer) and (error.passing or error.for_good) else None
        self._servers.failed(errand, fault, time.monotonic())
        if isinstance(error, GivenUp):
            return
        if several and error.other_model:
            self._give_up(str(error))
        elif not (several and fault and self._ask_again(errand.question, fault)):
            self.tally.failed.append(str(error))
            self._failures_in_a_row += 1
            if self._failures_in_a_row >= self._options.patience.failures or (error.for_good and not several):
                self._give_up(str(error))

    def _ask_again(self, question: Question, error: NoAnswer) -> bool:
        """Ask a question again, before all others and wherever there is room, unless it was asked too often."""
        place = place_of(question.sample)
        self._tries[place] += 1
        if self._tries[place] >= self._options.patience.tries:
            return False
        if not self.tally.stopped:
            self._count_retry(error)
            self._waiting.appendleft(question)
        return True

    def _see(self, event: _Seen) -> None:
        """Somebody looked at a server: if it is not there, its questions go elsewhere."""
        if why := self._servers.seen(event.server, event.sight, time.monotonic()):
            self._give_up(why)
        if event.server.tally.down:
            for errand in self._servers.called_back(event.server):
                self._budget.release(errand.reserved, 0.0)
                if not self.tally.stopped:
                    self._waiting.appendleft(errand.question)

    def _look(self, server: Server) -> None:
        """In a thread of its own: look at a server."""
        sight: Sight | NoAnswer
        try:
            sight = look(server.endpoint, self._options.patience.silence)
        except NoAnswer as error:
            sight = error
        self._tell(_Seen(server, sight))

    def _give_up(self, why: str) -> None:
        """Ask this model nothing more; what is under way may still come in."""
        if not self.tally.stopped:
            self.tally.stopped = why
            self._options.on_note(f"{self._subject.name}: given up: {why}")
        self._waiting.clear()
        self._runners.give_up()
