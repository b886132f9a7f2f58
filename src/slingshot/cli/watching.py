"""How a benchmark goes, and how it ended: a line for each model."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from slingshot.benchmark.tally import ServerTally, Tally
from slingshot.progress import say, stderr

Watch = Callable[[Sequence[Tally]], None]
_REDRAW_SECONDS = 0.5
_WIDTH_ELSEWHERE = 160  # in a file no name is cut


@contextmanager
def watching() -> Iterator[Watch]:
    """Show tallies while the block runs: live on a terminal, else a line at every tenth of a model's way."""
    if not stderr.is_terminal:
        yield _lines()
        return
    import time

    drawn = 0.0
    with Live(console=stderr, auto_refresh=False, transient=True) as live:

        def watch(tallies: Sequence[Tally]) -> None:
            nonlocal drawn
            if time.monotonic() - drawn >= _REDRAW_SECONDS:
                drawn = time.monotonic()
                live.update(_live_table(tallies), refresh=True)

        yield watch


def _lines() -> Watch:
    last: dict[str, int] = {}

    def watch(tallies: Sequence[Tally]) -> None:
        for tally in tallies:
            tenth = 10 * tally.done // tally.total if tally.total else 0
            if tenth > last.get(tally.model, 0):
                last[tally.model] = tenth
                say(f"  {tally.model}: {', '.join(_words(tally))}")

    return watch


def _words(tally: Tally) -> list[str]:
    """The same as a line of the live table."""
    words = [f"{tally.done} of {tally.total} answers"]
    if tally.answered:
        words.append(f"{tally.answers_per_second:.1f}/s")
    words.append(f"{tally.judged} judged")
    if (score := score_words(tally)) != "–":
        words.append(f"score {score}")
    if tally.dollars:
        foreseen = tally.dollars_foreseen
        words.append(f"${tally.dollars:.2f}" + (f" of about ${foreseen:.2f}" if foreseen is not None else ""))
    if tally.seconds_left:
        words.append(f"{duration(tally.seconds_left)} left")
    if tally.retries:
        words.append(f"{tally.retries} retries")
    if down := [server.address for server in tally.servers if server.down]:
        words.append(f"down: {', '.join(down)}")
    return words


def server_words(server: ServerTally) -> str:
    """What one of several servers did."""
    words = [f"{server.address}: {server.answered} answers"]
    if server.failures:
        words.append(f"{server.failures} failures")
    words.append(f"down: {server.down}" if server.down else f"{server.concurrency} at once")
    return ", ".join(words)


def _live_table(tallies: Sequence[Tally]) -> Group:
    table = Table(box=None, pad_edge=False)
    table.add_column("model", overflow="ellipsis", no_wrap=True, max_width=40)
    for heading in ("", "answers", "per s", "judged", "score so far", "dollars", "left"):
        table.add_column(heading, no_wrap=True, min_width=len(heading))
    notes = []
    for tally in tallies:
        foreseen = tally.dollars_foreseen
        dollars = "–" if tally.dollars is None else f"{tally.dollars:.2f}"
        if foreseen is not None:
            dollars += f" of {foreseen:.2f}"
        left = duration(tally.seconds_left) if tally.missing and tally.seconds_left is not None else ""
        table.add_row(
            Text(tally.model),
            ProgressBar(total=max(1, tally.total), completed=tally.done, width=20),
            f"{tally.done}/{tally.total}",
            f"{tally.answers_per_second:.1f}",
            str(tally.judged),
            score_words(tally),
            dollars,
            left,
        )
        if tally.stopped or tally.retries:
            notes.append(tally.stopped or f"{tally.retries} retries, the last after: {tally.last_failure}")
        notes += [server_words(server) for server in tally.servers]
    return Group(table, *(Text(note, style="dim", no_wrap=True, overflow="ellipsis") for note in notes))


def print_tallies(tallies: Sequence[Tally]) -> None:
    """How a benchmark ended, as a table on standard output."""
    table = Table(box=None, pad_edge=False)
    table.add_column("model")
    for heading in ("answers", "new", "failed", "judged", "score", "tokens/s", "dollars"):
        table.add_column(heading, justify="right")
    for tally in tallies:
        dollars = "–" if tally.dollars is None else f"{tally.dollars:.4f}"
        counts = (tally.answered, len(tally.failed), tally.judged)
        speed = f"{tally.tokens_per_second:.0f}" if tally.answered else "–"
        table.add_row(
            Text(tally.model),
            f"{tally.done}/{tally.total}",
            *map(str, counts),
            score_words(tally),
            speed,
            dollars,
        )
    console = Console()
    (console if console.is_terminal else Console(width=_WIDTH_ELSEWHERE)).print(table)


def tallies_to_json(tallies: Sequence[Tally]) -> dict[str, Any]:
    """The same for programs; `dollars` is null where the price is unknown, scores run from 0 to 100."""
    rows = []
    for tally in tallies:
        score = tally.score
        rows.append(
            {
                "model": tally.model,
                "total": tally.total,
                "there_before": tally.there_before,
                "answered": tally.answered,
                "missing": tally.missing,
                "failed": tally.failed,
                "retries": tally.retries,
                "stopped": tally.stopped or None,
                "judged": tally.judged,
                "unjudged": tally.unjudged,
                "score": score.mean if score else None,
                "low": score.low if score else None,
                "high": score.high if score else None,
                "copies": tally.copies,
                "cut_off": tally.cut_off,
                "tokens_prompt": tally.tokens_prompt,
                "tokens_answer": tally.tokens_answer,
                "tokens_per_second": tally.tokens_per_second if tally.answered else None,
                "seconds": tally.seconds,
                "dollars": tally.dollars,
                "servers": [_server_to_json(server) for server in tally.servers],
            }
        )
    return {"models": rows}


def _server_to_json(server: ServerTally) -> dict[str, Any]:
    return {
        "server": server.address,
        "answered": server.answered,
        "failures": server.failures,
        "tokens_answer": server.tokens,
        "concurrency": server.concurrency,
        "down": server.down or None,
    }


def score_words(tally: Tally) -> str:
    """The mean so far with its interval over test cases."""
    score = tally.score
    if score is None:
        return "–"
    if score.low is None or score.high is None:
        return f"{score.mean:.1f}"
    return f"{score.mean:.1f} [{score.low:.0f}, {score.high:.0f}]"


def duration(seconds: float) -> str:
    """Such as `40 s`, `3 min 20 s` or `2 h 5 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
