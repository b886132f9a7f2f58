"""The steps that make an adapter, or a model: solutions, dataset, base, train."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from slingshot.dataset import REJUDGED_FILE, Given, Rejudging, build_dataset
from slingshot.dataset.card import hash_of_recordings
from slingshot.dataset.licences import read_licences
from slingshot.errors import RequestError
from slingshot.files import sha256_of_file, sha256_of_folder
from slingshot.folders import remove_folder
from slingshot.manifest import Facts
from slingshot.progress import bar, say
from slingshot.recipe import Solutions, named_suite
from slingshot.recordings.judging import judge_recordings
from slingshot.recordings.load import load_recordings, read_recordings
from slingshot.recordings.solutions import AUTHOR, record_solutions
from slingshot.run.costs import after_training, foresee_on_gpus, shared_out
from slingshot.run.references import judgements_of_references
from slingshot.run.state import REFERENCES, Run
from slingshot.suite import TestCase, load_suite, with_variants
from slingshot.training.config import DatasetEntry, TrainingConfig
from slingshot.training.launching.config import check_launch, divided

_SHOWN_PROBLEMS = 10
# On two cores; benchmarks/judging.py measures it.
_SECONDS_PER_JUDGEMENT = 0.03


def put_down_solutions(run: Run, recipe_folder: Path) -> None:
    """Record the solutions that ship with the test cases to train on, and judge them.

    Those are the run's own unless training rows come from recordings, and those of other suites that the recipe
    wants to be learned from.

    Raises:
        RequestError: a suite is not there, or has a test case of the name of one of the run's.
    """
    folder = run.folder / "recordings" / "solutions"
    own = [] if run.recipe.sources else [t for t in run.suite if t.name in run.seen]
    more = other_suites(run, recipe_folder)
    trained_on = [*own, *(case for _, cases in more for case in cases)]

    def work() -> Facts:
        count = record_solutions(own, run.recipe.prompts, folder)
        for config, cases in more:
            count += record_solutions(cases, config.prompts or run.recipe.prompts, folder, run.templates)
        with bar("judged") as advance:
            judge_recordings(folder, trained_on, run.by, run.recipe.judge.jobs, on_judged=advance)
        frame = load_recordings(folder)
        full = frame.filter(frame["score"] == 100).height
        return {"summary": f"{count} solutions to {len(trained_on)} test cases, {full} with full score"}

    inputs: dict[str, Any] = {
        "suite": run.suite_hash,
        "hold_out": run.held_out,
        "prompts": run.recipe.prompts,
    }
    if more:
        of_suites = {case.folder: sha256_of_folder(case.folder)[:12] for _, cases in more for case in cases}
        inputs["more"] = [[config.model_dump() for config, _ in more], sorted(of_suites.values())]
    run.step("solutions", {**inputs, "judge": run.by.description}, [folder], work)


def other_suites(run: Run, recipe_folder: Path) -> list[tuple[Solutions, list[TestCase]]]:
    """The test cases of each suite whose solutions the recipe wants to be learned from.

    Those that such a suite holds out itself are not among them.

    Raises:
        RequestError: a suite is not there, or has a test case of the name of another.
    """
    known, found = {case.name for case in run.suite}, list[tuple[Solutions, list[TestCase]]]()
    for config in run.recipe.dataset.solutions:
        cases = [case for case in named_suite(config.suite, recipe_folder) if not case.held_out]
        for case in cases:
            if case.name in known:
                raise RequestError(
                    f"dataset.solutions: {config.suite} has a test case {case.name}, and so has another suite of the "
                    "recipe; leave one out, for it might be trained on and held out"
                )
            known.add(case.name)
        found.append((config, with_variants(cases) if config.variants else cases))
    return found


def choose_rows(run: Run, recipe_folder: Path, source: Path | None = None) -> None:
    """Choose training rows from the solutions, or from the recordings that the recipe names.

    `source` is the folder of another run, whose solutions and whose findings on recordings are taken.
    """
    config, out = run.recipe.dataset, run.folder / "dataset"
    own, source = Path("recordings") / "solutions", source or run.folder
    folders = [Path(name) for name in run.recipe.sources]
    more = [case for _, cases in other_suites(run, recipe_folder) for case in cases]
    if more and config.models:
        # A choice among those who recorded, not against the solutions that are asked for.
        config = config.model_copy(update={"models": [*config.models, AUTHOR]})
    own_solutions = [source / own] if more or not folders else []
    loaded = read_recordings([*(recipe_folder / name for name in folders), *own_solutions])
    names = [test_case.name for test_case in (*run.suite, *more)]
    frame = loaded.frame.filter(pl.col("test_case").is_in(names))
    licences = read_licences(recipe_folder / config.licence_table) if config.licence_table else ()
    given = Given(
        suite=[*run.suite, *more],
        benchmarks=[case for name in config.benchmarks for case in load_suite(recipe_folder / name)],
        folders=[*folders, *([own] if own_solutions else [])],
        problems=loaded.problems,
        waiting=loaded.waiting,
        command=f"slingshot run {run.recipe.name}.yml",
        licences=licences,
    )

    def work() -> Facts:
        with bar("judged") as advance:
            store = source / "dataset" / REJUDGED_FILE
            again = Rejudging(run.by, run.recipe.judge.jobs, advance, store) if config.rejudge else None
            built = build_dataset(frame, out, config, run.held_out, given, again)
        for problem in built.problems[:_SHOWN_PROBLEMS]:
            say(f"  left out: {problem.sentence}")
        words = f"{len(built.rows)} rows in {out / 'train.jsonl'}, strategy {config.strategy}"
        words += f"; {len(built.problems)} broken recordings left out" if built.problems else ""
        if findings := len(built.overlap.findings):
            words += f"; {findings} overlaps with what must stay unseen, see {out / 'overlap.json'}"
        return {"summary": words, "overlaps": findings, "broken": len(built.problems)}

    inputs = {
        "recordings": hash_of_recordings(frame),
        "dataset": config.model_dump(),
        "hold_out": run.held_out,
        "suite": run.suite_hash,
        "benchmarks": [sha256_of_folder(recipe_folder / name) for name in config.benchmarks],
        "licences": [licence.model_dump(mode="json") for licence in licences],
        "judge": run.by.description if config.rejudge else None,
    }
    run.step("dataset", inputs, [out], work)


def get_base(run: Run, recipe_folder: Path) -> Path:
    """Fetch or convert the base model; its folder."""
    from slingshot.models.base_model import prepare_base_model

    name = run.recipe.base_model
    local = recipe_folder / name
    inputs: dict[str, Any] = {"base_model": name}
    if local.exists():
        name = str(local)
        files = [local] if local.is_file() else sorted(local.glob("*"))
        inputs["files"] = [(file.name, file.stat().st_size, file.stat().st_mtime) for file in files]

    def work() -> Facts:
        folder = prepare_base_model(name, lambda text: say(f"  {text}")).absolute()
        weights = sorted(folder.glob("*.safetensors"))
        hashes = {path.name: sha256_of_file(path) for path in weights}
        return {"folder": str(folder), "weights": hashes, "summary": str(folder)}

    facts = run.step("base", inputs, [], work)
    folder = Path(facts["folder"])
    if not folder.is_dir():  # somebody emptied the cache since
        folder = prepare_base_model(name, lambda text: say(f"  {text}"))
    return folder


def train_model(run: Run, base: Path, recipe_folder: Path) -> None:
    """Check the rows, say what it will take, and train: here, or in the processes that the recipe launches.

    Their number is among the facts and not among the inputs: it changes no result, so that nothing that was trained
    is trained again for it.
    """
    out, config, launch = run.trained, run.recipe.training, run.recipe.launch

    def work() -> Facts:
        from slingshot.models.base_model import count_parameters
        from slingshot.training.course.checkpoints import find_checkpoint
        from slingshot.training.course.metrics import Step, progress_words
        from slingshot.training.estimating.calibration import foresee_training
        from slingshot.training.estimating.estimate import keep_estimate, other_steps
        from slingshot.training.launching.child import read_result, train_in_processes
        from slingshot.training.loop import train
        from slingshot.training.preparing.preflight import prepare

        check_launch(launch)
        # What another recipe of this name left would not be what the verdict is about.
        for other in {"adapter", "trained"} - {out.name}:
            remove_folder(run.folder / other)
        training = _configured(run)
        each = divided(training, launch)
        prepared = prepare(each, base, run.folder, out, template_travels=True, processes=launch.processes)
        for note in prepared.notes:
            say(f"  {note}")
        course = foresee_training(base, prepared.rows, prepared.validation_rows, training)
        course = shared_out(course, launch)
        keep_estimate(out, course)
        left = after_training(run.recipe, run.suite, len(run.plan.all_samples("")))
        after = other_steps(prepared.rows, count_parameters(base), left, course.speed)
        after["judge"] = round((2 + left.forms) * left.answers * _seconds_per_judgement(run), 1)
        if again := judgements_of_references(run):
            after[REFERENCES] = round(again * _seconds_per_judgement(run), 1)
        foreseen = {"train": round(course.seconds, 1), **after}
        parts = ", ".join(f"{seconds:.0f} s {name}" for name, seconds in foreseen.items())
        say(f"  foreseen from here: {parts}")
        price, began = launch.machines * run.recipe.cost.price_per_hour_usd, time.monotonic()
        goes_on = find_checkpoint(out, training) is not None
        with bar("steps") as advance:

            def on_step(step: Step, total: int = course.steps) -> None:
                advance(step.step, total, progress_words(step, price))

            if launch.total > 1:
                say(f"  {launch.words}; {_log(run)} has what they say")
                whole = _whole_paths(training, recipe_folder)
                train_in_processes(whole, launch, 0, run.folder, _log(run), on_step)
                result = read_result(out)
            else:
                validation, template = prepared.validation_rows, prepared.travelling_template
                result = train(prepared.rows, base, out, training, on_step, validation, template)
        if result.steps == course.steps and not goes_on:  # all of it, and no early end
            keep_estimate(out, course, time.monotonic() - began)
        words = f"loss {result.first_loss:.3f} to {result.final_loss:.3f} in {result.steps} steps"
        words += f", {result.tokens_per_second:.0f} tokens/s of the dataset"
        words += f", {launch.words}" if launch.total > 1 else ""
        on_gpus = foresee_on_gpus(base, prepared.rows, prepared.validation_rows, training)
        launched = {"machines": launch.machines, "sharding": launch.sharding}
        return {**asdict(result), **launched, "foreseen": foreseen, "on_gpus": on_gpus, "summary": words}

    files = [run.folder / "dataset" / f"{name}.jsonl" for name in ("train", "validation")]
    dataset = [sha256_of_file(file) for file in files if file.exists()]
    inputs = {"dataset": dataset, "base": run.manifests["base"]["facts"]["weights"]}
    run.step("train", {**inputs, "training": config.model_dump()}, [out], work)


def train_along(run: Run, recipe_folder: Path) -> None:
    """Train with the first machine, on another: it has the checkpoints and the result, and nothing is kept here."""
    from slingshot.training.launching.child import train_in_processes

    launch = run.recipe.launch
    say(
        f"training along with {launch.main_address}:{launch.main_port} as machine {run.machine} of {launch.machines}, "
        f"counted from 0; {_log(run)} has what is said"
    )
    training = _whole_paths(_configured(run), recipe_folder)
    train_in_processes(training, launch, run.machine, run.folder, _log(run))


def _configured(run: Run) -> TrainingConfig:
    """The recipe's training section with what it leaves to the run: rows, base model, and where to write."""
    rows = DatasetEntry(path=str(run.folder / "dataset"), type="sharegpt")
    chosen = {"datasets": [rows], "base_model": run.recipe.base_model, "output_dir": str(run.trained)}
    return run.recipe.training.model_copy(update=chosen)


def _whole_paths(config: TrainingConfig, recipe_folder: Path) -> TrainingConfig:
    """The configuration for a file that lies elsewhere than the recipe: a base model beside that by its whole path."""
    local = recipe_folder / str(config.base_model)
    return config.model_copy(update={"base_model": str(local.absolute())}) if local.exists() else config


def _log(run: Run) -> Path:
    """Where the processes of a training say what they say."""
    return run.folder / "logs" / "training.log"


def _seconds_per_judgement(run: Run) -> float:
    """How long one answer took to judge, all workers together, when the solutions were; else a usual figure."""
    if "solutions" not in run.manifests:
        return _SECONDS_PER_JUDGEMENT
    judged = len(list((run.folder / "recordings" / "solutions").rglob("evaluation__*.json")))
    return float(run.manifests["solutions"]["seconds"]) / max(1, judged)
