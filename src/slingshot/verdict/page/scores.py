"""The page's tables of scores: by split, by prompt label and by test case, and the models compared."""

from itertools import groupby

from slingshot.verdict.contract import SPLITS, Comparison, Score, Split, TaskScore, Verdict
from slingshot.verdict.otherwise_text import (
    LIKE_WITH_LIKE,
    otherwise_headings,
    otherwise_rows,
    otherwise_sentences,
)
from slingshot.verdict.page.chosen import Chosen
from slingshot.verdict.page.html import UNKNOWN, Cell, in_form, note, notes, split_name, table
from slingshot.verdict.wording import (
    ALL_INCLUDES_SEEN,
    claim_in_words,
    count_of,
    p_in_words,
    percent,
    percent_points,
    points,
    shares,
)


def scores_table(verdict: Verdict, chosen: Chosen) -> str:
    """The table of scores, a row for each model and split."""
    headings = ["model", "form", "on", "score", "solved", "test cases", "distinct / samples", "tokens/s"]
    rows: list[list[str | Cell]] = []
    for model in verdict.models:
        for split in SPLITS:
            if score := model.scores.get(split):
                speed = score.tokens_per_second
                place = chosen.split(model.name, split)
                rows.append(
                    [
                        model.name,
                        model.kind,
                        split_name(split),
                        score_cell(score, place),
                        solved_cell(score, place),
                        Cell(f"{score.tasks}", score.tasks),
                        Cell(f"{score.distinct_samples} / {score.samples}", score.distinct_samples),
                        Cell(in_form(speed, "{:,.0f}") or UNKNOWN, speed),
                    ]
                )
    said = note(
        "Mean score, 0 to 100: parsing, running, unit tests and examples count alike. Solved is the share of "
        "answers that pass all unit tests. In brackets the 95 % interval over test cases. A score leads to its answers."
    )
    return said + table("Scores by model", headings, rows, {3, 4, 5, 6, 7})


def score_cell(score: Score, place: str = "") -> Cell:
    """A mean score with its interval."""
    return Cell(points(score.mean, score.low, score.high), score.mean, place)


def solved_cell(score: Score, place: str = "") -> Cell:
    """A share solved with its interval."""
    return Cell(shares(score.solved, score.solved_low, score.solved_high), score.solved, place)


def comparison_tables(verdict: Verdict, chosen: Chosen) -> str:
    """A table for each pair of models with the claim on each split, empty when there is none."""
    if not verdict.comparisons:
        return ""
    parts = [
        note(
            "On the test cases and prompt labels that both have. p is that of sign flips over test cases, corrected for "
            "the number of comparisons (Holm), before that in brackets; a claim needs an interval clear of zero and a "
            "corrected p of at most 0.05. Detectable is the difference that so many test cases would show 8 times in 10."
        )
    ]
    if any("seen" in model.scores for model in verdict.models):
        parts.append(note(ALL_INCLUDES_SEEN))
    for (a, b), compared in groupby(verdict.comparisons, key=lambda c: (c.a, c.b)):
        parts.append(comparison_table(f"{a} minus {b}", list(compared), chosen))
    return "\n".join(parts)


def comparison_table(caption: str, comparisons: list[Comparison], chosen: Chosen | None) -> str:
    """One pair of models: both claims on each split, and each in words; with `chosen` in words too, and with links to answers."""
    rows: list[list[str | Cell]] = []
    for c in comparisons:
        place = chosen.split(c.a, c.on) if chosen else ""
        detectable = c.smallest_detectable_difference
        solved = percent_points(c.solved_difference, c.solved_low, c.solved_high)
        rows.append(
            [
                split_name(c.on),
                Cell(points(c.difference, c.low, c.high, sign=True), c.difference, place),
                Cell(_p(c.p_adjusted, c.p_value), c.p_adjusted),
                c.claim,
                Cell(solved, c.solved_difference, place),
                Cell(_p(c.solved_p_adjusted, c.solved_p_value), c.solved_p_adjusted),
                c.solved_claim or UNKNOWN,
                Cell(f"{c.tasks}", c.tasks),
                Cell(in_form(detectable, "{:.0f} points") or UNKNOWN, detectable),
            ]
        )
    headings = [
        *("on", "points", "p of points", "claim on points", "solved, % points", "p of solved"),
        *("claim on solved", "test cases", "detectable"),
    ]
    words = [f"On {_on(c.on)}: {claim_in_words(c)}." for c in comparisons] if chosen else []
    return table(caption, headings, rows, {1, 2, 4, 5, 7, 8}) + notes(words)


