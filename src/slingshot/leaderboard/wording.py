"""Names and numbers in words, the same in every table and warning."""

from collections.abc import Sequence

NAMED = 3
UNKNOWN = "–"


def count_of(number: int, noun: str) -> str:
    """`1 model`, `2 models`, `1,200 answers`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(names: Sequence[str], most: int = NAMED) -> str:
    """`A and B`, or the first few names and how many more there are."""
    if len(names) > most + 1:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1] if names else "") if part)


def decimal(value: float | None, digits: int = 1) -> str:
    """A number with so many digits after the point, `–` where it is unknown."""
    return UNKNOWN if value is None else f"{value:.{digits}f}"


def percent(share: float | None) -> str:
    """A share of 1 in whole percent, `–` where it is unknown."""
    return UNKNOWN if share is None else f"{100 * share:.0f} %"


def cents(value: float | None) -> str:
    """US cents for one answer: two digits after the point, or two that count where it is less."""
    if value is None:
        return UNKNOWN
    return f"{value:.2f}" if value == 0 or value >= 0.1 else f"{value:.2g}"


def megabytes(count: int | None, unit: str = "") -> str:
    """Bytes in millions, a digit after the point below ten of them."""
    if count is None:
        return UNKNOWN
    return f"{count / 1e6:,.{0 if count >= 1e7 else 1}f}{unit}"


def between(low: float | None, high: float | None, digits: int = 0, factor: float = 1.0) -> str:
    """`[74, 91]`, or nothing where the interval is unknown."""
    if low is None or high is None:
        return ""
    return f"[{factor * low:.{digits}f}, {factor * high:.{digits}f}]"
