"""The warnings of a table: what keeps its rows from meaning what they seem to mean, or from being compared.

| code | when |
|---|---|
| `unlike-cells` | rows answered different cells; with what comparing like for like would change |
| `missing-cells` | some rows lack cells, or have fewer answers in them, than others |
| `identical-samples` | fewer than half of a row's answers differ from the others of their cell |
| `unlike-prompts` | behind one prompt label stand different messages to the same test case |
| `unlike-judges` | the answers were not judged alike |
| `mixed-versions` | one model's answers are of several versions of a test case, recorders or judges |
| `mixed-parameters` | one model's answers were sampled with different parameters |
| `mixed-devices` | the answers were timed on different devices |
| `not-judged` | answers have no score, and count nowhere |
| `cut-off` | more than 10 % of a row's answers ended at the token limit |
| `zero-costs` | hosted models whose costs are recorded as zero, which is unknown |
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from slingshot.leaderboard.coverage import gaps
from slingshot.leaderboard.order import order_like_for_like
from slingshot.leaderboard.rows import Row
from slingshot.leaderboard.selection import CELLS, NOUNS, By, Selection, settings_in_words
from slingshot.leaderboard.wording import count_of, listed, percent
from slingshot.recordings.files import ONE_SHOT

CUT_OFF_SHARE = 0.1
ROWS_OF_MODELS = ("model", "scan", "quantization")
SAMPLING = ("temperature", "top_p", "top_k", "max_tokens")


@dataclass(frozen=True)
class Caveat:
    """One warning: a code that stays the same, and a sentence."""

    code: str
    message: str
    models: Sequence[str] = field(default_factory=list)
    tasks: Sequence[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The warning as a JSON object; `models` and `tasks` are left out where it is about none."""
        about = {"models": list(self.models), "tasks": list(self.tasks)}
        return {"code": self.code, "message": self.message, **{k: v for k, v in about.items() if v}}


def find_caveats(selection: Selection, rows: Sequence[Row], by: By) -> list[Caveat]:
    """All warnings that a table deserves.

    Args:
        selection: the answers behind it, with the column `cost`.
        rows: its rows.
        by: what a row is.
    """
    answers = selection.answers
    compared = [row for row in rows if row.about.get("strategy", ONE_SHOT) == ONE_SHOT]
    return [
        *_unlike_cells(answers, compared, by),
        *_missing_cells(answers, compared, by),
        *_identical_samples(answers),
        *_unlike_prompts(answers),
        *_unlike_judges(answers),
        *_mixed_versions(answers),
        *_mixed_parameters(answers, by),
        *_mixed_devices(answers),
        *_not_judged(selection.unscored),
        *_cut_off(answers),
        *_zero_costs(answers),
    ]


def _unlike_cells(answers: pl.DataFrame, rows: Sequence[Row], by: By) -> list[Caveat]:
    """A warning if rows stand on different cells."""
    order = order_like_for_like(answers, rows)
    if not order.unlike:
        return []
    noun, pairs = NOUNS[by], len(rows) * (len(rows) - 1) // 2
    who = f"{order.unlike:,} of {count_of(pairs, 'pair')} of {noun}s" if pairs > 1 else listed(order.rows)
    text = (
        f"{who} did not answer the same cells ({order.common:,} are common to all), so their scores do not "
        "compare as they stand. "
    )
    if order.changes:
        most = order.changes[0]
        number = f"{len(order.changes):,} of them" if pairs > 1 else "they"
        text += (
            f"On the cells that a pair shares, {number} would change places, most of all {most.ahead}, here "
            f"{most.shown:.1f} above {most.behind}, there {most.alike:.1f} below"
        )
    elif order.apart < order.unlike:
        text += f"On the cells that a pair shares, {'none of them' if pairs > 1 else 'they'} would "
        text += "change places" if pairs > 1 else "keep their places"
    if order.apart:
        text += "; " if not text.endswith(" ") else ""
        text += f"{count_of(order.apart, 'pair')} {'has' if order.apart == 1 else 'have'} no cell in common"
    tasks = sorted(_lacking(answers, rows)["cell_a"].unique()) if CELLS[by][0] == "test_case" else []
    names = order.rows if by in ROWS_OF_MODELS else []
    remedy = "compare with --like-for-like or the same --prompts" if order.common else "choose with --prompts"
    return [Caveat("unlike-cells", f"{text}; {remedy}.", names, tasks)]


