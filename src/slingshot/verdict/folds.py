"""Leaving one test case out, again and again: what a method is worth on each test case that it did not train on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path

import polars as pl

from slingshot.dataset import read_rows
from slingshot.recordings.load import load_recordings
from slingshot.verdict.build import ModelUnderTest, build_verdict
from slingshot.verdict.cells import Cells, cells_of
from slingshot.verdict.contract import CostFacts, Folds, FoldTask, Memorization, TrainingFacts
from slingshot.verdict.memorization import TrainingCode
from slingshot.verdict.peakedness import peakedness


@dataclass(frozen=True)
class Fold:
    """A training without one test case.

    Attributes:
        test_case: the one that was left out.
        recordings: the judged answers that the trained model gave to it.
        training_answers: what it was trained on.
        final_loss: of that training.
        seconds: what all steps of the fold took.
    """

    test_case: str
    recordings: pl.DataFrame
    training_answers: Sequence[str]
    final_loss: float
    seconds: float


def read_fold(folder: Path, test_case: str, final_loss: float, seconds: float) -> Fold:
    """A finished fold from its folder: what it was trained on, and what it answered.

    Raises:
        RequestError: its training rows are not there.
    """
    answers = [row.answer for row in read_rows(folder / "dataset" / "train.jsonl")]
    return Fold(test_case, load_recordings(folder / "recordings" / "benchmark"), answers, final_loss, seconds)


def folds_of_run(run: Path, folds: Folds | None) -> list[Fold]:
    """The folds of a run of which its folder still has the answers."""
    known = folds.per_task if folds else {}
    return [
        read_fold(folder, name, fold.final_loss, fold.seconds)
        for name, fold in known.items()
        if ((folder := run / "folds" / name) / "recordings").is_dir()
    ]


def pool_folds(
    folds: Sequence[Fold],
    base: str,
    tuned: str,
    recordings: pl.DataFrame,
    *,
    extract: Callable[[str], str],
    parity: str | None = None,
) -> Folds | None:
    """Say what the folds show together, against the base model on the same cells.

    The figures are those of `build_verdict`, of the pooled answers as if one model had given them. None where
    not one test case has judged answers of both.

    Args:
        folds: at least one, each of another test case.
        base: the base model's name in `recordings`.
        tuned: the name that stands for the models of all folds.
        recordings: the base model's judged answers; those of other models and to other test cases are ignored.
        extract: finds the code in an answer; returns "" when there is none.
        parity: the fold whose forms were compared.
    """
    names = [fold.test_case for fold in folds]
    theirs = recordings.filter((pl.col("model") == base) & pl.col("test_case").is_in(names))
    ours = [
        fold.recordings.filter(pl.col("test_case") == fold.test_case).with_columns(model=pl.lit(tuned))
        for fold in folds
    ]
    pooled = pl.concat([theirs, *ours])
    found = build_verdict(
        pooled,
        [ModelUnderTest(base, "base"), ModelUnderTest(tuned, "gguf")],
        seen=[],
        held_out=names,
        training_answers=[],
        training=TrainingFacts(),
        cost=CostFacts(),
        extract=extract,
    )
    before, after = found.models
    comparison = found.comparison(after, before, "held_out")
    if comparison is None:
        return None
    judged = pooled.drop_nulls("score")
    cells = {name: cells_of(judged.filter(pl.col("model") == name)) for name in (base, tuned)}
    code = {fold.test_case: TrainingCode(fold.training_answers, extract) for fold in folds}
    return Folds(
        base=before.scores["held_out"],
        tuned=after.scores["held_out"],
        comparison=comparison.model_copy(update={"family": "folds"}),
        per_task={
            fold.test_case: FoldTask(
                base=before.per_task[fold.test_case],
                tuned=after.per_task[fold.test_case],
                rows=len(fold.training_answers),
                final_loss=fold.final_loss,
                seconds=fold.seconds,
            )
            for fold in folds
            if fold.test_case in before.per_task and fold.test_case in after.per_task
        },
        base_memorization=_memorization(cells[base], code),
        tuned_memorization=_memorization(cells[tuned], code),
        warnings=found.warnings,
        models_trained=len(folds),
        parity=parity,
        seconds=fsum(fold.seconds for fold in folds),
    )


def _memorization(cells: Cells, code: dict[str, TrainingCode]) -> Memorization:
    """How much of a model's answers is training code, each looked up in the code of its own test case's fold."""
    parts, counts = list[Memorization](), list[int]()
    for test_case, of_fold in code.items():
        own = cells.within({test_case})
        if own.samples:
            parts.append(of_fold.measure([answer for cell in own.answers.values() for answer in cell]))
            counts.append(own.samples)
    total = sum(counts)
    return Memorization(
        verbatim_rate=fsum(n * part.verbatim_rate for n, part in zip(counts, parts, strict=True)) / total,
        ngram_overlap=fsum(n * part.ngram_overlap for n, part in zip(counts, parts, strict=True)) / total,
        peakedness=peakedness(cells.answers.values(), next(iter(code.values())).extract),
    )
