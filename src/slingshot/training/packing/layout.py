"""Rows as they go through the model: sequences that share prompts, that hold several rows, or rows alone."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from slingshot.training.packing.trees import Tree, group_rows, grow_tree
from slingshot.training.rows.encoding import EncodedRow

Packing = Literal["shared", "plain", "none"]


@dataclass(frozen=True)
class Laid:
    """Rows that stay together, as trees that see nothing of each other.

    `counts` is how many rows they are worth to `micro_batch_size`: a sequence of several rows, as Axolotl packs
    them, is one; rows that share a prompt are as many as they are.
    """

    rows: tuple[EncodedRow, ...]
    trees: tuple[Tree, ...]
    counts: int

    @property
    def tokens(self) -> int:
        """How many go through the model."""
        return sum(len(tree.tokens) for tree in self.trees)

    @property
    def supervised(self) -> int:
        """How many of them are learned."""
        return sum(len(tree.targets) for tree in self.trees)


def lay_out(rows: Sequence[EncodedRow], packing: Packing, sequence_len: int, seed: int) -> list[Laid]:
    """All rows, laid together in sequences of at most `sequence_len` tokens."""
    match packing:
        case "shared":
            groups = group_rows(rows, sequence_len)
            return [Laid(tuple(group), (grow_tree(group),), len(group)) for group in groups]
        case "plain":
            bins = _fill(rows, sequence_len, random.Random(seed))
            return [Laid(tuple(rows), tuple(grow_tree([row]) for row in rows), 1) for rows in bins]
        case "none":
            return [Laid((row,), (grow_tree([row]),), 1) for row in rows]


def _fill(rows: Sequence[EncodedRow], sequence_len: int, chance: random.Random) -> list[list[EncodedRow]]:
    """Each row, in random order, into the first of the last 32 sequences that has room for it."""
    order = list(rows)
    chance.shuffle(order)  # rows of one kind often stand together in a file, and should not in a sequence
    bins, room = list[list[EncodedRow]](), list[int]()
    for row in order:
        open_bins = range(max(0, len(bins) - 32), len(bins))
        place = next((number for number in open_bins if room[number] >= len(row)), None)
        if place is None:
            bins.append([row])
            room.append(sequence_len - len(row))
        else:
            bins[place].append(row)
            room[place] -= len(row)
    return bins
