"""Prompt-shared packing: rows with the same prompt become one sequence, what they have in common once.

Every answer attends to what comes before it in its own row, never to another answer, and its positions go on
where the prompt ends: the model computes for each answer exactly what it would compute on the row alone, but
the common part of the work is done once. Answers that begin alike share their beginning too.

            prompt      answer 1    answer 2
positions   0 1 2       3 4         3 4 5
attends to  itself      prompt, 1   prompt, 2
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from slingshot.training.rows.encoding import EncodedRow

# Answers share a beginning of at least so many tokens; a branch for fewer costs more than it saves.
_WORTH_SHARING = 16


@dataclass(frozen=True)
class Segment:
    """Tokens [start, stop) of a sequence; they see themselves causally, and all of `before`, their row so far."""

    start: int
    stop: int
    before: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Tree:
    """A prompt and the answers that share it, as flat tensors of length T tokens.

    `sources` and `targets` list all pairs of a position and a token that it must predict, N of them, row by row.
    Where answers divide, one position has several targets: the prompt's last one as many as there are answers.
    """

    tokens: torch.Tensor  # (T,) int64
    positions: torch.Tensor  # (T,) int64
    segments: tuple[Segment, ...]
    sources: torch.Tensor  # (N,) int64, positions in the sequence
    targets: torch.Tensor  # (N,) int64, token ids
    rows: int

    @property
    def mask(self) -> torch.Tensor:
        """Who sees whom, (T, T) bool, True: the row's token attends to the column's."""
        mask = torch.zeros(len(self.tokens), len(self.tokens), dtype=torch.bool)
        for segment in self.segments:
            own = slice(segment.start, segment.stop)
            mask[own, own] = torch.ones_like(mask[own, own]).tril()
            for start, stop in segment.before:
                mask[own, start:stop] = True
        return mask


def grow_tree(rows: Sequence[EncodedRow]) -> Tree:
    """Build the sequence of rows that share their prompt (they must)."""
    prompt = rows[0].prompt
    assert all(row.prompt == prompt for row in rows)
    learned = [[place for place, label in enumerate(row.labels) if label] for row in rows]
    # The last learned token, an end of turn, is only ever a target: nothing that is learned follows it.
    fed = [row.tokens[: places[-1]] for row, places in zip(rows, learned, strict=True)]
    laid = _Laying(fed)
    laid.add(range(len(rows)), 0, len(prompt) if len(rows) > 1 else len(fed[0]), ())
    return Tree(
        torch.tensor(laid.tokens),
        torch.tensor(laid.positions),
        tuple(laid.segments),
        torch.tensor([laid.places[row][p - 1] for row, places in enumerate(learned) for p in places]),
        torch.tensor([rows[row].tokens[p] for row, places in enumerate(learned) for p in places]),
        len(rows),
    )


class _Laying:
    """A sequence that grows segment by segment; `places[row]` are the positions of a row's tokens in it."""

    def __init__(self, rows: Sequence[tuple[int, ...]]) -> None:
        self._rows = rows
        self.tokens = list[int]()
        self.positions = list[int]()
        self.segments = list[Segment]()
        self.places: list[list[int]] = [[] for _ in rows]

    def add(self, rows: Sequence[int], start: int, stop: int, before: tuple[tuple[int, int], ...]) -> None:
        """Add tokens [start, stop) that rows have in common, and all that follows in each of them."""
        place = len(self.tokens)
        end = place + stop - start
        if end > place:
            self.tokens += self._rows[rows[0]][start:stop]
            self.positions += range(start, stop)
            self.segments.append(Segment(place, end, before))
            before = (*before, (place, end))
        for row in rows:
            self.places[row] += range(place, end)
        beginnings: dict[tuple[int, ...], list[int]] = {}
        for row in rows:
            beginning = self._rows[row][stop : stop + _WORTH_SHARING]
            if beginning:
                alone = len(beginning) < _WORTH_SHARING
                beginnings.setdefault((-1 - row,) if alone else beginning, []).append(row)
        for together in beginnings.values():
            self.add(together, stop, self._common(together, stop), before)

    def _common(self, rows: Sequence[int], start: int) -> int:
        """Where tokens that rows have in common from `start` on end."""
        first, *others = (self._rows[row] for row in rows)
        stop = min(len(self._rows[row]) for row in rows)
        for place in range(start, stop):
            if any(other[place] != first[place] for other in others):
                return place
        return stop


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
