"""The leaderboard's twenty fields of an evaluation, and whether they hold what belongs into them."""

from math import isfinite
from operator import itemgetter
from typing import Any, NoReturn

_LARGEST = 2**63 - 1  # of whole numbers: a frame's columns have 64 bits

# In the order of the leaderboard's files.
FIELDS = {
    "name": "text",
    "parsed": "true or false",
    "executed": "true or false",
    "unit_tests_count": "a count",
    "examples_count": "a count",
    "unit_tests_passed": "a count",
    "examples_executed": "a count",
    "tokens": "a list of two whole numbers",
    "elapsed_seconds": "a number",
    "cost": "a number",
    "model": "text",
    "timestamp": "text",
    "prompt_strategy": "text",
    "prompt_label": "text",
    "device": "text",
    "version_prompt": "text",
    "schema": "text",
    "version_pt": "text",
    "parameters": "an object",
    "experiment": "text",
}
_values_of = itemgetter(*FIELDS)
_TYPES = {
    "text": str,
    "true or false": bool,
    "a count": int,
    "a number": float,
    "a list of two whole numbers": list,
    "an object": dict,
}
_USUAL = tuple(_TYPES[kind] for kind in FIELDS.values())


def field_values(found: Any) -> tuple[Any, ...]:
    """The values of an evaluation in the order of `FIELDS`, each of the type it should have.

    Raises:
        KeyError: a field is missing.
        TypeError: a field is of another type, or the evaluation is no object.
        ValueError: a number cannot be: more unit tests passed than there are, an endless time.
    """
    values: tuple[Any, ...] = _values_of(found)
    # Nearly all evaluations are alike: one comparison settles their types. Others are looked at one by one.
    if tuple(map(type, values)) != _USUAL:
        for (name, kind), value in zip(FIELDS.items(), values, strict=True):
            if not _is(kind, value):
                raise TypeError(f"{name} is {value!r:.60}, not {kind}")
    _, _, _, tests, examples, passed, run, tokens, elapsed, cost, *_ = values
    if not 0 <= passed <= tests <= _LARGEST:
        raise ValueError(f"{passed} of {tests} unit tests passed")
    if not 0 <= run <= examples <= _LARGEST:
        raise ValueError(f"{run} of {examples} examples executed")
    if not (isfinite(elapsed) and isfinite(cost)):
        raise ValueError(f"elapsed_seconds is {elapsed}, cost is {cost}")
    check_tokens(tokens)
    return values


def check_tokens(tokens: Any) -> None:
    """See that these are the tokens of a prompt and of an answer.

    Raises:
        TypeError: they are something else.
    """
    if type(tokens) is not list or len(tokens) != 2 or not (_is_whole(tokens[0]) and _is_whole(tokens[1])):
        raise TypeError(f"tokens is {tokens!r:.60}, not a list of two whole numbers")


def optional_number(name: str, value: Any) -> int | None:
    """A whole number that may be missing.

    Raises:
        TypeError: it is something else.
    """
    if value is not None and not _is_whole(value):
        raise TypeError(f"{name} is {value!r:.60}, not a whole number")
    number: int | None = value
    return number


def optional_text(name: str, value: Any) -> str | None:
    """A text that may be missing.

    Raises:
        TypeError: it is something else.
    """
    if value is not None and type(value) is not str:
        raise TypeError(f"{name} is {value!r:.60}, not text")
    return value


def refuse_constant(name: str) -> NoReturn:
    """For parsers that take NaN and Infinity.

    Raises:
        ValueError: always.
    """
    raise ValueError(f"{name} is no number in JSON")


def _is_whole(value: Any) -> bool:
    """Whether it is a whole number that fits a column."""
    return type(value) is int and -_LARGEST <= value <= _LARGEST


def _is(kind: str, value: Any) -> bool:
    """Whether a value is of the kind; true and false are no numbers, and whole numbers are numbers too."""
    if kind == "a number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, _TYPES[kind]) and (kind != "a count" or not isinstance(value, bool))
