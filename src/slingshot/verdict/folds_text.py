"""Leaving one test case out, on a terminal and in Markdown."""

from collections.abc import Callable

from rich import box
from rich.table import Table
from rich.text import Text

from slingshot.verdict.contract import Folds, TaskScore, Verdict, VerdictWarning
from slingshot.verdict.wording import (
    folds_in_words,
    p_in_words,
    percent,
    percent_points,
    points,
    shares,
)


def folds_table(verdict: Verdict, folds: Folds) -> Table:
    """A row for each test case: the base, the model trained without it, and the run's own, which was trained on it."""
    table = Table(
        title=Text("Test cases left out once each: score, solved"),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("test case", overflow="fold")
    for heading in ("base", "trained\nwithout it", "trained\non it"):
        table.add_column(heading, justify="right", no_wrap=True)
    trained_on = verdict.tuned.per_task if verdict.tuned else {}
    for name, fold in folds.per_task.items():
        cells = (_score(one) for one in (fold.base, fold.tuned, trained_on.get(name)))
        table.add_row(Text(name), *cells)
    return table


def _score(score: TaskScore | None) -> str:
    return f"{score.mean:.1f}, {percent(score.solved)}" if score else "–"


def fold_warnings(folds: Folds | None) -> list[VerdictWarning]:
    """What may not be claimed from folds, each saying that it is about these."""
    found = folds.warnings if folds else []
    return [one.model_copy(update={"message": f"test cases left out: {one.message}"}) for one in found]


def folds_block(folds: Folds, plain: Callable[[str], str]) -> list[str]:
    """Lines of Markdown: the sentences, the two scores and their difference; `plain` escapes a text."""
    first, second = folds_in_words(folds)
    lines = ["", "### Each test case left out once", "", plain(first), ""]
    lines += [
        "| answers of | score [95 %] | solved [95 %] | test cases | verbatim |",
        "|---|---|---|---|---|",
    ]
    for name, score, memory in (
        (folds.comparison.b, folds.base, folds.base_memorization),
        ("models trained without the test case", folds.tuned, folds.tuned_memorization),
    ):
        cells = [
            plain(name),
            points(score.mean, score.low, score.high),
            shares(score.solved, score.solved_low, score.solved_high),
            str(score.tasks),
            percent(memory.verbatim_rate),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    c = folds.comparison
    apart = points(c.difference, c.low, c.high, sign=True)
    solved = percent_points(c.solved_difference, c.solved_low, c.solved_high)
    lines += ["", f"Difference: {apart} points, solved {solved} % points, p {p_in_words(c.p_adjusted)}.", ""]
    return [*lines, plain(second)]
