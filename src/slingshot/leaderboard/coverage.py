"""Which rows lack which cells, in one sentence however many there are."""

from collections import Counter

import polars as pl

from slingshot.leaderboard.wording import count_of, listed

WORDS = {"test_case": "test case", "prompt_label": "prompt label", "model": "model"}


def gaps(cells: pl.DataFrame, coordinates: tuple[str, str], noun: str) -> str:
    """What is missing: whole prompt labels and test cases first, then single cells.

    Args:
        cells: `row`, `cell_a` and `cell_b` of every cell that was answered, once each.
        coordinates: what `cell_a` and `cell_b` are, such as test case and prompt label.
        noun: what a row is.

    Returns:
        Parts such as `prompt label AsIs (29 of 52 models have none)` and `NAME lacks 2`, joined by
        semicolons; empty when every row has every cell.
    """
    rows = cells["row"].n_unique()
    parts, whole = [], set[tuple[str, str, str]]()
    for column, coordinate in zip(("cell_b", "cell_a"), reversed(coordinates), strict=True):
        absent: dict[int, list[str]] = {}
        for value in cells[column].unique().sort():
            having = set(cells.filter(pl.col(column) == value)["row"])
            lacking = [name for name in cells["row"].unique() if name not in having]
            whole.update((name, column, value) for name in lacking)
            if lacking:
                absent.setdefault(len(lacking), []).append(value)
        for number, values in sorted(absent.items(), reverse=True):
            word = WORDS[coordinate] + ("" if len(values) == 1 else "s")
            parts.append(f"{word} {listed(values)} ({number} of {count_of(rows, noun)} have none)")
    single = _single_gaps(cells, whole)
    if single:
        names = [f"{name} lacks {count}" for name, count in single.most_common()]
        parts.append(f"{'besides, ' if parts else ''}{listed(names)}")
    return "; ".join(parts)


def _single_gaps(cells: pl.DataFrame, whole: set[tuple[str, str, str]]) -> Counter[str]:
    """How many cells each row lacks beside the labels and test cases that it lacks as a whole."""
    every = cells.select("cell_a", "cell_b").unique()
    missing = (
        cells.select("row")
        .unique()
        .join(every, how="cross")
        .join(cells, on=["row", "cell_a", "cell_b"], how="anti")
    )
    return Counter(
        row
        for row, a, b in missing.iter_rows()
        if (row, "cell_a", a) not in whole and (row, "cell_b", b) not in whole
    )
