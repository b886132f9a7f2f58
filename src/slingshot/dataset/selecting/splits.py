"""Which test cases are trained on, validated on and held out, and that nothing stands on two sides.

Splits go by test case: rows of one test case share its prompt. Test cases may still share what matters, a prompt,
a program, or nearly a program. Then the row is taken out of the split that needs it least: held-out test cases
keep all they have, training gives way.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from slingshot.dataset.near_duplicates import near_duplicate_pairs
from slingshot.errors import RequestError, suggest

TRAIN, VALIDATION, HELD_OUT = "train", "validation", "held_out"
SPLITS = (TRAIN, VALIDATION, HELD_OUT)
"""In the order in which they give way."""


@dataclass(frozen=True)
class Split:
    """Which test cases stay unseen; all others are trained on."""

    hold_out: Sequence[str] = ()
    validation: Sequence[str] = ()

    def of(self, test_case: str) -> str:
        """The split that a test case belongs to."""
        if test_case in self.hold_out:
            return HELD_OUT
        return VALIDATION if test_case in self.validation else TRAIN


def checked_split(hold_out: Sequence[str], validation: Sequence[str], known: set[str]) -> Split:
    """A split of known test cases.

    Raises:
        RequestError: a name is none of them, or is in both lists.
    """
    for option, names in (("--hold-out", hold_out), ("--validation", validation)):
        for name in names:
            if name not in known:  # a typing error here would train on what must stay unseen
                raise RequestError(f"{option}: no recordings of {name}{suggest(name, known)}")
    if both := sorted(set(hold_out) & set(validation)):
        raise RequestError(f"{both[0]} is held out and validated on; leave it in one of the two lists")
    return Split(sorted(set(hold_out)), sorted(set(validation)))


def twins(
    candidates: pl.DataFrame,
    recordings: pl.DataFrame,
    shingles: Mapping[str, frozenset[int]],
    threshold: float,
) -> list[set[str]]:
    """For every candidate the names of other test cases that have its prompt, its program or nearly its program.

    Args:
        candidates: with the column `code`.
        recordings: all that was asked, whether it qualified or not: a prompt of a held-out test case must not
            be trained on even where nobody answered it well.
        shingles: the token 3-grams of each `code`.
        threshold: the Jaccard index that makes a near-duplicate.
    """
    asked, solved = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for test_case, prompt in recordings.select("test_case", "prompt").unique().iter_rows():
        asked[_words(prompt)].add(test_case)
    for test_case, code in candidates.select("test_case", "code").unique().iter_rows():
        solved[code].add(test_case)
    near = _near_programs(solved, shingles, threshold)
    found = list[set[str]]()
    for test_case, prompt, code in candidates.select("test_case", "prompt", "code").iter_rows():
        found.append((asked[_words(prompt)] | solved[code] | near[code]) - {test_case})
    return found


def straddling(candidates: pl.DataFrame, others: Sequence[set[str]], split: Split) -> list[bool]:
    """Which candidates have a twin in a split that comes before theirs; `others` are their `twins`."""
    rank = {name: number for number, name in enumerate(SPLITS)}
    return [
        any(rank[split.of(twin)] > rank[split.of(test_case)] for twin in names)
        for test_case, names in zip(candidates["test_case"], others, strict=True)
    ]


def _near_programs(
    solved: Mapping[str, set[str]], shingles: Mapping[str, frozenset[int]], threshold: float
) -> dict[str, set[str]]:
    """For every program the test cases of programs that are nearly the same."""
    near = defaultdict[str, set[str]](set)
    codes = sorted(solved)
    sets = [shingles[code] for code in codes]
    for i, j in near_duplicate_pairs(sets, sets, threshold):
        near[codes[i]] |= solved[codes[j]]
    return near


def _words(text: str) -> str:
    return " ".join(text.split())
