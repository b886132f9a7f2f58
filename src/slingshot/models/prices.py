"""What hosted models ask for their tokens: a dated list, and what an answer cost by it.

A price list is a YAML file, a list of entries. Prices are in US dollars for a million tokens of prompt and
of completion, and hold from a day on, until a later entry for the same model or the day `until`:

    - {model: gpt-4o-2024-05-13, prompt: 5.0, completion: 15.0, from: 2024-05-13, source: where it is said}

A model without an entry, or a day that none of its entries covers, has no price: that is unknown, never 0.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from slingshot.errors import RequestError, suggest

PER_MILLION = 1_000_000


class Price(BaseModel):
    """What a model asks from a day on, in US dollars for a million tokens.

    Attributes:
        model: its name, as the recordings have it.
        prompt: for a million tokens of the prompt.
        completion: for a million tokens of the answer.
        since: the first day of the price; `from` in the file.
        until: its last day, None where it is not known to have ended.
        source: who says so.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    model: Annotated[str, Field(min_length=1)]
    prompt: Annotated[float, Field(ge=0)]
    completion: Annotated[float, Field(ge=0)]
    since: Annotated[date, Field(alias="from")]
    until: date | None = None
    source: Annotated[str, Field(min_length=1)]


Prices = Mapping[str, Sequence[Price]]
"""The prices of each model, sorted by day."""


def load_prices(path: Path | None = None) -> Prices:
    """The bundled prices, and those of a file of your own.

    What your file says of a model replaces all that the bundled list says of it.

    Raises:
        RequestError: the file is missing, is no YAML list, or an entry is wrong; with its line.
    """
    bundled = Path(str(files("slingshot.models"))) / "prices.yml"
    return _read_prices(bundled) | (_read_prices(path) if path else {})


def price_of(model: str, day: date, prices: Prices) -> Price | None:
    """What a model asked on a day, None where that is unknown."""
    latest = next((price for price in reversed(prices.get(model, ())) if price.since <= day), None)
    return None if latest is None or (latest.until and latest.until < day) else latest


def cost_usd(tokens_prompt: int, tokens_answer: int, price: Price) -> float:
    """What an answer cost, in US dollars."""
    return (tokens_prompt * price.prompt + tokens_answer * price.completion) / PER_MILLION


def _read_prices(path: Path) -> dict[str, list[Price]]:
    """The prices in one file, by model."""
    try:
        text = path.read_text(encoding="utf-8")
        node, content = yaml.compose(text), yaml.safe_load(text)
    except FileNotFoundError:
        raise RequestError(f"{path}: there is no such price list; check the path") from None
    except OSError as error:
        raise RequestError(f"{path}: a price list is a file that can be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:  # a ValueError: not UTF-8, or a date such as 2026-13-01
        raise RequestError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if content is None:
        return {}
    if not isinstance(content, list):
        raise RequestError(
            f"{path}: a price list is a list of entries; begin each with `- model: NAME` and add prompt, "
            "completion, from and source"
        )
    lines = [entry.start_mark.line + 1 for entry in node.value]  # type: ignore[union-attr]
    prices: dict[str, list[Price]] = {}
    problems, seen = [], dict[tuple[str, date], int]()
    for line, entry in zip(lines, content, strict=True):
        try:
            price = Price.model_validate(entry)
        except ValidationError as error:
            problems += [f"{path}:{line}: {_explain(problem)}" for problem in error.errors()]
            continue
        if first := seen.get((price.model, price.since)):
            problems.append(
                f"{path}:{line}: {price.model} has a price from {price.since} already, in line {first}; keep one"
            )
        seen[price.model, price.since] = line
        prices.setdefault(price.model, []).append(price)
    if problems:
        raise RequestError("\n".join(problems))
    return {model: sorted(own, key=lambda price: price.since) for model, own in prices.items()}


def _explain(problem: Any) -> str:
    """One problem that pydantic found, in a sentence that names the key and what to do."""
    key = ".".join(str(part) for part in problem["loc"])
    known = [field.alias or name for name, field in Price.model_fields.items()]
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key}{suggest(key, known)}"
    if problem["type"] == "missing":
        return f"the key {key} is missing; add it"
    if not key:
        return f"an entry is a table with the keys {', '.join(known)}; write it as one"
    message = problem["msg"][0].lower() + problem["msg"][1:]
    return f"{key}: {message}, but it is {problem['input']!r}; change it"
