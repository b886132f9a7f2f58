"""The records of a `datasets:` entry, whatever they lie in: local files and folders first, else the hub."""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from slingshot.dataset import json_files
from slingshot.errors import RequestError, SlingshotError, first_line
from slingshot.training.config import DatasetEntry

_TYPES = {
    ".jsonl": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".csv": "csv",
    ".txt": "text",
    ".arrow": "arrow",
}
_SPLIT = re.compile(r"(\w+)(?:\[(-?\d+%?)?:(-?\d+%?)?\])?")
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


class Record(NamedTuple):
    """One row of a file: its place as errors call it (`train.jsonl:3`), and its fields."""

    place: str
    fields: dict[str, Any]


def read_records(entry: DatasetEntry, folder: Path) -> tuple[list[Record], list[str]]:
    """The records of an entry and what is wrong with others; a relative path is looked up in `folder` first.

    Raises:
        RequestError: nothing is there, or the entry asks for a split or file that it does not have.
        SlingshotError: a file cannot be read, or the hub does not give it.
    """
    name, part = _split(entry)
    if (place := local_place(entry, folder)) is None:
        rows = _from_hub(entry)
        return [Record(f"{entry.path} row {number}", row) for number, row in enumerate(rows, 1)], []
    records, problems = list[Record](), list[str]()
    for file in _files(entry, place, name):
        for found in _read(file, entry.ds_type or _TYPES.get(file.suffix, "json")):
            if isinstance(found, Record):
                records.append(found)
            else:
                problems.append(found)
    return records[part(len(records))], problems


def local_place(entry: DatasetEntry, folder: Path) -> Path | None:
    """The file or folder that the entry's path leads to; None: it is the name of a dataset of the hub.

    Raises:
        RequestError: it leads nowhere and cannot be such a name.
    """
    path = Path(entry.path).expanduser()
    for place in (folder / path, path):
        if place.exists():
            return place
    if path.suffix in _TYPES or not _HUB_NAME.fullmatch(entry.path):
        raise RequestError(
            f"datasets: {entry.path}: there is no such file or folder, neither in {folder} nor in {Path.cwd()}; "
            "check the path"
        )
    return None


def _split(entry: DatasetEntry) -> tuple[str | None, Callable[[int], slice]]:
    """The name of the wanted split, and a function from a number of rows to the slice of them."""
    if not entry.split:
        return None, lambda count: slice(None)
    if not (found := _SPLIT.fullmatch(entry.split)):
        raise RequestError(
            f"datasets: {entry.path}: split {entry.split!r} cannot be read; write a name, or a part such as "
            "train[:10%]"
        )

    def border(text: str | None, count: int) -> int | None:
        if text is None:
            return None
        return round(int(text[:-1]) * count / 100) if text.endswith("%") else int(text)

    return found[1], lambda count: slice(border(found[2], count), border(found[3], count))


def _files(entry: DatasetEntry, place: Path, split: str | None) -> list[Path]:
    """The files of an entry that is on this machine, in order."""
    if entry.data_files:
        names = [entry.data_files] if isinstance(entry.data_files, str) else entry.data_files
        inside = place if place.is_dir() else place.parent
        files = [file for name in names for file in (sorted(inside.glob(name)) or [inside / name])]
        if missing := [file for file in files if not file.is_file()]:
            raise RequestError(f"{missing[0]}: data_files names it and it is not there; check datasets")
        return files
    if place.is_file():
        return [place]
    below = [file for file in sorted([*place.glob("*"), *place.glob("data/*")]) if file.suffix in _TYPES]
    wanted = split or "train"
    if files := [file for file in below if re.fullmatch(rf"{wanted}([-.].*)?", file.name)]:
        return files
    # A folder that `datasets` saved holds data-00000-of-00001.arrow; other folders their files without splits.
    if not split and (files := [f for f in below if f.suffix in (".jsonl", ".parquet", ".arrow")]):
        return files
    there = ", ".join(file.name for file in below) or "no data file"
    raise RequestError(
        f"datasets: {entry.path}: no file of the split {wanted} in this folder, only {there}; name a file"
    )


def _read(file: Path, kind: str) -> Iterator[Record | str]:
    """Records of a file, and sentences about what in it is none."""
    if kind in ("parquet", "csv", "arrow"):
        yield from _from_table(file, kind)
        return
    if kind == "text":
        lines = file.read_text(encoding="utf-8", errors="replace").split("\n")
        yield from (Record(f"{file}:{n}", {"text": line}) for n, line in enumerate(lines, 1) if line.strip())
        return
    for found in json_files.records(file):
        if not isinstance(found, json_files.Record):
            yield found.sentence
        elif isinstance(found.value, dict):
            yield Record(found.place, found.value)
        else:
            yield f"{found.place}: a row is a JSON object, this is something else; mend or remove it"


def _from_table(file: Path, kind: str) -> Iterator[Record]:
    import polars as pl

    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        "parquet": pl.read_parquet,
        "csv": pl.read_csv,
        "arrow": pl.read_ipc_stream,
    }
    try:
        frame = readers[kind](file)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = first_line(error)
        raise SlingshotError(
            f"{file}: cannot be read as {kind} ({reason}); mend it or set ds_type"
        ) from error
    for number, fields in enumerate(frame.iter_rows(named=True), 1):
        yield Record(f"{file} row {number}", fields)


def _from_hub(entry: DatasetEntry) -> Sequence[dict[str, Any]]:
    """A dataset of the Hugging Face hub, from the cache of the package `datasets` or downloaded."""
    try:
        from datasets import load_dataset
    except ImportError:
        raise RequestError(
            f"datasets: {entry.path}: no file or folder here, and reading it from the hub needs the package "
            "`datasets`; install it, or check the path"
        ) from None
    try:
        rows: Sequence[dict[str, Any]] = load_dataset(
            entry.path,
            entry.name,
            split=entry.split or "train",
            revision=entry.revision,
            data_files=entry.data_files,
        )
    except Exception as error:  # whatever the package meets on its way to the hub and in files there
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise SlingshotError(
            f"datasets: {entry.path}: no file or folder here, and the hub did not give it ({reason}); check the "
            "path and the connection"
        ) from error
    return rows
