"""Forms of models by their bits per weight: what they score, and how fast they answer."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from slingshot.drawing import BLUE, GREEN, ORANGE, PURPLE, VERMILION, finished, title
from slingshot.leaderboard.labels import place_labels
from slingshot.leaderboard.marks import LABELS, MARK, PLOT, letters, point_of, tooltip
from slingshot.leaderboard.rows import Row
from slingshot.leaderboard.wording import listed, megabytes

FORMS = (
    (BLUE, "circle"),
    (ORANGE, "diamond"),
    (GREEN, "square"),
    (VERMILION, "triangle-up"),
    (PURPLE, "cross"),
)


def against_bits(rows: Sequence[Row]) -> dict[str, Any]:
    """The forms of models by their bits per weight: the score with its interval, and below it tokens a second.

    Beside every mark of the first stands the type, of the second the size of the file.

    Args:
        rows: of a table by quantization; those whose bits are unknown are left out, and counted below the title.
    """
    points = [
        {
            **point_of(row),
            "model": row.about["model"],
            "bits": row.about["bits_per_weight"],
            "type": row.about["quantization"],
            "speed": row.about["tokens_per_second"],
            "size": megabytes(row.about["file_bytes"], " MB"),
        }
        for row in rows
        if row.about["bits_per_weight"]
    ]
    panels = [_panel_of_forms(points, points, "score", "type", 100.0)]
    below = ["mean score with its 95 % interval over test cases"]
    if timed := [point for point in points if point["speed"]]:
        fastest = max(point["speed"] for point in timed)
        panels.append(_panel_of_forms(timed, points, "speed", "size", 1.25 * fastest))
        loads = sorted({row.about["concurrency"] for row in rows if row.about["tokens_per_second"]})
        words = f"below it tokens a second, with {listed([str(load) for load in loads])} answers under way at once"
        below.append(f"{words}, and the size of the file")
    if missing := len(rows) - len(points):
        below.append(f"{missing} left out, whose bits are not known")
    chart = alt.vconcat(*panels, spacing=24).properties(title=title("Score and bits per weight", below))
    return finished(chart, LABELS)


def _panel_of_forms(
    points: list[dict[str, Any]], all_points: list[dict[str, Any]], field: str, name: str, top: float
) -> Any:
    """Forms by their bits, joined model by model, each with a name beside it; the axis runs from 0 to `top`."""
    heading, height = {"score": ("score (0 to 100)", 270), "speed": ("tokens/s", 150)}[field]
    bits = [point["bits"] for point in all_points]
    first, last = max(0.0, min(bits) - 1), max(bits) + 1
    scale = alt.Scale(domain=[first, last], nice=False)
    x = alt.X("bits:Q", scale=scale, title="bits per weight, all tensors together")
    up = alt.Scale(domain=[0, top], nice=False)
    y = alt.Y(f"{field}:Q", scale=up, title=heading)
    models = list(dict.fromkeys(point["model"] for point in all_points))
    looks = [FORMS[place % len(FORMS)] for place in range(len(models))]
    legend = alt.Legend(title=None, orient="top", direction="vertical") if len(models) > 1 else None
    colours = alt.Scale(domain=models, range=[look for look, _ in looks])
    colour = alt.Color("model:N", scale=colours, legend=legend)
    shapes = alt.Scale(domain=models, range=[mark for _, mark in looks])
    data = alt.Chart(alt.Data(values=points))
    line = data.mark_line(strokeWidth=1, opacity=0.6).encode(x=x, y=y, color=colour)
    marks = data.mark_point(size=MARK, filled=True, opacity=1, stroke="white", strokeWidth=1).encode(
        x=x,
        y=y,
        color=colour,
        shape=alt.Shape("model:N", scale=shapes, legend=legend),
        tooltip=tooltip("type:N", "size:N", "bits:Q", "speed:Q"),
    )
    whiskers = data.transform_filter("isValid(datum.low)").mark_rule(color="#BBBBBB", strokeWidth=1.5)
    whiskers = whiskers.encode(x=x, y=alt.Y("low:Q", scale=up, title=heading), y2="high:Q")
    wide, high = PLOT[0] / (last - first), height / top
    places = [((point["bits"] - first) * wide, point[field] * high) for point in points]
    named = [(*place, point[name]) for place, point in zip(places, points, strict=True)]
    placed = [
        at._replace(x=first + at.x / wide, y=at.y / high)
        for at in place_labels(named, places, PLOT[0], height)
    ]
    layers = [*([whiskers] if field == "score" else []), line, *letters(placed, ("bits", field), x, y), marks]
    return alt.layer(*layers).properties(width=PLOT[0], height=height)
