"""Errors a person can act on: one sentence that says what is wrong, where, and what to do."""

from collections.abc import Iterable
from difflib import get_close_matches


class SlingshotError(Exception):
    """The work failed or a check did not hold. The command ends with exit code 1."""

    exit_code = 1


class RequestError(SlingshotError):
    """The request was wrong: a bad recipe, a missing file, a misspelt key. Exit code 2."""

    exit_code = 2


class MissingTool(SlingshotError):
    """Something this machine lacks (Julia, bubblewrap, a package); the message says how to get it."""


class Stopped(BaseException):
    """Ctrl-C. Not an `Exception`, so that nothing on the way takes it for a failure."""


def first_line(error: BaseException) -> str:
    """The first line of what an error of another library says, or its kind if it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def suggest(word: str, known: Iterable[str]) -> str:
    """How to end a sentence about an unknown word: `; did you mean …?`, else the list of what is known."""
    known = sorted(known)
    close = get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]}?" if close else f"; there are: {', '.join(known)}"
