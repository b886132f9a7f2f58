"""The picture of a training: its loss, step by step, and that of validation."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from slingshot.drawing import BLUE, GREY, VERMILION, finished, title
from slingshot.training.course.metrics import Step


def loss_chart(log: Sequence[Step], name: str) -> dict[str, Any]:
    """The losses of steps (thin), their running mean over a twentieth of the training, and of validations (dots)."""
    width = max(1, len(log) // 20)
    rows = [
        {
            "step": step.step,
            "loss": step.loss,
            "mean": sum(s.loss for s in log[max(0, i + 1 - width) : i + 1]) / min(i + 1, width),
            "validation": step.validation_loss,
        }
        for i, step in enumerate(log)
    ]
    steps = alt.Chart(alt.Data(values=rows)).encode(
        alt.X("step:Q", title="step", axis=alt.Axis(tickMinStep=1))
    )
    names = ["a step", "mean of the last steps", "validation"]
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=names, range=[GREY, BLUE, VERMILION]),
        legend=alt.Legend(orient="top"),
    )

    def layer(mark: Any, field: str, kind: str) -> Any:
        axis = alt.Y(f"{field}:Q", title="loss (nats a token)", scale=alt.Scale(zero=False))
        return mark.transform_calculate(kind=f"'{kind}'").encode(axis, colour)

    layers = [
        layer(steps.mark_line(strokeWidth=0.8, opacity=0.6), "loss", names[0]),
        layer(steps.mark_line(strokeWidth=2.2), "mean", names[1]),
    ]
    if any(step.validation_loss is not None for step in log):
        seen = steps.transform_filter("isValid(datum.validation)")
        layers.append(layer(seen.mark_line(point={"size": 60}, strokeDash=[4, 3]), "validation", names[2]))
    below = f"{log[0].loss:.3f} at the first step, {log[-1].loss:.3f} at the last of {len(log)}"
    chart = alt.layer(*layers).properties(width=560, height=300, title=title(f"Loss of {name}", below))
    return finished(chart)
