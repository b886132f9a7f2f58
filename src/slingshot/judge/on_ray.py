"""Judging on a Ray cluster: every core of every node is a worker, and this process hands out and collects.

One process decides and writes; workers only judge. So a worker may vanish at any time: what it had is given to
another, and no verdict of its is missing or there twice.
"""

import queue
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from types import TracebackType
from typing import Any, Generic, NamedTuple, Self, TypeVar

from slingshot.errors import first_line
from slingshot.judge.batches import BatchSizes
from slingshot.judge.evaluation import Evaluation
from slingshot.judge.judge import FEW, Judge, Submission
from slingshot.judge.julia.server import HarnessError
from slingshot.judge.ray_cluster import connected
from slingshot.judge.ray_worker import RemoteWorker, release_of_judge
from slingshot.judge.tasks import Tasks
from slingshot.progress import say

_PATIENCE_SECONDS = 30.0  # before one is told that all cores are taken
_STOP_SECONDS = 5.0  # for a worker to tidy up before it is killed, and its sandbox with it

T = TypeVar("T")


@dataclass(eq=False)
class _Member:
    """A worker on a node.

    Attributes:
        number: its place among all.
        node: the name of its node.
        actor: Ray's handle of its `RemoteWorker`.
        sent: when it got its last batch, on the monotonic clock.
    """

    number: int
    node: str
    actor: Any
    sent: float = 0.0


class _Back(NamedTuple):
    """A call that ended: of `judge` with the names of its batch's answers, of `prepare` without."""

    member: _Member
    keys: Sequence[Any] | None
    future: "Future[Any]"


class RayWorkers(Generic[T]):
    """Workers on the nodes of the cluster at `by.ray`. Use it as a context manager; one thread at a time calls it.

    A node that has no such judge takes no work, and one line says why. Cores that other programs hold take part as
    soon as they are free.

    Args:
        by: how to judge.
        jobs: workers at most; None: one for each core of the cluster.
        expected: how many answers there will be, if that is known.
    """

    def __init__(self, by: Judge, jobs: int | None, expected: int | None) -> None:
        assert by.ray is not None, "there is no cluster to judge on"
        self._by, self._address, self._jobs, self._expected = by, by.ray, jobs, expected
        self._members: list[_Member] = []
        self._idle: list[_Member] = []
        self._events: queue.SimpleQueue[_Back | None] = queue.SimpleQueue()
        self._sizes, self._said = BatchSizes(), set[str]()
        self._last = "no node has a core to give"  # why the last one left
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Connect, start the workers, and wait until one of them is ready.

        Raises:
            MissingTool: Ray is not installed.
            SlingshotError: there is no such cluster, or none of its nodes can judge.
        """
        with ExitStack() as stack:
            self._ray = stack.enter_context(connected(self._address))
            stack.callback(self._stop)
            self._start()
            while not self._idle:
                self._take_in(self._first_event())
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def hand_out(self, waiting: int, take: Callable[[int, int], Sequence[tuple[T, Submission]]]) -> None:
        """Give every idle worker a batch, as long as something waits.

        Args:
            waiting: how many answers wait.
            take: called with a worker's number and how many answers it shall get; the answers, each with its name.
        """
        while self._idle and waiting > 0:
            member = self._idle[-1]
            batch = take(member.number, self._sizes.size(waiting, len(self._members)))
            if not batch:
                return
            self._idle.pop()
            waiting -= len(batch)
            member.sent = time.monotonic()
            answers = [submission for _, submission in batch]
            self._call(member, [key for key, _ in batch], member.actor.judge.remote(answers))

    def collect(self) -> tuple[list[tuple[T, Evaluation]], list[T]]:
        """Wait until a batch comes back or `wake` is called; the verdicts, and answers whose worker was lost.

        Raises:
            HarnessError: no worker is left.
        """
        event = self._events.get()
        return ([], []) if event is None else self._take_in(event)

    def wake(self) -> None:
        """Let `collect` return, from any thread: there is something to hand out, or it is time to stop."""
        self._events.put(None)

    def _start(self) -> None:
        """Ask Ray for a worker on every core, the nodes by turns, as many as there may be."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        alive = [node for node in self._ray.nodes() if node["Alive"]]
        cores = [[node] * int(node["Resources"].get("CPU", 0)) for node in alive]
        by_turns = [node for turn in zip_longest(*cores) for node in turn if node is not None]
        places = by_turns[: min(self._jobs or len(by_turns), self._expected or len(by_turns))]
        by = self._by
        if by.way == "auto" and self._expected is not None and self._expected <= FEW * len(places):
            by = replace(by, way="cold")
        worker = self._ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(RemoteWorker)
        for number, node in enumerate(places):
            pinned = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            name = node.get("NodeName") or node["NodeManagerAddress"]
            member = _Member(number, name, worker.options(scheduling_strategy=pinned).remote())
            self._members.append(member)
            self._call(
                member, None, member.actor.prepare.remote(by, self._by.description, release_of_judge())
            )
        self._check_that_some_are_left()
        nodes = len({node["NodeID"] for node in places})
        say(f"Judging on Ray at {self._address}; cores: {len(places)}, nodes: {nodes}.")

    def _call(self, member: _Member, keys: Sequence[T] | None, reference: Any) -> None:
        """Have the end of a remote call told as an event."""

        def tell(member: _Member, keys: Sequence[T] | None, future: "Future[Any]") -> None:
            self._events.put(_Back(member, keys, future))

        reference.future().add_done_callback(partial(tell, member, keys))

    def _first_event(self) -> _Back:
        """The next event; after a while of nothing, say that cores are waited for."""
        try:
            event = self._events.get(timeout=_PATIENCE_SECONDS)
        except queue.Empty:
            self._say_once(f"No core of Ray at {self._address} is free yet; waiting for one.")
            event = self._events.get()
        assert event is not None, "nobody wakes who is not there yet"
        return event

    def _take_in(self, event: _Back) -> tuple[list[tuple[T, Evaluation]], list[T]]:
        """What became of a call: verdicts, and what must be judged elsewhere."""
        member, keys, future = event
        if error := future.exception():
            self._dismiss(member, _why(error), keys is not None)
            return [], list(keys or [])
        if keys is None:
            if reason := future.result():
                self._dismiss(member, reason, False)
            else:
                self._idle.append(member)
            return [], []
        judged = future.result()
        pause = time.monotonic() - member.sent - judged.seconds
        self._sizes.note(len(keys), judged.seconds, pause)
        self._idle.append(member)
        return list(zip(keys, judged.evaluations, strict=True)), []

    def _dismiss(self, member: _Member, reason: str, at_work: bool) -> None:
        """Let a worker go.

        Raises:
            HarnessError: it was the last.
        """
        self._members.remove(member)
        self._ray.kill(member.actor)
        self._last = f"node {member.node}: {reason}"
        more = "; others judge what it had" if at_work and self._members else ""
        self._say_once(f"Node {member.node} takes no {'more ' if at_work else ''}work: {reason}{more}.")
        self._check_that_some_are_left()

    def _check_that_some_are_left(self) -> None:
        if not self._members:
            raise HarnessError(
                f"no node of the Ray cluster at {self._address} is left to judge, the last reason was: {self._last};"
                " mend that, then run again to go on"
            )

    def _say_once(self, text: str) -> None:
        """Say it, unless another worker of the same node was the reason to say it already."""
        if text not in self._said:
            self._said.add(text)
            say(text)

    def _stop(self) -> None:
        """End the workers; those that are ready tidy up first, after the batch that they are at."""
        ready = [member for member in self._members if member.sent or member in self._idle]
        ends = [member.actor.stop.remote() for member in ready]
        if ends:
            self._ray.wait(ends, num_returns=len(ends), timeout=_STOP_SECONDS)
        for member in self._members:
            self._ray.kill(member.actor)


