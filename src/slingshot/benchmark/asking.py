"""The benchmark: ask a model every test case under every prompt label, several times; record; judge."""

import hashlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from slingshot.models import Endpoint, Sampling, ask
from slingshot.recordings.files import (
    Sample,
    conversation_files,
    read_conversation,
    write_conversation,
)
from slingshot.suite import TestCase, prompt_template, render_prompt


@dataclass(frozen=True)
class Asked:
    """What asking came to: answers, their tokens, and the seconds it took, all requests together."""

    answers: int
    tokens: int
    seconds: float


@dataclass(frozen=True)
class Plan:
    """What is asked: the suite, the prompt labels, samples of each cell, sampling and the first seed."""

    suite: Sequence[TestCase]
    labels: Sequence[str]
    samples: int
    sampling: Sampling
    seed: int

    def all_samples(self, model: str) -> list[Sample]:
        """Every answer the plan asks of a model; each has a seed of its own, the same for every model."""
        return [
            Sample(model, test_case.name, label, index, self._seed(test_case.name, label, index))
            for test_case in self.suite
            for label in self.labels
            for index in range(self.samples)
        ]

    def _seed(self, test_case: str, label: str, index: int) -> int:
        """31 bits that depend on nothing but the plan's seed and the sample's place."""
        digest = hashlib.sha256(f"{self.seed}/{test_case}/{label}/{index}".encode()).digest()
        return int.from_bytes(digest[:4], "big") >> 1


def ask_missing(
    plan: Plan,
    model: str,
    endpoint: Endpoint,
    folder: Path,
    concurrency: int = 4,
    extra: dict[str, Any] | None = None,
    on_answer: Callable[[int, int, str], None] = lambda done, total, words: None,
) -> Asked:
    """Ask what is not yet recorded for `model` below `folder`.

    Every answer is on disk before it is counted. `extra` is recorded with each answer. `on_answer` gets the
    answers there are, the answers there will be, and the speed so far in words.

    Raises:
        SlingshotError: the endpoint fails for good; what was answered stays.
    """
    wanted = plan.all_samples(model)
    there = _recorded(folder, model)
    missing = [s for s in wanted if (s.test_case, s.prompt_label, s.index) not in there]
    missing = _in_waves(missing, concurrency)
    by_name = {test_case.name: test_case for test_case in plan.suite}
    done, tokens, started = len(wanted) - len(missing), 0, time.monotonic()

    def one(sample: Sample) -> int:
        messages = render_prompt(prompt_template(sample.prompt_label), by_name[sample.test_case])
        conversation = ask(endpoint, messages, plan.sampling, sample.seed or 0)
        write_conversation(
            folder, sample, conversation, {"parameters": asdict(plan.sampling), **(extra or {})}
        )
        return conversation.tokens[1]

    with ThreadPoolExecutor(concurrency) as pool:
        pending = {pool.submit(one, sample) for sample in missing}
        try:
            while pending:
                finished, pending = wait(pending, timeout=0.5, return_when=FIRST_EXCEPTION)
                finished |= {future for future in pending if future.done()}
                pending -= finished
                for future in finished:
                    done, tokens = done + 1, tokens + future.result()
                    speed = tokens / (time.monotonic() - started)
                    on_answer(done, len(wanted), f"{speed:.0f} tokens/s")
        finally:
            pool.shutdown(cancel_futures=True)
    return Asked(len(missing), tokens, time.monotonic() - started if missing else 0.0)


def _in_waves(samples: Sequence[Sample], width: int) -> list[Sample]:
    """The samples ordered so that a server meets a prompt again in the slot that still remembers it.

    `width` cells are asked side by side, then the same cells for their next sample: each slot of the server
    reads a prompt once instead of once a sample.
    """
    cells: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        cells.setdefault((sample.test_case, sample.prompt_label), []).append(sample)
    ordered, queue = list[Sample](), list(cells.values())
    for first in range(0, len(queue), width):
        wave = queue[first : first + width]
        for turn in range(max(map(len, wave))):
            ordered += [cell[turn] for cell in wave if turn < len(cell)]
    return ordered


def _recorded(folder: Path, model: str) -> set[tuple[str, str, int]]:
    """Which (test case, prompt label, sample) of a model are on disk."""
    there = set()
    for path in conversation_files(folder):
        _, extra = read_conversation(path)
        if extra.get("model") == model:
            there.add((path.relative_to(folder).parts[0], path.name.split("__")[1], extra["sample"]))
    return there
