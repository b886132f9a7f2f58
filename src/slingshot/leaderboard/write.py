"""Writing a leaderboard and its charts into a folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slingshot.drawing import to_html, to_png, to_svg
from slingshot.files import write_bytes, write_text
from slingshot.leaderboard.board import Leaderboard
from slingshot.leaderboard.page import render_page
from slingshot.leaderboard.tables import to_csv, to_json, to_markdown


def write_leaderboard(board: Leaderboard, charts: Mapping[str, dict[str, Any]], folder: Path) -> list[Path]:
    """Write `leaderboard.json`, `.md`, `.csv` and `.html`, and each chart as PNG, SVG and interactive HTML.

    Args:
        board: what is written.
        charts: of the same leaderboard, see `draw_charts`; they go into the folder `charts`.
        folder: made where it is missing; files of the same names are replaced.

    Returns:
        The files written.
    """
    texts = {
        "leaderboard.json": to_json(board) + "\n",
        "leaderboard.md": to_markdown(board),
        "leaderboard.csv": to_csv(board),
        "leaderboard.html": render_page(board, charts),
    }
    written = []
    for name, text in texts.items():
        write_text(folder / name, text)
        written.append(folder / name)
    for name, chart in charts.items():
        path = folder / "charts" / name
        write_bytes(path.with_suffix(".png"), to_png(chart))
        write_text(path.with_suffix(".svg"), to_svg(chart))
        write_text(path.with_suffix(".html"), to_html(chart))
        written += [path.with_suffix(suffix) for suffix in (".png", ".svg", ".html")]
    return written