def judge_on_ray(
    waiting: Sequence[list[int]], submissions: Sequence[Submission], by: Judge, jobs: int | None
) -> Iterator[tuple[int, Evaluation]]:
    """Judge on the cluster at `by.ray`; yield the place and the verdict of each submission.

    Args:
        waiting: places of submissions that share a verdict.
        submissions: the answers.
        by: how to judge.
        jobs: workers at most; None: one for each core of the cluster.

    Raises:
        MissingTool: Ray is not installed.
        SlingshotError: there is no such cluster.
        HarnessError: none of its nodes can judge, or none is left.
    """
    if not waiting:
        return
    asked = [submissions[indices[0]].test_case for indices in waiting]
    tasks = Tasks(waiting, [test_case.variant_of or test_case.name for test_case in asked])
    last: dict[int, str] = {}

    def take(worker: int, size: int) -> list[tuple[tuple[str, list[int]], Submission]]:
        batch: list[tuple[tuple[str, list[int]], Submission]] = []
        while len(batch) < size and (task := tasks.next_after(last.get(worker))):
            last[worker] = task[0]
            batch.append((task, submissions[task[1][0]]))
        return batch

    workers: RayWorkers[tuple[str, list[int]]] = RayWorkers(by, jobs, len(waiting))
    with workers:
        workers.hand_out(tasks.waiting, take)
        left = len(waiting)
        while left:
            done, lost = workers.collect()
            for name, indices in lost:
                tasks.give_back(name, indices)
            workers.hand_out(tasks.waiting, take)  # before the verdicts are written, which takes its time
            left -= len(done)
            for (_, indices), evaluation in done:
                for index in indices:
                    yield index, evaluation


def _why(error: BaseException) -> str:
    """Why a call of a worker failed, as a part of a sentence."""
    text = str(error)
    if "No module named 'slingshot" in text:
        return "the same Slingshot is not installed there"
    cause = getattr(error, "cause", None)  # what was raised on the node
    if isinstance(cause, BaseException):
        return first_line(cause)
    kind = type(error).__name__
    if kind in ("ActorDiedError", "RayActorError", "ActorUnavailableError", "ActorUnschedulableError"):
        return "its process or the whole node ended"
    return f"{kind}: {first_line(error)}"
