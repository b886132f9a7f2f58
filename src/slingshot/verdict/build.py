"""From recordings to a verdict: scores per split, paired comparisons, memorization, warnings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from slingshot.errors import RequestError, suggest
from slingshot.statistics import RESAMPLES, Cell, Interval, interval_over_test_cases
from slingshot.verdict.caveats import caveats
from slingshot.verdict.cells import Cells, by_test_case, cells_of, distinct_by_test_case
from slingshot.verdict.comparing import Compared, compare, with_claims
from slingshot.verdict.contract import (
    SPLITS,
    TRAINING_SPLITS,
    TUNED_KINDS,
    CostFacts,
    Family,
    Kind,
    LossGap,
    Memorization,
    ModelVerdict,
    Score,
    Split,
    TaskScore,
    TrainingFacts,
    TrainingSplit,
    Verdict,
)
from slingshot.verdict.costs import with_cost_per_point
from slingshot.verdict.memorization import TrainingCode
from slingshot.verdict.peakedness import peakedness
from slingshot.verdict.training_data import TrainingData


@dataclass(frozen=True)
class ModelUnderTest:
    """A model whose answers are judged: `name` as the recordings' column `model` has it.

    `tokens_per_second` is measured where the answers were made: the sum of tokens over the sum of
    elapsed times would be wrong for answers that were asked concurrently. `losses` are those of
    `slingshot.verdict.losses`, for whoever has the model at hand.
    """

    name: str
    kind: Kind
    file_sha256: str | None = None
    tokens_per_second: float | None = None
    losses: LossGap | None = None


@dataclass(frozen=True)
class _Bootstrap:
    """How intervals are drawn."""

    resamples: int
    seed: int


@dataclass(frozen=True)
class _Families:
    """The split of each test case, and the plain form of each variant."""

    split_of: Mapping[str, TrainingSplit]
    plain_of: Mapping[str, str]


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
    plain_of: Mapping[str, str] | None = None,
    data: TrainingData | None = None,
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
        plain_of: the plain form's name of each variant that is known to be one: intervals are over plain forms.
        data: the rows trained on, of which `training_answers` need not be named then; without them nothing
            is said about repeated and leaked rows.
        resamples: of the bootstrap.
        seed: of the bootstrap; the same seed gives the same verdict.

    Raises:
        RequestError: a model is listed twice or has no recording, a test case is in two splits, or a score
            is out of range.
    """
    split_of = _split_of_test_cases(seen, variant, held_out)
    _check_models(recordings, models)
    mine = recordings.filter(pl.col("model").is_in([model.name for model in models])).sort(
        "model", "test_case", "prompt_label", "timestamp", "sample", "answer"
    )
    _check_scores(mine)
    judged = mine.filter(pl.col("score").is_not_null())
    cells = {model.name: cells_of(judged.filter(pl.col("model") == model.name)) for model in models}
    names = {test_case for own in cells.values() for test_case, _ in own.points}
    members: dict[Split, set[str]] = {"all": names}
    for split in TRAINING_SPLITS:
        members[split] = {name for name in names if split_of.get(name) == split}
    answers = list(training_answers) or (data.answers if data else [])
    code = TrainingCode(answers, extract) if answers else None
    bootstrap = _Bootstrap(resamples, seed)
    families = _Families(split_of, plain_of or {})
    verdicts = [
        _model_verdict(model, cells[model.name], members, families, code, bootstrap) for model in models
    ]
    compared = _compared(models, cells, members, families, bootstrap)
    comparisons = with_claims(compared, seed)
    verdict = Verdict(models=verdicts, comparisons=comparisons, warnings=[], training=training, cost=cost)
    found = caveats(verdict, mine, cells, [one.points for one in compared], data or TrainingData([]))
    return verdict.model_copy(update={"warnings": found, "cost": with_cost_per_point(verdict)})


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
    if not recorded:
        raise RequestError("no judged answers in the recordings; judge them first, with `slingshot judge`")
    for name in names:
        if name not in recorded:
            raise RequestError(f"{name}: no judged answers in the recordings{suggest(name, recorded)}")


