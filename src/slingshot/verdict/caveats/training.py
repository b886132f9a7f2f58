"""Warnings about the training data: rows that repeat, rows that give away what was held out or validated on."""

from collections import Counter

from slingshot.dataset import Row
from slingshot.leaderboard.wording import listed
from slingshot.verdict.contract import TUNED_KINDS, Verdict, VerdictWarning
from slingshot.verdict.training_data import TrainingData
from slingshot.verdict.wording import count_of


def caveats_of_training(verdict: Verdict, data: TrainingData) -> list[VerdictWarning]:
    """All warnings that training data deserve; none where they are unknown."""
    tuned = [model.name for model in verdict.models if model.kind in TUNED_KINDS]
    return [
        *_duplicate_rows(data, tuned),
        *_overlap(data, tuned),
        *_validation_leak(data, tuned),
    ]


def _duplicate_rows(data: TrainingData, tuned: list[str]) -> list[VerdictWarning]:
    """A warning if training rows have equal answers."""
    copies = Counter(data.answers)
    if len(copies) == len(data.rows):
        return []
    repeated = {answer for answer, count in copies.items() if count > 1}
    most = copies.most_common(1)[0][1]
    return [
        VerdictWarning(
            code="duplicate-rows",
            message=f"of {count_of(len(data.rows), 'training row')} {len(copies):,} have distinct answers, one "
            f"answer stands in {most}: what is there twice is learnt by heart sooner, and the number of rows "
            "says more than there was to learn, do not quote it.",
            models=tuned,
            tasks=sorted({row.test_case for row in data.rows if row.answer in repeated} - {""}),
        )
    ]


def _overlap(data: TrainingData, tuned: list[str]) -> list[VerdictWarning]:
    """A warning if training rows show something of held-out test cases."""
    if not data.overlap:
        return []
    parts = [f"{name} ({count_of(rows, 'row')})" for name, rows in sorted(data.overlap.items())]
    return [
        VerdictWarning(
            code="overlap",
            message=f"training rows show questions, code, unit tests or examples of held-out test cases: "
            f"{listed(parts)}; what a model scores there is no evidence that it generalizes, claim nothing on "
            "held-out test cases before it is trained without these rows.",
            models=tuned,
            tasks=sorted(data.overlap),
        )
    ]


def _validation_leak(data: TrainingData, tuned: list[str]) -> list[VerdictWarning]:
    """A warning if validation rows have what training rows have."""
    questions, answers = {_question(row) for row in data.rows}, set(data.answers)
    asked = [row for row in data.validation if _question(row) in questions]
    answered = [row for row in data.validation if row.answer in answers]
    if not asked and not answered:
        return []
    return [
        VerdictWarning(
            code="validation-leak",
            message=f"of {count_of(len(data.validation), 'validation row')} {len(asked):,} have a question and "
            f"{len(answered):,} an answer of the training rows: the validation loss measures what was trained "
            "on and cannot show overfitting, do not quote it as evidence; split by test case.",
            models=tuned,
            tasks=sorted({row.test_case for row in (*asked, *answered)} - {""}),
        )
    ]


def _question(row: Row) -> tuple[str, ...]:
    """All that was said before the answer, without what a system message says of every question."""
    return tuple(message["content"] for message in row.messages[:-1] if message["role"] != "system")
