"""Does it work: answers judged by running their code in real Julia, inside a sandbox."""

from slingshot.judge.evaluation import Evaluation, failing_item
from slingshot.judge.judge import Judge, Mode, Submission, judge, judge_many
from slingshot.judge.julia.extract import extract_code
from slingshot.judge.julia.server import HarnessError
from slingshot.judge.sandbox import Limits

__all__ = [
    "Evaluation",
    "HarnessError",
    "Judge",
    "Limits",
    "Mode",
    "Submission",
    "extract_code",
    "failing_item",
    "judge",
    "judge_many",
]
