"""What a verdict rests on: gathered from a run's folder, or from recordings that were made anywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from slingshot.errors import RequestError, suggest
from slingshot.judge import extract_code
from slingshot.leaderboard.forms import name_in_parts
from slingshot.recordings.load import load_recordings, plain_benchmark
from slingshot.suite import TestCase
from slingshot.verdict.build import ModelUnderTest, build_verdict
from slingshot.verdict.cells import cells_of
from slingshot.verdict.contract import (
    TUNED_KINDS,
    CostFacts,
    Folds,
    JudgedOtherwise,
    Kind,
    TrainingFacts,
    Verdict,
    read_verdict,
)
from slingshot.verdict.training_data import TrainingData, read_training_data


@dataclass(frozen=True)
class Names:
    """Whom and what a verdict is about, by names that the recordings have.

    Attributes:
        base: the model before training.
        tuned: the models after it, the first for the headline.
        references: other models to compare with.
        seen: test cases trained on; None for all that are neither held out nor variants.
        variant: changed forms of those.
        held_out: test cases never trained on.
    """

    base: str
    tuned: Sequence[str]
    references: Sequence[str] = ()
    seen: Sequence[str] | None = None
    variant: Sequence[str] = ()
    held_out: Sequence[str] = ()


@dataclass(frozen=True)
class Otherwise:
    """The same answers judged in another mode, and as they were recorded.

    Attributes:
        mode: of the other judge.
        recordings: all answers with its scores.
        recorded: those of reference models with the scores that they came with.
    """

    mode: str
    recordings: pl.DataFrame
    recorded: pl.DataFrame


@dataclass(frozen=True)
class Evidence:
    """What a verdict rests on, see `build_verdict`.

    Attributes:
        recordings: judged answers to single questions.
        models: whom it is about.
        seen: test cases trained on.
        variant: changed forms of those.
        held_out: test cases never trained on.
        data: the rows trained on; None where unknown.
        training: what the training was.
        cost: what it cost.
        folds: what leaving each test case out once showed.
        plain_of: the plain form of each variant, where known.
        otherwise: the same answers from another judge, or what an earlier verdict says of these.
    """

    recordings: pl.DataFrame
    models: Sequence[ModelUnderTest]
    seen: Sequence[str]
    variant: Sequence[str]
    held_out: Sequence[str]
    data: TrainingData | None = None
    training: TrainingFacts = field(default_factory=TrainingFacts)
    cost: CostFacts = field(default_factory=CostFacts)
    folds: Folds | None = None
    plain_of: Mapping[str, str] = field(default_factory=dict)
    otherwise: Otherwise | JudgedOtherwise | None = None

    def verdict(self) -> Verdict:
        """The verdict on it.

        Raises:
            RequestError: see `build_verdict`.
        """
        verdict = self._built(self.recordings, self.models)
        otherwise = self.otherwise
        if isinstance(otherwise, Otherwise):
            otherwise = self._judged_otherwise(otherwise)
        return verdict.model_copy(update={"folds": self.folds, "judged_otherwise": otherwise})

    def _built(self, recordings: pl.DataFrame, models: Sequence[ModelUnderTest]) -> Verdict:
        return build_verdict(
            recordings,
            models,
            self.seen,
            self.held_out,
            [],
            self.training,
            self.cost,
            extract=extract_code,
            variant=self.variant,
            plain_of=self.plain_of,
            data=self.data,
        )

    def _judged_otherwise(self, otherwise: Otherwise) -> JudgedOtherwise:
        """Scores and comparisons from the other judge's scores, and the scores that were recorded."""
        silent = [replace(model, tokens_per_second=None) for model in self.models]
        there = set(otherwise.recordings["model"])
        found = self._built(otherwise.recordings, [model for model in silent if model.name in there])
        recorded = [model for model in silent if model.kind == "recorded"]
        as_they_came = self._built(otherwise.recorded, recorded) if recorded else None
        return JudgedOtherwise(
            mode=otherwise.mode,
            scores={model.name: model.scores for model in found.models},
            comparisons=found.comparisons,
            recorded={model.name: model.scores for model in as_they_came.models} if as_they_came else {},
        )


