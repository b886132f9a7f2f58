"""What `judge --compare` prints: how far today's judge agrees with what is recorded."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from slingshot.errors import SlingshotError
from slingshot.judge import Judge
from slingshot.recordings.compare import FIELDS, Comparison, Pair
from slingshot.recordings.files import evaluation_path


def report_comparison(found: Comparison, by: Judge, show: int, output: str) -> None:
    """Print a comparison; exit code 1 if the judge failed on an answer."""
    differing = found.differing[:show]
    if output == "json":
        listed = {"differences": [_difference(pair) for pair in differing]} if show else {}
        print(json.dumps(found.to_json() | listed))
    else:
        console = Console()
        console.print(
            f"{len(found.pairs)} answers judged again in {by.mode} mode with Julia {by.julia.version}:"
            f" {_percent(found.identical)} have the recorded points.",
            highlight=False,
            soft_wrap=True,
        )
        for table in _comparison_tables(found):
            console.print(table)
        for pair in differing:
            console.print(Text(_difference_lines(pair)), soft_wrap=True)
    if found.failed:
        raise SlingshotError(
            f"the judge failed on {len(found.failed)} answers, which are not compared: run `slingshot doctor`"
            f" (the first is {found.failed[0]})"
        )


def _comparison_tables(found: Comparison) -> list[Table]:
    fields = Table("field", "identical", box=None, pad_edge=False)
    for name, share in {"total": found.identical, **found.fields}.items():
        fields.add_row(name, _percent(share))
    tasks = Table(box=None, pad_edge=False)
    tasks.add_column("test case")
    for heading in ("compared", "identical", "recorded score", "score", "unavailable"):
        tasks.add_column(heading, justify="right")
    for name, row in found.per_task.items():
        points = ["" if row[key] is None else f"{row[key]:.2f}" for key in ("recorded_score", "score")]
        counts = [str(row["compared"]), _percent(row["identical"]), *points, str(row["unavailable"] or "")]
        tasks.add_row(Text(name), *counts)
    causes = Table("cause of the difference", "answers", box=None, pad_edge=False)
    for cause, count in found.causes.items():
        causes.add_row(cause, str(count))
    tables = [fields, tasks, *([causes] if found.causes else [])]
    for table in tables:
        table.title = ""  # an empty line above
    return tables


def _difference(pair: Pair) -> dict[str, Any]:
    """One answer whose points differ, for JSON."""
    return {
        "path": str(evaluation_path(pair.answer.path)),
        "test_case": pair.answer.test_case.name,
        "cause": pair.cause,
        "recorded": {key: pair.recorded[key] for key in FIELDS} | {"score": pair.recorded_score},
        "found": {key: getattr(pair.found, key) for key in FIELDS} | {"score": pair.score},
        "failure": pair.found.failure,
        "detail": pair.found.detail,
    }


def _difference_lines(pair: Pair) -> str:
    """The same for a person."""

    def words(found: dict[str, Any]) -> str:
        stage = "executed" if found["executed"] else "parsed" if found["parsed"] else "not parsed"
        tests, examples = found["unit_tests_passed"], found["examples_executed"]
        return f"{found['score']:.1f} ({stage}, {tests} unit tests, {examples} examples)"

    difference = _difference(pair)
    then, now = words(difference["recorded"]), words(difference["found"])
    lines = [f"\n{difference['path']}", f"  {pair.cause}: recorded {then}, found {now}"]
    if pair.found.failure:
        lines.append(f"  {pair.found.failure}: {pair.found.detail}")
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.2f} %"
