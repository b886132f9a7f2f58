"""Which of the qualified answers are chosen: the first ones, or the ones most unlike each other."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from slingshot.dataset.selecting.selection import Strategy


def in_order(frame: pl.DataFrame, strategy: Strategy, prefer_models: Sequence[str]) -> pl.DataFrame:
    """Candidates in the order in which a strategy considers them, first come, first chosen.

    Answers of `prefer_models` come first, all alike, then those with fewer generated tokens. Ties: `original`
    keeps the order of files in a walk through the folders (`place`); the others go by the answer itself first,
    so that the time of a recording, which is part of its file's name, decides nothing.
    """
    preferred = ~pl.col("model").is_in(list(prefer_models))
    if strategy == "original":
        return frame.sort(preferred, "tokens_answer", "place", maintain_order=True)
    # A count of 0 or less is an endpoint's way to say nothing.
    tokens = pl.when(pl.col("tokens_answer") > 0).then("tokens_answer")
    by_answer: list[str | pl.Expr] = [
        pl.col("answer").str.len_chars(),
        "answer",
        "prompt_label",
        "model",
        "sample",
        "place",
    ]
    return frame.sort(preferred, tokens, *by_answer, nulls_last=True, maintain_order=True)


def choose(
    frame: pl.DataFrame, strategy: Strategy, per_task: int, shingles: Mapping[str, Set[int]]
) -> pl.DataFrame:
    """At most `per_task` rows of each test case, from candidates that are in order.

    Test cases follow each other by name; with `original` in the order of their first candidates, as a data
    frame's groups do.

    Args:
        frame: candidates with the columns of recordings and `code`.
        strategy: how to choose.
        per_task: rows per test case at most.
        shingles: the token 3-grams of each `code`, for `diverse`.
    """
    groups = frame.partition_by("test_case", maintain_order=True)
    if strategy != "original":
        groups.sort(key=lambda group: str(group["test_case"][0]))
    if strategy == "diverse":
        chosen = [group[most_diverse(group, per_task, shingles)] for group in groups]
    else:
        chosen = [group.head(per_task) for group in groups]
    return pl.concat([frame.clear(), *chosen])


def most_diverse(group: pl.DataFrame, count: int, shingles: Mapping[str, Set[int]]) -> list[int]:
    """Indices of `count` rows chosen farthest-first, balanced over prompt labels and models.

    The first row is the first that may be chosen; each further one is the row whose greatest similarity to
    those chosen before (Jaccard index of the code's token 3-grams) is least; ties go to the earlier row. This
    greedy rule is at most a factor of two from the best spread possible (Gonzalez 1985, "Clustering to minimize
    the maximum intercluster distance"). No label gets more than its fair share while others have rows left, and no
    model either as long as labels allow it, see `fair_share`.

    Args:
        group: candidates of one test case in order, with the columns `prompt_label`, `model` and `code`.
        count: how many to choose at most.
        shingles: the token 3-grams of each `code`.
    """
    labels, models = group["prompt_label"].to_list(), group["model"].to_list()
    most = {
        "label": fair_share(Counter(labels).values(), count),
        "model": fair_share(Counter(models).values(), count),
    }
    alike = _Similarities([shingles[code] for code in group["code"]])
    nearest = np.zeros(group.height)
    free = np.ones(group.height, dtype=bool)
    used = {"label": Counter[Any](), "model": Counter[Any]()}
    chosen = list[int]()
    for _ in range(min(count, group.height)):
        under_label = np.array([used["label"][label] < most["label"] for label in labels]) & free
        under_both = np.array([used["model"][model] < most["model"] for model in models]) & under_label
        allowed = next(mask for mask in (under_both, under_label, free) if mask.any())
        index = int(np.argmin(np.where(allowed, nearest, np.inf)))
        chosen.append(index)
        free[index] = False
        used["label"][labels[index]] += 1
        used["model"][models[index]] += 1
        nearest = np.maximum(nearest, alike.to(index))
    return chosen


def fair_share(available: Iterable[int], count: int) -> int:
    """The smallest cap under which groups of these sizes still give `count` rows, or all they have.

    >>> fair_share([100, 100, 4], 50)
    23
    """
    sizes = sorted(available)
    cap, left = 0, min(count, sum(sizes))
    for place, size in enumerate(sizes):
        cap = -(-left // (len(sizes) - place))
        if size >= cap:
            break
        left -= size
    return cap


class _Similarities:
    """Jaccard indices of one set to all, by an index from each element to the sets that hold it."""

    def __init__(self, sets: Sequence[Set[int]]) -> None:
        owners: dict[int, list[int]] = {}
        self._sets = sets
        for index, elements in enumerate(sets):
            for element in elements:
                owners.setdefault(element, []).append(index)
        self._owners = {element: np.array(indices) for element, indices in owners.items()}
        self._sizes: NDArray[np.int64] = np.array([len(elements) for elements in sets])

    def to(self, index: int) -> NDArray[np.float64]:
        """The similarity, 0 to 1, of one set to each; two empty sets are alike."""
        elements = self._sets[index]
        if not elements:
            return np.where(self._sizes == 0, 1.0, 0.0)
        shared = np.bincount(
            np.concatenate([self._owners[element] for element in elements]), minlength=len(self._sets)
        )
        similarity: NDArray[np.float64] = shared / (self._sizes + len(elements) - shared)
        return similarity
