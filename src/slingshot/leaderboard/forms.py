"""Which form of which model an answer is from: its type, the file's size, and how fast it answered.

Recordings of ours say it (`FORM_KEYS`). Of others only the type is known, where the model's name ends with it,
as in `tuned.Q5_K_M` or `mistral:7b-instruct-q4_K_M`.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import polars as pl

from slingshot.recordings.files import ONE_SHOT

_TYPE = r"(?:I?Q|TQ)\d_(?:[01]|K(?:_[SML])?|NL|M|X{0,2}S)|MXFP4(?:_MOE)?|B?F16|F32"
_NAME = re.compile(rf"(?P<base>.+?)[.:_-](?P<type>{_TYPE})", re.IGNORECASE)
_WHOLE = {"F16": "f16", "F32": "f32", "BF16": "bf16"}
# Recordings are dated to the second: below so many seconds of asking, a speed would be a guess.
_SECONDS_FOR_SPEED = 10.0
COLUMNS: dict[str, Any] = {
    "base": pl.String,
    "quantization": pl.String,
    "named": pl.Boolean,
    "file_bytes": pl.Int64,
    "bits_per_weight": pl.Float64,
    "model_sha256": pl.String,
    "concurrency": pl.Int64,
}


class Name(NamedTuple):
    """A model's name in two parts: the model, and the type of its weights (empty where the name does not say)."""

    base: str
    type: str


def name_in_parts(model: str, recorded: str = "") -> Name:
    """`tuned.Q5_K_M` is `tuned` in `Q5_K_M`.

    Args:
        model: the name under which its answers are recorded.
        recorded: the type that the recordings name; it wins.
    """
    found = _NAME.fullmatch(model)
    inside = _as_llama_cpp_writes(found["type"]) if found else ""
    if recorded and (found is None or inside.upper() != recorded.upper()):
        return Name(model, recorded)
    return Name(found["base"], recorded or inside) if found else Name(model, "")


def nominal_bits(quantization: str) -> float:
    """The bits that a type's name promises for a weight, the rest of its name counting a little: to sort by."""
    digits = re.search(r"\d+", quantization)
    small = {"_K_L": 0.4, "_K_M": 0.3, "_K_S": 0.2, "_1": 0.4}
    extra = next((bits for ending, bits in small.items() if quantization.upper().endswith(ending)), 0.0)
    return (float(digits[0]) if digits else 0.0) + extra


def with_forms(answers: pl.DataFrame) -> pl.DataFrame:
    """The answers with the columns of `COLUMNS` and `tokens_per_second`, null where unknown.

    `named` tells a type that was read from a name. `tokens_per_second` is a model's, over all its answers:
    generated tokens by the seconds in which at least one answer was under way. So it is what the model gave
    under the load of its benchmark, all requests together, with its prompts and the judging beside. It is known
    only where all answers were asked on one device, with one number of them under way at once, and none of
    them was corrected (a correction's seconds are those of all its rounds).

    Args:
        answers: all recordings, whatever the table will count: those left out took their share of the time.
    """
    keys = answers.select("model", "form").unique()
    rows = [(model, form, *_form(model, form)) for model, form in keys.iter_rows()]
    table = pl.DataFrame(rows, schema={"model": pl.String, "form": pl.String, **COLUMNS}, orient="row")
    formed = answers.join(table, on=["model", "form"], how="left", nulls_equal=True, maintain_order="left")
    speeds = {
        model: _tokens_per_second(own)
        for (model,), own in formed.drop_nulls("quantization").partition_by("model", as_dict=True).items()
    }
    speed = pl.col("model").replace_strict(speeds, default=None, return_dtype=pl.Float64)
    return formed.with_columns(tokens_per_second=speed)


def _form(model: str, form: str | None) -> tuple[Any, ...]:
    """The values of `COLUMNS`; what is of another type than it should be is as good as not there."""
    known: Mapping[str, Any] = json.loads(form or "{}")

    def value(key: str, *types: type) -> Any:
        found = known.get(key)
        return found if isinstance(found, types) and not isinstance(found, bool) else None

    recorded = value("quantization", str)
    name = name_in_parts(model, recorded or "")
    bits = value("bits_per_weight", int, float)
    return (
        name.base,
        name.type or None,
        not recorded,
        value("file_bytes", int),
        None if bits is None else float(bits),
        value("model_sha256", str),
        value("concurrency", int),
    )


def form_facts(answers: pl.DataFrame) -> dict[str, Any]:
    """What is known of the form behind a row's answers; None where they know nothing, or not the same."""
    names = ("quantization", "file_bytes", "bits_per_weight", "concurrency", "tokens_per_second")
    return {"model": _only(answers["base"])} | {name: _only(answers[name]) for name in names}


def _only(values: pl.Series) -> Any:
    """The one value of a column; None where there are several."""
    different = values.unique()
    return different[0] if len(different) == 1 else None


def _tokens_per_second(answers: pl.DataFrame) -> float | None:
    """One model's generated tokens by the seconds in which answers were under way, see `with_forms`."""
    alike = all(_only(answers[name]) is not None for name in ("concurrency", "device"))
    if not alike or _only(answers["strategy"]) != ONE_SHOT:
        return None
    try:
        ends = [datetime.strptime(stamp[:15], "%Y%m%d_%H%M%S").timestamp() for stamp in answers["timestamp"]]
    except ValueError:  # a name that somebody made up
        return None
    busy, until = 0.0, float("-inf")
    times = zip(ends, answers["elapsed_seconds"], strict=True)
    for start, end in sorted((end - seconds, end) for end, seconds in times):
        busy += max(0.0, end - max(start, until))
        until = max(until, end)
    tokens = int(answers["tokens_answer"].sum())
    return tokens / busy if busy >= _SECONDS_FOR_SPEED and tokens else None


def _as_llama_cpp_writes(quantization: str) -> str:
    """`q4_K_M` as `Q4_K_M`, `F16` as `f16`."""
    name = quantization.upper()
    return _WHOLE.get(name, name)
