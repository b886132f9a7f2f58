"""The verdict as one HTML page: no script, no request, readable on a telephone and on paper.

Answers, names and failures are other people's text. Everything that goes into the page passes through
`html.escape` in `_text`, and the page forbids scripts and requests to the browser besides.
"""

from collections.abc import Sequence
from html import escape
from itertools import groupby
from statistics import fmean
from typing import Any

import polars as pl

from slingshot.drawing import inline_svg, to_svg
from slingshot.pages import filled_page
from slingshot.verdict.charts import Charts
from slingshot.verdict.contract import SPLITS, Split, Verdict
from slingshot.verdict.table import duration
from slingshot.verdict.wording import (
    ALL_INCLUDES_SEEN,
    SPLIT_NAMES,
    count_of,
    percent,
    percent_points,
    points,
    sentence,
    shares,
)

NUMBER = ' class="number"'


def render_page(verdict: Verdict, charts: Charts, recordings: pl.DataFrame) -> str:
    """The report as one self-contained HTML document.

    Args:
        verdict: what it reports.
        charts: of the same verdict, see `draw_charts`.
        recordings: the frame that the verdict was built from, for the answers; a column `detail` with the
            first error's message is shown when it is there.
    """
    subject = verdict.tuned or verdict.models[0]
    return filled_page(
        "slingshot.verdict",
        title=_text(f"Verdict on {subject.name}"),
        sentence=_text(sentence(verdict)),
        models_chart=inline_svg(to_svg(charts.models), "models"),
        test_cases_chart=inline_svg(to_svg(charts.test_cases), "cases"),
        caveats=_caveats(verdict),
        scores=_scores(verdict),
        comparisons=_comparisons(verdict),
        memorization=_memorization(verdict),
        test_cases=_test_cases(verdict),
        training=_training(verdict),
        cost=_cost(verdict),
        answers=_answers(verdict, recordings),
    )


def _text(value: object) -> str:
    """Any value as text that HTML cannot mistake for markup."""
    return escape(str(value))


def _table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], numbers: set[int]) -> str:
    """A table whose first column heads the rows; cells are text, columns in `numbers` stand right.

    Rows that follow each other with the same first cell share it.
    """
    head = "".join(
        f'<th scope="col"{NUMBER if index in numbers else ""}>{_text(heading)}</th>'
        for index, heading in enumerate(headings)
    )
    body = []
    for name, group in groupby(rows, key=lambda row: row[0]):
        members = list(group)
        span = f' rowspan="{len(members)}"' if len(members) > 1 else ""
        first = f'<th scope="row"{span}>{_text(name)}</th>'
        for row in members:
            cells = "".join(
                f"<td{NUMBER if index in numbers else ''}>{_text(value)}</td>"
                for index, value in enumerate(row[1:], start=1)
            )
            body.append(f"<tr>{first}{cells}</tr>")
            first = ""
    lines = "\n".join(body)
    # A table wider than the screen scrolls by itself, with the keyboard too.
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{_text(caption)}">\n<table>\n'
        f"<caption>{_text(caption)}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{lines}\n</tbody>\n"
        "</table>\n</div>"
    )


def _note(text: str) -> str:
    """A remark in soft ink."""
    return f'<p class="soft">{_text(text)}</p>\n'


def _on(split: Split) -> str:
    """A split's name in a table."""
    return SPLIT_NAMES[split].removesuffix(" test cases")


def _caveats(verdict: Verdict) -> str:
    """The warnings as a list."""
    if not verdict.warnings:
        return _note("No warning: the numbers mean what they say, for these test cases.")
    items = "\n".join(f"<li><code>{_text(w.code)}</code> {_text(w.message)}</li>" for w in verdict.warnings)
    return f'<ul class="caveats">\n{items}\n</ul>'


def _scores(verdict: Verdict) -> str:
    """The table of scores."""
    headings = ["model", "form", "on", "score", "solved", "test cases", "distinct / samples", "tokens/s"]
    rows = [
        [
            model.name,
            model.kind,
            _on(split),
            points(score.mean, score.low, score.high),
            shares(score.solved, score.solved_low, score.solved_high),
            str(score.tasks),
            f"{score.distinct_samples} / {score.samples}",
            "–" if score.tokens_per_second is None else f"{score.tokens_per_second:,.0f}",
        ]
        for model in verdict.models
        for split in SPLITS
        if (score := model.scores.get(split))
    ]
    note = _note(
        "Mean score, 0 to 100: parsing, running, unit tests and examples count alike. Solved is the share of "
        "answers that pass all unit tests. In brackets the 95 % interval over test cases."
    )
    return note + _table("Scores by model", headings, rows, {3, 4, 5, 6, 7})


def _comparisons(verdict: Verdict) -> str:
    """A table of comparisons for each pair of models, empty when there is none."""
    if not verdict.comparisons:
        return ""
    headings = ["on", "points", "solved, % points", "test cases", "smallest to be seen", "claim"]
    parts = [
        "<h3>Compared</h3>",
        _note(
            "On the test cases and prompts that both answered, with 95 % intervals; beside them the smallest "
            f"true difference that so many test cases would show 8 times in 10. {ALL_INCLUDES_SEEN}"
        ),
    ]
    for (a, b), compared in groupby(verdict.comparisons, key=lambda c: (c.a, c.b)):
        rows = [
            [
                _on(c.on),
                points(c.difference, c.low, c.high, sign=True),
                percent_points(c.solved_difference, c.solved_low, c.solved_high),
                str(c.tasks),
                _form(c.smallest_detectable_difference, "{:.0f} points") or "–",
                c.claim,
            ]
            for c in compared
        ]
        parts.append(_table(f"{a} minus {b}", headings, rows, {1, 2, 3, 4}))
    return "\n".join(parts)


