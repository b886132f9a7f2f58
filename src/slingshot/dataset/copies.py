"""Rows that say the same: within a split, and in two of them, where learning from one gives the other away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

from slingshot.dataset.files import Row
from slingshot.dataset.near_duplicates import near_duplicate_pairs, near_duplicates
from slingshot.dataset.normalize import code_tokens, normalized_code
from slingshot.dataset.overlap.telling import words
from slingshot.dataset.shingles import shingles
from slingshot.judge import extract_code

CopyKind = Literal["exact", "normalized", "near", "prompt"]
"""How two rows are the same: the very answer; its code but for comments and layout (its words, if there is no
code); nearly its code, see `slingshot.dataset.near_duplicates`; the question, word for word."""


@dataclass(frozen=True)
class Copy:
    """A row that says what another one says.

    Attributes:
        kind: how the two are the same.
        split: the row's.
        row: its number in the split, counted from 1.
        of_split: the other's.
        of_row: its number.
    """

    kind: CopyKind
    split: str
    row: int
    of_split: str
    of_row: int


@dataclass(frozen=True)
class Copies:
    """What is there more than once.

    Attributes:
        within: copies of an earlier row of the same split, each row once.
        across: copies of a row of an earlier split.
        test_cases: for two splits the test cases that have rows in both, where there are any.
    """

    within: list[Copy]
    across: list[Copy]
    test_cases: dict[tuple[str, str], list[str]]


class _Split(NamedTuple):
    """What is compared of each row."""

    answers: list[str]
    codes: list[str]
    shingles: list[frozenset[int]]
    questions: list[str]
    test_cases: set[str]


def find_copies(splits: Mapping[str, Sequence[Row]]) -> Copies:
    """Compare all rows with each other; the first of several copies, in the given order, is none."""
    parts = {name: _split(rows) for name, rows in splits.items()}
    pairs = list(combinations(parts, 2))
    shared = {(a, b): sorted(parts[a].test_cases & parts[b].test_cases) for a, b in pairs}
    return Copies(
        within=[copy for name, part in parts.items() for copy in _within(name, part)],
        across=[copy for a, b in pairs for copy in _across(a, parts[a], b, parts[b])],
        test_cases={pair: names for pair, names in shared.items() if names},
    )


def _split(rows: Sequence[Row]) -> _Split:
    answers = [row.answer for row in rows]
    codes = [extract_code(answer) for answer in answers]
    texts = list(zip(codes, answers, strict=True))
    questions = [[m["content"] for m in row.messages[:-1] if m["role"] == "user"] for row in rows]
    return _Split(
        answers,
        [normalized_code(code) or " ".join(words(answer)) for code, answer in texts],
        [shingles(code_tokens(code) or words(answer)) for code, answer in texts],
        [" ".join(words("\n".join(question))) for question in questions],
        {row.test_case for row in rows} - {""},
    )


def _within(name: str, part: _Split) -> list[Copy]:
    answers, codes, near = _firsts(part.answers), _firsts(part.codes), near_duplicates(part.shingles)
    copies = list[Copy]()
    for index in range(len(part.answers)):
        firsts: list[tuple[CopyKind, int]] = [
            ("exact", answers[part.answers[index]]),
            ("normalized", codes[part.codes[index]]),
            ("near", near[index]),
        ]
        found = next(((kind, first) for kind, first in firsts if first != index), None)
        if found:
            copies.append(Copy(found[0], name, index + 1, name, found[1] + 1))
    return copies


def _across(a: str, in_a: _Split, b: str, in_b: _Split) -> list[Copy]:
    answers, codes, questions = _firsts(in_a.answers), _firsts(in_a.codes), _firsts(in_a.questions)
    near = {j: i for i, j in reversed(near_duplicate_pairs(in_a.shingles, in_b.shingles))}
    copies = list[Copy]()
    for index in range(len(in_b.answers)):
        firsts: list[tuple[CopyKind, int | None]] = [
            ("exact", answers.get(in_b.answers[index])),
            ("normalized", codes.get(in_b.codes[index])),
            ("near", near.get(index)),
        ]
        found = [(kind, first) for kind, first in firsts if first is not None][:1]
        question = in_b.questions[index]
        if question in questions and question:
            found.append(("prompt", questions[question]))
        copies += [Copy(kind, b, index + 1, a, first + 1) for kind, first in found]
    return copies


def _firsts(texts: Sequence[str]) -> dict[str, int]:
    """Where each text stands first."""
    return {text: index for index, text in reversed(list(enumerate(texts)))}
