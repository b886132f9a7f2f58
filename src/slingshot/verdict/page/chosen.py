"""Which answers the page shows, and where: a few of each model to each test case, under each label, of each fold."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from slingshot.verdict.contract import Split, Verdict
from slingshot.verdict.folds import Fold

SHOWN = 3
"""Answers shown of a model to a test case, and of a model under a prompt label, at most."""

Answers = Sequence[dict[str, Any]]
"""Rows of the recordings' frame, each with its `number` in it."""


@dataclass(frozen=True)
class Group:
    """The answers of a model to a test case, or under a prompt label.

    Attributes:
        rows: those that are shown, the lowest score first, those that could not be judged last.
        count: how many there are in all.
    """

    rows: Answers
    count: int


@dataclass(frozen=True)
class Chosen:
    """All answers that the page shows, and the page's ids of where they stand.

    Attributes:
        models: of the verdict, in its order.
        by_test_case: by model and test case.
        by_label: by model and prompt label; their answers stand in the groups of the test cases.
        by_fold: of the models that were trained without a test case, by that.
    """

    models: Sequence[str]
    by_test_case: dict[tuple[str, str], Group]
    by_label: dict[tuple[str, str], Group]
    by_fold: dict[str, Group]
    _numbers: dict[str, dict[str, int]] = field(default_factory=dict)

    def model(self, model: str) -> str:
        """Where the answers of a model stand; empty if there are none."""
        number = self._numbers["model"].get(model)
        return "" if number is None else f"m{number}"

    def split(self, model: str, split: Split) -> str:
        """Where those to the test cases of a split stand."""
        place = self.model(model)
        return f"{place}-{split}" if place and split != "all" else place

    def test_case(self, model: str, test_case: str) -> str:
        """Where those to a test case stand."""
        known = (model, test_case) in self.by_test_case
        return f"{self.model(model)}-t{self._numbers['test_case'][test_case]}" if known else ""

    def label(self, model: str, label: str) -> str:
        """Where those under a prompt label are listed."""
        known = (model, label) in self.by_label
        return f"{self.model(model)}-l{self._numbers['prompt_label'][label]}" if known else ""

    def fold(self, test_case: str) -> str:
        """Where those of the model trained without a test case stand."""
        return f"f{list(self.by_fold).index(test_case)}" if test_case in self.by_fold else ""

    def answer(self, number: int) -> str:
        """Where an answer stands, by its number in the frame."""
        return f"a{number}"


def choose_answers(verdict: Verdict, recordings: pl.DataFrame, folds: Sequence[Fold] = ()) -> Chosen:
    """Choose three answers for each model and test case, each model and prompt label if there are several, each fold.

    They are those with the lowest, the median and the highest score; of answers with the same score one whose text
    is not shown yet goes before, then the first. Where there are at most three all are shown.
    """
    names = [model.name for model in verdict.models]
    frame = recordings.with_row_index("number").filter(pl.col("model").is_in(names))
    by_test_case = _groups(frame, "test_case", set())
    numbers = {row["number"] for group in by_test_case.values() for row in group.rows}
    by_label = _groups(frame, "prompt_label", numbers) if frame["prompt_label"].n_unique() > 1 else {}
    extra: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for (model, _), group in by_label.items():
        for row in group.rows:
            if row["number"] not in numbers:
                numbers.add(row["number"])
                extra.setdefault((model, row["test_case"]), []).append(row)
    for key, rows in extra.items():
        group = by_test_case[key]
        by_test_case[key] = Group(_in_order([*group.rows, *rows]), group.count)
    ids = {
        "model": {name: place for place, name in enumerate(names) if name in set(frame["model"])},
        "test_case": _numbered(frame, "test_case"),
        "prompt_label": _numbered(frame, "prompt_label"),
    }
    return Chosen(names, by_test_case, by_label, _groups_of_folds(folds, recordings.height), ids)


def _groups_of_folds(folds: Sequence[Fold], first: int) -> dict[str, Group]:
    """The answers of each fold, numbered from `first` on."""
    found: dict[str, Group] = {}
    for fold in folds:
        own = fold.recordings.filter(pl.col("test_case") == fold.test_case).with_row_index("number", first)
        first += own.height
        for (_, name), group in _groups(own, "test_case", set()).items():
            found[name] = group
    return found


def _numbered(frame: pl.DataFrame, column: str) -> dict[str, int]:
    return {name: place for place, name in enumerate(sorted(frame[column].unique()))}


def _groups(frame: pl.DataFrame, column: str, kept: Set[int]) -> dict[tuple[str, str], Group]:
    """The answers of each model in groups by a column, three of each group; `kept` are numbers of those shown."""
    groups = frame.partition_by("model", column, as_dict=True)
    found: dict[tuple[str, str], Group] = {}
    for (model, name), rows in groups.items():
        brief = rows.select("number", "score", "answer").to_dicts()
        numbers = [row["number"] for row in _three(brief, kept)]
        chosen = rows.filter(pl.col("number").is_in(numbers)).to_dicts()
        found[str(model), str(name)] = Group(_in_order(chosen), rows.height)
    return found


def _three(rows: Answers, kept: Set[int]) -> Answers:
    """Of the lowest, the median and the highest score one answer each, `kept` ones first."""
    if len(rows) <= SHOWN:
        return rows
    judged = _in_order([row for row in rows if row["score"] is not None])
    if len(judged) < SHOWN:
        return [*judged, *(row for row in rows if row["score"] is None)][:SHOWN]
    chosen: list[dict[str, Any]] = []
    for wanted in (judged[0], judged[-1], judged[len(judged) // 2]):
        texts = {row["answer"] for row in chosen}
        same = [row for row in judged if row["score"] == wanted["score"] and row not in chosen]
        chosen += sorted(same, key=lambda row: (row["answer"] in texts, row["number"] not in kept))[:1]
    return chosen


def _in_order(rows: Answers) -> Answers:
    """From the lowest score to the highest, those that could not be judged last."""
    return sorted(rows, key=lambda row: (row["score"] is None, row["score"] or 0.0, row["number"]))
