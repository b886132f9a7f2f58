"""Does it work: answers judged by running their code in real Julia, inside a sandbox."""

from slingshot.judge.evaluation import Evaluation
from slingshot.judge.extract import extract_code
from slingshot.judge.judge import HarnessError, Judge, judge, judge_many
from slingshot.judge.sandbox import Limits

__all__ = ["Evaluation", "HarnessError", "Judge", "Limits", "extract_code", "judge", "judge_many"]
