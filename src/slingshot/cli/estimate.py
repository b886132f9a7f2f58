"""`estimate`: what a training will take in time, memory and dollars, here and on other machines."""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from slingshot.cli.options import Format, Runs, listed_names
from slingshot.cli.train import entry_of, prepared_rows, price_per_hour, read_training
from slingshot.errors import RequestError
from slingshot.progress import say

if TYPE_CHECKING:
    from slingshot.recipe import Recipe
    from slingshot.training.axolotl.read_config import Reading, Setting
    from slingshot.training.estimating.estimate import Foreseen
    from slingshot.training.estimating.gpus import OnGpu
    from slingshot.training.estimating.resources import Needs
    from slingshot.training.estimating.workload import Workload

_WIDTH_ELSEWHERE = 160
_LONG_SECONDS = 1800  # from about here on a training compiles its passes unless it is told not to


@dataclass(frozen=True)
class _Estimate:
    """All that is known before a training; `after` are a recipe's steps that follow it, in seconds."""

    work: "Workload"
    here: "Foreseen"
    needs: "Needs"
    price: float | None
    on: "list[OnGpu]"
    after: dict[str, float]
    notes: list[str]

    def dollars(self, seconds: float) -> float | None:
        """What so many seconds of this machine cost."""
        return None if self.price is None else seconds / 3600 * self.price


def estimate(
    config: Annotated[Path, typer.Argument(help="Axolotl's YAML, or a recipe")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="override a key; may be repeated")
    ] = None,
    dataset: Annotated[
        Path | None,
        typer.Option(help="rows to learn from [default: its datasets; a recipe: those of its run]"),
    ] = None,
    base: Annotated[str | None, typer.Option(help="base model, instead of its base_model")] = None,
    on: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="GPUs to foresee it on too, with commas, such as A100,L4"),
    ] = None,
    price: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="USD", help="dollars for an hour of this machine [default: the recipe's]"
        ),
    ] = None,
    no_calibrate: Annotated[
        bool, typer.Option("--no-calibrate", help="measure nothing; guess from the processor's speed")
    ] = False,
    runs: Runs = Path("runs"),
    output: Format = "table",
) -> None:
    """Foresee a training: seconds, memory, disk and dollars, before it starts.

    Here, real training steps are measured for ten seconds or so, and summed up over all that the training will do;
    the two numbers in brackets are what it would be if all were as fast as the fastest of them, or as slow as the
    slowest. On a GPU of --on, nothing is measured: the figures are its maker's, at an assumed share of its peak.
    """
    from slingshot.recipe import load_recipe
    from slingshot.training.axolotl.read_config import is_recipe, parse_setting

    given = [parse_setting(text) for text in settings or []]
    given += [(("datasets",), [entry_of(dataset)])] if dataset else []
    recipe = load_recipe(config) if is_recipe(config) else None
    if recipe and not dataset:
        given.append(_rows_of_run(config, recipe, runs))
    given += [(("base_model",), base)] if base else []
    reading = read_training(config, given)
    found = _estimate(reading, recipe, on, price_per_hour(config, price), calibrated=not no_calibrate)
    if output == "json":
        print(json.dumps(_as_json(config, found)))
        return
    _show(config, found)
    say(f"Next: slingshot {'run' if recipe else 'train'} {config}")


def _rows_of_run(path: Path, recipe: "Recipe", runs: Path) -> "Setting":
    """The dataset that a recipe's run has built.

    Raises:
        RequestError: it has not.
    """
    folder = runs / recipe.name / "dataset"
    if not (folder / "train.jsonl").is_file():
        raise RequestError(
            f"{path}: its run has built no rows in {folder} yet; name rows with --dataset train.jsonl, which "
            "slingshot dataset build writes"
        )
    return ("datasets",), [{"path": str(folder.absolute()), "type": "sharegpt"}]


