"""Which answers a table is about: those asked for, each in its row and its cell, and what was left out.

Every answer belongs to a row of the table and, within it, to a cell. Rows that answered the same cells can
be compared.

| by | a row is | a cell is | what an answer counts |
|---|---|---|---|
| model | a model; with corrections, a model and its strategy | test case x prompt label | 1 |
| scan | a model, an experiment and its parameters | test case x prompt label | 1 |
| quantization | a model and the type of its weights | test case x prompt label | 1 |
| prompt | a prompt label | test case x model | every model alike |
| test-case | a test case | model x prompt label | every model alike |

Plain answers are those of one question (`1SHOT`) and of no experiment. The tables by prompt, by test case and
by quantization know no others. Those by prompt and by test case average over models that may have answered unequally often: there a model's answers share
one weight, so that no label looks good because good models answered it more often. Like for like, the
answers of a cell share one weight, whatever the table.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from slingshot.errors import RequestError, suggest
from slingshot.leaderboard.coverage import gaps
from slingshot.leaderboard.forms import with_forms
from slingshot.leaderboard.wording import count_of
from slingshot.recordings.files import ONE_SHOT
from slingshot.recordings.load import plain_benchmark, sorted_by

By = Literal["model", "prompt", "test-case", "scan", "quantization"]
Group = Literal["hosted", "local"]
NOUNS: dict[By, str] = {
    "model": "model",
    "prompt": "prompt label",
    "test-case": "test case",
    "scan": "row",
    "quantization": "form",
}
# The two coordinates of a cell. In every table that knows an interval the first is the test case.
CELLS: dict[By, tuple[str, str]] = {
    "model": ("test_case", "prompt_label"),
    "scan": ("test_case", "prompt_label"),
    "quantization": ("test_case", "prompt_label"),
    "prompt": ("test_case", "model"),
    "test-case": ("model", "prompt_label"),
}
# What tables, warnings and charts are made of. Texts are not: distinct answers are counted by their hashes.
COLUMNS = (
    "model", "test_case", "prompt_label", "sample", "strategy", "experiment", "parameters", "prompt_hash",
    "answer_hash", "score", "solved", "finish_reason", "tokens_prompt", "tokens_answer", "elapsed_seconds",
    "cost_usd", "device", "schema", "served", "version_prompt", "version_pt", "judge", "form", "timestamp", "path",
)  # fmt: skip
# What the leaderboard groups by before it keeps the last answers. A scan's points have keys of their own.
HISTORY = ("device", "test_case", "model", "prompt_label", "strategy")


@dataclass(frozen=True)
class Question:
    """What is asked of the recordings.

    Attributes:
        by: what a row of the table is.
        prompts: only these prompt labels; all when empty.
        last: only the last so many answers of each device, test case, model, prompt label and strategy.
        group: only hosted or only local models.
        like_for_like: only cells that every row has, each of the same weight.
    """

    by: By = "model"
    prompts: Sequence[str] = ()
    last: int | None = None
    group: Group | None = None
    like_for_like: bool = False


@dataclass(frozen=True)
class Selection:
    """The answers that a table counts.

    Attributes:
        answers: those with a score, with the columns `row`, `cell_a` and `cell_b`, `weight`, and `group`
            (hosted, local or null); sorted by row and cell.
        unscored: those without a score, which count nowhere.
        notes: sentences about what was left out.
    """

    answers: pl.DataFrame
    unscored: pl.DataFrame
    notes: list[str]


def select_answers(frame: pl.DataFrame, question: Question) -> Selection:
    """Choose the answers that a question is about.

    Args:
        frame: all recordings, as `load_recordings` gives them; `COLUMNS` are enough.
        question: what is asked.

    Raises:
        RequestError: a prompt label is unknown, or nothing is left.
    """
    notes: list[str] = []
    if frame.is_empty():
        raise RequestError("there are no judged recordings; ask models with `slingshot bench`")
    labels = frame["prompt_label"].unique().to_list()
    for label in question.prompts:
        if label not in labels:
            raise RequestError(f"--prompts: no recordings under {label}{suggest(label, labels)}")
    answers = frame.with_columns(group=_group())
    if question.by == "quantization":
        answers = with_forms(answers)
    if question.prompts:
        answers = answers.filter(pl.col("prompt_label").is_in(list(question.prompts)))
    answers = _of_the_kind(answers, question.by, notes)
    if question.by == "quantization":
        answers = _of_known_type(answers, notes)
    if question.group:
        answers = _of_the_group(answers, question.group, notes)
    answers = _placed(answers, question.by)
    if question.last:
        answers = _last(answers, question)
    unscored, answers = answers.filter(pl.col("score").is_null()), answers.drop_nulls("score")
    if answers.is_empty():
        raise RequestError("none of these answers has a score: judge them first, with `slingshot judge`")
    if question.like_for_like:
        answers = _common_cells(answers, question.by, notes)
    return Selection(_weighted(answers, question), unscored, notes)


def _group() -> pl.Expr:
    """Where a model ran: as recorded; else, for the leaderboard's answers, by the recorder's schema.

    Our own recordings say it, or it is unknown: their schema is that of the endpoint, local or not.
    """
    ours = pl.col("version_pt").str.starts_with("slingshot").fill_null(value=False)
    local = pl.col("schema").str.contains("Ollama|LocalServer")
    by_schema = pl.when(local).then(pl.lit("local")).otherwise(pl.lit("hosted"))
    unknown = ours | pl.col("schema").is_null()
    return pl.coalesce("served", pl.when(unknown).then(None).otherwise(by_schema))


def _of_the_kind(answers: pl.DataFrame, by: By, notes: list[str]) -> pl.DataFrame:
    """Plain answers, a scan's, or with corrections, whichever the table is about."""
    scans, corrected = (
        pl.col("experiment") != "",
        (pl.col("strategy") != ONE_SHOT) & (pl.col("experiment") == ""),
    )
    if by == "scan":
        chosen = answers.filter(scans)
        if chosen.is_empty():
            raise RequestError("--by scan: these recordings hold no experiment; take --by model")
        return chosen
    chosen = answers.filter(~scans) if by == "model" else plain_benchmark(answers)
    experiments = answers.filter(scans).height
    if experiments:
        notes.append(f"{count_of(experiments, 'answer')} of experiments left out: --by scan shows them.")
    if by != "model" and (left_out := answers.filter(corrected).height):
        notes.append(f"{count_of(left_out, 'answer')} with corrections left out: --by model shows them.")
    if chosen.is_empty():
        raise RequestError("these recordings hold experiments only; take --by scan")
    return chosen


