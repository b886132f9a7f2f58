"""What is wrong with a dataset, and what it shows that must stay unseen: `dataset check`."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from slingshot.cli.options import Format, SuiteFolder, listed_names, test_cases
from slingshot.errors import RequestError, SlingshotError
from slingshot.files import write_text
from slingshot.progress import say
from slingshot.suite import suite_folder, with_variants

if TYPE_CHECKING:  # MinHash takes a moment to load, which no other verb should wait for
    from slingshot.dataset.check import Checked
    from slingshot.dataset.overlap.report import Finding, OverlapReport, Target
    from slingshot.dataset.overlap.shared import Measure
    from slingshot.recordings.problems import Problem

TRAIN = "train"
SHOWN = 10
EXCERPT = 70
_SAME = {
    "exact": "same answer",
    "normalized": "same code",
    "near": "nearly the same code",
    "prompt": "same question",
}
_SHOWN = {
    "held-out-row": "a row of it",
    "unit-test": "unit tests",
    "prompt": "question",
    "code": "share of its code",
    "run": "tokens in a row",
    "example": "examples",
}
_MEASURED: tuple["Measure", ...] = ("unit-test", "prompt", "code", "run", "example")
# A table for a file or a pipe has no terminal whose width it could take.
WIDTH_ELSEWHERE = 160


def dataset_check(
    path: Annotated[Path, typer.Argument(help="a dataset's file or folder, or the folder of a suite")],
    suite: SuiteFolder = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(help="suite, dataset or recordings that must stay unseen; may be given again"),
    ] = None,
    hold_out: Annotated[
        str | None, typer.Option(help="test cases of which no row may be there [default: the card's]")
    ] = None,
    drop_overlap: Annotated[
        bool, typer.Option("--drop-overlap", help="write the training rows that show nothing unseen to --out")
    ] = False,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="file that --drop-overlap writes")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first problem")] = False,
    output: Format = "table",
) -> None:
    """Check rows: what cannot be read, what is there twice, what two splits share, what must stay unseen.

    Of a suite, check that nothing in it is published in what --against names. The exit code is 1 if a check does
    not hold. Copies within a split are counted; they are no fault.
    """
    from slingshot.dataset.check import check_dataset, check_suite
    from slingshot.dataset.overlap.against import is_suite, targets_at

    if drop_overlap != (out is not None):
        raise RequestError("--drop-overlap and --out go together: name the file that the other rows go to")
    targets = list["Target"]()
    for place in against or []:
        there, unread = targets_at(suite_folder(place))
        targets += there
        _say_unread(unread)
    path = suite_folder(path)
    if path.is_dir() and is_suite(path):
        _refuse_for_suites(path, suite=suite, hold_out=hold_out, drop_overlap=out)
        if not against:
            raise RequestError(f"{path}: a suite is compared with something; name it with --against")
        found = check_suite(path, with_variants(test_cases(path)), targets)
    else:
        names = None if hold_out is None else listed_names(hold_out)
        found = check_dataset(path, test_cases(suite), targets, names, strict)
    # Before anything is printed, which may end early (`| head`).
    left = _without_overlap(found, out) if out else found
    _say_limits(found)
    if output == "json":
        print(json.dumps(found.to_json()))
    else:
        _print(found)
    if left.faults:
        raise SlingshotError(f"{path}: {', '.join(left.faults)}; {_advice(left)}")
    _say_next(found, out)


def _say_unread(problems: Sequence["Problem"]) -> None:
    """What was not compared with."""
    for problem in problems[:SHOWN]:
        say(f"Not compared with: {problem.sentence}")
    if len(problems) > SHOWN:
        say(f"Not compared with: {len(problems) - SHOWN:,} more that could not be read.")


def _refuse_for_suites(path: Path, **options: object) -> None:
    """A suite has no splits and no training rows."""
    for name, value in options.items():
        if value is not None:
            raise RequestError(f"--{name.replace('_', '-')}: {path} is a suite; the option is for datasets")


def _without_overlap(found: "Checked", out: Path) -> "Checked":
    """Write the training rows that have no finding; what is left of the findings."""
    from slingshot.dataset.overlap.report import rows_without_overlap

    rows = found.splits.get(TRAIN, [])
    kept = rows_without_overlap(rows, found.overlap[TRAIN]) if TRAIN in found.overlap else rows
    write_text(out, "".join(row.to_json() + "\n" for row in kept))
    say(
        f"Wrote {len(kept):,} of {len(rows):,} training rows to {out}; the others show what must stay unseen."
    )
    return replace(found, overlap={name: each for name, each in found.overlap.items() if name != TRAIN})


def _advice(found: "Checked") -> str:
    """What to do about the first fault."""
    if found.kind == "suite":
        return "write test cases of your own"
    if found.problems:
        return "mend these rows, or remove them"
    if found.copies.across or found.copies.test_cases:
        return "split by test case, as `slingshot dataset build` does"
    return "leave such training rows out with --drop-overlap --out FILE"


def _say_next(found: "Checked", out: Path | None) -> None:
    if found.kind == "suite":
        say(f"Next: slingshot suite validate {found.path}")
        return
    file = out or (found.path / "train.jsonl" if found.path.is_dir() else found.path)
    say(f"Next: slingshot train CONFIG.yml --dataset {file}")


def _say_limits(found: "Checked") -> None:
    """What the check did not do."""
    if not found.overlap:
        say(
            "Compared with nothing that must stay unseen: name test cases with --hold-out, or suites, datasets and"
            " recordings with --against."
        )
    for name in found.unknown:
        say(
            f"Held out: {name}, of which only the name was compared; name the suite that defines it with --suite."
        )


def _print(found: "Checked") -> None:
    """Tables of what was found, in the order of what to do first."""
    console = Console()
    console = console if console.is_terminal else Console(width=WIDTH_ELSEWHERE)
    _print_lines([problem.sentence for problem in found.problems], console)
    console.print(_rows_and_copies(found))
    across = found.copies.across
    _print_lines(
        [f"{c.split} row {c.row} repeats {c.of_split} row {c.of_row}: {_SAME[c.kind]}" for c in across],
        console,
    )
    _print_lines(
        [f"In {a} and {b}: {', '.join(names)}" for (a, b), names in found.copies.test_cases.items()], console
    )
    for split, report in found.overlap.items():
        if report.findings:
            console.print(_findings(report.findings, split))
        console.print(_largest(report, split))


def _print_lines(lines: Sequence[str], console: Console) -> None:
    """Sentences, the first of many."""
    for line in lines[:SHOWN]:
        console.print(_text(line), soft_wrap=True)
    if len(lines) > SHOWN:
        console.print(f"and {len(lines) - SHOWN:,} more; --format json has them all")


def _rows_and_copies(found: "Checked") -> Table:
    copies: Counter[tuple[str, str]] = Counter((copy.split, copy.kind) for copy in found.copies.within)
    table = Table("split", "rows", title=f"Rows of {found.path}, and copies of earlier ones in their split")
    kinds = [kind for kind in _SAME if kind != "prompt"]
    for kind in kinds:
        table.add_column(_SAME[kind], justify="right")
    for name, rows in found.splits.items():
        table.add_row(name, f"{len(rows):,}", *(f"{copies[name, kind]:,}" for kind in kinds))
    return table


def _findings(findings: Sequence["Finding"], split: str) -> Table:
    table = Table(title=f"What rows of {split} show, the worst first")
    for column in ("where", "shows", "of", "value", "limit"):
        table.add_column(column, justify="right" if column in ("value", "limit") else "left")
    table.add_column("what")
    for finding in findings[:SHOWN]:
        table.add_row(
            _text(f"row {finding.row} of {finding.file.name}"),
            _SHOWN[finding.kind],
            _text(finding.target),
            f"{finding.value:.3g}",
            f"{finding.limit:g}",
            _text(shorten(finding.text, EXCERPT, placeholder=" …")),
        )
    if len(findings) > SHOWN:
        table.caption = f"and {len(findings) - SHOWN:,} more; --format json has them all"
    return table


def _largest(report: "OverlapReport", split: str) -> Table | str:
    sharing = [target for target in report.summary if any(target["largest"].values())]
    others = len({target["name"] for target in report.summary} - {target["name"] for target in sharing})
    if not sharing:
        return f"{split}: nothing in common with what must stay unseen ({others:,} test case{'s' * (others != 1)})"
    table = Table(title=f"The most that a row of {split} has in common with what must stay unseen")
    if others:
        table.caption = f"nothing in common with {others:,} others"
    table.add_column("test case")
    for measure in _MEASURED:
        table.add_column(_SHOWN[measure], justify="right")
    table.add_column("rows above a limit", justify="right")
    sharing.sort(key=lambda target: (-max(target["rows"].values()), -target["largest"]["run"]))
    for target in sharing[:SHOWN]:
        figures = (f"{target['largest'][measure]:.3g}" for measure in _MEASURED)
        table.add_row(_text(target["name"]), *figures, f"{max(target['rows'].values()):,}")
    return table


def _text(text: str) -> Text:
    """Text of a dataset for a terminal, which an answer must not steer."""
    return Text("".join(character if character.isprintable() else "?" for character in text))