def _check_scores(recordings: pl.DataFrame) -> None:
    """Refuse scores that no judge of ours gives: they would move every mean, and the intervals with them."""
    wrong = recordings.filter(~pl.col("score").is_between(0, 100) | pl.col("score").is_nan())
    if wrong.height:
        path, score = wrong.select("path", "score").row(0)
        raise RequestError(
            f"{path}: a score of {score:g}, where 0 to 100 is possible; more unit tests or examples passed "
            "than there are: judge it again (`slingshot judge`) or remove it"
        )


def _compared(
    models: Sequence[ModelUnderTest],
    cells: Mapping[str, Cells],
    members: Mapping[Split, set[str]],
    families: "_Families",
    bootstrap: _Bootstrap,
) -> list[Compared]:
    """Every tuned model beside every base, then every recorded one, on each split that both have."""
    found = []
    for a in (model for model in models if model.kind in TUNED_KINDS):
        for b in sorted((m for m in models if m.kind in ("base", "recorded")), key=lambda m: m.kind):
            for on in SPLITS:
                ours, theirs = cells[a.name].within(members[on]), cells[b.name].within(members[on])
                ours, theirs = ours.in_families(families.plain_of), theirs.in_families(families.plain_of)
                if ours.points and theirs.points:
                    family: Family = "all" if on == "all" else "base" if b.kind == "base" else "reference"
                    found.append(
                        compare(a.name, b.name, on, family, ours, theirs, bootstrap.resamples, bootstrap.seed)
                    )
    return found


def _model_verdict(
    model: ModelUnderTest,
    cells: Cells,
    members: Mapping[Split, set[str]],
    families: "_Families",
    code: TrainingCode | None,
    bootstrap: _Bootstrap,
) -> ModelVerdict:
    """One model's scores per split, test case and prompt label, and its memorization."""
    by_split = {split: own for split in SPLITS if (own := cells.within(members[split])).points}
    points, solved = by_test_case(cells.points), by_test_case(cells.solved)
    distinct = distinct_by_test_case(cells)
    plain_of = families.plain_of
    unlabelled = replace(model, tokens_per_second=None)  # it was measured over all labels
    return ModelVerdict(
        name=model.name,
        kind=model.kind,
        file_sha256=model.file_sha256,
        scores={
            split: _score(own.in_families(plain_of), model, bootstrap) for split, own in by_split.items()
        },
        per_task={
            name: TaskScore(
                mean=sum(values) / len(values),
                solved=sum(solved[name]) / len(values),
                samples=len(values),
                distinct_samples=distinct[name],
                split=families.split_of.get(name),
                variant_of=plain_of.get(name),
            )
            for name, values in sorted(points.items())
        },
        per_label={
            label: {
                split: _score(under.in_families(plain_of), unlabelled, bootstrap)
                for split, own in by_split.items()
                if (under := own.under(label)).points
            }
            for label in sorted({label for _, label in cells.points})
        },
        memorization={} if code is None or model.kind == "recorded" else _memorization(by_split, code),
        losses=model.losses,
    )


def _memorization(by_split: Mapping[Split, Cells], code: TrainingCode) -> dict[TrainingSplit, Memorization]:
    """How much of a model's answers is training data, on each split."""
    found: dict[TrainingSplit, Memorization] = {}
    for split in TRAINING_SPLITS:
        if own := by_split.get(split):
            answers = [answer for of_cell in own.answers.values() for answer in of_cell]
            peaked = peakedness(own.answers.values(), code.extract)
            found[split] = code.measure(answers).model_copy(update={"peakedness": peaked})
    return found


def _score(cells: Cells, model: ModelUnderTest, bootstrap: _Bootstrap) -> Score:
    """A model's score on the test cases of `cells`."""
    distinct = distinct_by_test_case(cells)

    def interval(values: Mapping[Cell, Sequence[float]], top: float) -> Interval:
        return interval_over_test_cases(
            by_test_case(values),
            scale=(0.0, top),
            distinct=distinct,
            resamples=bootstrap.resamples,
            seed=bootstrap.seed,
        )

    points, solved = interval(cells.points, 100.0), interval(cells.solved, 1.0)
    return Score(
        mean=points.mean,
        low=points.low,
        high=points.high,
        solved=solved.mean,
        solved_low=solved.low,
        solved_high=solved.high,
        tasks=len(distinct),
        samples=cells.samples,
        distinct_samples=sum(distinct.values()),
        tokens_per_second=model.tokens_per_second,
    )
