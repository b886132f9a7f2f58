"""How alike answers to one question are, on examples small enough to count by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_recordings import fenced

from slingshot.verdict import peakedness
from slingshot.verdict.peakedness import edit_distance, share_near_the_centre

WORDS = [f"w{i}" for i in range(40)]


def changed(count):
    """The forty words with so many of them replaced."""
    return [f"other{i}" for i in range(count)] + WORDS[count:]


def slow_distance(a, b):
    """Levenshtein's table, row by row."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row, before = [i], row
        for j, y in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (x != y)))
    return row[-1]


@given(st.lists(st.sampled_from("abc"), max_size=80), st.lists(st.sampled_from("abc"), max_size=80))
def test_the_edit_distance_is_levenshteins(a, b):
    assert edit_distance(a, b) == slow_distance(a, b)


@pytest.mark.parametrize(
    ("programs", "share"),
    [
        ([WORDS, WORDS, WORDS], 1),
        ([WORDS, changed(2), changed(40)], 1 / 2),  # two of forty words are 5 %, and near
        ([WORDS, changed(3), changed(40)], 0),
        ([changed(2), WORDS, [*WORDS[:38], "x", "y"]], 1),  # both near the one in the middle
        ([WORDS[::-1], WORDS], 0),
        ([[], []], 1),
    ],
)
def test_answers_near_the_most_central_one_are_counted(programs, share):
    assert share_near_the_centre(programs) == share


def test_cells_count_alike_and_single_answers_not_at_all():
    alike, unlike = ["```julia\nf(x) = x # 1\n```", "```julia\nf(x)  = x\n```"], ["yes", "no"]
    assert peakedness([alike, unlike, ["alone"]], fenced) == 0.5
    assert peakedness([["alone"]], fenced) is None
