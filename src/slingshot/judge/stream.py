"""Judging answers as they come, while others are still being asked for."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from slingshot.judge.evaluation import Evaluation
from slingshot.judge.judge import FEW, Judge, Submission, available_cores, identity

Submit = Callable[[Submission, Callable[[Evaluation | BaseException], None]], None]
"""Hand an answer in; the callback gets its evaluation, or the error that stopped the judge, in another thread."""


@contextmanager
def judging_stream(by: Judge, jobs: int | None = None, expected: int | None = None) -> Iterator[Submit]:
    """Judge what is handed in while the block runs, side by side and in the order it comes.

    Identical programs for the same test case are judged once. When the block ends, what was not begun is dropped.

    Args:
        by: how to judge.
        jobs: answers under way at once; by default one for each core that this process may use.
        expected: how many answers there will be, if that is known: a few are not worth a warm server.
    """
    from slingshot.judge.julia.worker import Worker

    jobs = max(1, jobs or available_cores())
    if by.way == "auto" and expected is not None and expected <= FEW * jobs:
        by = replace(by, way="cold")
    waiting: queue.SimpleQueue[tuple[tuple[object, ...], Submission] | None] = queue.SimpleQueue()
    known: dict[tuple[object, ...], Evaluation | BaseException] = {}
    callbacks: dict[tuple[object, ...], list[Callable[[Evaluation | BaseException], None]]] = {}
    lock, stopped = threading.Lock(), threading.Event()
    broken = list[
        BaseException
    ]()  # what ended the judging; a Julia that does not start is not tried for each answer

    def submit(submission: Submission, callback: Callable[[Evaluation | BaseException], None]) -> None:
        key = identity(submission, by)
        with lock:
            found = known.get(key)
            if found is None:
                callbacks.setdefault(key, []).append(callback)
                if len(callbacks[key]) == 1:
                    waiting.put((key, submission))
        if found is not None:
            callback(found)

    def settle(key: tuple[object, ...], found: Evaluation | BaseException) -> None:
        with lock:
            # What went wrong with the judge says nothing about the next time.
            if isinstance(found, Evaluation) and found.failure != "harness_error":
                known[key] = found
            told = callbacks.pop(key, [])
        for callback in told:
            callback(found)

    def work() -> None:
        with Worker(by) as worker:
            while not stopped.is_set() and (task := waiting.get()) is not None:
                key, submission = task
                try:
                    settle(key, broken[0] if broken else worker.judge(submission))
                except BaseException as error:  # it is counted, or raised, by whoever handed the answer in
                    broken.append(error)
                    settle(key, error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    try:
        yield submit
    finally:
        stopped.set()
        for _ in threads:
            waiting.put(None)
        for thread in threads:
            thread.join()
