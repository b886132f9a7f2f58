"""Recordings as one data frame: a row an answer, with what was asked, answered and found."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from slingshot.errors import SlingshotError
from slingshot.recordings.answers import recorded_score
from slingshot.recordings.files import (
    conversation_files,
    evaluation_path,
    hash_of_messages,
    read_conversation,
)

SCHEMA: dict[str, Any] = {
    "model": pl.String,
    "test_case": pl.String,
    "prompt_label": pl.String,
    "sample": pl.Int64,
    "seed": pl.Int64,
    "strategy": pl.String,
    "experiment": pl.String,
    "parameters": pl.String,
    "prompt_hash": pl.String,
    "prompt": pl.String,
    "answer": pl.String,
    "parsed": pl.Boolean,
    "executed": pl.Boolean,
    "unit_tests_passed": pl.Int64,
    "unit_tests_count": pl.Int64,
    "examples_executed": pl.Int64,
    "examples_count": pl.Int64,
    "score": pl.Float64,
    "solved": pl.Boolean,
    "failure": pl.String,
    "detail": pl.String,
    "finish_reason": pl.String,
    "tokens_prompt": pl.Int64,
    "tokens_answer": pl.Int64,
    "elapsed_seconds": pl.Float64,
    "cost_usd": pl.Float64,
    "device": pl.String,
    "schema": pl.String,
    "served": pl.String,
    "version_prompt": pl.String,
    "version_pt": pl.String,
    "judge": pl.String,
    "timestamp": pl.String,
    "path": pl.String,
}

# What a judge's description says (`Judge.description`), beside every evaluation of ours.
JUDGE_KEYS = ("judge", "mode", "julia", "sandbox", "timeout", "memory", "packages")


def load_recordings(folder: Path) -> pl.DataFrame:
    """All judged answers below `folder`, sorted by model, test case, prompt label, sample and path.

    Columns and types are those of `SCHEMA`: `prompt` is the user message and `prompt_hash` names the very
    messages that were sent, `parameters` is a JSON object, `score` runs from 0 to 100 and is null where an
    answer could not be judged, `solved` says that all unit tests passed, `served` is `hosted`, `local` or
    null where unknown, `judge` says who judged as a JSON object, `{}` for the leaderboard, `path` is the
    evaluation file. Conversations that are not judged yet are left out.

    Raises:
        SlingshotError: a file is cut short or lacks a field.
    """
    rows = [_row(path) for path in conversation_files(folder) if evaluation_path(path).exists()]
    keys = ["model", "test_case", "prompt_label", "sample", "path"]
    return pl.DataFrame(rows, schema=SCHEMA).sort(keys)


def _row(path: Path) -> dict[str, Any]:
    """One row of the frame, from the pair of files of one answer."""
    conversation, extra = read_conversation(path)
    file = evaluation_path(path)
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        beyond = found.get("slingshot", {})
        tests, examples = found["unit_tests_count"], found["examples_count"]
        return {
            "model": found["model"],
            "test_case": found["name"],
            "prompt_label": found["prompt_label"],
            "sample": extra.get("sample"),
            "seed": extra.get("seed"),
            "strategy": found["prompt_strategy"],
            "experiment": found["experiment"],
            "parameters": json.dumps(found["parameters"], sort_keys=True),
            "prompt_hash": hash_of_messages(conversation.messages),
            "prompt": next((m["content"] for m in conversation.messages if m["role"] == "user"), ""),
            "answer": conversation.answer,
            "parsed": found["parsed"],
            "executed": found["executed"],
            "unit_tests_passed": found["unit_tests_passed"],
            "unit_tests_count": tests,
            "examples_executed": found["examples_executed"],
            "examples_count": examples,
            "score": recorded_score(found, file),
            "solved": found["executed"] and found["unit_tests_passed"] == tests,
            "failure": beyond.get("failure"),
            "detail": beyond.get("detail"),
            "finish_reason": conversation.finish_reason,
            "tokens_prompt": conversation.tokens[0],
            "tokens_answer": conversation.tokens[1],
            "elapsed_seconds": found["elapsed_seconds"],
            "cost_usd": found["cost"],
            "device": found["device"],
            "schema": found["schema"],
            "served": beyond.get("served"),
            "version_prompt": found["version_prompt"],
            "version_pt": found["version_pt"],
            "judge": json.dumps({key: beyond[key] for key in JUDGE_KEYS if key in beyond}),
            "timestamp": found["timestamp"],
            "path": str(file),
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SlingshotError(
            f"{file}: not an evaluation ({type(error).__name__}: {error}); remove the file and run again"
        ) from None
