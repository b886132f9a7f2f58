"""The pictures of a verdict: averages by model, test by test case, and each split."""

from collections.abc import Sequence
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
from slingshot.verdict.contract import (
    TRAINING_SPLITS,
    TUNED_KINDS,
    Kind,
    ModelVerdict,
    Score,
    Split,
    Verdict,
)

SPLIT_LABELS: dict[Split, str] = {
    "seen": "seen (trained on)",
    "variant": "variant (changed form of one trained on)",
    "held_out": "held-out (never trained on)",
    "all": "all test cases",
}
SPLIT_COLOURS: dict[Split, str] = {"seen": BLUE, "variant": GREEN, "held_out": ORANGE, "all": GREY}
KIND_LABELS: dict[Kind, str] = {
    "base": "base",
    "adapter": "tuned",
    "merged": "tuned",
    "gguf": "tuned, as a GGUF file",
    "recorded": "reference",
}
KIND_COLOURS = {"base": GREY, "tuned": VERMILION, "tuned, as a GGUF file": ORANGE, "reference": BLUE}
MODEL_COLOURS = [GREY, VERMILION, BLUE, GREEN, PURPLE, ORANGE]
MODEL_SHAPES = ["circle", "diamond", "square", "triangle-up", "triangle-down", "cross"]
# Narrow enough for a telephone: the page scales the drawing, and its letters, to the width it has.
WIDTH = 270
NAME_WIDTH = 20


@dataclass(frozen=True)
class Charts:
    """Vega-Lite specifications of the charts, as JSON-like values."""

    averages: dict[str, Any]
    test_cases: dict[str, Any]
    models: dict[str, Any]


def draw_charts(verdict: Verdict) -> Charts:
    """All charts of a verdict."""
    return Charts(averages_chart(verdict), test_cases_chart(verdict), models_chart(verdict))


def averages_chart(verdict: Verdict) -> dict[str, Any]:
    """Bars of the mean score over all test cases, the best model first, coloured by what a model is."""
    scored = [(model, score) for model in verdict.models if (score := model.scores.get("all"))]
    scored.sort(key=lambda one: -one[1].mean)
    rows = [_bar(model, score, kind=KIND_LABELS[model.kind]) for model, score in scored]
    present = [label for label in KIND_COLOURS if any(row["kind"] == label for row in rows)]
    y = _models_axis([model for model, _ in scored])
    colour = _colour("kind:N", present, [KIND_COLOURS[label] for label in present])
    trained = any("seen" in model.scores for model in verdict.models)
    below = "over all test cases, those trained on included" if trained else "over all test cases"
    lines = max((row["model"].count("\n") for row in rows), default=0) + 1
    above = ["mean score and 95 % interval", below]
    return _bars(rows, {"y": y}, colour, "Average score", above, step=max(24, 17 * lines))


def models_chart(verdict: Verdict) -> dict[str, Any]:
    """Bars of the mean score with 95 % intervals, the splits of each model side by side."""
    rows = [
        _bar(model, model.scores[split], split=SPLIT_LABELS[split])
        for model in verdict.models
        for split in _splits(model)
    ]
    present = [label for label in SPLIT_LABELS.values() if any(row["split"] == label for row in rows)]
    colours = [SPLIT_COLOURS[split] for split, label in SPLIT_LABELS.items() if label in present]
    places = {"y": _models_axis(verdict.models), "yOffset": alt.YOffset("split:N", sort=present)}
    colour = _colour("split:N", present, colours)
    return _bars(rows, places, colour, "Models compared", "mean score, 95 % interval over test cases")


def _bar(model: ModelVerdict, score: Score, **own: str) -> dict[str, Any]:
    """The values of one bar."""
    named = {"model": in_lines(model.name, NAME_WIDTH), **own}
    return named | {"mean": score.mean, "low": score.low, "high": score.high, "label": f"{score.mean:.0f}"}


def _models_axis(models: Sequence[ModelVerdict]) -> Any:
    names = [in_lines(model.name, NAME_WIDTH) for model in models]
    return alt.Y("model:N", sort=names, title=None, axis=alt.Axis(labelExpr="split(datum.label, '\\n')"))


def _colour(field: str, labels: list[str], colours: list[str]) -> Any:
    legend = alt.Legend(title=None, orient="top", direction="vertical")
    return alt.Color(field, scale=alt.Scale(domain=labels, range=colours), sort=labels, legend=legend)


def _bars(
    rows: list[dict[str, Any]],
    places: dict[str, Any],
    colour: Any,
    heading: str,
    below: str | list[str],
    step: int = 24,
) -> dict[str, Any]:
    """Bars of scores with their intervals and figures, at the places (`y`, and `yOffset` in groups) that rows have."""
    base = alt.Chart(alt.Data(values=rows))
    x = alt.X("mean:Q", scale=POINTS, axis=TICKS, title="score (0 to 100)")
    bars = base.mark_bar().encode(x=x, color=colour, **places)
    whiskers = (
        base.transform_filter("isValid(datum.low)")
        .mark_errorbar(ticks={"size": 9}, rule={"strokeWidth": 1.5}, color="#222222")
        .encode(x=alt.X("low:Q", title="score (0 to 100)"), x2="high:Q", **places)
    )
    # At the foot of the bar: there a whisker seldom hides it, however short the bar.
    figures = {"x": alt.datum(0), "text": "label:N", **places}
    halo = base.mark_text(align="left", dx=4, fontWeight="bold", stroke="white", strokeWidth=3).encode(
        **figures
    )
    letters = base.mark_text(align="left", dx=4, fontWeight="bold", color="#222222").encode(**figures)
    chart = alt.layer(bars, whiskers, halo, letters).properties(
        width=WIDTH, height=alt.Step(step), title=title(heading, below)
    )
    return finished(chart)


def test_cases_chart(verdict: Verdict) -> dict[str, Any]:
    """A row for each test case, a mark for base, tuned and best reference model; a panel for each split."""
    models = _headline(verdict)
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
    heading = (
        alt.TitleParams(label, anchor="start", frame="group", fontSize=13, fontWeight="bold") if label else ""
    )
    return alt.layer(joined, marks).properties(width=WIDTH, height=alt.Step(21), title=heading)


def _headline(verdict: Verdict) -> list[ModelVerdict]:
    """The models whose marks stay apart: base, tuned ones and the best reference."""
    if verdict.tuned is None or verdict.base is None:
        return verdict.models[: len(MODEL_COLOURS)]
    tuned = [model for model in verdict.models if model.kind in TUNED_KINDS][:3]
    references = [model for model in verdict.models if model.kind == "recorded" and "all" in model.scores]
    best = sorted(references, key=lambda model: -model.scores["all"].mean)[:1]
    return [verdict.base, *tuned, *best]


def _splits(model: ModelVerdict) -> list[Split]:
    """The splits worth a bar: the training's own ones, or all test cases when there are none."""
    own: list[Split] = [split for split in TRAINING_SPLITS if split in model.scores]
    return own or (["all"] if "all" in model.scores else [])
