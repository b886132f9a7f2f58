"""The pictures of a leaderboard: rows with their intervals, test cases by models, time and cost against score."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import altair as alt
import polars as pl

from slingshot.drawing import BLUE, GREY, INK, ORANGE, POINTS, TICKS, finished, title
from slingshot.leaderboard.board import Leaderboard, Pivot, build_leaderboard, build_pivot
from slingshot.leaderboard.forms_chart import against_bits
from slingshot.leaderboard.labels import place_labels
from slingshot.leaderboard.marks import GROUP_LABELS, LABELS, MARK, PLOT, letters, point_of, tooltip
from slingshot.leaderboard.rows import Row
from slingshot.leaderboard.selection import By
from slingshot.leaderboard.wording import decimal
from slingshot.models.prices import Prices

GROUPS = {"hosted": (BLUE, "circle"), "local": (ORANGE, "diamond"), "": (GREY, "square")}
STEP = 18
SHARES = alt.Axis(values=[0, 0.5, 1], format="%", labelFlush=False)
# Beyond so many points only those are named that no other beats in both ways.
ALL_NAMED = 12
AVERAGE = "average of the models"


def draw_charts(
    board: Leaderboard, frame: pl.DataFrame, prices: Prices | None = None
) -> dict[str, dict[str, Any]]:
    """Vega-Lite specifications by name: `models`, `prompts`, `test-cases`, `elapsed`, `cost`.

    A leaderboard of scans has `scan` in place of the first three, one of quantizations only `quantizations` and
    `bits`; `elapsed`, `cost` and `bits` are missing where nothing is known.

    Args:
        board: the leaderboard.
        frame: the recordings that it was built from, for the tables that it does not hold.
        prices: those that it was built with.
    """
    question = board.question

    def asked(by: By) -> Leaderboard:
        return board if question.by == by else build_leaderboard(frame, replace(question, by=by), prices)

    if question.by == "quantization":
        drawn = {"quantizations": rows_chart(board.rows, "quantization")}
        if any(row.about["bits_per_weight"] for row in board.rows):
            drawn["bits"] = against_bits(board.rows)
        return drawn
    if question.by == "scan":
        models, charts = board, {"scan": rows_chart(board.rows, "scan")}
    else:
        models = asked("model")
        charts = {"models": rows_chart(models.rows, "model")}
        # Prompt labels and test cases may have no cells in common, where models do: then as they stand.
        alone = replace(question, by="prompt", like_for_like=False)
        prompts = board if question.by == "prompt" else build_leaderboard(frame, alone, prices)
        charts["prompts"] = rows_chart(prompts.rows, "prompt")
        plain = models.answers.filter(pl.col("row") == pl.col("model"))
        charts["test-cases"] = test_cases_chart(build_pivot(plain))
    if any(row.elapsed for row in models.rows):
        charts["elapsed"] = against_score(models.rows, "elapsed")
    if any(row.cost_cents for row in models.rows):
        charts["cost"] = against_score(models.rows, "cost_cents")
    return charts


def rows_chart(rows: Sequence[Row], by: By) -> dict[str, Any]:
    """Scores, and beside them shares solved, as marks with their 95 % intervals, in the order of the rows."""
    values = [point_of(row) for row in rows]
    names = [row.name for row in rows]
    score = _marks(values, names, "score", ("low", "high"), POINTS, TICKS, "score (0 to 100)", by == "model")
    numbers = alt.Chart(alt.Data(values=values)).mark_text(align="left", dx=8, color=INK, fontSize=12)
    numbers = numbers.encode(x=alt.datum(100), y=_names(names), text="label:N")
    share = alt.Scale(domain=[0, 1])
    solved = _marks(
        values,
        names,
        "solved",
        ("solved_low", "solved_high"),
        share,
        SHARES,
        "solved",
        by == "model",
        labels=False,
    )
    height = alt.Step(STEP)
    panels = alt.hconcat(
        alt.layer(score, numbers).properties(width=380, height=height),
        solved.properties(width=170, height=height),
        spacing=50,
    ).resolve_scale(color="shared", shape="shared")
    noun = {
        "scan": "Points of a scan",
        "prompt": "Prompt labels",
        "model": "Models",
        "test-case": "Test cases",
        "quantization": "Quantizations",
    }[by]
    below = "mean score and share of answers that pass all unit tests, with 95 % intervals over test cases"
    return finished(panels.properties(title=title(f"{noun} compared", below)), LABELS)


def test_cases_chart(pivot: Pivot) -> dict[str, Any]:
    """A heat map: a row for each model, a column for each test case, the mean score in words and colour."""
    cells = [
        {"model": model, "test_case": name, "mean": mean, "label": decimal(mean, 0)}
        for name in pivot.test_cases
        for model, mean in pivot.scores[name].items()
    ]
    cells += [
        {"model": AVERAGE, "test_case": name, "mean": mean, "label": decimal(mean, 0)}
        for name, mean in pivot.averages.items()
    ]
    base = alt.Chart(alt.Data(values=cells)).encode(
        x=alt.X(
            "test_case:N",
            sort=list(pivot.test_cases),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=-45, domain=False, ticks=False, labelLimit=200),
        ),
        y=alt.Y(
            "model:N",
            sort=[AVERAGE, *pivot.models],
            title=None,
            axis=alt.Axis(domain=False, ticks=False),
        ),
    )
    shades = alt.Scale(domain=[0, 100], range=["#FFFFFF", "#9CC7E4", BLUE, "#00395A"], interpolate="lab")
    squares = base.mark_rect(stroke="#E6E6E6", strokeWidth=1).encode(
        color=alt.Color("mean:Q", scale=shades, legend=None),
        tooltip=["model:N", "test_case:N", alt.Tooltip("mean:Q", format=".1f")],
    )
    ink = alt.condition("datum.mean > 55", alt.value("white"), alt.value(INK))
    letters = base.mark_text(fontSize=11).encode(text="label:N", color=ink)
    chart = alt.layer(squares, letters).properties(
        width=alt.Step(40),
        height=alt.Step(STEP),
        title=title(
            "Test cases by model", "mean score, 0 to 100; the easiest test case first, the best model on top"
        ),
    )
    return finished(chart, LABELS)


def against_score(rows: Sequence[Row], what: str) -> dict[str, Any]:
    """Mean seconds or cents for an answer, on a logarithmic axis, against the score.

    The line joins those that no other beats in both; beyond a dozen points only they are named.
    """
    known = [row for row in rows if (getattr(row, what) or 0) > 0]
    best = _unbeaten(known, what)
    points = [{**point_of(row), "x": getattr(row, what)} for row in known]
    word, heading, unknown = {
        "elapsed": ("seconds for an answer", "Time and score", "time"),
        "cost_cents": ("US cents for an answer", "Cost and score", "cost"),
    }[what]
    # Wide enough that at least one of 1, 2, 5, 10, … lies on the axis, even for a single point.
    domain = [min(point["x"] for point in points) / 1.6, max(point["x"] for point in points) * 1.6]
    ticks = [step * 10.0**power for power in range(-6, 7) for step in (1, 2, 5)]
    x = alt.X(
        "x:Q",
        scale=alt.Scale(type="log", domain=domain, nice=False),
        axis=alt.Axis(values=[tick for tick in ticks if domain[0] <= tick <= domain[1]], format="~g"),
        title=f"{word} (logarithmic)",
    )
    y = alt.Y("score:Q", scale=POINTS, axis=TICKS, title="score (0 to 100)")
    data = alt.Chart(alt.Data(values=points))
    front = alt.Chart(alt.Data(values=[point for point in points if point["row"] in best]))
    line = front.mark_line(interpolate="step-after", color="#BBBBBB", strokeWidth=2).encode(x=x, y=y)
    whiskers = data.transform_filter("isValid(datum.low)").mark_rule(color="#D0D0D0", strokeWidth=1)
    whiskers = whiskers.encode(x=x, y=alt.Y("low:Q", scale=POINTS, title=""), y2="high:Q")
    marks = data.mark_point(size=MARK, filled=True, opacity=1, stroke="white", strokeWidth=1).encode(
        x=x, y=y, **_group_channels(points), tooltip=tooltip(alt.Tooltip("x:Q", title=word, format=".3~g"))
    )
    names = _names_of_points(points, best if len(known) > ALL_NAMED else None, domain, x, y)
    missing = len(rows) - len(known)
    below = [
        "mean score with its 95 % interval over test cases; the line joins those that no other beats in both",
        *([f"{missing} left out, whose {unknown} is not known"] if missing else []),
    ]
    chart = alt.layer(whiskers, line, *names, marks).properties(
        width=PLOT[0], height=PLOT[1], title=title(heading, below)
    )
    return finished(chart, LABELS)


def _names_of_points(
    points: list[dict[str, Any]], chosen: set[str] | None, domain: list[float], x: Any, y: Any
) -> list[Any]:
    """Layers with the names of the chosen points, of all without a choice."""
    span = math.log(domain[1] / domain[0])
    places = [(PLOT[0] * math.log(p["x"] / domain[0]) / span, PLOT[1] * p["score"] / 100) for p in points]
    named = [
        (*place, point["row"].rsplit("/", 1)[-1])
        for place, point in zip(places, points, strict=True)
        if chosen is None or point["row"] in chosen
    ]
    placed = [
        at._replace(x=domain[0] * math.exp(span * at.x / PLOT[0]), y=100 * at.y / PLOT[1])
        for at in place_labels(named, places, *PLOT)
    ]
    return letters(placed, ("x", "score"), x, y)


def _marks(
    values: list[dict[str, Any]],
    names: list[str],
    field: str,
    bounds: tuple[str, str],
    scale: Any,
    axis: Any,
    heading: str,
    grouped: bool,
    labels: bool = True,
) -> Any:
    """A column of marks with whiskers, one for each row."""
    base, y = alt.Chart(alt.Data(values=values)), _names(names, labels)
    x = alt.X(f"{field}:Q", scale=scale, axis=axis, title=heading)
    whiskers = (
        base.transform_filter(f"isValid(datum.{bounds[0]})")
        .mark_rule(color="#8A8A8A", strokeWidth=2)
        .encode(x=alt.X(f"{bounds[0]}:Q", scale=scale, title=heading), x2=f"{bounds[1]}:Q", y=y)
    )
    mark = base.mark_point(size=MARK, filled=True, opacity=1, stroke="white", strokeWidth=1)
    channels = _group_channels(values) if grouped else {"color": alt.value(BLUE)}
    return alt.layer(whiskers, mark.encode(x=x, y=y, **channels, tooltip=tooltip()))


def _names(names: list[str], labels: bool = True) -> Any:
    """The vertical axis of names, in their order."""
    axis = alt.Axis(grid=True, labels=labels, ticks=False, domain=False, gridColor="#F2F2F2")
    return alt.Y("row:N", sort=names, title=None, axis=axis)


def _group_channels(points: list[dict[str, Any]]) -> dict[str, Any]:
    """Colour and shape for hosted and local models; a legend only where both are there."""
    present = [group for group, label in GROUP_LABELS.items() if any(p["group"] == label for p in points)]
    domain = [GROUP_LABELS[group] for group in present]
    legend = alt.Legend(title=None, orient="top", direction="horizontal") if len(present) > 1 else None
    return {
        "color": alt.Color(
            "group:N", scale=alt.Scale(domain=domain, range=[GROUPS[g][0] for g in present]), legend=legend
        ),
        "shape": alt.Shape(
            "group:N", scale=alt.Scale(domain=domain, range=[GROUPS[g][1] for g in present]), legend=legend
        ),
    }


def _unbeaten(rows: Sequence[Row], what: str) -> set[str]:
    """The rows that no other beats in both score and what it takes."""
    best, names = -1.0, set[str]()
    for row in sorted(rows, key=lambda row: (getattr(row, what), -row.score)):
        if row.score > best:
            best = row.score
            names.add(row.name)
    return names
