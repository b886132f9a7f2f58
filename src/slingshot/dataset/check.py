"""Checking a dataset or a suite: what is wrong with its rows, what is there twice, what should stay unseen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from slingshot.dataset.copies import Copies, find_copies
from slingshot.dataset.files import Row
from slingshot.dataset.formats import read_dataset
from slingshot.dataset.formats.readme import read_card
from slingshot.dataset.overlap.against import rows_of_suite, targets_of_rows
from slingshot.dataset.overlap.report import OverlapReport, Target, measure_overlap, targets_of_suite
from slingshot.errors import RequestError, suggest
from slingshot.recordings.problems import Problem
from slingshot.suite import TestCase

HELD_OUT = "held_out"


@dataclass(frozen=True)
class Checked:
    """What was found.

    Attributes:
        path: what was checked.
        kind: what it is.
        splits: its rows by split; those of a suite are the split `suite`.
        problems: rows that could not be read, and files.
        copies: rows that say the same.
        held_out: names of the test cases of which no row may be there.
        unknown: those of them of which only the name is known, so that nothing was compared with them.
        overlap: what each split but the held-out one shares with what must stay unseen.
    """

    path: Path
    kind: Literal["dataset", "suite"]
    splits: dict[str, list[Row]]
    problems: Sequence[Problem] = ()
    copies: Copies = field(default_factory=lambda: Copies([], [], {}))
    held_out: Sequence[str] = ()
    unknown: Sequence[str] = ()
    overlap: dict[str, OverlapReport] = field(default_factory=dict)

    @property
    def faults(self) -> list[str]:
        """What does not hold, each in a few words; copies within a split are no fault."""
        repeated = len({(copy.split, copy.row) for copy in self.copies.across})
        in_two = len({name for names in self.copies.test_cases.values() for name in names})
        overlapping = sum(
            len({(finding.file, finding.row) for finding in report.findings})
            for report in self.overlap.values()
        )
        part = "file" if self.kind == "suite" else "row"
        counts = (
            (len(self.problems), "problem", "problems"),
            (repeated, "row repeats another split's", "rows repeat another split's"),
            (in_two, "test case is in two splits", "test cases are in two splits"),
            (overlapping, f"{part} shows what must stay unseen", f"{part}s show what must stay unseen"),
        )
        return [f"{count} {one if count == 1 else many}" for count, one, many in counts if count]

    def to_json(self) -> dict[str, Any]:
        """All of it as a JSON value; rows are counted, not written."""
        in_two = [
            {"splits": list(pair), "test_cases": names} for pair, names in self.copies.test_cases.items()
        ]
        return {
            "path": str(self.path),
            "kind": self.kind,
            "holds": not self.faults,
            "faults": self.faults,
            "rows": {name: len(rows) for name, rows in self.splits.items()},
            "problems": [{**asdict(problem), "path": str(problem.path)} for problem in self.problems],
            "copies": {
                "within": [asdict(copy) for copy in self.copies.within],
                "across": [asdict(copy) for copy in self.copies.across],
                "test_cases": in_two,
            },
            "held_out": list(self.held_out),
            "unknown": list(self.unknown),
            "overlap": {name: report.to_json() for name, report in self.overlap.items()},
        }


def check_dataset(
    path: Path,
    suite: Sequence[TestCase],
    against: Sequence[Target] = (),
    hold_out: Sequence[str] | None = None,
    strict: bool = False,
) -> Checked:
    """Check a dataset's file or folder.

    Args:
        path: of the dataset.
        suite: where held-out test cases are defined.
        against: what else must stay unseen: no row may be of these test cases either.
        hold_out: test cases of which no row may be there; None for those that the dataset's card names.
        strict: to raise at the first problem.

    Raises:
        RequestError: there is no dataset, or nothing is known of a name in `hold_out`.
        SlingshotError: `strict`, and there is a problem.
    """
    read = read_dataset(path, strict=strict)
    held_out = _held_out(path) if hold_out is None else list(hold_out)
    targets = targets_of_suite([case for case in suite if case.name in held_out])
    targets += targets_of_rows(read.splits.get(HELD_OUT, []), _file_of(path, HELD_OUT))
    targets += against
    known = {target.name for target in targets}
    if hold_out is not None:
        named = {row.test_case for rows in read.splits.values() for row in rows} - {""}
        everything = known | named | {case.name for case in suite}
        for name in hold_out:
            if name not in everything:  # a typing error here would hide every overlap
                raise RequestError(f"--hold-out: nothing is known of {name}{suggest(name, everything)}")
    unseen = {*held_out, *(target.name for target in against)}
    return Checked(
        path,
        "dataset",
        read.splits,
        read.problems,
        find_copies(read.splits),
        held_out,
        [name for name in held_out if name not in known],
        {
            split: measure_overlap(rows, _file_of(path, split), targets, held_out=unseen)
            for split, rows in read.splits.items()
            if split != HELD_OUT and (targets or held_out)
        },
    )


def check_suite(path: Path, cases: Sequence[TestCase], against: Sequence[Target]) -> Checked:
    """Check that a suite holds nothing of what is published elsewhere, not even under the same name."""
    places, rows = zip(*rows_of_suite(cases), strict=True)
    report = measure_overlap(rows, path, against)
    # Each of these rows is a file of its own.
    findings = [replace(finding, file=places[finding.row - 1], row=1) for finding in report.findings]
    return Checked(
        path, "suite", {"suite": list(rows)}, overlap={"suite": replace(report, findings=findings)}
    )


def _held_out(path: Path) -> list[str]:
    """The held-out test cases that the card of a dataset names, beside whose file it lies."""
    card, _ = read_card(path if path.is_dir() else path.parent)
    selection = card.facts.get("selection")
    names = selection.get("hold_out") if isinstance(selection, dict) else None
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []


def _file_of(path: Path, split: str) -> Path:
    """The file of a split as far as it has one of its own."""
    file = path / f"{split}.jsonl"
    return file if file.exists() else path
