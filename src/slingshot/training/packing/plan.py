"""What every step of a training learns from, known before the first one, and how it is divided.

A step takes rows until it has as many as were asked for: micro_batch_size x gradient_accumulation_steps x
processes. Only then is it divided, among processes and into pieces that go through the model at once. So what is
learned depends on the product alone, and two pieces, or two processes, give what one gives with twice the rows.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count


@dataclass(frozen=True)
class PlannedStep:
    """The groups of rows (as indices) that a step learns from, and how many epochs are over after it."""

    groups: tuple[int, ...]
    epoch: float


def plan_training(
    rows: Sequence[int], rows_per_step: int, epochs: float, max_steps: int | None, seed: int
) -> list[PlannedStep]:
    """All steps of a training on groups of `rows[i]` rows; every epoch is shuffled anew, by the seed.

    A step takes groups until it has at least `rows_per_step` rows; an epoch's last step may have fewer.
    Of a fraction of an epoch there are as many steps, rounded up. `max_steps`, if given, decides alone.
    """
    steps: list[PlannedStep] = []
    for epoch in count():
        of_epoch = _epoch(rows, rows_per_step, random.Random(f"{seed}/{epoch}"))
        for number, groups in enumerate(of_epoch):
            over = len(steps) >= max_steps if max_steps else epoch + number / len(of_epoch) >= epochs - 1e-9
            if over:
                return steps
            steps.append(PlannedStep(groups, epoch + (number + 1) / len(of_epoch)))
    raise AssertionError("there is always a next epoch")


def _epoch(rows: Sequence[int], rows_per_step: int, chance: random.Random) -> list[tuple[int, ...]]:
    """The groups of each step of one epoch."""
    order = list(range(len(rows)))
    chance.shuffle(order)
    steps, step = list[tuple[int, ...]](), list[int]()
    for index in order:
        step.append(index)
        if sum(rows[taken] for taken in step) >= rows_per_step:
            steps.append(tuple(step))
            step = []
    return [*steps, tuple(step)] if step else steps


def divide(groups: Sequence[int], tokens: Mapping[int, int], pieces: int) -> list[list[int]]:
    """A step's groups in `pieces` of about as many tokens each; some may be empty.

    The longest group first, each to the piece that is shortest so far. `tokens[i]` is the length of group i.
    """
    parts: list[list[int]] = [[] for _ in range(pieces)]
    lengths = [0] * pieces
    for group in sorted(groups, key=lambda group: -tokens[group]):
        shortest = lengths.index(min(lengths))
        parts[shortest].append(group)
        lengths[shortest] += tokens[group]
    return parts