def _missing_cells(answers: pl.DataFrame, rows: Sequence[Row], by: By) -> list[Caveat]:
    """A warning if rows lack cells that others have, or answers in them."""
    noun, lacking = NOUNS[by], _lacking(answers, rows)
    counts = answers.filter(pl.col("row").is_in([row.name for row in rows]))
    counts = counts.group_by("row", "cell_a", "cell_b").len()
    parts = []
    if lacking.height and by in ROWS_OF_MODELS:
        total = counts.select("cell_a", "cell_b").n_unique()
        parts.append(
            f"of {count_of(total, 'cell')} some are lacking: {gaps(counts.drop('len'), CELLS[by], noun)}"
        )
    elif lacking.height:
        total = counts.select("cell_a", "cell_b").n_unique()
        fewest = sorted((row.cells, row.name) for row in rows if row.cells < total)
        parts.append(
            f"of {count_of(total, 'cell')}, " + listed([f"{name} has {own}" for own, name in fewest])
        )
    spread = counts.group_by("cell_a", "cell_b").agg(
        (pl.col("len").max() > pl.col("len").min()).alias("uneven")
    )
    if spread["uneven"].any():
        means = counts.group_by("row").agg(pl.col("len").mean()).sort("len", "row")
        (few, least), (many, most) = means.row(0), means.row(-1)
        smallest, largest = counts.select(a=pl.col("len").min(), b=pl.col("len").max()).row(0)
        parts.append(
            f"answers in a cell run from {smallest} to {largest}, on average from {least:.1f} ({few}) to "
            f"{most:.1f} ({many})"
        )
    if not parts:
        return []
    models = sorted(lacking["row"].unique()) if by in ROWS_OF_MODELS else []
    return [Caveat("missing-cells", f"{_sentence('; '.join(parts))}.", models)]


def _lacking(answers: pl.DataFrame, rows: Sequence[Row]) -> pl.DataFrame:
    """The cells that each row lacks and another has: `row`, `cell_a`, `cell_b`."""
    cells = answers.filter(pl.col("row").is_in([row.name for row in rows])).select("row", "cell_a", "cell_b")
    every = cells.select("row").unique().join(cells.select("cell_a", "cell_b").unique(), how="cross")
    return every.join(cells.unique(), on=["row", "cell_a", "cell_b"], how="anti")


def _identical_samples(answers: pl.DataFrame) -> list[Caveat]:
    """A warning if rows consist of copies for the most part, each named with its figures."""
    cells = answers.group_by("model", "strategy", "test_case", "prompt_label").agg(
        pl.len(), distinct=pl.col("answer_hash").n_unique()
    )
    models = cells.group_by("model").agg(pl.col("len").sum(), pl.col("distinct").sum())
    few = models.filter(2 * pl.col("distinct") < pl.col("len")).sort("distinct", "model")
    if few.is_empty():
        return []
    figures = [f"{model} {distinct} of {samples}" for model, samples, distinct in few.iter_rows()]
    repeated = cells.join(few.select("model"), on="model").filter(2 * pl.col("distinct") < pl.col("len"))
    return [
        Caveat(
            "identical-samples",
            f"Few answers are distinct: {listed(figures)}. Copies are no samples: intervals rest on test "
            "cases, however many answers each has, and std, zeros and full scores count each copy.",
            few["model"].to_list(),
            sorted(repeated["test_case"].unique()),
        )
    ]


