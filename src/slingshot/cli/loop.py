"""The whole loop: `quickstart` and `run`."""

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from slingshot.cli.options import Format, OtherSandbox, Runs
from slingshot.errors import RequestError
from slingshot.progress import say

if TYPE_CHECKING:
    from slingshot.recipe import Recipe


def bundled_recipe() -> Path:
    """The recipe of `slingshot quickstart`."""
    return Path(str(files("slingshot"))) / "recipes" / "quickstart.yml"


def quickstart(runs: Runs = Path("runs"), sandbox: OtherSandbox = None, output: Format = "table") -> None:
    """Do the whole loop on the bundled suite and a small base model: ten minutes on a laptop CPU."""
    run(bundled_recipe(), runs, sandbox, output=output)


def run(
    recipe: Annotated[Path, typer.Argument(help="the recipe, a YAML file")],
    runs: Runs = Path("runs"),
    sandbox: OtherSandbox = None,
    recordings: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="where the recordings lie that the recipe takes test cases, rows, prompts and references from",
        ),
    ] = None,
    folds: Annotated[
        Literal["leave-one-out"] | None,
        typer.Option(
            help="leave-one-out: train once more without each test case in turn, and ask it that one"
        ),
    ] = None,
    machine_rank: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="N",
            help="which of launch.machines this is; 0 does the whole loop, others train with it and stop",
        ),
    ] = 0,
    main_address: Annotated[
        str | None,
        typer.Option(
            metavar="HOST", help="of the first machine, instead of the recipe's launch.main_address"
        ),
    ] = None,
    output: Format = "table",
) -> None:
    """Do the whole loop as a recipe says it; run again after a stop to go on."""
    from slingshot.recipe import load_recipe
    from slingshot.run import run_recipe

    plan = load_recipe(recipe, recordings)
    if sandbox:
        plan = plan.model_copy(update={"judge": plan.judge.model_copy(update={"sandbox": sandbox})})
    if main_address:
        launch = plan.launch.model_copy(update={"main_address": main_address})
        plan = plan.model_copy(update={"launch": launch})
    if machine_rank:
        _train_along(plan, recipe, runs, folds, machine_rank)
        return
    done, verdict = run_recipe(plan, recipe.parent, runs, folds)
    show_verdict(verdict, output)
    say(f"\nWrote {done.folder / 'report.html'} (open it in a browser) and verdict.json beside it.")
    say(f"Next: slingshot serve {done.folder / 'gguf'}/{done.files['tuned'].name}")


def _train_along(plan: "Recipe", recipe: Path, runs: Path, folds: str | None, machine: int) -> None:
    """The part of a machine that is not the first.

    Raises:
        RequestError: folds are asked for too.
    """
    from slingshot.run import train_on_another_machine

    if folds:
        raise RequestError(
            f"--folds: machine {machine} only trains; give it to the first machine, once the recipe has one"
        )
    train_on_another_machine(plan, recipe.parent, runs, machine)
    say("Trained along; the first machine has what was trained, and goes on.")


def show_verdict(verdict: Any, output: str) -> None:
    """Print a verdict as a table or as JSON."""
    from slingshot.verdict import print_verdict

    if output == "json":
        print(json.dumps(verdict.to_json()))
    else:
        print_verdict(verdict, Console())
