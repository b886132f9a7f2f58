"""The dataset's card: where rows come from, how they were chosen, what every filter left; for machines and readers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

import slingshot
from slingshot.dataset.files import Row
from slingshot.dataset.overlap.report import OverlapReport
from slingshot.dataset.selecting.selection import Selection
from slingshot.dataset.selecting.splits import SPLITS, TRAIN, Split
from slingshot.dataset.token_counts import counts_by, load_tokenizer, recorded_counts
from slingshot.files import sha256_of_text

CARD_FILE = "dataset.json"
SOURCES_FILE = "sources.jsonl"
OVERLAP_FILE = "overlap.json"


def hash_of_recordings(recordings: pl.DataFrame) -> str:
    """SHA-256 over question, answer, model and score of every recording, in whatever order they lie.

    Neither the time of a recording nor its place counts: whoever asks and judges the same gets the same.
    """
    said = ["test_case", "prompt_label", "model", "prompt_hash", "answer", "score", "strategy", "experiment"]
    lines = sorted(sha256_of_text(repr(row)) for row in recordings.select(said).iter_rows())
    return sha256_of_text("\n".join(lines))


@dataclass(frozen=True)
class Choice:
    """What was chosen, and on what grounds.

    Attributes:
        splits: the rows by split.
        frames: their recordings by split, as rows of a frame.
        texts: the content of each split's file.
        split: which test cases are on which side.
        counts: how many recordings each filter left.
        overlap: what training rows share with what must stay unseen.
    """

    splits: Mapping[str, Sequence[Row]]
    frames: Mapping[str, pl.DataFrame]
    texts: Mapping[str, str]
    split: Split
    counts: Mapping[str, int]
    overlap: OverlapReport


def make_card(
    choice: Choice,
    selection: Selection,
    sources: Mapping[str, Any],
    terms: Mapping[str, str],
    command: str,
) -> dict[str, Any]:
    """The content of `dataset.json`.

    Args:
        choice: the dataset.
        selection: how it was chosen.
        sources: what it was chosen from.
        terms: for each model what its licence says about training.
        command: what makes it again.
    """
    splits = choice.splits
    rows, frame = splits[TRAIN], choice.frames[TRAIN]
    everything = [row for name in SPLITS for row in splits[name]]
    tokens = {"recorded": recorded_counts(frame["tokens_prompt"].to_list(), frame["tokens_answer"].to_list())}
    tokens |= {name: counts_by(load_tokenizer(name), rows) for name in selection.tokenizers}
    return {
        "slingshot": slingshot.__version__,
        "command": command,
        "rows": len(rows),
        "distinct_prompts": len({row.messages[-2]["content"] for row in rows}),
        "distinct_code": frame.select("test_case", "code").unique().height,
        "train_sha256": sha256_of_text(choice.texts[TRAIN]),
        "splits": {
            name: {
                "rows": len(splits[name]),
                "test_cases": len({row.test_case for row in splits[name]}),
                "sha256": sha256_of_text(choice.texts.get(name, "")),
            }
            for name in SPLITS
            if splits[name] or name == TRAIN
        },
        "sources": dict(sources),
        "selection": {**selection.model_dump(), "hold_out": list(choice.split.hold_out)},
        "counts": dict(choice.counts),
        "rows_per_test_case": _tally(row.test_case for row in rows),
        "rows_per_prompt_label": _tally(row.prompt_label for row in rows),
        "rows_per_model": _tally(row.source for row in rows),
        "terms_on_training": _tally(terms[row.source] for row in everything),
        "tokens": tokens,
        "overlap": {"findings": len(choice.overlap.findings), "targets": choice.overlap.summary},
    }


def _tally(names: Any) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def readme(card: Mapping[str, Any], name: str) -> str:
    """The card for a reader: Markdown, with the head that dataset hubs understand."""
    files = "".join(
        f"  - split: {_HUB_NAMES.get(split, split)}\n    path: {split}.jsonl\n" for split in card["splits"]
    )
    chosen, sources = card["selection"], card["sources"]
    words = [
        f"---\nlicense: other\ntask_categories: [text-generation]\ntags: [julia, code]\n"
        f"configs:\n- config_name: default\n  data_files:\n{files}---\n",
        f"# {name}\n",
        f"{card['rows']} conversations to learn from, chosen by slingshot {card['slingshot']} with strategy"
        f" `{chosen['strategy']}` from {sources['recordings']} recorded answers; {card['distinct_prompts']} distinct"
        f" prompts, {card['distinct_code']} distinct programs.\n",
        _table(
            ["split", "rows", "test cases"],
            [[split, facts["rows"], facts["test_cases"]] for split, facts in card["splits"].items()],
        ),
        f"Held out: {', '.join(chosen['hold_out']) or 'no test case'}."
        f" Validated on: {', '.join(chosen['validation']) or 'no test case'}.\n",
        "## What each filter left\n",
        _table(["filter", "recordings"], [[k, v] for k, v in card["counts"].items()]),
        f"Broken recordings, left out by name: {sources['broken']}. Not judged: {sources['not_judged']}.\n",
        "## Where rows come from\n",
        _table(["test case", "rows"], [[k, v] for k, v in card["rows_per_test_case"].items()]),
        _table(["prompt label", "rows"], [[k, v] for k, v in card["rows_per_prompt_label"].items()]),
        _table(["model", "rows"], [[k, v] for k, v in card["rows_per_model"].items()]),
        "What the models' terms say about training on their answers (a note, not legal advice): "
        + ", ".join(f"{term} {count}" for term, count in card["terms_on_training"].items())
        + " (rows of all splits).\n",
        "## Tokens of a training answer\n",
        _table(
            ["counted by", "total", "min", "median", "p95", "max"],
            [
                [tokenizer, *(facts["answer"] or dict.fromkeys(_COLUMNS, "unknown")).values()]
                for tokenizer, facts in card["tokens"].items()
            ],
        ),
        "## Overlap with what must stay unseen\n",
        f"{card['overlap']['findings']} findings above the limits, of {len(card['overlap']['targets'])} test cases"
        f" compared; `{OVERLAP_FILE}` lists them by file and row.\n",
        "## Made by\n",
        f"```\n{card['command'] or 'slingshot.dataset.build_dataset'}\n```\n",
        f"The recordings' sha256 is `{sources['sha256']}`, that of `train.jsonl` `{card['train_sha256']}`;"
        f" `{SOURCES_FILE}` names the recording of every row.\n",
    ]
    return "\n".join(words)


_COLUMNS = ("total", "min", "median", "p95", "max")
_HUB_NAMES = {"held_out": "test"}


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)
