"""The whole loop: `quickstart` and `run`."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from slingshot.cli.options import Format, OtherSandbox, Runs
from slingshot.progress import say


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
    output: Format = "table",
) -> None:
    """Do the whole loop as a recipe says it; run again after a stop to go on."""
    from slingshot.recipe import load_recipe
    from slingshot.run import run_recipe

    plan = load_recipe(recipe, recordings)
    if sandbox:
        plan = plan.model_copy(update={"judge": plan.judge.model_copy(update={"sandbox": sandbox})})
    done, verdict = run_recipe(plan, recipe.parent, runs, folds)
    show_verdict(verdict, output)
    say(f"\nWrote {done.folder / 'report.html'} (open it in a browser) and verdict.json beside it.")
    say(f"Next: slingshot serve {done.folder / 'gguf'}/{done.files['tuned'].name}")


def show_verdict(verdict: Any, output: str) -> None:
    """Print a verdict as a table or as JSON."""
    from slingshot.verdict import print_verdict

    if output == "json":
        print(json.dumps(verdict.to_json()))
    else:
        print_verdict(verdict, Console())
