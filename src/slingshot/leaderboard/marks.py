"""What the charts have in common: sizes, what is known of a mark, and letters that stay readable."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from slingshot.drawing import INK
from slingshot.leaderboard.labels import Label
from slingshot.leaderboard.rows import Row
from slingshot.leaderboard.wording import decimal

MARK = 90
PLOT = (640, 420)
LABELS = 330
GROUP_LABELS = {"hosted": "hosted", "local": "local", "": "hosted or local is not recorded"}


def point_of(row: Row) -> dict[str, Any]:
    """What charts need of a row."""
    return {
        "row": row.name,
        "group": GROUP_LABELS[row.about.get("group") or ""],
        "score": row.score,
        "low": row.low,
        "high": row.high,
        "solved": row.solved,
        "solved_low": row.solved_low,
        "solved_high": row.solved_high,
        "samples": row.samples,
        "label": decimal(row.score),
    }


def tooltip(*more: Any) -> list[Any]:
    """What the interactive charts say of a mark."""
    figures = [alt.Tooltip(f"{key}:Q", format=".1f") for key in ("score", "low", "high")]
    return ["row:N", *figures, alt.Tooltip("solved:Q", format=".0%"), "samples:Q", *more]


def letters(labels: Sequence[Label], fields: tuple[str, str], x: Any, y: Any) -> list[Any]:
    """Layers with names on a white ground.

    Args:
        labels: where they stand, in the units of the axes.
        fields: of the data, on the axes.
        x: the axis of the first.
        y: that of the second.
    """
    layers = []
    for align in ("left", "right"):
        values = [
            {fields[0]: label.x, fields[1]: label.y, "name": label.text}
            for label in labels
            if label.align == align
        ]
        texts = alt.Chart(alt.Data(values=values)).encode(x=x, y=y, text="name:N")
        look: dict[str, Any] = {"align": align, "baseline": "middle", "fontSize": 12}
        layers += [texts.mark_text(**look, stroke="white", strokeWidth=4), texts.mark_text(**look, color=INK)]
    return layers
