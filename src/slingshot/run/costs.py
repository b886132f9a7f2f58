"""What a run costs: foreseen before it trains, measured, and foreseen for processors that are not here.

The price is that of one machine: the seconds of a training on several count for each of them. If a training went on
with another number of machines, all of its seconds count for those that it ended with.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slingshot.recipe import Recipe
from slingshot.run.state import Run
from slingshot.suite import TestCase
from slingshot.training.launching.config import LaunchConfig
from slingshot.verdict.answer_pairs import MOST_PAIRS
from slingshot.verdict.contract import CostFacts, PredictedOnGpu, StepCost

if TYPE_CHECKING:  # they import torch, or train with this module's help
    from slingshot.run.folds import DoneFolds
    from slingshot.training.config import TrainingConfig
    from slingshot.training.estimating.estimate import After, Foreseen
    from slingshot.training.rows.encoding import EncodedRow

NAMED_GPUS = ("RTX4090", "A100", "H100")
"""A card of gamers and two of data centres, whose prices are known."""


def after_training(recipe: Recipe, suite: Sequence[TestCase], answers: int) -> "After":
    """What is left to do of a recipe on a suite when it has trained, each model asked for so many answers."""
    from slingshot.training.estimating.estimate import After

    held_out, labels = len(recipe.held_out_of(suite)), len(recipe.prompts)
    kinds = (held_out * labels, (len(suite) - held_out) * labels)
    return After(
        answers=answers,
        max_tokens=recipe.benchmark.max_tokens,
        forms=len(recipe.benchmark.forms),
        parity_prompts=sum(min(recipe.parity.prompts, prompts) for prompts in kinds),
        parity_tokens=recipe.parity.tokens,
        loss_pairs=MOST_PAIRS,
        in_full=recipe.training.adapter is None,
    )


def shared_out(one: "Foreseen", launch: LaunchConfig) -> "Foreseen":
    """A training foreseen in one process, for those that share it, as if they lost no time to each other.

    Several on one CPU share its cores, and are not taken to be faster than one that has them all.
    """
    from slingshot.training.step.device import training_device

    at_once = launch.total if training_device().type == "cuda" else launch.machines
    if at_once == 1:
        return one
    passes, validation = one.passes / at_once, one.validation / at_once
    return replace(one, passes=passes, validation=validation, low=None, high=None)


def foresee_on_gpus(
    base: Path, rows: "Sequence[EncodedRow]", validation: "Sequence[EncodedRow]", config: "TrainingConfig"
) -> list[dict[str, Any]]:
    """A training foreseen on three processors that are not here, as the manifest of `train` keeps it."""
    from slingshot.training.estimating.gpus import foresee_on, gpus_named
    from slingshot.training.estimating.resources import model_size
    from slingshot.training.estimating.workload import plan_work

    work, size = plan_work(rows, validation, config), model_size(base)
    found = [foresee_on(gpu, work, size, base, rows, config) for gpu in gpus_named(NAMED_GPUS)]
    return [{**asdict(one), "gpu": one.gpu.model_dump(mode="json")} for one in found]


def cost_of_run(run: Run, folds: "DoneFolds | None") -> CostFacts:
    """What the run was foreseen to cost before training, what it did cost, and what it would elsewhere."""
    about, trained = run.recipe.cost, run.manifests["train"]["facts"]
    # A verdict that was written before the folds were trained is no other than this one.
    manifests = {name: manifest for name, manifest in run.manifests.items() if name != "verdict"}
    seconds = {name: float(manifest["seconds"]) for name, manifest in manifests.items()}
    joules: dict[str, float | None] = {name: manifest.get("joules") for name, manifest in manifests.items()}
    foreseen = dict(trained["foreseen"])
    if folds:
        seconds["folds"], foreseen["folds"], joules["folds"] = folds.seconds, folds.foreseen, folds.joules
    # The steps before training were over when the prediction was made: they enter as they were.
    known = sum(seconds.get(name, 0.0) for name in ("solutions", "dataset", "base"))
    predicted, measured = known + sum(foreseen.values()), sum(seconds.values())

    others = int(trained.get("machines", 1)) - 1  # that trained along

    def dollars(name: str, seconds: float | None) -> float | None:
        if seconds is None or not about.price_per_hour_usd:
            return None
        machines = 1 + others if name == "train" else 1
        return machines * seconds / 3600 * about.price_per_hour_usd

    total = None if None in joules.values() else sum(used for used in joules.values() if used is not None)
    return CostFacts(
        price_per_hour_usd=about.price_per_hour_usd,
        price_source=about.price_source,
        price_date=about.price_date,
        predicted_seconds=predicted,
        predicted_usd=(predicted + others * foreseen["train"]) / 3600 * about.price_per_hour_usd,
        measured_usd=(measured + others * seconds["train"]) / 3600 * about.price_per_hour_usd,
        seconds=seconds,
        steps={
            name: StepCost(
                predicted_seconds=foreseen.get(name),
                seconds=taken,
                predicted_usd=dollars(name, foreseen.get(name)),
                usd=dollars(name, taken),
                joules=joules[name],
            )
            for name, taken in seconds.items()
        },
        joules=total,
        energy_source=_energy_source(manifests, joules),
        on_gpus=_on_gpus(trained.get("on_gpus", []), measured - seconds["train"] - seconds.get("folds", 0.0)),
    )


def _energy_source(manifests: Mapping[str, Mapping[str, Any]], joules: Mapping[str, float | None]) -> str:
    """Where joules come from, or why there is no sum of them."""
    sources = {name: manifest.get("energy_source", "not read") for name, manifest in manifests.items()}
    unknown = [name for name, used in joules.items() if used is None]
    if not unknown or len(unknown) == len(joules):
        return ", ".join(dict.fromkeys(sources.values()))
    return f"not known of {', '.join(unknown)}"


def _on_gpus(foreseen: Sequence[Mapping[str, Any]], others: float) -> list[PredictedOnGpu]:
    """The run on each processor: its training as foreseen, and the `others`, seconds of all other steps, as here."""
    found = []
    for one in foreseen:
        gpu, training = one["gpu"], float(one["seconds"])
        price = gpu["usd_per_hour"]
        found.append(
            PredictedOnGpu(
                name=gpu["name"],
                title=gpu["title"],
                tflops=gpu["tflops"],
                tflops_source=gpu["tflops_source"],
                share_of_peak=one["share"],
                fits=one["fits"],
                training_seconds=training,
                run_seconds=training + others,
                training_usd=None if price is None else training / 3600 * price,
                run_usd=None if price is None else (training + others) / 3600 * price,
                price_per_hour_usd=price,
                price_source=gpu["price_source"],
            )
        )
    return found
