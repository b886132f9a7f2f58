"""From recordings to a verdict: scores per split, paired comparisons, memorization, warnings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import polars as pl

from slingshot.errors import RequestError
from slingshot.statistics import (
    RESAMPLES,
    Cell,
    PairedDifference,
    claim,
    interval_over_test_cases,
    paired_difference,
    smallest_detectable_difference,
)
from slingshot.verdict.caveats import caveats
from slingshot.verdict.contract import (
    SPLITS,
    TRAINING_SPLITS,
    TUNED_KINDS,
    Comparison,
    CostFacts,
    Kind,
    Memorization,
    ModelVerdict,
    Score,
    Split,
    TaskScore,
    TrainingFacts,
    TrainingSplit,
    Verdict,
)
from slingshot.verdict.memorization import TrainingCode


@dataclass(frozen=True)
class ModelUnderTest:
    """A model whose answers are judged: `name` as the recordings' column `model` has it.

    `tokens_per_second` is measured where the answers were made: the sum of tokens over the sum of
    elapsed times would be wrong for answers that were asked concurrently.
    """

    name: str
    kind: Kind
    file_sha256: str | None = None
    tokens_per_second: float | None = None


@dataclass
class _Cells:
    """A model's judged answers by cell: points, solved as 0 or 1, the number of distinct texts."""

    points: dict[Cell, list[float]] = field(default_factory=dict)
    solved: dict[Cell, list[float]] = field(default_factory=dict)
    distinct: dict[Cell, int] = field(default_factory=dict)
    answers: dict[Cell, list[str]] = field(default_factory=dict)

    def within(self, test_cases: set[str]) -> "_Cells":
        """The cells of some test cases."""
        return _Cells(
            points={cell: values for cell, values in self.points.items() if cell[0] in test_cases},
            solved={cell: values for cell, values in self.solved.items() if cell[0] in test_cases},
            distinct={cell: count for cell, count in self.distinct.items() if cell[0] in test_cases},
            answers={cell: texts for cell, texts in self.answers.items() if cell[0] in test_cases},
        )