def evidence_of_run(
    run: Path,
    references: Sequence[str] = (),
    more: pl.DataFrame | None = None,
    suite: Sequence[TestCase] = (),
) -> Evidence:
    """The evidence that a finished run left in its folder.

    Args:
        run: its folder, `runs/NAME`.
        references: names of other models to compare with.
        more: recordings that these models are in.
        suite: definitions of the held-out test cases, which training rows are compared with.

    Raises:
        RequestError: the folder is not that of a finished run, or a reference is in no recording.
    """
    if not run.is_dir():
        raise RequestError(f"{run}: there is no such folder; name a run's, such as runs/quickstart")
    if not (run / "verdict.json").exists():
        raise RequestError(
            f"{run}: no verdict.json, so it is no finished run; finish it with `slingshot run`, or name recordings "
            "with --recordings DIR"
        )
    known, frame = read_verdict(run / "verdict.json"), load_recordings(run / "recordings" / "benchmark")
    own_references = run / "recordings" / "references"
    if own_references.is_dir():
        frame = pl.concat([frame, load_recordings(own_references)])
    splits: dict[str | None, list[str]] = {"seen": [], "variant": [], "held_out": []}
    for name, task in {n: t for model in known.models for n, t in model.per_task.items()}.items():
        splits.setdefault(task.split, []).append(name)
    rows = run / "dataset" / "train.jsonl"
    models = [
        ModelUnderTest(
            model.name,
            model.kind,
            model.file_sha256,
            next((score.tokens_per_second for score in model.scores.values()), None),
            model.losses,
        )
        for model in known.models
        if model.kind != "recorded" or own_references.is_dir()
    ]
    own = {model.name for model in models}
    if more is not None:  # only of references: the run's own models answered what is in its folder
        frame = pl.concat([frame, more.filter(~pl.col("model").is_in(sorted(own)))])
    return Evidence(
        plain_benchmark(frame),
        [*models, *(ModelUnderTest(name, "recorded") for name in references if name not in own)],
        splits["seen"],
        splits["variant"],
        splits["held_out"],
        read_training_data(rows, suite, splits["held_out"]) if rows.exists() else None,
        known.training,
        known.cost,
        known.folds,
        {n: t.variant_of for model in known.models for n, t in model.per_task.items() if t.variant_of},
        known.judged_otherwise,
    )


def evidence_of_recordings(
    recordings: pl.DataFrame,
    names: Names,
    training_data: Path | None = None,
    suite: Sequence[TestCase] = (),
) -> Evidence:
    """Recordings as evidence for and against the models and test cases that are named.

    A tuned model whose name ends in the type of its weights counts as `gguf`, another as `merged`: recordings do
    not say more.

    Args:
        recordings: judged answers.
        names: whom and what the verdict is about.
        training_data: the file of the rows trained on, or a dataset's folder.
        suite: definitions of the test cases, and of their variants: rows are compared with those held out, and
            variants counted to their plain forms.

    Raises:
        RequestError: a name is in no recording, or two models that are to be compared have no cell in common.
    """
    frame = plain_benchmark(recordings)
    known = sorted(frame["test_case"].unique())
    lists = {"--seen": names.seen or (), "--variant": names.variant, "--held-out": names.held_out}
    for option, of_option in lists.items():
        for name in of_option:
            if name not in known:
                raise RequestError(f"{option}: no recordings of the test case {name}{suggest(name, known)}")
    named = {*names.variant, *names.held_out}
    seen = [name for name in known if name not in named] if names.seen is None else names.seen
    kinds: dict[str, Kind] = {name: "gguf" if name_in_parts(name).type else "merged" for name in names.tuned}
    models = [
        ModelUnderTest(names.base, "base"),
        *(ModelUnderTest(name, kinds[name]) for name in names.tuned),
        *(ModelUnderTest(name, "recorded") for name in names.references),
    ]
    data = read_training_data(training_data, suite, names.held_out) if training_data else None
    plain_of = {form.name: form.variant_of for form in suite if form.variant_of}
    return Evidence(frame, models, seen, names.variant, names.held_out, data, plain_of=plain_of)


def check_common_cells(evidence: Evidence) -> None:
    """Refuse models that nothing can be said of, for want of a single common cell.

    Raises:
        RequestError: a tuned and a base or reference model have no cell in common.
    """
    judged = evidence.recordings.drop_nulls("score")
    cells = {
        model.name: cells_of(judged.filter(pl.col("model") == model.name)).points for model in evidence.models
    }
    for tuned in (model.name for model in evidence.models if model.kind in TUNED_KINDS):
        for other in (model.name for model in evidence.models if model.kind in ("base", "recorded")):
            if cells[tuned] and cells[other] and not cells[tuned].keys() & cells[other].keys():
                raise RequestError(
                    f"{tuned} and {other} have no test case and prompt label in common, so nothing can be said of "
                    "the two; name models that were asked the same"
                )
