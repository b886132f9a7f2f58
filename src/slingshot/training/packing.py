"""Prompt-shared packing: rows with the same prompt become one sequence, the prompt once, the answers as branches.

Every answer attends to the prompt and to itself, never to another answer, and its positions go on where the
prompt ends: the model computes for each answer exactly what it would compute on the row alone, but the
prompt's share of the work is done once.

            prompt      answer 1    answer 2
positions   0 1 2       3 4         3 4 5
attends to  itself      prompt, 1   prompt, 2
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from slingshot.training.encoding import EncodedRow


@dataclass(frozen=True)
class Tree:
    """One prompt and the answers that share it, as flat tensors of length T tokens.

    `labels[i]` is the token that position i must predict, or -100; the first token of every answer is
    predicted from the prompt's last position, which has as many targets as there are answers and is
    therefore repeated: `sources` and `targets` list all (position, token) pairs, N of them.
    """

    tokens: torch.Tensor  # (T,) int64
    positions: torch.Tensor  # (T,) int64
    mask: torch.Tensor  # (T, T) bool, True: row may attend to column
    sources: torch.Tensor  # (N,) int64, positions in the sequence
    targets: torch.Tensor  # (N,) int64, token ids
    rows: int


def grow_tree(rows: Sequence[EncodedRow]) -> Tree:
    """Build the sequence of rows that share their prompt (they must)."""
    prompt = rows[0].prompt
    tokens, positions = list(prompt), list(range(len(prompt)))
    branch = [0] * len(prompt)
    sources, targets = list[int](), list[int]()
    for number, row in enumerate(rows, 1):
        assert row.prompt == prompt
        start = len(tokens)
        learned = [place for place, label in enumerate(row.labels[len(prompt) :]) if label]
        # The last learned token, an end of turn, is only ever a target: nothing that is learned follows it.
        fed = row.answer[: learned[-1]]
        tokens += fed
        positions += range(len(prompt), len(prompt) + len(fed))
        branch += [number] * len(fed)
        sources += [start + place - 1 if place else len(prompt) - 1 for place in learned]
        targets += [row.answer[place] for place in learned]
    order = torch.arange(len(tokens))
    owner = torch.tensor(branch)
    causal = order[:, None] >= order[None, :]
    mask = causal & ((owner[None, :] == 0) | (owner[:, None] == owner[None, :]))
    return Tree(
        torch.tensor(tokens),
        torch.tensor(positions),
        mask,
        torch.tensor(sources),
        torch.tensor(targets),
        len(rows),
    )


def group_rows(rows: Sequence[EncodedRow], sequence_len: int) -> list[list[EncodedRow]]:
    """Rows by shared prompt, in order of first appearance, no group longer than `sequence_len` tokens."""
    groups: dict[tuple[int, ...], list[list[EncodedRow]]] = {}
    for row in rows:
        parts = groups.setdefault(row.prompt, [[]])
        used = len(row.prompt) + sum(len(other.answer) for other in parts[-1])
        if parts[-1] and used + len(row.answer) > sequence_len:
            parts.append([])
        parts[-1].append(row)
    return [part for parts in groups.values() for part in parts]


def plan_steps(
    groups: Sequence[Sequence[EncodedRow]], rows_per_step: int, epochs: int, seed: int
) -> list[list[int]]:
    """The groups of every step of the whole training, as indices; epochs are shuffled by the seed.

    A step takes groups until it has at least `rows_per_step` rows; an epoch's last step may have fewer.
    """
    steps = []
    for epoch in range(epochs):
        order = list(range(len(groups)))
        random.Random(f"{seed}/{epoch}").shuffle(order)
        step, count = list[int](), 0
        for index in order:
            step.append(index)
            count += len(groups[index])
            if count >= rows_per_step:
                steps.append(step)
                step, count = [], 0
        if step:
            steps.append(step)
    return steps
