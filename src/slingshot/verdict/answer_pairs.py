"""Answers that a model was trained on, each beside a right answer to the same prompt that it never saw."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import polars as pl

from slingshot.dataset import Row
from slingshot.dataset.normalize import normalized_code

MOST_PAIRS = 100


@dataclass(frozen=True)
class AnswerPair:
    """A training row, and an answer that would have been as right in its place."""

    row: Row
    other: str


def pair_answers(
    rows: Sequence[Row],
    recordings: pl.DataFrame,
    extract: Callable[[str], str],
    most: int = MOST_PAIRS,
    seed: int = 0,
) -> list[AnswerPair]:
    """Find a right answer never trained on for as many training rows as have one, at most `most`.

    An answer counts as right if it has full score, and as never trained on if its code, without comments and
    layout, is that of no training row. It must answer the row's own test case. One recorded under the row's
    prompt label is taken first. Else one of another label will do, rendered behind the row's prompt, if both are
    nothing but one block of Julia, which keeps the rules of every label. Each is taken once, and no code twice,
    so that both sides are answers to the same prompts, equally many to each.

    Where there are more pairs than `most`, they are spread evenly over test cases.

    Args:
        rows: all that was trained on.
        recordings: judged answers, those that were chosen for training among them.
        extract: finds the code in an answer; returns "" when there is none.
        most: how many pairs are wanted.
        seed: which rows and which answers are taken.
    """
    chance = random.Random(seed)
    trained = {normalized_code(extract(row.answer)) for row in rows}
    by_test_case = defaultdict[str, list[Row]](list)
    for row in rows:
        by_test_case[row.test_case].append(row)
    unseen = _unseen(recordings, trained, extract)
    found = []
    for name, own in sorted(by_test_case.items()):
        chance.shuffle(own)
        found.append(_pairs(own, unseen.get(name, {}), chance))
    chance.shuffle(found)  # which test cases have one pair more than others
    dealt = (pair for turn in zip_longest(*found) for pair in turn if pair)
    return [pair for _, pair in zip(range(most), dealt, strict=False)]


def _unseen(
    recordings: pl.DataFrame, trained: set[str], extract: Callable[[str], str]
) -> dict[str, dict[str, list[str]]]:
    """By test case and prompt label the right answers never trained on, of each code the first."""
    found = defaultdict[str, dict[str, list[str]]](lambda: defaultdict(list))
    known = defaultdict[str, set[str]](lambda: set(trained))
    full = recordings.filter(pl.col("score") == 100).sort("test_case", "prompt_label", "answer")
    for test_case, label, answer in full.select("test_case", "prompt_label", "answer").iter_rows():
        code = normalized_code(extract(answer))
        if code and code not in known[test_case]:
            known[test_case].add(code)
            found[test_case][label].append(answer)
    return found


def _pairs(
    rows: Sequence[Row], unseen: Mapping[str, Sequence[str]], chance: random.Random
) -> list[AnswerPair]:
    """Pairs of one test case, in random order: first within prompt labels, then across them."""
    left = {label: chance.sample(answers, len(answers)) for label, answers in sorted(unseen.items())}
    found, unpaired = [], []
    for row in rows:
        if own := left.get(row.prompt_label):
            found.append(AnswerPair(row, own.pop()))
        elif is_only_julia(row.answer):
            unpaired.append(row)
    others = [answer for answers in left.values() for answer in answers if is_only_julia(answer)]
    chance.shuffle(others)
    found += [AnswerPair(row, answer) for row, answer in zip(unpaired, others, strict=False)]
    chance.shuffle(found)
    return found


def is_only_julia(answer: str) -> bool:
    """Whether an answer is nothing but one fenced block of Julia."""
    text = answer.strip()
    return text.startswith("```julia\n") and text.endswith("\n```") and text.count("```") == 2
