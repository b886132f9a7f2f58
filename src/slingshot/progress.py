"""What a person sees while work goes on: a line a step, and bars with the time left."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

# Progress and prose go to standard error: standard output is for results.
stderr = Console(stderr=True, highlight=False)


class Advance(Protocol):
    """Move a bar to `done` of `total`, with a few words beside it."""

    def __call__(self, done: int, total: int, words: str = "") -> None:
        """Show it."""


def say(text: str) -> None:
    """One line of prose."""
    stderr.print(text, markup=False, soft_wrap=True)


@contextmanager
def bar(title: str) -> Iterator[Advance]:
    """A progress bar while the block runs; call what it yields to move it.

    On a terminal the bar is live; elsewhere (a log file) a line is printed at every tenth of the way.
    """
    if not stderr.is_terminal:
        yield _lines(title)
        return
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[words]}"),
    )
    with Progress(*columns, console=stderr, transient=True) as progress:
        task = progress.add_task(title, total=None, words="")
        yield lambda done, total, words="": progress.update(task, completed=done, total=total, words=words)


def _lines(title: str) -> Advance:
    """A line at every tenth of the way."""
    last = -1

    def advance(done: int, total: int, words: str = "") -> None:
        nonlocal last
        tenth = 10 * done // total if total else 10
        if tenth > last:
            last = tenth
            say(f"  {title}: {done} of {total}{', ' + words if words else ''}")

    return advance
