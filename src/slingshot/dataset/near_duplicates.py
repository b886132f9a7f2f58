"""Texts that are nearly the same, found without comparing each with each.

MinHash proposes pairs and the exact Jaccard index of their sets decides: a pair may be missed, see `MISSED`,
but none is made up. The same sets give the same answer everywhere.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from slingshot.dataset.shingles import jaccard

if TYPE_CHECKING:  # it loads scipy, for which not every command that imports this should wait
    from datasketch import MinHash, MinHashLSH

THRESHOLD = 0.8
"""The Jaccard index from which two sets are near-duplicates."""

MISSED = 1e-4
"""How often a pair exactly at the threshold may be missed at most; pairs more alike are missed more rarely.

Among the 3,677 distinct programs of full score on the Julia LLM Leaderboard (3-shingles of tokens) all 2,095
pairs of 0.8 or more are found, all 19,144 of 0.6 or more, and all 46,721 of 0.5 or more.
"""

_PERMUTATIONS = 128


def near_duplicates(sets: Sequence[frozenset[int]], threshold: float = THRESHOLD) -> list[int]:
    """For every item the index of the first item of its group, in the given order.

    An item joins the earliest kept item whose Jaccard index with it is at least `threshold` (above 0, at most
    1); where there is none it is kept, and its index is its own.
    """
    kept = _lookup(threshold)
    first_of: dict[frozenset[int], int] = {}
    indices = _indices(sets)
    for (item, (index, *_)), sketch in zip(indices.items(), _sketches(indices), strict=True):
        alike = (i for i in sorted(kept.query(sketch)) if _is_near(sets[i], item, threshold))
        first_of[item] = next(alike, index)
        if first_of[item] == index:
            kept.insert(index, sketch)
    return [first_of[item] for item in sets]


def near_duplicate_pairs(
    a: Sequence[frozenset[int]], b: Sequence[frozenset[int]], threshold: float = THRESHOLD
) -> list[tuple[int, int]]:
    """All pairs of an index in `a` and one in `b` whose Jaccard index is at least `threshold`, sorted."""
    lookup = _lookup(threshold)
    in_a, in_b = _indices(a), _indices(b)
    for item, sketch in zip(in_a, _sketches(in_a), strict=True):
        lookup.insert(item, sketch)
    return sorted(
        (i, j)
        for item, sketch in zip(in_b, _sketches(in_b), strict=True)
        for candidate in lookup.query(sketch)
        if _is_near(candidate, item, threshold)
        for i in in_a[candidate]
        for j in in_b[item]
    )


def _indices(sets: Sequence[frozenset[int]]) -> dict[frozenset[int], list[int]]:
    """Where each distinct set stands, in the order of their first places."""
    indices = defaultdict[frozenset[int], list[int]](list)
    for index, item in enumerate(sets):
        indices[item].append(index)
    return indices


def _sketches(sets: Iterable[frozenset[int]]) -> "Iterator[MinHash]":
    """A sketch of each set; shingles are hashes already, of which MinHash wants 32 bits."""
    from datasketch import MinHash

    yield from MinHash.generator(sets, num_perm=_PERMUTATIONS, hashfunc=lambda shingle: shingle & 0xFFFFFFFF)


def _lookup(threshold: float) -> "MinHashLSH":
    """An empty lookup whose bands are as long as `MISSED` allows: longer ones propose fewer pairs in vain."""
    from datasketch import MinHashLSH

    return MinHashLSH(num_perm=_PERMUTATIONS, params=_bands(threshold))


def _bands(threshold: float) -> tuple[int, int]:
    """Number and length of bands. A pair is proposed if one band agrees whole: each does with J ** length."""
    fitting = (
        (number, length)
        for length in range(_PERMUTATIONS // 2, 0, -1)
        if (1 - threshold**length) ** (number := _PERMUTATIONS // length) <= MISSED
    )
    return next(fitting, (_PERMUTATIONS, 1))


def _is_near(a: frozenset[int], b: frozenset[int], threshold: float) -> bool:
    return min(len(a), len(b)) >= threshold * max(len(a), len(b)) and jaccard(a, b) >= threshold
