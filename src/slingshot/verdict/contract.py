"""The schema of `verdict.json`, version 1: what may be claimed from a run, and what may not.

Units: scores and differences of scores are points from 0 to 100; `solved` and everything named
`*_rate` or `*_overlap` is a share from 0 to 1; times are seconds, costs US dollars. `tasks` counts test
cases (the key keeps the field's word). A bound that cannot be known is null, never a guess.
"""

import json
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from slingshot.errors import RequestError
from slingshot.statistics import Claim

Kind = Literal["base", "adapter", "merged", "gguf", "recorded"]
Split = Literal["all", "seen", "variant", "held_out"]
TrainingSplit = Literal["seen", "variant", "held_out"]

SPLITS: tuple[Split, ...] = ("all", "seen", "variant", "held_out")
TRAINING_SPLITS: tuple[TrainingSplit, ...] = ("seen", "variant", "held_out")
TUNED_KINDS: tuple[Kind, ...] = ("adapter", "merged", "gguf")

Family = Literal["base", "reference", "all", "folds"]
"""Comparisons whose p values are corrected together, see `Comparison`."""


class _Part(BaseModel):
    """A part of the verdict. Unknown keys are errors; `_absent_when_none` keys are left out, not null."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    _absent_when_none: ClassVar[tuple[str, ...]] = ()

    @model_serializer(mode="wrap")
    def _leave_out(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        content: dict[str, Any] = serialize(self)
        return {k: v for k, v in content.items() if v is not None or k not in self._absent_when_none}


class Score(_Part):
    """A model on one split: the mean of its test-case means, with 95 % intervals over test cases.

    `samples` counts judged answers, `distinct_samples` the distinct texts in each cell, summed.
    """

    mean: float
    low: float | None
    high: float | None
    solved: float
    solved_low: float | None
    solved_high: float | None
    tasks: int
    samples: int
    distinct_samples: int
    tokens_per_second: float | None


class TaskScore(_Part):
    """A model on one test case. `split` is null for a test case that no split names.

    `variant_of` names the plain form of a variant: intervals and counts of test cases are over plain forms.
    """

    _absent_when_none: ClassVar[tuple[str, ...]] = ("variant_of",)

    mean: float
    solved: float
    samples: int
    distinct_samples: int
    split: TrainingSplit | None
    variant_of: str | None = None


class Memorization(_Part):
    """How much of a model's answers is training data, and how alike its answers to one question are.

    See `slingshot.verdict.memorization` and `slingshot.verdict.peakedness`; `peakedness` is absent where no
    cell has two answers.
    """

    _absent_when_none: ClassVar[tuple[str, ...]] = ("peakedness",)

    verbatim_rate: float
    ngram_overlap: float
    peakedness: float | None = None


class LossGap(_Part):
    """Losses of answers trained on against right ones never trained on, see `slingshot.verdict.losses`.

    They are those of the weights before quantization. Means are nats per token; `auc` runs from 0 to 1, with the ends of its 95 % interval.
    """

    trained: int
    untrained: int
    trained_mean: float
    untrained_mean: float
    auc: float
    low: float
    high: float


class ModelVerdict(_Part):
    """One model. `scores` and `memorization` have only the splits with judged test cases.

    `per_label` has the same scores for each prompt label. `memorization` is empty for recorded models, which
    may have written the training data. `losses` is there only where they were measured.
    """

    _absent_when_none: ClassVar[tuple[str, ...]] = ("file_sha256", "losses")

    name: str
    kind: Kind
    file_sha256: str | None = None
    scores: dict[Split, Score]
    per_task: dict[str, TaskScore]
    per_label: dict[str, dict[Split, Score]] = Field(default_factory=dict)
    memorization: dict[TrainingSplit, Memorization]
    losses: LossGap | None = None


class Comparison(_Part):
    """Model `a` minus model `b` on the cells that both have.

    `claim` follows the points and `solved_claim` the share of answers that pass all unit tests: "better" or
    "worse" when the 95 % interval of the difference excludes zero and the corrected p value is at most 0.05,
    "unknown" with fewer than two common test cases, else "no measurable difference".

    `p_value` is that of a sign-flip test over test cases, `p_adjusted` the same after Holm's correction within
    the comparison's `family`: `base` has all comparisons with base models on seen test cases, variants and
    held-out ones, `reference` those with recorded models, `all` those on all test cases, a mixture, `folds` the
    one of `Folds`. Points and solutions are corrected apart; comparisons on fewer than six test cases, which can
    claim nothing, correct no other.

    `tasks` counts the common test cases, `smallest_detectable_difference` is the true difference in points
    that so many would show 8 times in 10.
    """

    a: str
    b: str
    on: Split
    difference: float | None
    low: float | None
    high: float | None
    solved_difference: float | None
    solved_low: float | None
    solved_high: float | None
    tasks: int
    smallest_detectable_difference: float | None
    claim: Claim
    family: Family | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    solved_p_value: float | None = None
    solved_p_adjusted: float | None = None
    solved_claim: Claim | None = None


class VerdictWarning(_Part):
    """What may not be claimed, and why: a stable `code` and one sentence."""

    _absent_when_none: ClassVar[tuple[str, ...]] = ("models", "tasks")

    code: str
    message: str
    models: list[str] | None = None
    tasks: list[str] | None = None


class TrainingFacts(_Part):
    """What the training was; null where unknown, all of it for models that were not trained here."""

    rows: int | None = None
    distinct_prompts: int | None = None
    tokens_total: int | None = None
    tokens_supervised: int | None = None
    seconds: float | None = None
    tokens_per_second: float | None = None
    peak_memory_bytes: int | None = None
    final_loss: float | None = None


class StepCost(_Part):
    """One step of a run: foreseen before training began, and measured; what is unknown is null.

    Steps that were over when the rest was foreseen have no prediction. `joules` are those of the processor and its
    memory, whatever else ran on the machine.
    """

    predicted_seconds: float | None = None
    seconds: float | None = None
    predicted_usd: float | None = None
    usd: float | None = None
    joules: float | None = None


class PointCost(_Part):
    """Dollars that the run cost for each point that the tuned model gained over the base on a split.

    Where no gain may be claimed there is no figure but a `reason`, a clause in words.
    """

    _absent_when_none: ClassVar[tuple[str, ...]] = ("usd", "points", "reason")

    usd: float | None = None
    points: float | None = None
    reason: str | None = None


class PredictedOnGpu(_Part):
    """What the same would take on a graphics processor that was not used: predicted, nothing of it measured.

    `training_seconds` follow from its published `tflops` (dense 16-bit products, 10^12 a second), of which
    `share_of_peak` is assumed to be reached; `run_seconds` add all other steps but folds, as long as they took here.
    Dollars are null without a price. `fits` says whether the training fits into its memory.
    """

    name: str
    title: str
    tflops: float
    tflops_source: str
    share_of_peak: float
    fits: bool
    training_seconds: float
    run_seconds: float
    training_usd: float | None = None
    run_usd: float | None = None
    price_per_hour_usd: float | None = None
    price_source: str | None = None


class CostFacts(_Part):
    """The cost as it was predicted and as it was measured; `seconds` and `steps` by step.

    `price_date` says when the price held. `joules` are those of the processor over all steps, null where they
    could not be read; `energy_source` says from where, or why not. `per_point` is about the headline's models.
    """

    price_per_hour_usd: float | None = None
    price_source: str | None = None
    price_date: str | None = None
    predicted_usd: float | None = None
    predicted_seconds: float | None = None
    measured_usd: float | None = None
    seconds: dict[str, float] = Field(default_factory=dict)
    steps: dict[str, StepCost] = Field(default_factory=dict)
    joules: float | None = None
    energy_source: str | None = None
    per_point: dict[Literal["seen", "held_out"], PointCost] = Field(default_factory=dict)
    on_gpus: list[PredictedOnGpu] = Field(default_factory=list)


class FoldTask(_Part):
    """One fold: a test case left out, as the base answered it and as a model trained on all the others did.

    `rows` were trained on, to `final_loss`; `seconds` is what the fold took, all its steps together.
    """

    base: TaskScore
    tuned: TaskScore
    rows: int
    final_loss: float
    seconds: float


class Folds(_Part):
    """The method on test cases that it did not train on: each was left out of a training of its own.

    `tuned` pools the answers of all folds' models, each asked nothing but the test case it was not trained on;
    `base` has the base model's answers to the same questions. `comparison` is between these two, on `held_out`,
    under the names of the run's models. Scores have no `tokens_per_second`. What an answer owes to memory is
    measured against the training code of its own fold, the base's answers too. The models of two folds share most
    of their rows: the intervals speak of test cases, each with one training, and not of other training data.

    `parity` is the fold whose forms were compared, None if none was; `seconds` is what all folds took.
    """

    method: Literal["leave-one-out"] = "leave-one-out"
    base: Score
    tuned: Score
    comparison: Comparison
    per_task: dict[str, FoldTask]
    base_memorization: Memorization
    tuned_memorization: Memorization
    warnings: list[VerdictWarning]
    models_trained: int
    parity: str | None
    seconds: float


class JudgedOtherwise(_Part):
    """The same answers as a judge of another `mode` finds them, and recorded ones as they were recorded.

    `scores` are by model, those that `mode` could judge; `comparisons` are corrected among themselves. `recorded`
    has the scores that reference models came with, from a judge elsewhere: to be looked at, not compared with.
    """

    mode: str
    scores: dict[str, dict[Split, Score]]
    comparisons: list[Comparison]
    recorded: dict[str, dict[Split, Score]]


class Verdict(_Part):
    """The content of `verdict.json`.

    `folds` is there only where all folds of a run were finished, `judged_otherwise` where answers were judged twice.
    """

    _absent_when_none: ClassVar[tuple[str, ...]] = ("folds", "judged_otherwise")

    version: Literal[1] = 1
    models: list[ModelVerdict]
    comparisons: list[Comparison]
    warnings: list[VerdictWarning]
    training: TrainingFacts
    cost: CostFacts
    folds: Folds | None = None
    judged_otherwise: JudgedOtherwise | None = None

    @property
    def tuned(self) -> ModelVerdict | None:
        """The model that the headline is about: the first tuned one."""
        return next((model for model in self.models if model.kind in TUNED_KINDS), None)

    @property
    def base(self) -> ModelVerdict | None:
        """The model that it is compared with: the first base model."""
        return next((model for model in self.models if model.kind == "base"), None)

    def comparison(self, a: ModelVerdict | None, b: ModelVerdict | None, on: Split) -> Comparison | None:
        """The comparison of two models on a split, None when there is none."""
        if a is None or b is None:
            return None
        wanted = (a.name, b.name, on)
        return next((c for c in self.comparisons if (c.a, c.b, c.on) == wanted), None)

    def to_json(self) -> dict[str, Any]:
        """The value that `verdict.json` holds."""
        return self.model_dump(mode="json")


def read_verdict(path: Path) -> Verdict:
    """Read a `verdict.json`.

    Raises:
        RequestError: the file is missing or not a verdict of version 1.
    """
    try:
        return Verdict.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise RequestError(f"{path}: there is no such file; slingshot verdict writes one") from None
    except (ValidationError, ValueError) as error:
        reason = str(error).splitlines()
        raise RequestError(f"{path}: not a verdict of version 1: {' '.join(reason[:3])}") from None
