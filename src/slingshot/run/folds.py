"""Leave one test case out: for each that the run trains on, a run inside the run that trains without it.

A fold is everything as the recipe says, but its test case is not in the training data, and its model is asked
about nothing else, with the prompts, seeds and samples of the run's own benchmark. What the recipe holds out is
held out of all folds and asked in none. The base model's answers and its file are those of the run.

`runs/NAME/folds/TEST_CASE` has the fold's dataset, adapter (or whole model), quantized file, recordings, logs and manifests; the
last of these, `fold.json`, means finished. What can be made again from what was trained is removed then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

import polars as pl

from slingshot.dataset import read_rows
from slingshot.dataset.card import hash_of_recordings
from slingshot.errors import RequestError
from slingshot.folders import remove_folder
from slingshot.judge import extract_code
from slingshot.manifest import Facts, do_step, finished_step
from slingshot.progress import say
from slingshot.recordings.load import load_recordings
from slingshot.run.learning import choose_rows, train_model
from slingshot.run.measuring import ask_models_of, judge_answers
from slingshot.run.shipping import compare_forms, merge_adapter, quantize_models
from slingshot.run.state import Run
from slingshot.verdict.contract import Folds
from slingshot.verdict.folds import pool_folds, read_fold

Method = Literal["leave-one-out"]
"""How test cases are left out."""

# Parity is compared in the first fold: the others differ from it by a test case of their training data.
_FIRST = ("dataset", "train", "merge", "gguf", "parity", "ask", "judge")
_OTHERS = ("dataset", "train", "merge", "gguf", "ask", "judge")


@dataclass(frozen=True)
class DoneFolds:
    """All folds of a run, finished.

    Attributes:
        run: what they are folds of.
        manifests: the manifest of each fold, by test case.
        foreseen: the seconds that they were foreseen to take.
    """

    run: Run
    manifests: Mapping[str, Facts]
    foreseen: float

    @property
    def seconds(self) -> float:
        """What all steps of all folds took."""
        return sum(float(manifest["facts"]["seconds"]) for manifest in self.manifests.values())

    @property
    def joules(self) -> float | None:
        """What the processor used in them; None where it is not known of every step."""
        return _sum_of_known([manifest["facts"].get("joules") for manifest in self.manifests.values()])

    def pooled(self, recordings: pl.DataFrame) -> Folds | None:
        """What they show together; `recordings` are those of the run's own benchmark."""
        folds = [
            read_fold(_folder(self.run, name), name, facts["final_loss"], facts["seconds"])
            for name, facts in ((name, manifest["facts"]) for name, manifest in self.manifests.items())
        ]
        base, tuned = (self.run.files[role].stem for role in ("base", "tuned"))
        return pool_folds(
            folds, base, tuned, recordings, extract=extract_code, parity=next(iter(self.manifests))
        )


def check_enough(run: Run) -> None:
    """Refuse to fold a run that trains on a single test case, or on several machines.

    Raises:
        RequestError: without the test case nothing would be left to train on; or the other machines, which only
            train, would have to know when each fold does.
    """
    if run.recipe.launch.machines > 1:
        raise RequestError(
            f"--folds leave-one-out: folds are trained on one machine, and launch.machines is "
            f"{run.recipe.launch.machines}; finish the run, then take that key out and run it again with its folds: "
            "what is trained stays"
        )
    trained_on = [name for name in run.seen if name not in run.recipe.dataset.validation]
    if len(trained_on) < 2:
        raise RequestError(
            f"--folds leave-one-out: the recipe trains on {' '.join(trained_on) or 'no test case'} only, and without "
            "it nothing would be left to train on; train on two test cases at least, or leave the option out"
        )


def train_folds(run: Run, base: Path, recipe_folder: Path) -> DoneFolds:
    """Do every fold that is not finished, one after the other.

    Raises:
        RequestError: all training rows are of one test case.
        SlingshotError: a step of a fold failed; what was finished stays.
    """
    names = _test_cases(run)
    if len(names) < 2:
        raise RequestError(
            f"--folds leave-one-out: all training rows are of {names[0]}, so that without it there are none; "
            f"{run.folder / 'dataset' / 'dataset.json'} says what became of the others"
        )
    foreseen, done = _foreseen(run, len(names)), _finished(run, names)
    for number, name in enumerate(names, 1):
        place = f"fold {number} of {len(names)}: {name}"
        if name in done:
            say(f"{place}, already done: {done[name]['facts']['summary']}")
            continue
        took = [fold["facts"]["seconds"] for fold in done.values()] or [foreseen / len(names)]
        say(f"{place}, about {_about((len(names) - len(done)) * fmean(took))} left")
        done[name] = _do_fold(run, name, base, recipe_folder, first=name == names[0])
        say(f"  without {name}: {done[name]['facts']['summary']}")
    return DoneFolds(run, {name: done[name] for name in names}, foreseen)


