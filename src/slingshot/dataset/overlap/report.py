"""What training rows share with test cases that must stay unseen, and what of it is too much."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict, get_args

from slingshot.dataset.files import Row
from slingshot.dataset.overlap.shared import KnownTargets, Measure, Text
from slingshot.dataset.overlap.targets import Target, targets_of_suite

__all__ = [
    "Finding",
    "OverlapLimits",
    "OverlapReport",
    "Target",
    "TargetSummary",
    "measure_overlap",
    "rows_without_overlap",
    "targets_of_suite",
]

Kind = Literal["held-out-row", Measure]
"""What is found, the worst first: a row of a held-out test case, or too much of one of the measures."""

_EXCERPT = 200


@dataclass(frozen=True)
class OverlapLimits:
    """From where on each measure is a finding, see `slingshot.dataset.overlap.shared.Measure`.

    Chosen so that ordinary Julia is none. Of the Julia LLM Leaderboard's 21,967 distinct answers none shares a
    unit test or an example with another one of its 14 test cases or of the 16 bundled ones; no answer and
    question share more than 0.10 of another's question, 0.03 of its reference solution's code, or 14 tokens of it
    in a row. Among answers of full score the same holds against all other answers of full score. Of `ngrams`,
    which grow with the number of programs, none is too much.
    """

    unit_test: int = 1
    prompt: float = 0.3
    code: float = 0.25
    run: int = 20
    example: int = 1

    def of(self, measure: Measure) -> float:
        """The limit of a measure."""
        limits: dict[str, float] = asdict(self)
        return limits.get(measure.replace("-", "_"), math.inf)


@dataclass(frozen=True)
class Finding:
    """One thing that a row shares with a target.

    Attributes:
        kind: what it is.
        file: the row's.
        row: its number among the file's rows that could be read, counted from 1.
        target: the name of the test case.
        value: what was measured.
        limit: from where on it is a finding.
        text: what is shared, or its beginning.
    """

    kind: Kind
    file: Path
    row: int
    target: str
    value: float
    limit: float
    text: str


class TargetSummary(TypedDict):
    """A target and what was found of it.

    `largest` has the largest value of each measure over all rows, `rows` how many rows reach its limit.
    """

    name: str
    place: str
    largest: dict[Measure, float]
    rows: dict[Kind, int]


@dataclass(frozen=True)
class OverlapReport:
    """What rows share with targets.

    Attributes:
        file: the rows'.
        rows: how many there are.
        limits: from where on each measure is a finding.
        findings: the worst first: by kind, then by how far beyond the limit.
        summary: of every target, in their order.
    """

    file: Path
    rows: int
    limits: OverlapLimits
    findings: list[Finding]
    summary: list[TargetSummary]

    def to_json(self) -> dict[str, Any]:
        """The report as a JSON value."""
        return {
            "file": str(self.file),
            "rows": self.rows,
            "limits": asdict(self.limits),
            "findings": [{**asdict(finding), "file": str(finding.file)} for finding in self.findings],
            "targets": self.summary,
        }


def measure_overlap(
    rows: Sequence[Row],
    file: Path,
    targets: Sequence[Target],
    limits: OverlapLimits | None = None,
    held_out: Collection[str] = (),
) -> OverlapReport:
    """Compare every row, prose as well as code, with every target.

    A row of a target's own test case is not compared with it: there it is meant to be learned from. If that
    test case is held out, the row is a finding by itself.

    Args:
        rows: training rows.
        file: the file that holds them.
        targets: what must stay unseen.
        limits: from where on a measure is a finding [default: `OverlapLimits()`].
        held_out: names of the test cases of which no row may be there.
    """
    limits = limits or OverlapLimits()
    known = KnownTargets(targets)
    findings = list[Finding]()
    summary = [
        TargetSummary(
            name=target.name,
            place=str(target.place),
            largest=dict.fromkeys(get_args(Measure), 0.0),
            rows=dict.fromkeys(get_args(Kind), 0),
        )
        for target in targets
    ]
    for number, row in enumerate(rows, 1):
        if row.test_case in held_out:
            findings.append(Finding("held-out-row", file, number, row.test_case, 1, 1, _excerpt(row.answer)))
        shared = known.shared_with(_text(row), but_not=row.test_case)
        for index, measures in shared.items():
            name, largest, reaching = targets[index].name, summary[index]["largest"], summary[index]["rows"]
            for measure, (value, text) in measures.items():
                largest[measure] = max(largest[measure], value)
                if value >= (limit := limits.of(measure)):
                    reaching[measure] += 1
                    findings.append(Finding(measure, file, number, name, value, limit, _excerpt(text)))
    by_test_case = Counter(finding.target for finding in findings if finding.kind == "held-out-row")
    for target in summary:
        target["rows"]["held-out-row"] = by_test_case[target["name"]]
    order = get_args(Kind)
    findings.sort(
        key=lambda finding: (order.index(finding.kind), -finding.value / finding.limit, finding.row)
    )
    return OverlapReport(file, len(rows), limits, findings, summary)


def rows_without_overlap(rows: Sequence[Row], report: OverlapReport) -> list[Row]:
    """The rows of which the report, which was made of them, has no finding."""
    found = {finding.row for finding in report.findings}
    return [row for number, row in enumerate(rows, 1) if number not in found]


def _text(row: Row) -> Text:
    """All that a row says, whoever says it."""
    contents = (message.get("content") for message in row.messages)
    return Text([content for content in contents if isinstance(content, str)])


def _excerpt(text: str) -> str:
    return text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…"
