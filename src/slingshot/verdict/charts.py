"""The two pictures of a verdict."""

from dataclasses import dataclass
from typing import Any

import altair as alt

from slingshot.drawing import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    POINTS,
    PURPLE,
    TICKS,
    VERMILION,
    finished,
    in_lines,
    title,
)
from slingshot.verdict.contract import TRAINING_SPLITS, ModelVerdict, Split, Verdict

SPLIT_LABELS: dict[Split, str] = {
    "seen": "seen (trained on)",
    "variant": "variant (changed form of one trained on)",
    "held_out": "held-out (never trained on)",
    "all": "all test cases",
}
SPLIT_COLOURS: dict[Split, str] = {"seen": BLUE, "variant": GREEN, "held_out": ORANGE, "all": GREY}
MODEL_COLOURS = [GREY, VERMILION, BLUE, GREEN, PURPLE, ORANGE]
MODEL_SHAPES = ["circle", "diamond", "square", "triangle-up", "triangle-down", "cross"]
# Narrow enough for a telephone: the page scales the drawing, and its letters, to the width it has.
WIDTH = 270
NAME_WIDTH = 20


@dataclass(frozen=True)
class Charts:
    """Vega-Lite specifications of the charts, as JSON-like values."""

    models: dict[str, Any]
    test_cases: dict[str, Any]


def draw_charts(verdict: Verdict) -> Charts:
    """Both charts of a verdict."""
    return Charts(models=models_chart(verdict), test_cases=test_cases_chart(verdict))


def models_chart(verdict: Verdict) -> dict[str, Any]:
    """Bars of the mean score with 95 % intervals, the splits of each model side by side."""
    rows = [
        {
            "model": in_lines(model.name, NAME_WIDTH),
            "split": SPLIT_LABELS[split],
            "mean": score.mean,
            "low": score.low,
            "high": score.high,
            "label": f"{score.mean:.0f}",
        }
        for model in verdict.models
        for split in _splits(model)
        if (score := model.scores[split])
    ]
    present = [label for label in SPLIT_LABELS.values() if any(row["split"] == label for row in rows)]
    colours = [SPLIT_COLOURS[split] for split, label in SPLIT_LABELS.items() if label in present]
    y = alt.Y(
        "model:N",
        sort=[in_lines(model.name, NAME_WIDTH) for model in verdict.models],
        title=None,
        axis=alt.Axis(labelExpr="split(datum.label, '\\n')"),
    )
    offset = alt.YOffset("split:N", sort=present)
    base = alt.Chart(alt.Data(values=rows))
    bars = base.mark_bar().encode(
        x=alt.X("mean:Q", scale=POINTS, axis=TICKS, title="score (0 to 100)"),
        y=y,
        yOffset=offset,
        color=alt.Color(
            "split:N",
            scale=alt.Scale(domain=present, range=colours),
            sort=present,
            legend=alt.Legend(title=None, orient="top", direction="vertical"),
        ),
    )
    whiskers = (
        base.transform_filter("isValid(datum.low)")
        .mark_errorbar(ticks={"size": 9}, rule={"strokeWidth": 1.5}, color="#222222")
        .encode(x=alt.X("low:Q", title="score (0 to 100)"), x2="high:Q", y=y, yOffset=offset)
    )
    # At the foot of the bar: there a whisker seldom hides it, however short the bar.
    labels = base.mark_text(align="left", dx=4, fontWeight="bold", stroke="white", strokeWidth=3).encode(
        x=alt.datum(0), y=y, yOffset=offset, text="label:N"
    )
    letters = base.mark_text(align="left", dx=4, fontWeight="bold", color="#222222").encode(
        x=alt.datum(0), y=y, yOffset=offset, text="label:N"
    )
    chart = alt.layer(bars, whiskers, labels, letters).properties(
        width=WIDTH,
        height=alt.Step(24),
        title=title("Models compared", "mean score, 95 % interval over test cases"),
    )
    return finished(chart)


def test_cases_chart(verdict: Verdict) -> dict[str, Any]:
    """A row for each test case, a mark for each of base and tuned model; a panel for each split."""
    models = [model for model in (verdict.base, verdict.tuned) if model] or verdict.models[:6]
    names = [model.name for model in models]
    rows = [
        {"model": model.name, "task": name, "split": task.split or "all", "mean": task.mean}
        for model in models
        for name, task in model.per_task.items()
    ]
    splits: tuple[Split, ...] = (*TRAINING_SPLITS, "all")
    shown = [split for split in splits if any(row["split"] == split for row in rows)]
    panels = []
    for index, split in enumerate(shown):
        values = [row for row in rows if row["split"] == split]
        label = SPLIT_LABELS[split] if split != "all" else "in no split" if len(shown) > 1 else ""
        x_title = "score (0 to 100)" if index == len(shown) - 1 else None
        panels.append(_panel(values, names, label, x_title))
    chart = alt.vconcat(*panels, spacing=14).properties(
        title=title("Test cases compared", "mean score of a test case's answers")
    )
    return finished(chart)


def _panel(rows: list[dict[str, Any]], names: list[str], label: str, x_title: str | None) -> Any:
    """The test cases of one split: marks, joined by a line from the lowest to the highest."""
    base = alt.Chart(alt.Data(values=rows))
    y = alt.Y("task:N", sort=sorted({row["task"] for row in rows}), title=None, axis=alt.Axis(grid=True))
    joined = base.mark_rule(strokeWidth=2, color="#BBBBBB").encode(
        x=alt.X("low:Q", scale=POINTS, axis=TICKS, title=x_title), x2="high:Q", y=y
    )
    joined = joined.transform_aggregate(low="min(mean)", high="max(mean)", groupby=["task"])
    legend = alt.Legend(title=None, orient="top", direction="vertical", labelLimit=WIDTH)
    marks = base.mark_point(size=110, filled=True, opacity=1, stroke="white", strokeWidth=1).encode(
        x=alt.X("mean:Q", scale=POINTS, axis=TICKS, title=x_title),
        y=y,
        color=alt.Color(
            "model:N", scale=alt.Scale(domain=names, range=MODEL_COLOURS[: len(names)]), legend=legend
        ),
        shape=alt.Shape(
            "model:N", scale=alt.Scale(domain=names, range=MODEL_SHAPES[: len(names)]), legend=legend
        ),
    )
    heading = alt.TitleParams(label, anchor="start", fontSize=13, fontWeight="bold") if label else ""
    return alt.layer(joined, marks).properties(width=WIDTH, height=alt.Step(21), title=heading)


def _splits(model: ModelVerdict) -> list[Split]:
    """The splits worth a bar: the training's own ones, or all test cases when there are none."""
    own: list[Split] = [split for split in TRAINING_SPLITS if split in model.scores]
    return own or (["all"] if "all" in model.scores else [])
