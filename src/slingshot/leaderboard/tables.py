"""A leaderboard as a table for the terminal, as Markdown and as CSV."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from slingshot.drawing import in_lines
from slingshot.leaderboard.board import Leaderboard, Pivot
from slingshot.leaderboard.quantizations import difference_in_words
from slingshot.leaderboard.rows import Row
from slingshot.leaderboard.selection import NOUNS, By
from slingshot.leaderboard.wording import UNKNOWN, between, cents, count_of, decimal, megabytes, percent
from slingshot.recordings.files import ONE_SHOT

# Fewer characters than this hold the figures that matter, not all of them.
NARROW = 120
NAME_WIDTH = 14
WIDE_PIVOT = 12
EXPLAINED = (
    "Score: mean of 0 to 100, with its 95 % interval over test cases. Solved: the share of answers that pass "
    "all unit tests. Zeros, full: answers of 0 and of 100. Distinct: answers that differ from the others of "
    "their cell. Cents: for one answer, by tokens and list prices where there are any."
)
FORMS_EXPLAINED = (
    "Score: mean of 0 to 100, with its 95 % interval over test cases. Solved: the share of answers that pass "
    "all unit tests. Difference: in points to the largest form of the model, on the cells that both have, with "
    "its interval; better and worse are claimed where that excludes 0 and a sign-flip test agrees, corrected for "
    "the number of forms (Holm)."
)
FILES_EXPLAINED = (
    " MB: the file, in millions of bytes. Bits: of a weight, all tensors taken together. Tokens/s: generated, all "
    "answers under way together, prompts and judging beside included; timed once, beside whatever else the machine "
    "did."
)


@dataclass(frozen=True)
class Column:
    """A column of figures: its heading, what it says of a row, and whether narrow tables have it too."""

    heading: str
    text: Callable[[Row], str]
    always: bool = True


COLUMNS = (
    Column("score", lambda row: decimal(row.score)),
    Column("95 %", lambda row: between(row.low, row.high)),
    Column("median", lambda row: decimal(row.median), always=False),
    Column("std", lambda row: decimal(row.std), always=False),
    Column("zeros", lambda row: f"{row.zeros:,}", always=False),
    Column("full", lambda row: f"{row.full_scores:,}", always=False),
    Column("solved", lambda row: percent(row.solved)),
    Column("95 %", lambda row: between(row.solved_low, row.solved_high, factor=100)),
    Column("samples", lambda row: f"{row.samples:,}"),
    Column("distinct", lambda row: f"{row.distinct_samples:,}", always=False),
    Column("seconds", lambda row: decimal(row.elapsed)),
    Column("cents", lambda row: cents(row.cost_cents)),
)
_SCORES = tuple(column for column in COLUMNS if column.heading in ("score", "95 %", "solved"))
FORM_COLUMNS = (
    *_SCORES,
    Column("difference", difference_in_words),
    Column("claim", lambda row: row.about["claim"] or "", always=False),
    Column("MB", lambda row: megabytes(row.about["file_bytes"])),
    Column("bits", lambda row: decimal(row.about["bits_per_weight"], 2)),
    Column("tokens/s", lambda row: decimal(row.about["tokens_per_second"])),
    Column("samples", lambda row: f"{row.samples:,}", always=False),
    Column("distinct", lambda row: f"{row.distinct_samples:,}", always=False),
)


def columns_of(board: Leaderboard) -> list[Column]:
    """The columns that a table has: none of intervals where no row has one, none of forms without any figure."""
    known = any(row.low is not None for row in board.rows)
    if board.question.by == "quantization":
        told = {column for column in FORM_COLUMNS if {column.text(row) for row in board.rows} - {UNKNOWN, ""}}
        return [column for column in FORM_COLUMNS if column in told]
    return [column for column in COLUMNS if known or column.heading != "95 %"]


def explained(board: Leaderboard) -> str:
    """What the columns mean."""
    if board.question.by != "quantization":
        return EXPLAINED
    measured = any(row.about["file_bytes"] for row in board.rows)
    return FORMS_EXPLAINED + (FILES_EXPLAINED if measured else "")


def heading_of(by: By) -> str:
    """What stands above the names of the rows."""
    return {"scan": "model · experiment · parameters", "quantization": "model · type"}.get(by, NOUNS[by])


def print_leaderboard(board: Leaderboard, console: Console) -> None:
    """Print the table, what was left out, and the warnings.

    Names come from files of others: they are printed as text, never as markup.
    """
    columns = [column for column in columns_of(board) if column.always or console.width >= NARROW]
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column(heading_of(board.question.by), overflow="fold")
    for column in columns:
        table.add_column(column.heading, justify="right", no_wrap=True)
    corrected = False
    for row in board.rows:
        if _corrects(row) and not corrected:
            table.add_row(Text("with corrections", style="bold"))
            corrected = True
        table.add_row(Text(row.name), *(Text(column.text(row)) for column in columns))
    console.print(table)
    if board.pivot:
        _print_pivot(board.pivot, console)
    for text in (explained(board), *board.notes):
        console.print(Text("\n" + text, style="dim"))
    if board.warnings:
        console.print(Text("\nWarnings", style="bold"))
    for warning in board.warnings:
        message = Text.assemble((f"{warning.code}  ", "yellow"), warning.message)
        console.print(Padding(message, (0, 0, 0, 2)))


def _corrects(row: Row) -> bool:
    """Whether a row is of answers with corrections, which are another contest."""
    return bool(row.about.get("strategy", ONE_SHOT) != ONE_SHOT)


def _print_pivot(pivot: Pivot, console: Console) -> None:
    """Print test cases by models; of many models the best, as many as there is room for."""
    names = max(len(name) for name in pivot.test_cases)
    shown = pivot.models[: max(1, (console.width - names - 12) // (NAME_WIDTH + 3))]
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("test case", overflow="fold", vertical="bottom")
    table.add_column("average", justify="right", no_wrap=True)
    for model in shown:
        table.add_column(Text(in_lines(model, NAME_WIDTH)), justify="right")
    for name in pivot.test_cases:
        means = (decimal(pivot.scores[name].get(model)) for model in shown)
        table.add_row(Text(name), decimal(pivot.averages[name]), *means)
    console.print(Text("\nMean score of each model", style="bold"))
    console.print(table)
    if more := len(pivot.models) - len(shown):
        text = f"The best {len(shown)}; {count_of(more, 'more model')}: --format csv, md or html."
        console.print(Text(text, style="dim"))


def to_markdown(board: Leaderboard) -> str:
    """The table as Markdown, with notes and warnings."""
    columns = columns_of(board)
    lines = _markdown_table(
        [heading_of(board.question.by), *(column.heading for column in columns)],
        [[row.name, *(column.text(row) for column in columns)] for row in board.rows],
    )
    if board.pivot:
        lines += [
            "",
            "Mean score of each model on each test case:",
            "",
            *_markdown_table(*pivot_table(board.pivot)),
        ]
    lines += ["", explained(board)]
    lines += [line for note in board.notes for line in ("", note)]
    if board.warnings:
        lines += ["", "Warnings:", ""]
        lines += [f"- `{warning.code}` {warning.message}" for warning in board.warnings]
    return "\n".join(lines) + "\n"


def pivot_table(pivot: Pivot) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of test cases by models; with many models these stand below each other."""
    if len(pivot.models) <= WIDE_PIVOT:
        rows = [
            [name, decimal(pivot.averages[name]), *(decimal(pivot.scores[name].get(m)) for m in pivot.models)]
            for name in pivot.test_cases
        ]
        return ["test case", "average", *pivot.models], rows
    rows = [
        [model, *(decimal(pivot.scores[n].get(model)) for n in pivot.test_cases)] for model in pivot.models
    ]
    average = ["average", *(decimal(pivot.averages[name]) for name in pivot.test_cases)]
    return ["model", *pivot.test_cases], [average, *rows]


def _markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table: names left, figures right."""
    rules = ["---", *["---:"] * (len(headings) - 1)]
    cells = [headings, rules, *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return [f"| {' | '.join(row)} |" for row in cells]


def to_csv(board: Leaderboard) -> str:
    """The rows as CSV, with the keys of `Leaderboard.to_json`; a table by test case has a column a model."""
    records = [row.to_json() for row in board.rows]
    for record in records:
        if board.pivot:
            own = board.pivot.scores[record["test_case"]]
            record.update({model: own.get(model) for model in board.pivot.models})
    text = io.StringIO()
    writer = csv.DictWriter(text, records[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def to_json(board: Leaderboard) -> str:
    """The leaderboard as one JSON value, see `Leaderboard.to_json`."""
    return json.dumps(board.to_json(), ensure_ascii=False, allow_nan=False)