def build_verdict(
    recordings: pl.DataFrame,
    models: Sequence[ModelUnderTest],
    seen: Sequence[str],
    held_out: Sequence[str],
    training_answers: Sequence[str],
    training: TrainingFacts,
    cost: CostFacts,
    *,
    extract: Callable[[str], str],
    variant: Sequence[str] = (),
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Verdict:
    """Say what may be claimed about models from their recordings.

    Every tuned model is compared with every base and every recorded model, on all test cases and on each
    split. Answers that could not be judged (null score) count nowhere and are named in the warnings.

    Args:
        recordings: the frame of `slingshot.recordings.load_recordings`; other models in it are ignored.
        models: whom the verdict is about; the first tuned and the first base one make the headline.
        seen: names of the test cases trained on.
        held_out: names of those never trained on.
        training_answers: the answers trained on; empty when unknown, memorization is then left out.
        training: what the training was.
        cost: what it cost.
        extract: finds the code in an answer; returns "" when there is none.
        variant: names of the test cases that are changed forms of seen ones.
        resamples: of the bootstrap.
        seed: of the bootstrap; the same seed gives the same verdict.

    Raises:
        RequestError: a model is listed twice or has no recording, or a test case is in two splits.
    """
    split_of = _split_of_test_cases(seen, variant, held_out)
    _check_models(recordings, models)
    mine = recordings.filter(pl.col("model").is_in([model.name for model in models])).sort(
        "model", "test_case", "prompt_label", "timestamp", "sample", "answer"
    )
    judged = mine.filter(pl.col("score").is_not_null())
    cells = {model.name: _cells(judged.filter(pl.col("model") == model.name)) for model in models}
    names = {test_case for own in cells.values() for test_case, _ in own.points}
    members: dict[Split, set[str]] = {"all": names}
    for split in TRAINING_SPLITS:
        members[split] = {name for name in names if split_of.get(name) == split}
    code = TrainingCode(training_answers, extract) if training_answers else None
    verdicts = [
        _model_verdict(model, cells[model.name], members, split_of, code, resamples, seed) for model in models
    ]
    comparisons, paired = [], []
    for a in (model for model in models if model.kind in TUNED_KINDS):
        for b in sorted((m for m in models if m.kind in ("base", "recorded")), key=lambda m: m.kind):
            for on in SPLITS:
                ours, theirs = cells[a.name].within(members[on]), cells[b.name].within(members[on])
                if ours.points and theirs.points:
                    comparison, points = _comparison(a.name, b.name, on, ours, theirs, resamples, seed)
                    comparisons.append(comparison)
                    paired.append(points)
    verdict = Verdict(models=verdicts, comparisons=comparisons, warnings=[], training=training, cost=cost)
    return verdict.model_copy(update={"warnings": caveats(verdict, mine, paired)})


def _split_of_test_cases(
    seen: Sequence[str], variant: Sequence[str], held_out: Sequence[str]
) -> dict[str, TrainingSplit]:
    """The split of each named test case.

    Raises:
        RequestError: a test case is in two splits.
    """
    split_of: dict[str, TrainingSplit] = {}
    for split, names in zip(TRAINING_SPLITS, (seen, variant, held_out), strict=True):
        for name in names:
            if split_of.setdefault(name, split) != split:
                raise RequestError(
                    f"the test case {name} is named as {split_of[name]} and as {split}; "
                    "a test case is either trained on or not, remove it from one list"
                )
    return split_of


def _check_models(recordings: pl.DataFrame, models: Sequence[ModelUnderTest]) -> None:
    """Refuse models that are listed twice or were never recorded."""
    recorded = set(recordings["model"].unique())
    names = [model.name for model in models]
    if not names:
        raise RequestError("a verdict needs at least one model; name one")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RequestError(f"{', '.join(twice)}: listed twice; name every model once")
    if missing := [name for name in names if name not in recorded]:
        known = ", ".join(sorted(recorded)) or "none"
        raise RequestError(f"{', '.join(missing)}: no judged answers in the recordings; they have {known}")


def _cells(frame: pl.DataFrame) -> _Cells:
    """One model's judged answers by cell, from its rows of the frame."""
    cells = _Cells()
    columns = frame.select("test_case", "prompt_label", "score", "solved", "answer")
    for test_case, label, score, solved, answer in columns.iter_rows():
        cell = (test_case, label)
        cells.points.setdefault(cell, []).append(score)
        cells.solved.setdefault(cell, []).append(float(solved))
        cells.answers.setdefault(cell, []).append(answer)
    cells.distinct = {cell: len(set(answers)) for cell, answers in cells.answers.items()}
    return cells


def _by_test_case(cells: dict[Cell, list[float]]) -> dict[str, list[float]]:
    """Values pooled over the prompt labels of each test case."""
    pooled: dict[str, list[float]] = {}
    for (test_case, _), values in cells.items():
        pooled.setdefault(test_case, []).extend(values)
    return pooled


def _distinct_by_test_case(cells: _Cells) -> dict[str, int]:
    """The number of distinct answers of each test case: distinct texts in each cell, summed."""
    summed: dict[str, int] = {}
    for (test_case, _), distinct in cells.distinct.items():
        summed[test_case] = summed.get(test_case, 0) + distinct
    return summed


def _model_verdict(
    model: ModelUnderTest,
    cells: _Cells,
    members: dict[Split, set[str]],
    split_of: dict[str, TrainingSplit],
    code: TrainingCode | None,
    resamples: int,
    seed: int,
) -> ModelVerdict:
    """One model's scores per split and test case, and its memorization."""
    by_split = {split: own for split in SPLITS if (own := cells.within(members[split])).points}
    memorization: dict[TrainingSplit, Memorization] = {}
    if code:
        for split in TRAINING_SPLITS:
            if split in by_split:
                answers = [answer for cell in by_split[split].answers.values() for answer in cell]
                memorization[split] = code.measure(answers)
    points, solved = _by_test_case(cells.points), _by_test_case(cells.solved)
    distinct = _distinct_by_test_case(cells)
    return ModelVerdict(
        name=model.name,
        kind=model.kind,
        file_sha256=model.file_sha256,
        scores={split: _score(own, model, resamples, seed) for split, own in by_split.items()},
        per_task={
            name: TaskScore(
                mean=sum(values) / len(values),
                solved=sum(solved[name]) / len(values),
                samples=len(values),
                distinct_samples=distinct[name],
                split=split_of.get(name),
            )
            for name, values in sorted(points.items())
        },
        memorization=memorization,
    )


def _score(cells: _Cells, model: ModelUnderTest, resamples: int, seed: int) -> Score:
    """A model's score on the test cases of `cells`."""
    distinct = _distinct_by_test_case(cells)
    points = interval_over_test_cases(
        _by_test_case(cells.points), distinct=distinct, resamples=resamples, seed=seed
    )
    solved = interval_over_test_cases(
        _by_test_case(cells.solved), scale=(0.0, 1.0), distinct=distinct, resamples=resamples, seed=seed
    )
    return Score(
        mean=points.mean,
        low=points.low,
        high=points.high,
        solved=solved.mean,
        solved_low=solved.low,
        solved_high=solved.high,
        tasks=len(distinct),
        samples=sum(len(values) for values in cells.points.values()),
        distinct_samples=sum(distinct.values()),
        tokens_per_second=model.tokens_per_second,
    )


def _comparison(
    a: str, b: str, on: Split, ours: _Cells, theirs: _Cells, resamples: int, seed: int
) -> tuple[Comparison, PairedDifference]:
    """Model `a` against model `b` on a split, and the paired difference of the points."""

    def paired(
        values_a: dict[Cell, list[float]], values_b: dict[Cell, list[float]], top: float
    ) -> PairedDifference:
        return paired_difference(
            values_a,
            values_b,
            scale=(0.0, top),
            a_distinct=ours.distinct,
            b_distinct=theirs.distinct,
            resamples=resamples,
            seed=seed,
        )

    points = paired(ours.points, theirs.points, 100.0)
    solved = paired(ours.solved, theirs.solved, 1.0)
    comparison = Comparison(
        a=a,
        b=b,
        on=on,
        difference=points.mean,
        low=points.low,
        high=points.high,
        solved_difference=solved.mean,
        solved_low=solved.low,
        solved_high=solved.high,
        tasks=len(points.by_test_case),
        smallest_detectable_difference=smallest_detectable_difference(list(points.by_test_case.values())),
        claim=claim(points.mean, points.low, points.high),
    )
    return comparison, points