def _estimate(
    reading: "Reading", recipe: "Recipe | None", on: str | None, price: float | None, calibrated: bool
) -> _Estimate:
    from slingshot.run.costs import after_training
    from slingshot.training.estimating.calibration import calibrate
    from slingshot.training.estimating.estimate import assumed_speed, foresee_time, other_steps
    from slingshot.training.estimating.gpus import foresee_on, gpus_named
    from slingshot.training.estimating.resources import foresee, model_size, shortages
    from slingshot.training.estimating.workload import plan_work
    from slingshot.training.step.device import training_device

    gpus = gpus_named(listed_names(on or ""))
    config = reading.checked()
    folder, prepared = prepared_rows(reading, config, has_to_fit=False)
    size, work = model_size(folder), plan_work(prepared.rows, prepared.validation_rows, config)
    needs, out = foresee(folder, prepared.rows, config), Path(config.output_dir)
    notes = [f"too small a machine: {problem}" for problem in shortages(needs, out)]
    if calibrated and not notes:
        say("Measuring training steps, for ten seconds or so.")
        speed = calibrate(folder, work, size, config, out)
    else:
        speed = assumed_speed(size, config)
        if training_device().type != "cpu":
            notes.append(
                "this is a guess for the processor; training would use the GPU, whose speed was not measured"
            )
    after = {}
    if recipe:
        suite = recipe.test_suite(reading.path.parent)
        held_out, asked = recipe.held_out_of(suite), len(suite)
        if recipe.benchmark.variants:
            asked += sum(len(case.variants) for case in suite if case.name not in held_out)
        left = after_training(recipe, suite, asked * len(recipe.prompts) * recipe.benchmark.samples)
        after = other_steps(prepared.rows, size.parameters, left, speed)
        notes.append("the steps before training are not foreseen: judging solutions, building the dataset")
        if recipe.launch.total > 1:
            notes.append(f"training is foreseen in one process, and launch starts {recipe.launch.words}")
    if config.early_stopping_patience:
        notes.append("training may stop early; all of it is foreseen")
        if config.early_stopping_on == "memorization" and work.validations:
            notes.append("the answers that memorization is measured on are not foreseen")
    on_gpus = [foresee_on(gpu, work, size, folder, prepared.rows, config) for gpu in gpus]
    here = foresee_time(work, size, config, speed)
    if config.torch_compile is True or (config.torch_compile == "auto" and here.seconds > _LONG_SECONDS):
        notes.append("passes will be compiled or may be, which was not measured; they would be faster")
    return _Estimate(work, here, needs, price, on_gpus, after, notes)


def _as_json(path: Path, found: _Estimate) -> dict[str, Any]:
    from slingshot.training.estimating.estimate import as_json

    here, needs, work = found.here, found.needs, found.work
    return {
        "config": str(path),
        "work": {
            "steps": work.steps,
            "passes": len(work.passes),
            "tokens": work.tokens,
            "validations": work.validations,
            "checkpoints": work.checkpoints,
        },
        "here": {**as_json(here), "dollars": found.dollars(here.seconds)},
        "memory_bytes": {
            "all": needs.memory,
            "weights": needs.weights,
            "trained": needs.trained,
            "activations": needs.activations,
        },
        "disk_bytes": needs.disk,
        "price_per_hour_usd": found.price,
        "after": found.after,
        "on": [{**asdict(one), "gpu": one.gpu.model_dump(mode="json")} for one in found.on],
        "notes": found.notes,
    }


def _show(path: Path, found: _Estimate) -> None:
    """The table for a person."""
    from slingshot.training.estimating.gpus import known_gpus

    here, work, needs = found.here, found.work, found.needs
    table = Table(title=f"{path}: foreseen", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("what", "seconds", "memory", "dollars", "how known"):
        right = name in ("seconds", "memory", "dollars")
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    how = here.speed.how
    passes = f"{here.speed.words}, {len(work.passes):,} to make, {work.tokens:,} tokens"
    parts = [
        ("loading the model", here.loading, how),
        ("forward and backward passes", here.passes, passes),
        (f"{work.steps:,} optimizer steps", here.optimizer, how),
        (f"{work.validations} validations", here.validation, how),
        (f"result and {work.checkpoints} checkpoints", here.saving, f"{_size(needs.disk)} of disk at most"),
    ]
    for what, seconds, known in parts:
        if seconds:
            table.add_row(what, _number(seconds), "", "", known)
    words = (
        "as fast as the fastest pass, as slow as the slowest" if here.low else "too few passes for a spread"
    )
    if how == "assumed":
        words = "a guess; nothing is measured"
    table.add_row(
        "training, here",
        here.words,
        _size(needs.memory),
        _dollars(found.dollars(here.seconds)),
        words,
        style="bold",
    )
    for name, seconds in found.after.items():
        table.add_row(
            name, _number(seconds), "", _dollars(found.dollars(seconds)), "guessed from the processor's speed"
        )
    for one in found.on:
        fits = "fits" if one.fits else "too large"
        price = "price unknown" if one.gpu.price_source is None else f"${one.gpu.usd_per_hour:.2f} an hour"
        table.add_row(
            f"training, on {one.gpu.name}",
            _number(one.seconds),
            f"{_size(one.memory)}, {fits}",
            _dollars(one.dollars),
            f"predicted: {one.share:.0%} of {one.gpu.tflops:g} TFLOPS (assumed), steps alone; {price}",
        )
    width = None if sys.stdout.isatty() else _WIDTH_ELSEWHERE
    Console(width=width, highlight=False, markup=False).print(table)
    for note in found.notes:
        print(f"Note: {note}.")
    if found.on:
        print(
            f"GPUs: figures and prices as looked up on {known_gpus().checked}, with their sources in --format json; "
            "the share of the peak is an assumption, generous to small models."
        )


def _number(seconds: float) -> str:
    """Seconds, two digits at least."""
    return f"{seconds:,.0f}" if seconds >= 10 else f"{seconds:.2g}"


def _size(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _dollars(dollars: float | None) -> str:
    if dollars is None:
        return ""
    if 0 < dollars < 1e-4:
        return "< $0.0001"
    return f"${dollars:.2g}" if dollars < 10 else f"${dollars:,.0f}"