def _of_known_type(answers: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """The answers of models whose type is known."""
    known = answers.drop_nulls("quantization")
    if known.is_empty():
        raise RequestError(
            "--by quantization: of no model here is it known how it was quantized; ask one in several types with "
            "`slingshot bench --quantizations`"
        )
    unknown = answers.filter(pl.col("quantization").is_null())
    if unknown.height:
        names = count_of(unknown["model"].n_unique(), "model")
        notes.append(
            f"{count_of(unknown.height, 'answer')} of {names} left out: how they were quantized is not known."
        )
    if named := known.filter("named")["model"].n_unique():
        notes.append(f"The type of {count_of(named, 'model')} is the one that the model's name ends with.")
    return known


def _of_the_group(answers: pl.DataFrame, group: Group, notes: list[str]) -> pl.DataFrame:
    """The answers of hosted or of local models."""
    unknown = answers.filter(pl.col("group").is_null())
    if unknown.height:
        names = count_of(unknown["model"].n_unique(), "model")
        notes.append(
            f"{count_of(unknown.height, 'answer')} of {names} left out: hosted or local is not recorded."
        )
    chosen = answers.filter(pl.col("group") == group)
    if chosen.is_empty():
        raise RequestError(f"--group: no answers of {group} models among these recordings")
    return chosen


def _placed(answers: pl.DataFrame, by: By) -> pl.DataFrame:
    """The answers with the name of their row and the coordinates of their cell."""
    strategy = (
        pl.when(pl.col("strategy") == ONE_SHOT).then(pl.lit("")).otherwise(pl.format(" ({})", "strategy"))
    )
    words = {text: settings_in_words(text) for text in answers["parameters"].unique()}
    settings = pl.col("parameters").replace_strict(words, return_dtype=pl.String)
    rows = {
        "model": pl.concat_str("model", strategy),
        "scan": pl.concat_str(pl.format("{} · {} · {}", "model", "experiment", settings), strategy),
        "quantization": pl.concat_str("base", "quantization", separator=" · "),
        "prompt": pl.col("prompt_label"),
        "test-case": pl.col("test_case"),
    }
    first, second = CELLS[by]
    return answers.with_columns(row=rows[by], cell_a=pl.col(first), cell_b=pl.col(second))


def settings_in_words(parameters: str) -> str:
    """`temperature=0.5 top_p=0.9`, or that nothing but the defaults is recorded."""
    settings = json.loads(parameters)
    return " ".join(f"{name}={value}" for name, value in sorted(settings.items())) or "by default"


def _last(answers: pl.DataFrame, question: Question) -> pl.DataFrame:
    """The last answers of each device, test case, model, prompt label and strategy, by their timestamps."""
    keys = [*HISTORY, *(("experiment", "parameters") if question.by == "scan" else ())]
    ordered = answers.sort("timestamp", "path", maintain_order=True)
    return ordered.group_by(keys, maintain_order=True).tail(question.last or 0)


def _common_cells(answers: pl.DataFrame, by: By, notes: list[str]) -> pl.DataFrame:
    """The answers in cells that every row has."""
    rows = answers["row"].unique().sort().to_list()
    cells = answers.select("row", "cell_a", "cell_b").unique()
    common = cells.group_by("cell_a", "cell_b").len().filter(pl.col("len") == len(rows))
    noun = NOUNS[by]
    if common.is_empty():
        fewest, first, second = _least_in_common(cells)
        remedy = "choose with --prompts" if by == "prompt" else "leave out the recordings of one of them"
        raise RequestError(
            f"--like-for-like: no cell is common to all of {count_of(len(rows), noun)}; least in common, "
            f"{count_of(fewest, 'cell')}, have {first} and {second}: {remedy}"
        )
    total = cells.select("cell_a", "cell_b").unique().height
    if common.height < total:
        notes.append(
            f"Like for like on {common.height} of {count_of(total, 'cell')}, each counting the same; "
            f"dropped: {gaps(cells, CELLS[by], noun)}."
        )
    else:
        notes.append(f"Like for like: every {noun} has all {count_of(total, 'cell')}, each counts the same.")
    return answers.join(common.select("cell_a", "cell_b"), on=["cell_a", "cell_b"], how="semi")


def _least_in_common(cells: pl.DataFrame) -> tuple[int, str, str]:
    """The two rows with the fewest common cells, and how many these are."""
    own = {
        name: set(of_row.select("cell_a", "cell_b").iter_rows()) for (name,), of_row in cells.group_by("row")
    }
    names = sorted(own)
    pairs = ((len(own[a] & own[b]), a, b) for place, a in enumerate(names) for b in names[place + 1 :])
    return min(pairs)


def _weighted(answers: pl.DataFrame, question: Question) -> pl.DataFrame:
    """The answers with what each counts in its row, sorted by row and cell."""
    if question.like_for_like:
        weight = 1 / pl.len().over("row", "cell_a", "cell_b")
    elif question.by in ("prompt", "test-case"):
        weight = 1 / pl.len().over("row", "model")
    else:
        weight = pl.lit(1.0)
    keys = ["row", "cell_a", "cell_b", "sample", "path"]
    return sorted_by(answers.with_columns(weight=weight), keys)
