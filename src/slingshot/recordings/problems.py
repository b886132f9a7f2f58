"""What can be wrong with a recording, one sentence each: the file, what is wrong with it, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slingshot.recordings.files import parse_file_name

# What content raises that is no recording's: depth exhausts parsers, numbers may be too large for any column.
BROKEN = (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError)
_IN_NAMES = ("prompt label", "strategy", "timestamp")


@dataclass(frozen=True)
class Problem:
    """Why a recording cannot be used.

    Attributes:
        path: the file at fault, or a folder.
        sentence: what is wrong with it and what to do; it begins with the path.
    """

    path: Path
    sentence: str


def broken(path: Path, error: Exception) -> Problem:
    """A file that could not be read, or not be understood."""
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return Problem(path, f"{path}: could not be read: {reason}; make it readable, or remove it")
    kind = "a conversation" if path.name.startswith("conversation__") else "an evaluation"
    fault = f"not {kind} ({type(error).__name__}: {error})"
    return Problem(path, f"{path}: {fault}; remove the file and run again")


def orphaned(path: Path) -> Problem:
    """An evaluation whose conversation is missing."""
    name = path.name.replace("evaluation__", "conversation__", 1)
    return Problem(path, f"{path}: the conversation that belongs to it is missing; put {name} beside it")


def contradicting(path: Path, inside: Sequence[str]) -> Problem:
    """An evaluation whose file's name says something else than its content.

    Args:
        path: of the evaluation.
        inside: prompt label, strategy and timestamp by its content.
    """
    outside = parse_file_name(path.name)
    if outside is None:
        fault = f"by its content this should be called evaluation__{'__'.join(inside)}.json"
    else:
        differing = [
            (f"{word} {name}", said)
            for word, name, said in zip(_IN_NAMES, outside, inside, strict=True)
            if name != said
        ]
        names, contents = (" and ".join(words) for words in zip(*differing, strict=True))
        fault = f"its name says {names}, its content {contents}"
    return Problem(path, f"{path}: {fault}; rename both files of this recording")
