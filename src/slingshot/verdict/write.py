"""The files of a verdict: JSON, the page, a block for the model card, and the charts."""

from dataclasses import asdict
from pathlib import Path

import polars as pl

from slingshot.drawing import to_png, to_svg
from slingshot.files import write_bytes, write_json, write_text
from slingshot.verdict.charts import draw_charts
from slingshot.verdict.contract import SPLITS, Verdict
from slingshot.verdict.costs import cost_lines
from slingshot.verdict.folds_text import fold_warnings, folds_block
from slingshot.verdict.otherwise_text import otherwise_block
from slingshot.verdict.page import Sources, render_page
from slingshot.verdict.wording import (
    SPLIT_NAMES,
    memorization_in_words,
    p_in_words,
    percent,
    percent_points,
    points,
    sentence,
    shares,
)


def write_verdict(
    verdict: Verdict, recordings: pl.DataFrame, out: Path, sources: Sources | None = None
) -> list[Path]:
    """Write a verdict below the folder `out`; return the paths written, `verdict.json` first.

    The page shows training rows and failed tests beside answers, where `sources` has them.

    Raises:
        SlingshotError: a file could not be written.
    """
    charts = draw_charts(verdict)
    paths = [out / "verdict.json", out / "report.html", out / "verdict.md"]
    write_json(paths[0], verdict.to_json())
    write_text(paths[1], render_page(verdict, charts, recordings, sources))
    write_text(paths[2], model_card_block(verdict))
    for name, chart in asdict(charts).items():
        svg, png = out / "charts" / f"{name}.svg", out / "charts" / f"{name}.png"
        write_text(svg, to_svg(chart))
        write_bytes(png, to_png(chart))
        paths += [svg, png]
    return paths


def model_card_block(verdict: Verdict, with_cost: bool = True) -> str:
    """A Markdown block for a model card: the sentence, scores, comparisons, memorization, the warnings and the cost."""
    lines = ["## Verdict", "", _plain(sentence(verdict)), ""]
    lines += [
        "| model | on | score [95 %] | solved [95 %] | test cases | verbatim |",
        "|---|---|---|---|---|---|",
    ]
    for model in verdict.models:
        for split in SPLITS:
            if score := model.scores.get(split):
                measured = None if split == "all" else model.memorization.get(split)
                cells = [
                    _plain(model.name),
                    SPLIT_NAMES[split],
                    points(score.mean, score.low, score.high),
                    shares(score.solved, score.solved_low, score.solved_high),
                    str(score.tasks),
                    percent(measured.verbatim_rate) if measured else "–",
                ]
                lines.append(f"| {' | '.join(cells)} |")
    if verdict.comparisons:
        lines += [
            "",
            "| compared | on | points [95 %] | solved, % points | test cases | p | claim |",
            "|---|---|---|---|---|---|---|",
        ]
    for c in verdict.comparisons:
        cells = [
            _plain(f"{c.a} minus {c.b}"),
            SPLIT_NAMES[c.on],
            points(c.difference, c.low, c.high, sign=True),
            percent_points(c.solved_difference, c.solved_low, c.solved_high),
            str(c.tasks),
            p_in_words(c.p_adjusted),
            c.claim,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    if found := verdict.judged_otherwise:
        lines += otherwise_block(verdict, found, _plain)
    lines += [line for text in memorization_in_words(verdict) for line in ("", _plain(text))]
    if verdict.folds:
        lines += folds_block(verdict.folds, _plain)
    if warnings := [*verdict.warnings, *fold_warnings(verdict.folds)]:
        lines += ["", "What may not be claimed:", ""]
        lines += [f"- `{warning.code}` {_plain(warning.message)}" for warning in warnings]
    if with_cost and (cost := cost_lines(verdict)):
        lines += ["", "What it cost:", "", *(f"- {_plain(line)}" for line in cost)]
    lines += [
        "",
        "Intervals are over test cases; p values of sign flips over test cases, corrected for the number of "
        "comparisons. Solved: the share of answers that pass all unit tests.",
    ]
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, in one line."""
    for mark in ("\\", "|", "*", "_", "`", "<", "["):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
