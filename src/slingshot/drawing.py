"""The house style of charts: colours, letters, titles, and the files that charts become, without a browser.

Colours are from the set of Okabe and Ito (2008), which colour-blind readers can tell apart; shape or
position says the same again, so that the charts survive a black-and-white print.
"""

import re
from typing import Any

import altair as alt
import vl_convert

BLUE, ORANGE, GREEN, VERMILION, PURPLE = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7"
GREY, INK = "#7A7A7A", "#222222"
FONT = "DejaVu Sans, Verdana, sans-serif"
POINTS = alt.Scale(domain=[0, 100])
"""The scale of scores."""
TICKS = alt.Axis(values=[0, 20, 40, 60, 80, 100], labelFlush=False)
"""An axis of scores."""


def to_svg(chart: dict[str, Any]) -> str:
    """A chart as an SVG document."""
    svg: str = vl_convert.vegalite_to_svg(chart)
    return svg


def to_png(chart: dict[str, Any], scale: float = 2.0) -> bytes:
    """A chart as a PNG file, `scale` pixels to a point."""
    png: bytes = vl_convert.vegalite_to_png(chart, scale=scale)
    return png


def to_html(chart: dict[str, Any]) -> str:
    """A chart as an interactive page that needs no network: the drawing library is inside, 0.8 MB of it."""
    html: str = vl_convert.vegalite_to_html(chart, bundle=True)
    return html


def inline_svg(svg: str, prefix: str) -> str:
    """An SVG document as part of a page: no prologue, ids that begin with `prefix`, as no other chart's do."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    return re.sub(r"url\(#", f"url(#{prefix}-", svg)


def in_lines(name: str, width: int) -> str:
    """A name in lines of about `width` letters, broken after `-`, `_`, `/`, `:`, `.` or a space."""
    lines = [""]
    for piece in re.findall(r"[^-_/:. ]*[-_/:. ]?", name):
        if lines[-1] and len(lines[-1]) + len(piece) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(lines)


def title(text: str, below: str | list[str]) -> Any:
    """A title at the left edge with a line, or several, below it."""
    return alt.TitleParams(
        text, subtitle=below, anchor="start", frame="bounds", fontSize=16, subtitleFontSize=13
    )


def finished(chart: Any, label_limit: int = 200) -> dict[str, Any]:
    """The chart's specification in the house style: white ground, letters that print.

    `label_limit` is the width in points at which the axes' labels are cut.
    """
    styled = (
        chart.configure(background="white", padding=12, font=FONT)
        .configure_axis(
            labelFontSize=13,
            titleFontSize=13,
            labelLimit=label_limit,
            gridColor="#E6E6E6",
            domainColor="#888888",
        )
        .configure_legend(labelFontSize=13, labelLimit=320, symbolSize=110)
        .configure_view(stroke=None)
        .configure_text(fontSize=12)
    )
    specification: dict[str, Any] = styled.to_dict()
    return specification