def _unlike_prompts(answers: pl.DataFrame) -> list[Caveat]:
    """A warning if one prompt label stands for several wordings."""
    # A correction is asked with the answer that it corrects: its messages are another's by nature.
    hashed = answers.filter(pl.col("strategy") == ONE_SHOT).drop_nulls("prompt_hash")
    cells = hashed.group_by("test_case", "prompt_label").agg(wordings=pl.col("prompt_hash").n_unique())
    unlike = cells.filter(pl.col("wordings") > 1)
    if unlike.is_empty():
        return []
    labels = unlike.group_by("prompt_label").agg(pl.col("wordings").max()).sort("prompt_label")
    named = [f"{label} ({wordings} wordings)" for label, wordings in labels.iter_rows()]
    touched = hashed.join(unlike, on=["test_case", "prompt_label"], how="semi")
    within = touched.group_by("model", "test_case", "prompt_label").agg(pl.col("prompt_hash").n_unique())
    mixing = sorted(within.filter(pl.col("prompt_hash") > 1)["model"].unique())
    where = f"within {listed(mixing)}" if mixing else "between models, never within one"
    # The wording of most answers to each question is the usual one; who was asked otherwise is named.
    usual = touched.group_by("test_case", "prompt_label").agg(
        pl.col("prompt_hash").sort().mode(maintain_order=True).first().alias("usual")
    )
    other = touched.join(usual, on=["test_case", "prompt_label"]).filter(
        pl.col("prompt_hash") != pl.col("usual")
    )
    rest = sorted(other["model"].unique())
    return [
        Caveat(
            "unlike-prompts",
            f"The messages behind {listed(named)} differ, {where}: the less usual wording was put to "
            f"{count_of(len(rest), 'model')} ({listed(rest)}), which compare with the others only under "
            "other prompt labels.",
            rest,
            sorted(unlike["test_case"].unique())
            if unlike["test_case"].n_unique() < answers["test_case"].n_unique()
            else [],
        )
    ]


def _unlike_judges(answers: pl.DataFrame) -> list[Caveat]:
    """A warning if not all answers were judged by the same judge."""
    judges = (
        answers.group_by("judge").agg(pl.len(), pl.col("model").unique().sort()).sort("len", descending=True)
    )
    if judges.height < 2:
        return []
    known = [json.loads(judge or "{}") for judge in judges["judge"]]
    differing = [
        key
        for key in dict.fromkeys(key for one in known for key in one)
        if len({str(one.get(key)) for one in known if one}) > 1
    ]
    described = [
        f"{_judge(one, differing)} ({count_of(answered, 'answer')}, {listed(models, 2)})"
        for one, (_, answered, models) in zip(known, judges.iter_rows(), strict=True)
    ]
    rest = sorted({model for models in judges["model"][1:] for model in models})
    return [
        Caveat(
            "unlike-judges",
            f"Not judged alike: {listed(described)}. Scores of different judges do not compare; judge all "
            "answers again with one (`slingshot judge`).",
            rest,
        )
    ]


def _judge(known: Mapping[str, Any], differing: Sequence[str]) -> str:
    """Who judged, by what the judges differ in."""
    if not known:
        return "as recorded by the public leaderboard"
    keys = [key for key in differing if key != "mode"] or ["julia"]
    rest = ", ".join(f"{key} {known.get(key, 'unknown')}" for key in keys)
    return f"{known.get('mode', 'unknown')} mode, {rest}"


def _mixed_versions(answers: pl.DataFrame) -> list[Caveat]:
    """A warning if one model's answers are of several versions."""
    found: dict[str, list[str]] = {}
    for column, keys, word in (
        ("version_prompt", ["model", "test_case"], "versions of a test case"),
        ("version_pt", ["model"], "recorders"),
        ("judge", ["model"], "judges"),
    ):
        mixed = answers.group_by(keys).agg(pl.col(column).drop_nulls().unique().sort())
        for (model,), of_model in mixed.filter(pl.col(column).list.len() > 1).group_by(
            "model", maintain_order=True
        ):
            values = sorted({value for values in of_model[column] for value in values})
            told = f": {listed(values)}" if column != "judge" else ""
            found.setdefault(str(model), []).append(f"{len(values)} {word}{told}")
    if not found:
        return []
    named = [f"{model} ({'; '.join(found[model])})" for model in sorted(found)]
    return [Caveat("mixed-versions", f"One name, several versions: {listed(named)}.", sorted(found))]


