"""What it is worth: from recordings to a verdict.

`build_verdict` compares models on the test cases that were trained on and on those that never were, with
intervals over test cases, measures memorization and lists what may not be claimed; `sentence` says it in
one sentence, `print_verdict` on a terminal, `write_verdict` as `verdict.json`, a page, a block for the
model card and charts.
"""

from slingshot.verdict.build import ModelUnderTest, build_verdict
from slingshot.verdict.charts import Charts, draw_charts
from slingshot.verdict.contract import (
    Comparison,
    CostFacts,
    Memorization,
    ModelVerdict,
    Score,
    TaskScore,
    TrainingFacts,
    Verdict,
    VerdictWarning,
    read_verdict,
)
from slingshot.verdict.memorization import TrainingCode, ngram_overlap, verbatim_rate
from slingshot.verdict.page import render_page
from slingshot.verdict.table import print_verdict
from slingshot.verdict.wording import sentence
from slingshot.verdict.write import model_card_block, write_verdict

__all__ = [
    "Charts",
    "Comparison",
    "CostFacts",
    "Memorization",
    "ModelUnderTest",
    "ModelVerdict",
    "Score",
    "TaskScore",
    "TrainingCode",
    "TrainingFacts",
    "Verdict",
    "VerdictWarning",
    "build_verdict",
    "draw_charts",
    "model_card_block",
    "ngram_overlap",
    "print_verdict",
    "read_verdict",
    "render_page",
    "sentence",
    "verbatim_rate",
    "write_verdict",
]
