"""A whole benchmark: models of all kinds, hosted ones side by side, local ones served one after the other."""

import platform
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

from slingshot.benchmark.asking import ask_models
from slingshot.benchmark.pace import MOST
from slingshot.benchmark.plan import Plan
from slingshot.benchmark.subject import Options, Subject, about_endpoint
from slingshot.benchmark.tally import Tally
from slingshot.errors import RequestError
from slingshot.judge.stream import judging_stream
from slingshot.manifest import only_run
from slingshot.models import serving
from slingshot.models.prices import Price, Prices, price_of
from slingshot.models.roster import Local, Remote
from slingshot.suite import TestCase

# Requests under way at once where nobody says how many. A Hugging Face folder computes all of them together:
# SmolLM2-135M gave 0.8 answers of 100 tokens a second to eight requests, and 1.2 to sixteen (two cores).
_USUAL, _BATCHED = 4, 16
# Code in prompts has at least so many characters to a token; only for the size of a local server's memory.
_CHARACTERS_A_TOKEN = 2


@dataclass(frozen=True)
class Conditions:
    """What holds for all models of a benchmark.

    Attributes:
        concurrency: answers of one model under way at once, where its entry does not say otherwise; None: as
            many as keep it busy. Of several servers of a model each finds out how many, up to so many.
        context: tokens of prompt and answer together, for local models; None: as many as the plans may need.
        port: of local servers; 0: any free one.
        prices: per token.
    """

    concurrency: int | None = None
    context: int | None = None
    port: int = 0
    prices: Prices = field(default_factory=dict)


def run_benchmark(
    models: Sequence[Remote | Local],
    plans: Sequence[Plan],
    suite: Sequence[TestCase],
    folder: Path,
    options: Options,
    conditions: Conditions,
) -> list[Tally]:
    """Ask, record and judge; a tally for each model, in their order. Run again, only what is missing is asked.

    Raises:
        RequestError: two models share a name, a budget is set and a price unknown, or the folder holds answers
            that were asked or drawn in another way.
        SlingshotError: another process works in the folder, a file cannot be written, a server does not start.
    """
    _check(models, options, conditions)
    expected = sum(len(plan.questions) * plan.samples for plan in plans) * len(models)
    tallies = [Tally(model.name) for model in models]

    def show(places: Sequence[int], fresh: Sequence[Tally]) -> None:
        for place, tally in zip(places, fresh, strict=True):
            tallies[place] = tally
        options.on_change(tallies)

    with only_run(folder), ExitStack() as stack:
        submit = None
        if options.by is not None:
            submit = stack.enter_context(judging_stream(options.by, options.jobs, expected))
        remote = [index for index, model in enumerate(models) if isinstance(model, Remote)]
        batches = [remote, *([index] for index in range(len(models)) if index not in remote)]
        for places in filter(None, batches):
            with ExitStack() as servers:
                subjects = [_subject(models[place], plans, folder, conditions, servers) for place in places]
                show_these = partial(show, places)
                ask_models(subjects, plans, suite, folder, replace(options, on_change=show_these), submit)
    return tallies


def needed_context(plans: Sequence[Plan]) -> int:
    """Tokens for the longest prompt of some plans and its answer, in whole blocks of 256, at least 2,048."""
    need = max(
        max(sum(len(message["content"]) for message in messages) for messages in plan.questions.values())
        // _CHARACTERS_A_TOKEN
        + (plan.sampling.max_tokens or 2048)
        for plan in plans
    )
    return max(2048, -(-need // 256) * 256)


def _check(models: Sequence[Remote | Local], options: Options, conditions: Conditions) -> None:
    names = [model.name for model in models]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RequestError(
            f"two models would be recorded as {twice[0]}; give one another name in a models file (--models)"
        )
    if options.budget is None:
        return
    for model in models:
        if isinstance(model, Remote) and not model.local and _price(model.name, conditions) is None:
            raise RequestError(
                f"a budget needs prices, and that of {model.name} is unknown; put it into a file and name that"
                " with --prices"
            )


def _price(name: str, conditions: Conditions) -> Price | None:
    return price_of(name, date.today(), conditions.prices)


def _subject(
    model: Remote | Local,
    plans: Sequence[Plan],
    folder: Path,
    conditions: Conditions,
    servers: ExitStack,
) -> Subject:
    """A model ready to be asked; a local one is served until `servers` is closed."""
    batched = isinstance(model, Local) and model.model.kind == "transformers"
    concurrency = model.concurrency or conditions.concurrency or (_BATCHED if batched else _USUAL)
    if isinstance(model, Remote):
        if model.others:  # each finds out what does it good
            concurrency = model.concurrency or conditions.concurrency or MOST
        price = None if model.local else _price(model.name, conditions)
        about = about_endpoint(model.endpoint)
        return Subject(model.name, model.endpoint, concurrency, about, price, model.others)
    about = {"served": "local", "device": platform.machine(), "model_sha256": model.model.file_sha256}
    about |= {"concurrency": concurrency, **model.about}
    context = conditions.context or needed_context(plans)
    log = folder / "logs" / f"{model.name}.log"
    options = {"port": conditions.port, "parallel": concurrency, "context": context}
    endpoint = servers.enter_context(serving(model.model, log, **options))
    return Subject(model.name, endpoint, concurrency, about)
