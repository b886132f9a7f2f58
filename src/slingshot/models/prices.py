"""What hosted models ask for their tokens: a dated list, and what an answer cost by it.

A price list is a YAML file. Prices are in US dollars for a million tokens of prompt and of completion, and
hold from a day on, until a later entry for the same model or the day `until`:

    prices:
    - {model: gpt-4o-2024-05-13, prompt: 5.0, completion: 15.0, from: 2024-05-13, source: where it is said}

A model without an entry, or a day that none of its entries covers, has no price: that is unknown, never 0.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from slingshot.errors import RequestError
from slingshot.yaml_files import read_yaml

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
        RequestError: the file is missing, is no YAML, or an entry is wrong; with its line.
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


class _PriceList(BaseModel):
    """The content of a price list."""

    model_config = ConfigDict(extra="forbid")

    prices: list[Price]


def _read_prices(path: Path) -> dict[str, list[Price]]:
    """The prices in one file, by model and day."""
    listed, line_of = read_yaml(path, _PriceList, "a price list")
    prices: dict[str, list[Price]] = {}
    lines: dict[tuple[str, date], int] = {}
    for number, price in enumerate(listed.prices):
        line, key = line_of("prices", number), (price.model, price.since)
        if key in lines:
            raise RequestError(
                f"{path}:{line}: {price.model} has a price from {price.since} already, in line {lines[key]}; keep one"
            )
        lines[key] = line
        prices.setdefault(price.model, []).append(price)
    return {model: sorted(own, key=lambda price: price.since) for model, own in prices.items()}
