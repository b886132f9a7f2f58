"""The verdict as one HTML page: no request, readable on a telephone, on paper and without a script.

Answers, names and failures are other people's text. Everything that goes into the page passes through
`html.text`, and the page forbids the browser all requests and every script but its own, by that one's hash.
"""

import polars as pl

from slingshot.drawing import inline_svg, to_svg
from slingshot.pages import filled_page
from slingshot.verdict.charts import Charts
from slingshot.verdict.contract import Verdict
from slingshot.verdict.page.answers import Sources, answers_section
from slingshot.verdict.page.chosen import choose_answers
from slingshot.verdict.page.html import caveats, note, text
from slingshot.verdict.page.learning import cost, memorization, training
from slingshot.verdict.page.left_out import folds_section
from slingshot.verdict.page.scores import (
    comparison_tables,
    label_table,
    otherwise_section,
    scores_table,
    test_case_table,
)
from slingshot.verdict.wording import sentence

__all__ = ["Sources", "render_page"]


def render_page(
    verdict: Verdict, charts: Charts, recordings: pl.DataFrame, sources: Sources | None = None
) -> str:
    """The report as one self-contained HTML document.

    Args:
        verdict: what it reports.
        charts: of the same verdict, see `draw_charts`.
        recordings: the frame that the verdict was built from, for the answers. Messages are read from the files
            that its column `path` names, where they are there.
        sources: training rows and definitions of test cases, to show beside answers, and those of folds.
    """
    subject, behind = verdict.tuned or verdict.models[0], sources or Sources()
    chosen = choose_answers(verdict, recordings, behind.folds)
    return filled_page(
        "slingshot.verdict.page",
        title=text(f"Verdict on {subject.name}"),
        sentence=text(sentence(verdict)),
        charts=_figures(verdict, charts),
        caveats=caveats(verdict.warnings)
        or note("No warning: the numbers mean what they say, for these test cases."),
        scores=scores_table(verdict, chosen),
        comparisons=comparison_tables(verdict, chosen) + otherwise_section(verdict),
        labels=label_table(verdict, chosen),
        test_cases=test_case_table(verdict, chosen),
        memorization=memorization(verdict, chosen),
        folds_link='<li><a href="#folds">Left out</a></li>\n' if verdict.folds else "",
        folds=folds_section(verdict, chosen),
        training=training(verdict),
        cost=cost(verdict),
        answers=answers_section(verdict, chosen, behind),
    )


def _figures(verdict: Verdict, charts: Charts) -> str:
    """The charts, with a word for those who cannot see them."""
    drawn = [
        (
            "averages",
            charts.averages,
            "Bar chart: average score of every model; the scores table has the same figures",
        ),
        (
            "cases",
            charts.test_cases,
            "Dot chart: mean score on every test case, those never trained on apart; the test case table has the same figures",
        ),
    ]
    if any(set(model.scores) > {"all"} for model in verdict.models):
        words = "Bar chart: mean score of every model on seen and held-out test cases; the scores table has the same figures"
        drawn.append(("models", charts.models, words))
    return "\n".join(
        f'<figure role="img" aria-label="{text(words)}">{inline_svg(to_svg(chart), name)}</figure>'
        for name, chart, words in drawn
    )
