"""Markdown for cards: tables, and other people's words shown as they are."""

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table; cells are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def plain(text: str) -> str:
    """Text that Markdown shows as it is, in one line."""
    for mark in ("\\", "|", "*", "_", "`", "<", "["):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def code_block(text: str, language: str = "") -> str:
    """Lines of a program or of a shell."""
    return f"```{language}\n{text.strip()}\n```"


def megabytes(size: int) -> str:
    """`112.1 MB` of a size in bytes; kB below one tenth of a megabyte."""
    return f"{size / 1e6:,.1f} MB" if size >= 100_000 else f"{size / 1e3:,.1f} kB"
