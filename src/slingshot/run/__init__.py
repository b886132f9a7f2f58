"""The whole loop as a recipe says it: every step in order, finished ones skipped, a broken one gone on with.

solutions   put down the suite's own solutions and judge them, unless the recipe names recordings
dataset     choose training rows from the solutions, or from the recordings
base        fetch or convert the base model
train       train an adapter, or all weights; in several processes if the recipe launches them
merge       add the adapter to the base's weights; a model that was trained in full is whole already
gguf        convert and quantize base and tuned model
parity      see that adapter, merged model and files say the same
losses      see how likely both models find answers trained on, and right ones never trained on
ask         ask both the whole suite, record every answer
judge       judge the answers
references  if the recipe names any: judge what others answered to the same; see `slingshot.run.references`
verdict     say what it is worth
folds       if asked for: the same once more for each test case, left out of training; see `slingshot.run.folds`
"""

from pathlib import Path

import yaml

from slingshot.files import write_text
from slingshot.manifest import only_run, read_manifest
from slingshot.models.server import check_port
from slingshot.recipe import FOLDER_FORMS, Recipe
from slingshot.run.folds import Method, check_enough, finished_folds, train_folds
from slingshot.run.learning import choose_rows, get_base, put_down_solutions, train_along, train_model
from slingshot.run.losses import measure_losses_of_answers
from slingshot.run.measuring import ask_models_of, judge_answers, say_what_it_is_worth
from slingshot.run.references import judge_references
from slingshot.run.shipping import compare_forms, merge_adapter, other_forms, quantize_models
from slingshot.run.state import Run, make_judge, steps_of
from slingshot.training.contradictions import LORA_KEYS
from slingshot.training.launching.config import check_launch
from slingshot.verdict import Verdict

__all__ = ["Run", "make_judge", "run_recipe", "train_on_another_machine"]


def run_recipe(
    recipe: Recipe, recipe_folder: Path, runs: Path, folds: Method | None = None
) -> tuple[Run, Verdict]:
    """Do the whole loop of a recipe in `runs/NAME`; run again after a stop to go on.

    With `folds` the verdict is written first, then every test case is left out of a training of its own, then the
    verdict is written again. Folds that were finished before are in it either way.

    Raises:
        RequestError: folds are asked for of a recipe that trains on one test case only, or on several machines; or
            this machine has no place for the processes that are to train.
        SlingshotError: a step failed; what was finished stays.
    """
    run = _begin(recipe, recipe_folder, runs)
    if folds:
        check_enough(run)
    with only_run(run.folder):
        base = _until_training(run, recipe_folder)
        train_model(run, base, recipe_folder)
        merge_adapter(run, base)
        also = [form for form in run.recipe.benchmark.forms if form not in FOLDER_FORMS]
        run.files, run.forms = quantize_models(run, base, also=also), other_forms(run, base)
        compare_forms(run, base)
        measure_losses_of_answers(run, base, recipe_folder)
        ask_models_of(run)
        judge_answers(run)
        judge_references(run)
        done = finished_folds(run)
        if folds and done is None:
            say_what_it_is_worth(run)
            done = train_folds(run, base, recipe_folder)
        return run, say_what_it_is_worth(run, done)


def train_on_another_machine(recipe: Recipe, recipe_folder: Path, runs: Path, machine: int) -> Run:
    """Do a recipe's part of a machine that is not the first, in `runs/NAME.machine-N`: the rows, the base, training.

    The rows are made here too, and have to be the same as on the first machine, which alone does what follows. With a
    disk that both see they are in one another's way in nothing.

    Args:
        recipe: on how many machines it trains, and where the first one is.
        recipe_folder: where its relative paths start.
        runs: folder of all runs.
        machine: the number of this one, from 1.

    Raises:
        RequestError: there is no such machine in the recipe, or it has no place for its processes.
        SlingshotError: a step failed, or the first machine did not answer, or failed itself.
    """
    run = _begin(recipe, recipe_folder, runs, machine)
    with only_run(run.folder):
        _until_training(run, recipe_folder)
        train_along(run, recipe_folder)
    return run


def _begin(recipe: Recipe, recipe_folder: Path, runs: Path, machine: int = 0) -> Run:
    """The run of a recipe, after everything was checked that can be before its first step."""
    suite = recipe.test_suite(recipe_folder)
    recipe = recipe.model_copy(update={"hold_out": recipe.held_out_of(suite)})  # a run says what it held out
    folder = (runs / (f"{recipe.name}.machine-{machine}" if machine else recipe.name)).absolute()
    if machine or read_manifest(folder / "manifests" / "train.json") is None:
        check_launch(recipe.launch, machine)  # what was trained elsewhere may be gone on with anywhere
    if recipe.benchmark.port:
        check_port(recipe.benchmark.port)
    recorded = recipe_folder / recipe.recordings if recipe.recordings else None
    by, steps = make_judge(recipe.judge, recipe_folder), steps_of(recipe)
    if machine:
        steps = steps[: steps.index("train")]
    return Run(recipe, folder, suite, by, steps=steps, recorded=recorded, machine=machine)


def _until_training(run: Run, recipe_folder: Path) -> Path:
    """Do the steps before training; the base model's folder."""
    recipe = run.recipe
    unsaid = {"training": set(LORA_KEYS)} if run.in_full else None  # what does nothing would be refused
    content = recipe.model_dump(mode="json", exclude=unsaid)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    write_text(run.folder / "recipe.yml", text)
    if recipe.dataset.solutions or not recipe.sources:
        put_down_solutions(run, recipe_folder)
    choose_rows(run, recipe_folder)
    return get_base(run, recipe_folder)
