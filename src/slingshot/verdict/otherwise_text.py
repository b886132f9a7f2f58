"""The same answers judged in another mode, on a terminal, in Markdown and for the page."""

from collections.abc import Callable

from rich import box
from rich.table import Table
from rich.text import Text

from slingshot.verdict.contract import SPLITS, JudgedOtherwise, Score, Verdict
from slingshot.verdict.wording import SPLIT_NAMES, claim_in_words, points

LIKE_WITH_LIKE = "Only scores of one column compare: each is of one judge. What was recorded elsewhere is shown, not compared."


def otherwise_headings(found: JudgedOtherwise) -> list[str]:
    """The headings of what `otherwise_rows` gives."""
    return ["model", "on", "judged here", f"in mode {found.mode}", "as recorded"]


def otherwise_rows(verdict: Verdict, found: JudgedOtherwise) -> list[list[str]]:
    """A row for each model and split: the score from each judge, `–` where it gave none."""
    rows = []
    for model in verdict.models:
        for split in SPLITS:
            if own := model.scores.get(split):
                others = (found.scores, found.recorded)
                cells = [_points(by_model.get(model.name, {}).get(split)) for by_model in others]
                rows.append([model.name, SPLIT_NAMES[split], _points(own), *cells])
    return rows


def otherwise_sentences(found: JudgedOtherwise) -> list[str]:
    """What the other judge's scores allow to be said of reference models, a sentence for each comparison."""
    return [
        f"In mode {found.mode}, {one.a} against {one.b} on {SPLIT_NAMES[one.on]}: "
        f"{points(one.difference, one.low, one.high, sign=True)} points, {claim_in_words(one)}."
        for one in found.comparisons
        if one.b in found.recorded
    ]


def otherwise_table(verdict: Verdict, found: JudgedOtherwise) -> Table:
    """The rows as a table for the terminal."""
    table = Table(
        title=Text("The same answers, judged otherwise: score"),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for number, heading in enumerate(otherwise_headings(found)):
        table.add_column(heading, overflow="fold", justify="left" if number < 2 else "right")
    last = ""
    for name, *cells in otherwise_rows(verdict, found):
        table.add_row(Text("" if name == last else name), *cells)
        last = name
    return table


def otherwise_block(verdict: Verdict, found: JudgedOtherwise, plain: Callable[[str], str]) -> list[str]:
    """Lines of Markdown: the table and the sentences; `plain` escapes a text."""
    headings = otherwise_headings(found)
    lines = ["", "### The same answers, judged otherwise", "", LIKE_WITH_LIKE, ""]
    lines += [f"| {' | '.join(headings)} |", "|---|---|---:|---:|---:|"]
    for name, *cells in otherwise_rows(verdict, found):
        lines.append(f"| {' | '.join([plain(name), *cells])} |")
    return [*lines, "", *(f"- {plain(text)}" for text in otherwise_sentences(found))]


def _points(score: Score | None) -> str:
    return points(score.mean, score.low, score.high) if score else "–"
