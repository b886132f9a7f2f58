"""What the page says of trainings that left a test case out."""

from slingshot.verdict.contract import Verdict
from slingshot.verdict.costs import duration
from slingshot.verdict.page.chosen import Chosen
from slingshot.verdict.page.html import Cell, caveats, note, notes, table
from slingshot.verdict.page.scores import comparison_table, score_cell, solved_cell, task_cell
from slingshot.verdict.wording import count_of, folds_in_words, percent


def folds_section(verdict: Verdict, chosen: Chosen) -> str:
    """The section on test cases left out one by one; empty where there were no such trainings."""
    found = verdict.folds
    if found is None:
        return ""
    c = found.comparison
    pooled = [
        (c.b, found.base, found.base_memorization),
        ("trained without the test case", found.tuned, found.tuned_memorization),
    ]
    scores: list[list[str | Cell]] = [
        [
            name,
            score_cell(score),
            solved_cell(score),
            Cell(f"{score.tasks}", score.tasks),
            Cell(f"{score.distinct_samples} / {score.samples}", score.distinct_samples),
            Cell(percent(own.verbatim_rate), own.verbatim_rate),
            Cell(f"{own.ngram_overlap:.2f}", own.ngram_overlap),
        ]
        for name, score, own in pooled
    ]
    trained_on = verdict.tuned.per_task if verdict.tuned else {}
    rows: list[list[str | Cell]] = [
        [
            name,
            task_cell(fold.base, chosen.test_case(c.b, name)),
            task_cell(fold.tuned, chosen.fold(name)),
            task_cell(trained_on.get(name), chosen.test_case(c.a, name)),
            Cell(f"{fold.rows:,}", fold.rows),
            Cell(f"{fold.final_loss:.4f}", fold.final_loss),
            Cell(duration(fold.seconds), fold.seconds),
        ]
        for name, fold in found.per_task.items()
    ]
    parity = f" The forms of the model of fold {found.parity} were compared." if found.parity else ""
    said = (
        f"{count_of(found.models_trained, 'model')} trained in {duration(found.seconds)}, each on all test cases but one, "
        "which it was then asked; the base model's answers are those of the run. Two folds share most of their rows: "
        f"intervals speak of test cases, and not of other training data.{parity}"
    )
    return (
        '<section aria-labelledby="folds">\n<h2 id="folds">Each test case left out once</h2>\n'
        + notes(folds_in_words(found))
        + table(
            "Scores over all test cases left out",
            [
                "answers of",
                "score",
                "solved",
                "test cases",
                "distinct / samples",
                "verbatim",
                "13-gram overlap",
            ],
            scores,
            range(1, 7),
        )
        + comparison_table("The difference on test cases left out", [c], None)
        + table(
            "Test cases left out",
            ["left out", "base", "trained without it", "trained on it", "rows", "final loss", "time"],
            rows,
            range(1, 7),
        )
        + note(said)
        + caveats(found.warnings)
        + "</section>"
    )
