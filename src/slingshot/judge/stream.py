"""Judging answers as they come, while others are still being asked for."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from slingshot.judge.evaluation import Evaluation
from slingshot.judge.judge import FEW, Judge, Submission, available_cores, identity

if TYPE_CHECKING:
    from slingshot.judge.on_ray import RayWorkers

_Key = tuple[object, ...]
_Task = tuple[_Key, Submission]
Submit = Callable[[Submission, Callable[[Evaluation | BaseException], None]], None]
"""Hand an answer in; the callback gets its evaluation, or the error that stopped the judge, in another thread."""


@contextmanager
def judging_stream(by: Judge, jobs: int | None = None, expected: int | None = None) -> Iterator[Submit]:
    """Judge what is handed in while the block runs, side by side and in the order it comes.

    Identical programs for the same test case are judged once. When the block ends, what was not begun is dropped.

    Args:
        by: how to judge.
        jobs: answers under way at once; by default one for each core that this process may use, or of the cluster.
        expected: how many answers there will be, if that is known: a few are not worth a warm server.

    Raises:
        MissingTool: `by.ray` is set and Ray is not installed.
        SlingshotError: there is no cluster at `by.ray`, or none of its nodes can judge.
    """
    from slingshot.judge.julia.worker import Worker

    waiting: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
    known: dict[_Key, Evaluation | BaseException] = {}
    callbacks: dict[_Key, list[Callable[[Evaluation | BaseException], None]]] = {}
    lock, stopped = threading.Lock(), threading.Event()
    # What ended the judging; a Julia that does not start is not tried for each answer.
    broken = list[BaseException]()

    def submit(submission: Submission, callback: Callable[[Evaluation | BaseException], None]) -> None:
        key = identity(submission, by)
        with lock:
            found = known.get(key)
            if found is None:
                callbacks.setdefault(key, []).append(callback)
                if len(callbacks[key]) == 1:
                    waiting.put((key, submission))
                    wake()
        if found is not None:
            callback(found)

    def settle(key: _Key, found: Evaluation | BaseException) -> None:
        with lock:
            # What went wrong with the judge says nothing about the next time.
            if isinstance(found, Evaluation) and found.failure != "harness_error":
                known[key] = found
            told = callbacks.pop(key, [])
        for callback in told:
            callback(found)

    def work(by: Judge) -> None:
        with Worker(by) as worker:
            while not stopped.is_set() and (task := waiting.get()) is not None:
                key, submission = task
                try:
                    settle(key, broken[0] if broken else worker.judge(submission))
                except BaseException as error:  # it is counted, or raised, by whoever handed the answer in
                    broken.append(error)
                    settle(key, error)

    def take(worker: int, size: int) -> list[tuple[_Task, Submission]]:
        found = (waiting.get() for _ in range(min(size, waiting.qsize())))
        return [(task, task[1]) for task in found if task is not None]

    def hand_out_to(workers: "RayWorkers[_Task]") -> None:
        try:
            while not stopped.is_set():
                workers.hand_out(waiting.qsize(), take)
                done, lost = workers.collect()
                for task in lost:
                    waiting.put(task)
                workers.hand_out(waiting.qsize(), take)  # before files are written, which takes its time
                for (key, _), evaluation in done:
                    settle(key, evaluation)
        except BaseException as error:
            with lock:
                there = list(callbacks)
            for key in there:
                settle(key, error)
            while (late := waiting.get()) is not None:
                settle(late[0], error)

    with ExitStack() as stack:
        if by.ray is not None:
            from slingshot.judge.on_ray import RayWorkers

            workers: RayWorkers[_Task] = stack.enter_context(RayWorkers(by, jobs, expected))
            wake = workers.wake
            threads = [threading.Thread(target=hand_out_to, args=(workers,), daemon=True)]
        else:
            jobs, wake = max(1, jobs or available_cores()), _nobody
            if by.way == "auto" and expected is not None and expected <= FEW * jobs:
                by = replace(by, way="cold")
            threads = [threading.Thread(target=work, args=(by,), daemon=True) for _ in range(jobs)]
        for thread in threads:
            thread.start()
        try:
            yield submit
        finally:
            stopped.set()
            for _ in threads:
                waiting.put(None)
            wake()
            for thread in threads:
                thread.join()


def _nobody() -> None:
    """Threads wait at the queue itself and need not be woken."""
