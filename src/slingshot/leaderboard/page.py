"""A leaderboard as one HTML page: no script, no request, the charts inside.

Names are other people's text: everything that goes into the page passes through `html.escape`, and the page
forbids scripts and requests to the browser besides.
"""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from slingshot.drawing import inline_svg, to_svg
from slingshot.leaderboard.board import Leaderboard
from slingshot.leaderboard.selection import Question
from slingshot.leaderboard.tables import columns_of, explained, heading_of, pivot_table
from slingshot.leaderboard.wording import count_of
from slingshot.pages import filled_page
from slingshot.recordings.files import ONE_SHOT

CHART_WORDS = {
    "models": "Scores and shares solved of every model; the table has the same figures",
    "quantizations": "Scores and shares solved of every form; the table has the same figures",
    "bits": "Score with its interval, and tokens a second, against bits per weight",
    "scan": "Scores and shares solved at every point of the scan; the table has the same figures",
    "prompts": "Scores and shares solved under every prompt label",
    "test-cases": "Heat map: mean score of every model on every test case",
    "elapsed": "Scatter plot: mean seconds for an answer against the score",
    "cost": "Scatter plot: mean cost of an answer against the score",
}


def render_page(board: Leaderboard, charts: Mapping[str, dict[str, Any]]) -> str:
    """The leaderboard as one self-contained HTML document.

    Args:
        board: what it shows.
        charts: of the same leaderboard, see `draw_charts`.
    """
    figures = [
        f'<figure role="img" aria-label="{escape(CHART_WORDS[name])}">{inline_svg(to_svg(chart), name)}</figure>'
        for name, chart in charts.items()
    ]
    return filled_page(
        "slingshot.leaderboard",
        title=f"Leaderboard by {heading_of(board.question.by)}",
        asked=escape(asked_in_words(board)),
        table=_rows(board),
        explained=escape(explained(board)),
        notes="\n".join(f'<p class="soft">{escape(note)}</p>' for note in board.notes),
        caveats=_caveats(board),
        charts="\n".join(figures),
        pivot=_pivot(board),
        prices=_prices(board),
    )


def asked_in_words(board: Leaderboard) -> str:
    """How many answers a table is of, and what was asked, in one sentence."""
    question: Question = board.question
    answers = board.answers
    parts = [
        f"{count_of(answers.height, 'answer')} of {count_of(answers['model'].n_unique(), 'model')} to "
        f"{count_of(answers['test_case'].n_unique(), 'test case')}"
    ]
    parts += [f"{question.group} models only"] if question.group else []
    parts += [f"prompt labels {', '.join(question.prompts)}"] if question.prompts else []
    parts += [f"the last {question.last} of each cell and device"] if question.last else []
    parts += ["like for like"] if question.like_for_like else []
    return "; ".join(parts) + "."


def _rows(board: Leaderboard) -> str:
    """The table of rows; those with corrections under a heading of their own."""
    columns = columns_of(board)
    body, corrected = [], False
    for row in board.rows:
        if row.about.get("strategy", ONE_SHOT) != ONE_SHOT and not corrected:
            width = len(columns) + 1
            body.append(f'<tr class="section"><th colspan="{width}">with corrections</th></tr>')
            corrected = True
        body.append(_line([row.name, *(column.text(row) for column in columns)]))
    return _table([heading_of(board.question.by), *(column.heading for column in columns)], body)


def _line(cells: Sequence[str]) -> str:
    """A row of a table: its name and its figures."""
    figures = "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells[1:])
    return f'<tr><th scope="row">{escape(cells[0])}</th>{figures}</tr>'


def _table(headings: Sequence[str], body: Sequence[str]) -> str:
    """A table, in a frame that scrolls by itself where the screen is narrow."""
    head = "".join(
        f'<th scope="col"{" class=number" if place else ""}>{escape(heading)}</th>'
        for place, heading in enumerate(headings)
    )
    lines = "\n".join(body)
    label = escape(f"by {headings[0]}")
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">\n<table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody>\n</table>\n</div>"
    )


def _caveats(board: Leaderboard) -> str:
    """The warnings as a list."""
    if not board.warnings:
        return '<p class="soft">None: the rows compare as they stand.</p>'
    items = "\n".join(f"<li><code>{w.code}</code> {escape(w.message)}</li>" for w in board.warnings)
    return f'<ul class="caveats">\n{items}\n</ul>'


def _pivot(board: Leaderboard) -> str:
    """Test cases by models, in a table by test case."""
    if not board.pivot:
        return ""
    headings, rows = pivot_table(board.pivot)
    table = _table(headings, [_line(row) for row in rows])
    return (
        f'<section aria-label="Test cases by model">\n<h2>Mean score of each model</h2>\n{table}\n</section>'
    )


def _prices(board: Leaderboard) -> str:
    """The list prices that the costs were computed by."""
    if not board.prices:
        return ""
    rows = [
        _line([p.model, f"{p.prompt:g}", f"{p.completion:g}", p.since.isoformat(), p.source])
        for p in board.prices
    ]
    table = _table(["model", "prompt", "completion", "from", "source"], rows)
    return (
        '<section aria-label="Prices">\n<h2>List prices</h2>\n<p class="soft">US dollars for a million tokens.'
        f"</p>\n{table}\n</section>"
    )