def _memorization(verdict: Verdict) -> str:
    """The table of memorization."""
    rows = [
        [model.name, _on(split), percent(measured.verbatim_rate), f"{measured.ngram_overlap:.2f}"]
        for model in verdict.models
        for split, measured in model.memorization.items()
    ]
    if not rows:
        return _note("Not measured: the training answers are not known.")
    note = _note(
        "Verbatim is the share of answers whose code is training code, comments and white space aside; overlap "
        "the mean share of an answer's 13-token runs that occur in the training code. The base model shows "
        "what comes by itself."
    )
    return note + _table(
        "Memorization by model", ["model", "on", "verbatim", "13-gram overlap"], rows, {2, 3}
    )


def _test_cases(verdict: Verdict) -> str:
    """The table of test cases, split by split."""
    splits = {name: task.split for model in verdict.models for name, task in model.per_task.items()}
    order = {split: index for index, split in enumerate(SPLITS[1:])}
    rows = []
    for name, split in sorted(splits.items(), key=lambda item: (order[item[1]] if item[1] else 9, item[0])):
        cells = [
            f"{task.mean:.1f}, {percent(task.solved)} of {task.samples}" if task else "–"
            for task in (model.per_task.get(name) for model in verdict.models)
        ]
        rows.append([name, _on(split) if split else "–", *cells])
    headings = ["test case", "split", *(model.name for model in verdict.models)]
    note = _note("Mean score, share solved and number of samples.")
    return note + _table("Test cases by model", headings, rows, set(range(2, len(headings))))


def _facts(facts: list[tuple[str, str | None]], missing: str) -> str:
    """Names and values; what is unknown is left out, and `missing` said when all is."""
    known = [(name, value) for name, value in facts if value is not None]
    if not known:
        return _note(missing)
    return "<dl>\n" + "\n".join(f"<dt>{_text(n)}</dt><dd>{_text(v)}</dd>" for n, v in known) + "\n</dl>"


def _form(value: float | None, pattern: str) -> str | None:
    """A number in a pattern such as `{:,.0f} tokens`, None when unknown."""
    return None if value is None else pattern.format(value)


def _training(verdict: Verdict) -> str:
    """What the training was."""
    facts = verdict.training
    return _facts(
        [
            ("rows", _form(facts.rows, "{:,}")),
            ("distinct prompts", _form(facts.distinct_prompts, "{:,}")),
            ("tokens", _form(facts.tokens_total, "{:,}")),
            ("of which supervised", _form(facts.tokens_supervised, "{:,}")),
            ("time", None if facts.seconds is None else duration(facts.seconds)),
            ("speed", _form(facts.tokens_per_second, "{:,.0f} tokens/s")),
            ("peak memory", _form(facts.peak_memory_bytes and facts.peak_memory_bytes / 2**30, "{:.2f} GiB")),
            ("final loss", _form(facts.final_loss, "{:.4f}")),
        ],
        "Nothing is known about the training.",
    )


def _cost(verdict: Verdict) -> str:
    """What it was predicted to cost, what it did cost, and where the time went."""
    cost = verdict.cost
    spent = sum(cost.seconds.values()) if cost.seconds else None
    facts = _facts(
        [
            ("predicted", _form(cost.predicted_usd, "${:,.4f}")),
            ("measured", _form(cost.measured_usd, "${:,.4f}")),
            ("predicted time", None if cost.predicted_seconds is None else duration(cost.predicted_seconds)),
            ("measured time", None if spent is None else duration(spent)),
            ("price per hour", _form(cost.price_per_hour_usd, "${:,.4f}")),
            ("price from", cost.price_source),
        ],
        "Nothing is known about the cost.",
    )
    if not cost.seconds:
        return facts
    steps = [[step, duration(seconds)] for step, seconds in cost.seconds.items()]
    return f"{facts}\n<h3>Where the time went</h3>\n{_table('Measured time by step', ['step', 'time'], steps, {1})}"


def _answers(verdict: Verdict, recordings: pl.DataFrame) -> str:
    """Every answer, folded by test case and model."""
    names = [model.name for model in verdict.models]
    order = {name: index for index, name in enumerate(names)}
    frame = recordings.filter(pl.col("model").is_in(names))
    groups = frame.partition_by("test_case", "model", as_dict=True)
    parts, current = [], None
    for (test_case, model), rows in sorted(groups.items(), key=lambda item: (item[0][0], order[item[0][1]])):
        if test_case != current:
            current = test_case
            parts.append(f"<h3>{_text(test_case)}</h3>")
        scores = rows["score"].drop_nulls().to_list()
        found = f"mean score {fmean(scores):.1f}" if scores else "not judged"
        summary = f"{model}: {count_of(rows.height, 'answer')}, {found}"
        answers = "\n".join(_answer(row) for row in rows.iter_rows(named=True))
        parts.append(f"<details>\n<summary>{_text(summary)}</summary>\n{answers}\n</details>")
    return "\n".join(parts)


def _answer(row: dict[str, Any]) -> str:
    """One answer with what judging found."""
    score = "not judged" if row["score"] is None else f"score {row['score']:.1f}"
    found = [row["prompt_label"], score, row["failure"] or "passed everything", row.get("detail")]
    line = " · ".join(part for part in found if part)
    return f"<p>{_text(line)}</p>\n<pre>{_text(row['answer'])}</pre>"
