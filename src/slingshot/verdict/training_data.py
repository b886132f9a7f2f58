"""What the verdict has to know of the training data: its rows, its validation rows, what they give away."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slingshot.dataset import Row, measure_overlap, read_rows, targets_of_suite
from slingshot.errors import RequestError
from slingshot.files import sha256_of_file
from slingshot.suite import TestCase

TRAIN, VALIDATION, CARD = "train.jsonl", "validation.jsonl", "dataset.json"


@dataclass(frozen=True)
class TrainingData:
    """Rows that a model was trained on.

    Attributes:
        rows: to learn from.
        validation: those that the loss was watched on.
        overlap: for each held-out test case how many training rows show something of it; None where nobody
            looked.
    """

    rows: Sequence[Row]
    validation: Sequence[Row] = ()
    overlap: Mapping[str, int] | None = None

    @property
    def answers(self) -> list[str]:
        """The texts that were learned, row by row."""
        return [row.answer for row in self.rows]


def read_training_data(
    path: Path, suite: Sequence[TestCase] = (), held_out: Sequence[str] = ()
) -> TrainingData:
    """Read training rows with what lies beside them.

    Args:
        path: a dataset's folder, or the file of its training rows; `validation.jsonl` beside it are the
            validation rows, `dataset.json` its card.
        suite: definitions of the held-out test cases, which the rows are compared with. Without them what the
            card says is taken, if the card is that of these very rows.
        held_out: the names of the held-out test cases. A row that names one of them shows it.

    Raises:
        RequestError: there is no such file, or a line of it is no row.
    """
    file = path / TRAIN if path.is_dir() else path
    rows, beside = read_rows(file), file.with_name(VALIDATION)
    validation = read_rows(beside) if beside.exists() and beside != file else []
    defined = [case for case in suite if case.name in held_out]
    overlap: dict[str, int] | None = _rows_by_target(rows, file, defined, held_out)
    if not defined:
        noted = _noted(file)
        overlap = None if noted is None and not overlap else {**(noted or {}), **(overlap or {})}
    return TrainingData(rows, validation, overlap)


def _rows_by_target(
    rows: Sequence[Row], file: Path, defined: Sequence[TestCase], held_out: Sequence[str]
) -> dict[str, int]:
    """How many rows show something of a test case, for those of which any does."""
    report = measure_overlap(rows, file, targets_of_suite(defined), held_out=held_out)
    found: dict[str, set[int]] = {}
    for finding in report.findings:
        found.setdefault(finding.target, set()).add(finding.row)
    return {name: len(of_target) for name, of_target in sorted(found.items())}


def _noted(file: Path) -> dict[str, int] | None:
    """The same from the card beside the file; None without a card, or when it is that of other rows."""
    card = file.with_name(CARD)
    if not card.exists():
        return None
    try:
        facts: dict[str, Any] = json.loads(card.read_text(encoding="utf-8"))
        if facts["train_sha256"] != sha256_of_file(file):
            return None
        counted = {target["name"]: max(target["rows"].values()) for target in facts["overlap"]["targets"]}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RequestError(
            f"{card}: not a dataset's card ({type(error).__name__}: {error}); build the dataset again, or move "
            "the rows into a folder of their own"
        ) from None
    return {name: rows for name, rows in sorted(counted.items()) if rows}