def _mixed_parameters(answers: pl.DataFrame, by: By) -> list[Caveat]:
    """A warning if a row mixes answers that were sampled with different parameters."""
    if by == "scan":
        return []  # there the parameters make the row
    settings = {}
    for text in answers["parameters"].unique():
        known = {key: value for key, value in json.loads(text).items() if key in SAMPLING}
        settings[text] = settings_in_words(json.dumps(known))
    sampled = answers.with_columns(
        sampling=pl.col("parameters").replace_strict(settings, return_dtype=pl.String)
    )
    mixed = sampled.group_by("model", "strategy").agg(pl.col("sampling").unique().sort())
    mixed = mixed.filter(pl.col("sampling").list.len() > 1).sort("model")
    if mixed.is_empty():
        return []
    named = [f"{model} ({listed(values)})" for model, _, values in mixed.iter_rows()]
    return [
        Caveat(
            "mixed-parameters",
            f"One name, several ways to sample: {listed(named)}.",
            mixed["model"].unique(maintain_order=True).to_list(),
        )
    ]


def _mixed_devices(answers: pl.DataFrame) -> list[Caveat]:
    """A warning if elapsed times come from different devices."""
    devices = answers.drop_nulls("device").group_by("device").agg(pl.col("model").n_unique())
    if devices.height < 2:
        return []
    named = [
        f"{device} ({count_of(models, 'model')})"
        for device, models in devices.sort(["model", "device"], descending=[True, False]).iter_rows()
    ]
    several = (
        answers.group_by("model").agg(pl.col("device").drop_nulls().n_unique()).filter(pl.col("device") > 1)
    )
    mixing = sorted(several["model"])
    inside = f"; {listed(mixing)} on several" if mixing else ""
    return [
        Caveat(
            "mixed-devices",
            f"Timed on {count_of(devices.height, 'device')}: {listed(named)}{inside}. Seconds compare within one "
            "device only; those of hosted models are their provider's and the network's.",
            mixing,
        )
    ]


def _not_judged(unscored: pl.DataFrame) -> list[Caveat]:
    """A warning for answers without a score."""
    if unscored.is_empty():
        return []
    tasks, models = (sorted(unscored[column].unique()) for column in ("test_case", "model"))
    return [
        Caveat(
            "not-judged",
            f"{count_of(unscored.height, 'answer')} of {listed(models)} could not be judged (test cases "
            f"{listed(tasks)}): neither zero nor pass, without weight in any figure.",
            models,
            tasks,
        )
    ]


def _cut_off(answers: pl.DataFrame) -> list[Caveat]:
    """A warning if answers often end at the token limit."""
    known = answers.drop_nulls("finish_reason")
    shares = known.group_by("model").agg(share=(pl.col("finish_reason") == "length").mean())
    often = shares.filter(pl.col("share") > CUT_OFF_SHARE).sort("share", descending=True)
    if often.is_empty():
        return []
    named = [f"{model} ({percent(share)} of its answers)" for model, share in often.iter_rows()]
    return [
        Caveat(
            "cut-off",
            f"Cut off by the token limit: {listed(named)}. Their scores may be too low: raise the limit before "
            "claiming a weakness.",
            sorted(often["model"]),
        )
    ]


def _zero_costs(answers: pl.DataFrame) -> list[Caveat]:
    """A warning if costs of hosted models are recorded as zero."""
    zero = answers.filter((pl.col("cost_usd") == 0) & (pl.col("group") == "hosted"))
    if zero.is_empty():
        return []
    models = zero["model"].unique().sort().to_list()
    unknown = zero.filter(pl.col("cost").is_null())["model"].unique().sort().to_list()
    priced = len(models) - len(unknown)
    text = f"{count_of(len(models), 'hosted model')} recorded costs of 0, which says nothing"
    if priced:
        text += f": {priced} {'is' if priced == 1 else 'are'} priced by tokens and the price list"
    if unknown:
        text += (
            f"{',' if priced else ':'} {len(unknown)} unknown ({listed(unknown)}; add prices with --prices)"
        )
    return [Caveat("zero-costs", f"{text}.", models)]


def _sentence(text: str) -> str:
    """The text with a capital letter."""
    return text[:1].upper() + text[1:]
