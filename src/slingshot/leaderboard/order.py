"""Whether rows that answered different cells would stand in another order like for like."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from slingshot.leaderboard.rows import Row

# Scores closer than this are equal.
SAME = 1e-9


@dataclass(frozen=True)
class Change:
    """Two rows that change places.

    Attributes:
        ahead, behind: their names, in the order that the table shows.
        shown: by how many points `ahead` leads in the table.
        alike: by how many points it trails on the cells that both have.
    """

    ahead: str
    behind: str
    shown: float
    alike: float


@dataclass(frozen=True)
class Order:
    """What comparing like for like would change.

    Attributes:
        rows: the names of the rows that have other cells than another, sorted.
        unlike: how many pairs of rows have different cells.
        apart: how many of them have no cell in common, so that nothing can be said.
        changes: those of the others that change places, the largest change first.
        common: how many cells all rows have.
    """

    rows: Sequence[str]
    unlike: int
    apart: int
    changes: Sequence[Change]
    common: int


def order_like_for_like(answers: pl.DataFrame, rows: Sequence[Row]) -> Order:
    """Compare each pair of rows on its common cells, every cell counting the same, with what the table shows.

    Args:
        answers: those of a `Selection`.
        rows: the rows to compare, all from these answers.
    """
    names = [row.name for row in rows]
    means = answers.group_by("row", "cell_a", "cell_b").agg(pl.col("score").mean())
    cells = means.select("cell_a", "cell_b").unique().with_row_index("cell")
    placed = means.join(cells, on=["cell_a", "cell_b"]).filter(pl.col("row").is_in(names))
    row_of = {name: place for place, name in enumerate(names)}
    rows_at, cells_at = [row_of[name] for name in placed["row"]], placed["cell"].to_numpy()
    scores, present = np.zeros((len(names), cells.height)), np.zeros((len(names), cells.height))
    scores[rows_at, cells_at], present[rows_at, cells_at] = placed["score"].to_numpy(), 1.0

    both = present @ present.T  # the number of cells that a pair has in common
    own = present.sum(axis=1)
    unlike = np.triu((both < own[:, None]) | (both < own[None, :]), 1)
    sums = scores @ present.T
    with np.errstate(invalid="ignore"):
        alike = (sums - sums.T) / both
    shown = np.subtract.outer([row.score for row in rows], [row.score for row in rows])
    turned = unlike & (both > 0) & (shown * alike < 0) & (np.minimum(abs(shown), abs(alike)) > SAME)
    changes = [
        Change(
            *((names[a], names[b]) if shown[a, b] > 0 else (names[b], names[a])),
            abs(shown[a, b]),
            abs(alike[a, b]),
        )
        for a, b in np.argwhere(turned)
    ]
    # Sums differ in their last digits from time to time, equal changes in their names only.
    changes.sort(key=lambda change: (-round(change.shown + change.alike, 9), change.ahead, change.behind))
    apart = int((unlike & (both == 0)).sum())
    concerned = unlike.any(axis=0) | unlike.any(axis=1)
    return Order(
        rows=sorted(name for name, unlike_others in zip(names, concerned, strict=True) if unlike_others),
        unlike=int(unlike.sum()),
        apart=apart,
        changes=changes,
        common=int((present.sum(axis=0) == len(names)).sum()),
    )