def finished_folds(run: Run) -> DoneFolds | None:
    """The folds, if all are finished, as the recipe is now; else None."""
    names = _test_cases(run)
    done = _finished(run, names)
    return DoneFolds(run, done, _foreseen(run, len(names))) if len(done) == len(names) > 0 else None


def _finished(run: Run, names: Sequence[str]) -> dict[str, Facts]:
    """The manifests of the folds that are finished, in order."""
    found = {
        name: finished_step(_folder(run, name), "fold", _inputs(run, name, first=name == names[0]), [])
        for name in names
    }
    return {name: manifest for name, manifest in found.items() if manifest}


def _do_fold(run: Run, name: str, base: Path, recipe_folder: Path, first: bool) -> Facts:
    """Do one fold unless it is finished; the content of its manifest."""
    folder = _folder(run, name)

    def work() -> Facts:
        without = _run_without(run, name, _FIRST if first else _OTHERS)
        choose_rows(without, recipe_folder, run.folder)
        recipe = without.recipe.model_copy(update={"name": f"{run.recipe.name}-without-{name}"})
        own = replace(without, recipe=recipe, suite=[case for case in run.suite if case.name == name])
        train_model(own, base, recipe_folder)
        merge_adapter(own, base)
        own.files = quantize_models(own, base, ["tuned"])
        if first:
            compare_forms(own, base)
        ask_models_of(own)
        judge_answers(own)
        _remove_intermediates(own)
        recorded = load_recordings(folder / "recordings" / "benchmark")
        trained = own.manifests["train"]["facts"]
        scores = recorded["score"].drop_nulls().to_list()
        return {
            "answers": hash_of_recordings(recorded),
            "rows": trained["rows"],
            "final_loss": trained["final_loss"],
            "seconds": round(sum(own.manifests[step]["seconds"] for step in own.steps), 3),
            "joules": _sum_of_known([own.manifests[step].get("joules") for step in own.steps]),
            "summary": f"{fmean(scores):.1f} points" if scores else "no answer could be judged",
        }

    return do_step(folder, "fold", _inputs(run, name, first), [], work, traces=[folder])


def _folder(run: Run, name: str) -> Path:
    return run.folder / "folds" / name


def _test_cases(run: Run) -> list[str]:
    """The test cases that are left out in turn: those that training rows are of."""
    return sorted(
        {row.test_case for row in read_rows(run.folder / "dataset" / "train.jsonl")} & set(run.seen)
    )


def _inputs(run: Run, name: str, first: bool) -> dict[str, Any]:
    """What a fold is made from: all that the run's own steps were, whose work it repeats."""
    repeated = ("dataset", "base", "train", "ask", "judge", *(["parity"] if first else []))
    return {"test_case": name, **{step: run.manifests[step]["inputs"] for step in repeated}}


def _run_without(run: Run, name: str, steps: tuple[str, ...]) -> Run:
    """The run inside the run; the changed forms of its test case are left out too, where the suite has them."""
    (case,) = (case for case in run.suite if case.name == name)
    known = {other.name for other in run.suite}
    left_out = [name, *(variant.name for variant in case.variants if variant.name in known)]
    hold_out = list(dict.fromkeys([*run.held_out, *left_out]))
    recipe = run.recipe.model_copy(update={"hold_out": hold_out})
    manifests = {"base": run.manifests["base"]}
    return Run(recipe, _folder(run, name), run.suite, run.by, manifests, steps=steps)


def _remove_intermediates(fold: Run) -> None:
    """Remove what is large and can be made again from what was trained; the quantized file stays."""
    remove_folder(fold.folder / "merged")
    for checkpoint in fold.trained.glob("checkpoint-*"):
        remove_folder(checkpoint)
    for file in (fold.folder / "gguf").glob("*.gguf"):
        if file not in fold.files.values():
            file.unlink()


def _foreseen(run: Run, folds: int) -> float:
    """The seconds that so many folds may take, from those that the run's own steps took.

    A fold trains on nearly as many rows, makes one model's files instead of two, and asks one model about one
    test case.
    """
    took = {name: float(manifest["seconds"]) for name, manifest in run.manifests.items()}
    asked = (took["ask"] + took["judge"]) / ((len(run.files) + len(run.forms)) * len(run.asked))
    each = took["dataset"] + took["train"] * (folds - 1) / folds + took["merge"] + took["gguf"] / 2 + asked
    return folds * each + took["parity"]


def _sum_of_known(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _about(seconds: float) -> str:
    """`40 s`, `20 min`, `3 h`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 2 * 3600 else f"{seconds / 3600:.0f} h"
