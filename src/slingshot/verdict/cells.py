"""A model's judged answers, cell by cell: what every figure of a verdict is computed from."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields

import polars as pl

from slingshot.statistics import Cell


@dataclass(frozen=True)
class Cells:
    """Judged answers by cell.

    Attributes:
        points: the score of each answer, 0 to 100.
        solved: 1 for an answer that passes all unit tests, else 0.
        distinct: the number of distinct texts.
        answers: the texts.
    """

    points: dict[Cell, list[float]] = field(default_factory=dict)
    solved: dict[Cell, list[float]] = field(default_factory=dict)
    distinct: dict[Cell, int] = field(default_factory=dict)
    answers: dict[Cell, list[str]] = field(default_factory=dict)

    def within(self, test_cases: Collection[str]) -> "Cells":
        """The cells of some test cases."""
        return self._chosen(lambda cell: cell[0] in test_cases)

    def under(self, label: str) -> "Cells":
        """The cells of one prompt label."""
        return self._chosen(lambda cell: cell[1] == label)

    def in_families(self, plain_of: Mapping[str, str]) -> "Cells":
        """The same with every variant counted to its plain form's test case, under labels of its own.

        Variants of one test case are hard or easy together: they are no more test cases than it is alone.
        """
        parts = {part.name: getattr(self, part.name) for part in fields(self)}
        return Cells(
            **{name: {_in_family(c, plain_of): v for c, v in part.items()} for name, part in parts.items()}
        )

    def _chosen(self, wanted: Callable[[Cell], bool]) -> "Cells":
        parts = {part.name: getattr(self, part.name) for part in fields(self)}
        return Cells(**{name: {c: v for c, v in part.items() if wanted(c)} for name, part in parts.items()})

    @property
    def samples(self) -> int:
        """How many answers there are."""
        return sum(map(len, self.points.values()))


def _in_family(cell: Cell, plain_of: Mapping[str, str]) -> Cell:
    name, label = cell
    return (plain_of[name], f"{name} {label}") if name in plain_of else cell


def cells_of(frame: pl.DataFrame) -> Cells:
    """One model's cells, from the rows of its judged answers."""
    cells = Cells()
    columns = frame.select("test_case", "prompt_label", "score", "solved", "answer")
    for test_case, label, score, solved, answer in columns.iter_rows():
        cell = (test_case, label)
        cells.points.setdefault(cell, []).append(score)
        cells.solved.setdefault(cell, []).append(float(solved))
        cells.answers.setdefault(cell, []).append(answer)
    cells.distinct.update({cell: len(set(answers)) for cell, answers in cells.answers.items()})
    return cells


def by_test_case(values: Mapping[Cell, Sequence[float]]) -> dict[str, list[float]]:
    """Values pooled over the prompt labels of each test case."""
    pooled: dict[str, list[float]] = {}
    for (test_case, _), of_cell in values.items():
        pooled.setdefault(test_case, []).extend(of_cell)
    return pooled


def distinct_by_test_case(cells: Cells) -> dict[str, int]:
    """The number of distinct answers of each test case: distinct texts in each cell, summed."""
    summed: dict[str, int] = {}
    for (test_case, _), distinct in cells.distinct.items():
        summed[test_case] = summed.get(test_case, 0) + distinct
    return summed
