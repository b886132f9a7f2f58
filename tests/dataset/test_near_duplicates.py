"""Near-duplicates: what groups, what never does, and in which order."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slingshot.dataset.near_duplicates import near_duplicate_pairs, near_duplicates
from slingshot.dataset.shingles import jaccard, ngrams, shingles

words = st.lists(st.sampled_from("abcdef"), max_size=12)
sets = st.lists(st.frozensets(st.integers(0, 9), max_size=8), max_size=12)


def test_ngrams_are_the_runs_in_order():
    assert list(ngrams("abcd", 3)) == [("a", "b", "c"), ("b", "c", "d")]
    assert list(ngrams("ab", 3)) == []


def test_jaccard_is_the_shared_part_of_all_there_is():
    assert jaccard({1, 2, 3}, {2, 3, 4}) == 0.5
    assert jaccard({1}, set()) == 0
    assert jaccard(set(), set()) == 1


@given(words, words, st.integers(1, 4))
@settings(deadline=None)
def test_shingles_are_equal_just_when_the_sets_of_runs_are(a, b, n):
    def runs(tokens):
        return set(ngrams(tokens, min(n, len(tokens)))) if tokens else set()

    assert (shingles(a, n) == shingles(b, n)) == (runs(a) == runs(b))
    assert len(shingles(a, n)) == len(runs(a))


def test_a_short_text_is_one_shingle_and_an_empty_one_none():
    assert len(shingles(["x"])) == len(shingles(["x", "y"])) == 1
    assert shingles(["x"]) != shingles(["x", "y"])
    assert shingles([]) == frozenset()


def test_shingles_are_the_same_in_every_process():
    assert sorted(shingles(["f", "(", "\ud800", "ü"])) == [535366836741054729, 14803246701442570878]


def test_items_join_the_earliest_kept_one_they_resemble():
    base = frozenset(range(100))
    near, apart = base - {0} | {200}, frozenset(range(300, 400))
    assert near_duplicates([base, apart, near, apart, base]) == [0, 1, 0, 1, 0]


def test_resemblance_does_not_travel_from_item_to_item():
    chain = [frozenset(range(start, start + 20)) for start in (0, 2, 4)]  # neighbours 18/22, ends 16/24
    assert near_duplicates(chain) == [0, 0, 2]


@given(sets, st.sampled_from([0.3, 0.5, 0.8, 1.0]))
@settings(deadline=None, max_examples=60)
def test_equal_sets_group_and_nothing_below_the_threshold_does(items, threshold):
    first = near_duplicates(items, threshold)
    for index, kept in enumerate(first):
        assert kept <= index
        assert first[kept] == kept
        assert jaccard(items[index], items[kept]) >= threshold
        assert kept <= items.index(items[index])
    remaining = [items[index] for index in sorted(set(first))]
    assert near_duplicates(remaining, threshold) == list(range(len(remaining)))


@given(sets, sets)
@settings(deadline=None, max_examples=60)
def test_pairs_across_two_lists_are_those_at_the_threshold(a, b):
    expected = [(i, j) for i, x in enumerate(a) for j, y in enumerate(b) if jaccard(x, y) >= 0.5]
    assert near_duplicate_pairs(a, b, 0.5) == expected


@pytest.mark.parametrize("threshold", [0.5, 0.8, 0.9])
def test_pairs_at_the_threshold_are_found(threshold):
    shared = round(100 * 2 * threshold / (1 + threshold)) + 1
    draw = random.Random(1)
    a = [frozenset(draw.getrandbits(64) for _ in range(100)) for _ in range(300)]
    b = [frozenset(sorted(item)[:shared]) | {draw.getrandbits(64) for _ in range(100 - shared)} for item in a]
    assert near_duplicate_pairs(a, b, threshold) == [(i, i) for i in range(300)]
