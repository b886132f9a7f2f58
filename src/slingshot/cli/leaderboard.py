"""Tables, warnings and charts from recordings: `leaderboard`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from slingshot.cli.options import listed_names, table_console
from slingshot.errors import RequestError
from slingshot.progress import say


def leaderboard(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR", help="folders of judged recordings")],
    by: Annotated[
        Literal["model", "prompt", "test-case", "scan", "quantization"],
        typer.Option(help="what a row of the table is"),
    ] = "model",
    prompts: Annotated[str, typer.Option(help="only these prompt labels, with commas")] = "",
    last: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="only the last N answers of each cell, model and device"),
    ] = None,
    group: Annotated[
        Literal["hosted", "local"] | None, typer.Option(help="only hosted or only local models")
    ] = None,
    like_for_like: Annotated[
        bool, typer.Option("--like-for-like", help="only cells that all rows have, each counting the same")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="stop at a broken file, instead of passing over")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="read every file again, whatever the cache holds")
    ] = False,
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="a price list of your own, beside the bundled one")
    ] = None,
    output: Annotated[
        Literal["table", "md", "csv", "json", "html"], typer.Option("--format", help="of standard output")
    ] = "table",
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="folder to write the page, tables and charts into")
    ] = None,
) -> None:
    """Compare models: scores with intervals, shares solved, time, cost, and what keeps them from comparing."""
    from slingshot.leaderboard import COLUMNS, Question, build_leaderboard
    from slingshot.leaderboard.tables import print_leaderboard, to_csv, to_json, to_markdown
    from slingshot.models.prices import load_prices
    from slingshot.recordings.load import read_recordings

    listed = load_prices(prices)
    loaded = read_recordings(folders, strict, fresh, COLUMNS)
    where = ", ".join(map(str, folders))
    if loaded.problems:
        for problem in loaded.problems:
            say(problem.sentence)
        count = f"{len(loaded.problems)} broken recording{'s' if len(loaded.problems) > 1 else ''}"
        say(f"Passed over {count}, named above; --strict stops there.")
    if loaded.waiting:
        say(f"Not judged yet: {loaded.waiting:,} of the answers; slingshot judge {where}")
    if loaded.frame.is_empty():
        raise RequestError(
            f"{where}: no judged recordings; judge the answers first, or ask with `slingshot bench`"
        )
    question = Question(by, tuple(listed_names(prompts)), last, group, like_for_like)
    board = build_leaderboard(loaded.frame, question, listed)
    charts = {}
    if out or output == "html":
        from slingshot.leaderboard.charts import draw_charts

        charts = draw_charts(board, loaded.frame, listed)
    written = []
    if out:  # before anything is printed, which may end early (`| head`)
        from slingshot.leaderboard.write import write_leaderboard

        written = write_leaderboard(board, charts, out)
    if output == "table":
        print_leaderboard(board, table_console())
    elif output == "html":
        from slingshot.leaderboard.page import render_page

        print(render_page(board, charts))
    else:
        print({"md": to_markdown, "csv": to_csv, "json": to_json}[output](board).rstrip("\n"))
    if out:
        say(
            f"Wrote {out / 'leaderboard.html'} (open it in a browser) and {len(written) - 1} more files there."
        )
        others = " or ".join(f"--by {other}" for other in ("model", "prompt", "test-case") if other != by)
        say(f"Next: slingshot leaderboard {' '.join(map(str, folders))} {others}")
    else:
        say("Next: the same with --out DIR writes it as a page, with charts.")
