"""What it is worth: from recordings to a verdict.

`build_verdict` compares models on the test cases that were trained on and on those that never were, with
intervals over test cases, measures memorization and lists what may not be claimed; `sentence` says it in
one sentence, `print_verdict` on a terminal, `write_verdict` as `verdict.json`, a page, a block for the
model card and charts. `evidence_of_run` and `evidence_of_recordings` gather what it rests on.
"""

from slingshot.verdict.build import ModelUnderTest, build_verdict
from slingshot.verdict.charts import Charts, draw_charts
from slingshot.verdict.contract import (
    Comparison,
    CostFacts,
    Folds,
    FoldTask,
    JudgedOtherwise,
    Kind,
    LossGap,
    Memorization,
    ModelVerdict,
    PointCost,
    PredictedOnGpu,
    Score,
    StepCost,
    TaskScore,
    TrainingFacts,
    Verdict,
    VerdictWarning,
    read_verdict,
)
from slingshot.verdict.evidence import (
    Evidence,
    Names,
    Otherwise,
    check_common_cells,
    evidence_of_recordings,
    evidence_of_run,
)
from slingshot.verdict.folds import Fold, folds_of_run, pool_folds
from slingshot.verdict.losses import loss_gap
from slingshot.verdict.memorization import TrainingCode, ngram_overlap, verbatim_rate
from slingshot.verdict.page import Sources, render_page
from slingshot.verdict.peakedness import peakedness
from slingshot.verdict.table import print_verdict
from slingshot.verdict.training_data import TrainingData, read_training_data
from slingshot.verdict.wording import sentence
from slingshot.verdict.write import model_card_block, write_verdict

__all__ = [
    "Charts",
    "Comparison",
    "CostFacts",
    "Evidence",
    "Fold",
    "FoldTask",
    "Folds",
    "JudgedOtherwise",
    "Kind",
    "LossGap",
    "Memorization",
    "ModelUnderTest",
    "ModelVerdict",
    "Names",
    "Otherwise",
    "PointCost",
    "PredictedOnGpu",
    "Score",
    "Sources",
    "StepCost",
    "TaskScore",
    "TrainingCode",
    "TrainingData",
    "TrainingFacts",
    "Verdict",
    "VerdictWarning",
    "build_verdict",
    "check_common_cells",
    "draw_charts",
    "evidence_of_recordings",
    "evidence_of_run",
    "folds_of_run",
    "loss_gap",
    "model_card_block",
    "ngram_overlap",
    "peakedness",
    "pool_folds",
    "print_verdict",
    "read_training_data",
    "read_verdict",
    "render_page",
    "sentence",
    "verbatim_rate",
    "write_verdict",
]
