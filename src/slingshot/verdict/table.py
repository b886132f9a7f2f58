"""The verdict on a terminal: compact tables, the warnings, and the sentence last."""

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from slingshot.verdict.contract import SPLITS, ModelVerdict, Verdict
from slingshot.verdict.costs import cost_lines, cost_tables
from slingshot.verdict.folds_text import fold_warnings, folds_table
from slingshot.verdict.otherwise_text import LIKE_WITH_LIKE, otherwise_sentences, otherwise_table
from slingshot.verdict.wording import (
    ALL_INCLUDES_SEEN,
    SPLIT_NAMES,
    folds_in_words,
    memorization_in_words,
    p_in_words,
    percent,
    percent_points,
    points,
    sentence,
    shares,
)


def print_verdict(verdict: Verdict, console: Console) -> None:
    """Print scores, test cases, comparisons, warnings and cost, ending in the sentence.

    Made for 100 columns. Names come from files of others: they are printed as text, never as markup.
    """
    console.print(_scores(verdict))
    console.print(_test_cases(verdict))
    if len({label for model in verdict.models for label in model.per_label}) > 1:
        console.print(_prompt_labels(verdict))
    tables = _comparisons(verdict)
    for table in tables:
        console.print(table)
    if tables and any("seen" in model.scores for model in verdict.models):
        console.print(Text(ALL_INCLUDES_SEEN + "\n", style="dim"))
    if found := verdict.judged_otherwise:
        console.print(otherwise_table(verdict, found))
        for line in (LIKE_WITH_LIKE, *otherwise_sentences(found)):
            console.print(Text(line, style="dim"))
        console.print()
    if any(model.memorization for model in verdict.models):
        console.print(_memorization(verdict))
        for line in memorization_in_words(verdict):
            console.print(Text(line, style="dim"))
        console.print()
    if verdict.folds:
        console.print(folds_table(verdict, verdict.folds))
        for line in folds_in_words(verdict.folds):
            console.print(Text(line, style="dim"))
        console.print()
    for line in cost_lines(verdict, beside_tables=True):
        console.print(Text(line, style="dim"))
    for table in cost_tables(verdict.cost):
        console.print(table)
    if warnings := [*verdict.warnings, *fold_warnings(verdict.folds)]:
        console.print(Text("\nWhat may not be claimed", style="bold"))
        for warning in warnings:
            message = Text.assemble((f"{warning.code}  ", "yellow"), warning.message)
            console.print(Padding(message, (0, 0, 0, 2)))
    console.print(Text("\n" + sentence(verdict), style="bold"))


def _table(title: str) -> Table:
    """An empty table in the house style."""
    return Table(
        title=Text(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )


def _scores(verdict: Verdict) -> Table:
    """A row for each model and split."""
    table = _table("Scores (0 to 100) and share solved, with 95 % intervals over test cases")
    table.add_column("model", overflow="fold", max_width=30)
    table.add_column("on (test cases)", no_wrap=True)
    for heading in ("score", "solved", "distinct/samples"):
        table.add_column(heading, justify="right", no_wrap=True)
    for model in verdict.models:
        for index, split in enumerate(split for split in SPLITS if split in model.scores):
            score = model.scores[split]
            table.add_row(
                Text(model.name if index == 0 else ""),
                f"{SPLIT_NAMES[split].removesuffix(' test cases')} ({score.tasks})",
                points(score.mean, score.low, score.high),
                shares(score.solved, score.solved_low, score.solved_high),
                f"{score.distinct_samples}/{score.samples}",
            )
    return table


def _test_cases(verdict: Verdict) -> Table:
    """A row for each test case, a column for the headline's models: score and share solved."""
    table = _table("Test cases: score, share solved")
    table.add_column("test case", overflow="fold")
    table.add_column("split")
    models = _headline(verdict)
    for model in models:
        table.add_column(Text(model.name, overflow="fold"), justify="right")
    known = {name: task.split for model in models for name, task in model.per_task.items()}
    order = {split: index for index, split in enumerate(SPLITS)}
    for name, split in sorted(known.items(), key=lambda item: (order[item[1] or "all"], item[0])):
        found = (model.per_task.get(name) for model in models)
        cells = (f"{task.mean:.1f}, {percent(task.solved)}" if task else "–" for task in found)
        table.add_row(Text(name), SPLIT_NAMES[split].removesuffix(" test cases") if split else "–", *cells)
    return table


def _prompt_labels(verdict: Verdict) -> Table:
    """A row for each prompt label, a column for the headline's models: score on all test cases, share solved."""
    table = _table("Prompt labels, on all test cases: score, share solved")
    table.add_column("prompt label", overflow="fold")
    models = _headline(verdict)
    for model in models:
        table.add_column(Text(model.name, overflow="fold"), justify="right")
    for label in sorted({label for model in models for label in model.per_label}):
        found = [model.per_label.get(label, {}).get("all") for model in models]
        cells = [
            f"{points(score.mean, score.low, score.high)}, {percent(score.solved)}" if score else "–"
            for score in found
        ]
        table.add_row(Text(label), *cells)
    return table


def _headline(verdict: Verdict) -> list[ModelVerdict]:
    """The models with a column of their own: base and tuned, or the first two."""
    return [model for model in (verdict.base, verdict.tuned) if model] or verdict.models[:2]


def _comparisons(verdict: Verdict) -> list[Table]:
    """A table for each pair of models, a row for each split."""
    tables: dict[tuple[str, str], Table] = {}
    for compared in verdict.comparisons:
        pair = (compared.a, compared.b)
        if pair not in tables:
            tables[pair] = _table(f"{compared.a} minus {compared.b}")
            tables[pair].add_column("on (common\ntest cases)", no_wrap=True)
            for heading in ("points", "solved,\n% points", "p"):
                tables[pair].add_column(heading, justify="right", no_wrap=True)
            # At 80 columns too: all else may be looked up, the claim is what is quoted.
            tables[pair].add_column("claim", min_width=len("measurable"))
        tables[pair].add_row(
            f"{SPLIT_NAMES[compared.on].removesuffix(' test cases')} ({compared.tasks})",
            points(compared.difference, compared.low, compared.high, sign=True),
            percent_points(compared.solved_difference, compared.solved_low, compared.solved_high),
            p_in_words(compared.p_adjusted),
            compared.claim,
        )
    return list(tables.values())


def _memorization(verdict: Verdict) -> Table:
    """A row for each model and split."""
    table = _table("Memorization: answers that are training code")
    table.add_column("model", overflow="fold", max_width=40)
    table.add_column("on")
    table.add_column("verbatim", justify="right")
    table.add_column("13-gram overlap", justify="right")
    table.add_column("near its usual answer", justify="right")
    for model in verdict.models:
        for index, (split, measured) in enumerate(model.memorization.items()):
            table.add_row(
                Text(model.name if index == 0 else ""),
                SPLIT_NAMES[split].removesuffix(" test cases"),
                percent(measured.verbatim_rate),
                f"{measured.ngram_overlap:.2f}",
                "–" if measured.peakedness is None else percent(measured.peakedness),
            )
    return table
