"""Texts as sets of short runs of tokens, whose overlap says how alike two texts are."""

from collections.abc import Iterator, Sequence, Set
from hashlib import blake2b
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

# An odd factor: multiplying by it modulo 2**64 loses nothing, so that no order of tokens looks like another.
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def ngrams(tokens: Sequence[str], n: int) -> Iterator[tuple[str, ...]]:
    """The runs of `n` tokens in order; none where there are fewer tokens."""
    return zip(*(islice(tokens, start, None) for start in range(n)), strict=False)


def jaccard(a: Set[Any], b: Set[Any]) -> float:
    """What two sets share of all that is in either (0 to 1); two empty sets are equal: 1."""
    shared = len(a & b)
    return shared / (len(a) + len(b) - shared) if a or b else 1.0


def shingles(tokens: Sequence[str], n: int = 3) -> frozenset[int]:
    """The runs of `n` tokens as a set of 64-bit numbers, the same in every process and on every machine.

    Each token is hashed by BLAKE2b, runs by a polynomial over their tokens' hashes modulo 2**64. A text of
    fewer than `n` tokens is one shingle of its whole length, an empty one none.
    """
    return frozenset(run_hashes(tokens, min(n, len(tokens))).tolist())


def run_hashes(tokens: Sequence[str], n: int) -> NDArray[np.uint64]:
    """A 64-bit number for each run of `n` tokens, in order, as in `shingles`; none where there are fewer tokens."""
    count = len(tokens) - n + 1
    if n < 1 or count < 1:
        return np.empty(0, dtype=np.uint64)
    known = {token: _hash(token) for token in set(tokens)}
    hashes = np.fromiter((known[token] for token in tokens), dtype=np.uint64, count=len(tokens))
    runs = np.full(count, n, dtype=np.uint64)
    for start in range(n):
        runs = runs * _FACTOR + hashes[start : start + count]
    return runs


def _hash(token: str) -> int:
    """Half a character, which only JSON can write, counts like others."""
    return int.from_bytes(blake2b(token.encode(errors="surrogatepass"), digest_size=8).digest(), "little")
