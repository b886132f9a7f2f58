"""Rows of Parquet files, as JSON values."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from pathlib import Path
from typing import Any

import polars as pl

from slingshot.dataset.files import Fault
from slingshot.dataset.json_files import Record
from slingshot.recordings.problems import Problem


def parquet_records(path: Path) -> Iterator[Record | Problem]:
    """The rows of a file, counted from 1. What is null is left out: Parquet has every key in every row."""
    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = " ".join(str(error).split())
        yield Problem(path, f"{path}:1: not Parquet that can be read ({reason}); mend or remove the file")
        return
    for number, row in enumerate(frame.iter_rows(named=True), 1):
        try:
            yield Record(path, number, _plain(row))
        except Fault as fault:
            yield Record(path, number, row).problem(str(fault))


def _plain(value: Any) -> Any:
    """A value with what JSON has: dates become text, and nothing is null."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float) and not isfinite(value):
        raise Fault("a number that is none or endless, which JSON cannot hold")
    if value is None or isinstance(value, str | int | float):
        return value
    raise Fault(f"a value of type {type(value).__name__}, which JSON cannot hold")
