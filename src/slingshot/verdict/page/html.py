"""Pieces of HTML. Whatever comes from outside passes through `text`, so that no markup gets into the page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape

from slingshot.verdict.contract import Split, VerdictWarning
from slingshot.verdict.wording import SPLIT_NAMES

UNKNOWN = "–"
LONG = 16
"""Letters of a cell that is broken into lines."""


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes:
        words: what stands in it.
        value: by which a column of numbers is sorted; None goes last.
        place: the id of what the cell unfolds to; empty for a cell that does not.
    """

    words: str
    value: float | None = None
    place: str = ""


def text(value: object) -> str:
    """Any value as text that HTML cannot mistake for markup, and that a file can hold: no half characters."""
    return escape(str(value).encode(errors="replace").decode())


def note(words: str) -> str:
    """A remark in soft ink."""
    return f'<p class="soft">{text(words)}</p>\n'


def notes(sentences: Sequence[str]) -> str:
    """A plain sentence to a line."""
    items = "".join(f"<li>{text(sentence)}</li>\n" for sentence in sentences)
    return f'<ul class="plain">\n{items}</ul>\n' if items else ""


def table(
    caption: str, headings: Sequence[str], rows: Sequence[Sequence[str | Cell]], numbers: Collection[int] = ()
) -> str:
    """A table that sorts by a click on a heading, where there is a script; else it is one to read.

    Args:
        caption: its title.
        headings: of the columns; the first column heads the rows.
        rows: of cells.
        numbers: the columns that stand right and sort by value.
    """
    head = "".join(
        f'<th scope="col"{_number(place in numbers)}>{text(heading)}</th>'
        for place, heading in enumerate(headings)
    )
    body = "\n".join(f"<tr>{_row(row, numbers)}</tr>" for row in rows)
    # A table wider than the screen scrolls by itself, with the keyboard too.
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{text(caption)}">\n<table>\n'
        f"<caption><span>{text(caption)}</span></caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n"
        "</table>\n</div>\n"
    )


def _row(row: Sequence[str | Cell], numbers: Collection[int]) -> str:
    """The cells of a row, the first a heading."""
    pieces = []
    for place, cell in enumerate(row):
        cell = cell if isinstance(cell, Cell) else Cell(cell)
        words = text(cell.words)
        if cell.place:
            words = f'<a href="#{cell.place}">{words}</a>'
        value = "" if cell.value is None else f' data-value="{cell.value:.6g}"'
        tag, scope = ("td", "") if place else ("th", ' scope="row"')
        kind = _number(place in numbers) or (' class="words"' if len(cell.words) > LONG else "")
        pieces.append(f"<{tag}{scope}{kind}{value}>{words}</{tag}>")
    return "".join(pieces)


def _number(right: bool) -> str:
    return ' class="number"' if right else ""


def folded(summary: str, content: str, place: str = "") -> str:
    """Content that unfolds; a link to `place` unfolds it too.

    The id is that of an element inside: browsers open what a target is in, and not what is a target.
    """
    target = f'<div id="{place}" tabindex="-1">\n{content}\n</div>' if place else content
    return f"<details>\n<summary>{text(summary)}</summary>\n{target}\n</details>"


def facts(known: Sequence[tuple[str, str | None]], missing: str) -> str:
    """Names and values; what is unknown is left out, and `missing` said when all is."""
    lines = [f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in known if value is not None]
    return "<dl>\n" + "\n".join(lines) + "\n</dl>\n" if lines else note(missing)


def caveats(warnings: Sequence[VerdictWarning]) -> str:
    """Warnings as a list, empty without any."""
    items = "\n".join(f"<li><code>{text(w.code)}</code> {text(w.message)}</li>" for w in warnings)
    return f'<ul class="caveats">\n{items}\n</ul>\n' if items else ""


def in_form(value: float | None, pattern: str) -> str | None:
    """A number in a pattern such as `{:,.0f} tokens`, None when unknown."""
    return None if value is None else pattern.format(value)


def split_name(split: Split) -> str:
    """A split's name in a table."""
    return SPLIT_NAMES[split].removesuffix(" test cases")
