"""Choosing rows: full scores, each program once, balanced over test cases and prompt labels."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

import slingshot
from slingshot.dataset.files import Row
from slingshot.dataset.normalize import normalized_code
from slingshot.errors import SlingshotError
from slingshot.files import sha256_of_text, write_json, write_text
from slingshot.judge import extract_code
from slingshot.recordings.files import conversation_files, read_conversation

TRAIN_FILE = "train.jsonl"
CARD_FILE = "dataset.json"


@dataclass(frozen=True)
class Selection:
    """What to keep: test cases held out, rows per test case at most, the lowest score that qualifies."""

    hold_out: list[str] = field(default_factory=list)
    per_task: int = 50
    minimum_score: float = 100.0


def build_dataset(recordings: pl.DataFrame, folder: Path, selection: Selection, out: Path) -> list[Row]:
    """Choose rows from the recordings below `folder` and write `train.jsonl` and its card `dataset.json`.

    Rows are ordered by test case, then chosen turn by turn over the prompt labels, shorter answers first:
    the same recordings give the same bytes.

    Raises:
        SlingshotError: nothing qualifies.
    """
    counts = {"recordings": recordings.height}
    kept = recordings.filter(~pl.col("test_case").is_in(selection.hold_out))
    counts["not held out"] = kept.height
    kept = kept.filter(pl.col("score") >= selection.minimum_score)
    counts[f"score at least {selection.minimum_score:g}"] = kept.height
    kept = kept.filter(pl.col("finish_reason").fill_null("stop") != "length")
    counts["not cut off"] = kept.height
    kept = _distinct(kept)
    counts["distinct code"] = kept.height
    chosen = _balanced(kept, selection.per_task)
    counts["chosen"] = chosen.height
    if not chosen.height:
        raise SlingshotError(f"{folder}: no recording qualifies; counts by filter: {counts}")
    rows = [_row(Path(path), folder) for path in chosen["path"]]
    text = "".join(row.to_json() + "\n" for row in rows)
    write_text(out / TRAIN_FILE, text)
    write_json(out / CARD_FILE, _card(rows, chosen, folder, selection, counts, text))
    return rows


def _distinct(frame: pl.DataFrame) -> pl.DataFrame:
    """Each program once per test case, compared without comments and white space; the shortest answer stays."""
    keyed = frame.with_columns(
        pl.col("answer").map_elements(lambda a: normalized_code(extract_code(a)), pl.String).alias("code"),
        pl.col("answer").str.len_chars().alias("length"),
    )
    ordered = keyed.sort("test_case", "length", "answer", "prompt_label", "model", "sample")
    return ordered.unique(["test_case", "code"], keep="first", maintain_order=True)


def _balanced(frame: pl.DataFrame, per_task: int) -> pl.DataFrame:
    """At most `per_task` rows of each test case, taken in turns over its prompt labels."""
    turn = pl.int_range(pl.len()).over("test_case", "prompt_label")
    ordered = frame.with_columns(turn.alias("turn")).sort("test_case", "turn", "prompt_label")
    return ordered.group_by("test_case", maintain_order=True).head(per_task)


def _row(evaluation: Path, folder: Path) -> Row:
    """The row of a recording: its messages and where it comes from."""
    path = evaluation.with_name(evaluation.name.replace("evaluation__", "conversation__", 1))
    conversation, extra = read_conversation(path)
    return Row(
        [*conversation.messages, {"role": "assistant", "content": conversation.answer}],
        test_case=evaluation.relative_to(folder).parts[0],
        prompt_label=path.name.split("__")[1],
        source=str(extra.get("source") or extra.get("model") or ""),
    )


def _card(
    rows: list[Row],
    chosen: pl.DataFrame,
    folder: Path,
    selection: Selection,
    counts: dict[str, int],
    text: str,
) -> dict[str, Any]:
    """The dataset's card: sources, parameters, and what every filter left."""
    # Only what an answer says counts: file names carry the time of the recording.
    sources = sorted(sha256_of_text(read_conversation(path)[0].answer) for path in conversation_files(folder))
    per_task = chosen.group_by("test_case").len().sort("test_case")
    return {
        "slingshot": slingshot.__version__,
        "rows": len(rows),
        "distinct_prompts": len({row.messages[-2]["content"] for row in rows}),
        "train_sha256": sha256_of_text(text),
        "sources": {"conversations": len(sources), "sha256": sha256_of_text("\n".join(sources))},
        "selection": asdict(selection),
        "counts": counts,
        "rows_per_test_case": dict(per_task.iter_rows()),
    }
