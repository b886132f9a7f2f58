"""The warnings of a verdict: what keeps its numbers from meaning what they seem to mean.

| code | when |
|---|---|
| `identical-samples` | on some split fewer than half of a model's answers are distinct |
| `single-samples` | a model answered once in every cell |
| `unlike-cells` | a comparison had to drop cells that only one side has |
| `few-test-cases` | a split has fewer than 10 test cases |
| `quantized-better-than-full` | a quantized model scores above its own unquantized form |
| `unlike-judges` | answers were judged by different judges |
| `mixed-devices` | answers were made on different devices |
| `zero-cost` | a cost is recorded as zero, which is unknown |
| `unavailable-test-cases` | answers could not be judged here, for lack of a Julia package for instance |
| `harness-errors` | answers have no score for another reason |
| `cut-off-answers` | more than 10 % of a model's answers ended at the token limit |
| `duplicate-rows` | training rows have equal answers |
| `overlap` | training rows show something of held-out test cases |
| `validation-leak` | validation rows have a question or an answer that training rows have |
"""

from collections.abc import Sequence

import polars as pl

from slingshot.statistics import PairedDifference
from slingshot.verdict.caveats.answers import caveats_of_answers
from slingshot.verdict.caveats.comparisons import caveats_of_comparisons
from slingshot.verdict.caveats.training import caveats_of_training
from slingshot.verdict.cells import Cells
from slingshot.verdict.contract import Verdict, VerdictWarning
from slingshot.verdict.training_data import TrainingData


def caveats(
    verdict: Verdict,
    recordings: pl.DataFrame,
    cells: dict[str, Cells],
    paired: Sequence[PairedDifference],
    data: TrainingData,
) -> list[VerdictWarning]:
    """All warnings that a verdict deserves.

    Args:
        verdict: the verdict, still without warnings.
        recordings: all answers of its models, those without a score too.
        cells: the judged answers of each model.
        paired: the differences in points behind `verdict.comparisons`, in their order.
        data: what the tuned models were trained on, without rows where that is unknown.
    """
    return [
        *caveats_of_answers(verdict, recordings),
        *caveats_of_comparisons(verdict, cells, paired),
        *caveats_of_training(verdict, data),
    ]
