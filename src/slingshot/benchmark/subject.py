"""Who is asked, and how the work is done."""

import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from slingshot.benchmark.budget import Budget
from slingshot.benchmark.fixing import Fixing
from slingshot.benchmark.tally import Tally
from slingshot.judge import Judge
from slingshot.models import Endpoint
from slingshot.models.patience import Patience
from slingshot.models.prices import Price


@dataclass(frozen=True)
class Subject:
    """A model that is asked.

    Attributes:
        name: as it is recorded.
        endpoint: where it answers.
        concurrency: answers under way at once; of several servers, at each of them at most.
        about: what to record with every answer: device, the file's hash, and the like.
        price: per token; None if unknown, or if nobody is paid by the token.
        others: more endpoints that serve the same model.
    """

    name: str
    endpoint: Endpoint
    concurrency: int = 4
    about: Mapping[str, Any] = field(default_factory=dict)
    price: Price | None = None
    others: tuple[Endpoint, ...] = ()

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """All endpoints, the first first."""
        return (self.endpoint, *self.others)

    def about_answer(self, endpoint: Endpoint) -> dict[str, Any]:
        """What to record with an answer of one of the endpoints."""
        return {**self.about, **(about_endpoint(endpoint) if self.others else {})}

    def price_at(self, endpoint: Endpoint) -> Price | None:
        """Per token at one of the endpoints; of several, one of this machine costs nothing by the token."""
        return None if self.others and endpoint.local else self.price


def about_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """What is recorded of an endpoint that somebody else serves: where it is, its host and port."""
    where: dict[str, Any] = {"served": "local" if endpoint.local else "hosted"}
    where["device"] = platform.machine() if endpoint.local else f"HOSTED:{urlsplit(endpoint.url).hostname}"
    return where | {"server": endpoint.address}


@dataclass(frozen=True)
class Options:
    """How the work is done.

    Attributes:
        by: the judge; None leaves answers unjudged.
        jobs: answers judged at once, beside the asking; None: one a core.
        budget: what may be spent by all models together; None: any sum.
        patience: with models that fail.
        fixing: whether models may correct themselves.
        on_change: called with all tallies whenever something happened, and twice a second.
        on_note: called with what a person should know at once.
    """

    by: Judge | None = None
    jobs: int | None = None
    budget: Budget | None = None
    patience: Patience = field(default_factory=Patience)
    fixing: Fixing | None = None
    on_change: Callable[[Sequence[Tally]], None] = lambda tallies: None
    on_note: Callable[[str], None] = lambda text: None