def otherwise_section(verdict: Verdict) -> str:
    """The same answers from another judge, and as they were recorded; empty where they were judged once."""
    found = verdict.judged_otherwise
    if not found:
        return ""
    rows: list[list[str | Cell]] = [list(row) for row in otherwise_rows(verdict, found)]
    shown = table("The same answers, judged otherwise", otherwise_headings(found), rows, {2, 3, 4})
    return note(LIKE_WITH_LIKE) + shown + notes(otherwise_sentences(found))


def _on(split: Split) -> str:
    return {
        "all": "all",
        "seen": "seen test cases",
        "variant": "variants",
        "held_out": "held-out test cases",
    }[split]


def _p(adjusted: float | None, plain: float | None) -> str:
    """The corrected p value, and the uncorrected one behind it where that is another."""
    if adjusted is None and plain is not None:
        return f"{UNKNOWN} ({p_in_words(plain)})"
    if plain is None or plain == adjusted:
        return p_in_words(adjusted)
    return f"{p_in_words(adjusted)} ({p_in_words(plain)})"


def label_table(verdict: Verdict, chosen: Chosen) -> str:
    """Scores by prompt label and split, a column for each model; empty with a single label."""
    labels = sorted({label for model in verdict.models for label in model.per_label})
    if len(labels) < 2:
        return ""
    rows: list[list[str | Cell]] = []
    for label in labels:
        for split in SPLITS:
            found = [model.per_label.get(label, {}).get(split) for model in verdict.models]
            if any(found):
                cells = [
                    Cell(
                        f"{points(score.mean, score.low, score.high)}, {percent(score.solved)}",
                        score.mean,
                        chosen.label(model.name, label),
                    )
                    if score
                    else Cell(UNKNOWN)
                    for model, score in zip(verdict.models, found, strict=True)
                ]
                rows.append([label, split_name(split), *cells])
    headings = ["prompt label", "on", *(model.name for model in verdict.models)]
    return (
        "<h3>By prompt label</h3>\n"
        + note("The same test cases, asked in other words: mean score with its interval, share solved.")
        + table("Scores by prompt label", headings, rows, range(2, len(headings)))
    )


def test_case_table(verdict: Verdict, chosen: Chosen) -> str:
    """The table of test cases, split by split, a column for each model."""
    splits = {name: task.split for model in verdict.models for name, task in model.per_task.items()}
    order = {split: index for index, split in enumerate((*SPLITS[1:], None))}
    rows: list[list[str | Cell]] = []
    for name, split in sorted(splits.items(), key=lambda item: (order[item[1]], item[0])):
        cells = [
            task_cell(model.per_task.get(name), chosen.test_case(model.name, name))
            for model in verdict.models
        ]
        rows.append([name, split_name(split) if split else UNKNOWN, *cells])
    headings = ["test case", "split", *(model.name for model in verdict.models)]
    said = note("Mean score, share solved and number of samples; held-out ones were never trained on.")
    held_out = sum(split == "held_out" for split in splits.values())
    return said + table(
        f"{count_of(len(rows), 'test case')} by model, {held_out} of them held out",
        headings,
        rows,
        range(2, len(headings)),
    )


def task_cell(task: TaskScore | None, place: str) -> Cell:
    """A model on a test case: score, share solved and number of samples."""
    if task is None:
        return Cell(UNKNOWN, None, place)
    return Cell(f"{task.mean:.1f}, {percent(task.solved)} of {task.samples}", task.mean, place)
