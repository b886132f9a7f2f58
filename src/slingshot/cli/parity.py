"""`parity`: whether the forms of a model say the same."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from slingshot.cli.options import Format
from slingshot.errors import RequestError
from slingshot.progress import say

if TYPE_CHECKING:
    from slingshot.gguf.parity import Form, ParityReport
    from slingshot.recipe import Recipe


def parity(
    forms: Annotated[
        list[Path],
        typer.Argument(help="folder of a run; or, with --reference, GGUF files and Hugging Face folders"),
    ],
    reference: Annotated[
        Path | None, typer.Option(help="adapter's or Hugging Face folder that the forms are compared with")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            help="the adapter's base model [default: the run's, or the one its configuration names]"
        ),
    ] = None,
    prompts: Annotated[
        Path | None, typer.Option(metavar="FILE.jsonl", help="conversations that were trained on")
    ] = None,
    held_out: Annotated[
        Path | None, typer.Option(metavar="FILE.jsonl", help="conversations that were not")
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="prompts of each kind [default: 8, or the recipe's]")
    ] = None,
    tokens: Annotated[
        int | None, typer.Option(min=1, help="longest answer in tokens [default: 64, or the recipe's]")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="decides which prompts are taken [default: 1, or the recipe's]")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE.json", help="[default: parity.json in the run's folder]")
    ] = None,
    output: Format = "table",
) -> None:
    """Compare adapter, merged model and GGUF files: template, tokens, and what is likely after each token."""
    from slingshot.files import write_json
    from slingshot.gguf.parity import ParityConfig, choose_prompts, compare_forms, print_parity

    given = {"prompts": count, "tokens": tokens, "seed": seed}
    asked = {key: value for key, value in given.items() if value is not None}
    if reference is None:
        if len(forms) != 1:
            raise RequestError("one run is compared at a time; to compare other forms, name a --reference")
        found = _run_parity(forms[0], base, prompts, held_out, asked)
        out = out or forms[0] / "parity.json"
    else:
        if prompts is None and held_out is None:
            raise RequestError("--prompts: the forms are compared on prompts; name a file with conversations")
        config = ParityConfig(**asked)
        chosen = choose_prompts(_prompts_in(prompts), _prompts_in(held_out), config.prompts, config.seed)
        others = [_form_at(path) for path in forms]
        found = compare_forms(_reference_at(reference, base), others, chosen, config, say)
    if out:
        write_json(out, found.to_json())
    if output == "json":
        print(json.dumps(found.to_json()))
    else:
        print_parity(found, Console())
    if out:
        say(f"Wrote {out}.")
    found.check()


def _run_parity(
    run: Path, base: str | None, prompts: Path | None, held_out: Path | None, asked: dict[str, int]
) -> "ParityReport":
    """The forms of a run, compared on its own prompts, as its recipe says unless something else is asked for."""
    from slingshot.gguf.parity import measure_parity
    from slingshot.models.base_model import prepare_base_model
    from slingshot.recipe import load_recipe

    if not (run / "recipe.yml").is_file():
        raise RequestError(f"{run}: no recipe.yml in this folder; name the folder of a run, or a --reference")
    recipe = load_recipe(run / "recipe.yml")
    in_full, chosen = recipe.training.adapter is None, None
    if in_full and base:
        raise RequestError(f"--base: all weights of {run} were trained, without an adapter; leave it out")
    if not in_full:
        chosen = prepare_base_model(base, say) if base else _base_of(run, recipe)
    files = sorted((run / "gguf").glob(f"{recipe.name}.*.gguf"))
    unseen = _prompts_in(held_out) if held_out else _held_out_prompts(run, recipe)
    return measure_parity(
        None if in_full else run / "adapter",
        chosen,
        run / "merged",
        files,
        _prompts_in(prompts or run / "dataset" / "train.jsonl"),
        unseen,
        recipe.parity.model_copy(update=asked),
        say,
    )


def _base_of(run: Path, recipe: "Recipe") -> Path:
    """The folder of the base model that the run was trained on: where it was, else anew by its name."""
    from slingshot.manifest import read_manifest
    from slingshot.models.base_model import prepare_base_model

    done = read_manifest(run / "manifests" / "base.json")
    if done and (folder := Path(done["facts"]["folder"])).is_dir():
        return folder
    return prepare_base_model(recipe.base_model, say)


def _prompts_in(path: Path | None) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The prompts of a file's conversations, if there is one."""
    from slingshot.run.shipping import prompts_of_rows

    return prompts_of_rows(path) if path else iter(())


def _held_out_prompts(run: Path, recipe: "Recipe") -> Iterator[tuple[str, list[dict[str, str]]]]:
    """What the run asks about its held-out test cases: as recorded, else as the recipe's suite has it."""
    from slingshot.benchmark.plan import questions_from_templates
    from slingshot.recordings.prompts import recorded_prompts
    from slingshot.suite import prompt_template

    answers = run / "recordings" / "benchmark"
    if any(answers.rglob("conversation__*.json")):
        questions = recorded_prompts(answers).messages
    else:
        templates = [prompt_template(label) for label in recipe.prompts]
        questions = questions_from_templates(recipe.test_suite(Path()), templates)
    for (test_case, label), messages in questions.items():
        if test_case in recipe.hold_out:
            yield f"{test_case} {label}", messages


def _reference_at(path: Path, base: str | None) -> "Form":
    """The form that answers: an adapter beside its base model, or a whole model."""
    from slingshot.gguf.parity import trained_form
    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.merge import base_of, trained_in_full

    if path.suffix == ".gguf":
        return _form_at(path)
    if trained_in_full(path):
        return trained_form(path, None)
    return trained_form(path, prepare_base_model(base or base_of(path), say))


def _form_at(path: Path) -> "Form":
    """A GGUF file or a Hugging Face folder, called by its own name."""
    from slingshot.gguf.parity import folder_form, gguf_form

    if path.suffix == ".gguf":
        return gguf_form(path, path.stem)
    return folder_form(path, path.resolve().name)
