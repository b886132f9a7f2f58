"""Recordings as one data frame: a row an answer, with what was asked, answered and found."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import polars as pl

from slingshot.errors import RequestError, SlingshotError
from slingshot.recordings.cache import Cached, find_cached, read_cached, write_cached
from slingshot.recordings.files import ONE_SHOT
from slingshot.recordings.packed import read_packed
from slingshot.recordings.problems import Problem, contradicting, orphaned
from slingshot.recordings.rows import JUDGE_KEYS, SCHEMA, STAMPS, read_rows
from slingshot.recordings.scan import Looked, Scan, is_unchanged, path_below, scan

__all__ = [
    "JUDGE_KEYS",
    "SCHEMA",
    "Loaded",
    "Problem",
    "load_recordings",
    "plain_benchmark",
    "read_recordings",
    "sorted_by",
]

_IN_NAMES = ["prompt_label", "strategy", "timestamp"]
ORDER = ["model", "test_case", "prompt_label", "sample", "path"]
# Fewer are read faster than one would notice.
WORTH_KEEPING = 500
# A file may be written to twice within one tick of its file system's clock, and look the same. So those that
# were written to just before they were read are read again next time.
_TICK_NANOSECONDS = 2_000_000_000


@dataclass(frozen=True)
class Loaded:
    """What lies below some folders.

    Attributes:
        frame: the judged answers, see `load_recordings`.
        problems: recordings that are not in it, each with a reason, in the order of their paths.
        waiting: how many conversations are not judged yet.
    """

    frame: pl.DataFrame
    problems: Sequence[Problem]
    waiting: int


def load_recordings(folder: Path, fresh: bool = False) -> pl.DataFrame:
    """All judged answers below `folder`, sorted by model, test case, prompt label, sample and path.

    Columns and types are those of `SCHEMA`: `prompt` is the user message and `prompt_hash` names the very
    messages that were sent, `parameters` is a JSON object, `score` runs from 0 to 100 and is null where an
    answer could not be judged, `solved` says that all unit tests passed, `served` is `hosted`, `local` or
    null where unknown, `judge` says who judged and `form` which file answered (`FORM_KEYS`), as JSON objects
    that are empty where it is not recorded, `path` is the evaluation file. Conversations that are not judged
    yet are left out.

    What was read of many recordings is kept in the cache, and files that did not change since are not read
    again; only a conversation that was written into, instead of being replaced, may go unnoticed, see
    `is_unchanged`. With `fresh` all files are read.

    Raises:
        SlingshotError: a file is cut short, or lacks a field or has one of a wrong type.
    """
    frame, found, problems = _load(folder, fresh)
    if not problems:
        frame, problems = _with_packed(frame, folder, found.packed, list(SCHEMA))
    if problems:
        raise SlingshotError(problems[0].sentence)
    return frame


def read_recordings(
    folders: Path | Sequence[Path],
    strict: bool = False,
    fresh: bool = False,
    columns: Sequence[str] = tuple(SCHEMA),
) -> Loaded:
    """All judged answers below one or several folders, and what is wrong with the others.

    A recording below two of the folders counts once. Besides broken files, a problem is an evaluation without
    its conversation, a file name that contradicts the evaluation in it, and a folder that may not be read.

    Args:
        folders: where to look.
        strict: allow no problem.
        fresh: read all files, whatever is in the cache.
        columns: the columns that are needed besides those of `ORDER`; of packed recordings no others are read.

    Raises:
        RequestError: one of the folders is not there, or there is no recording in any.
        SlingshotError: `strict`, and there are problems.
    """
    folders = [folders] if isinstance(folders, Path) else list(folders)
    for folder in folders:
        if not folder.is_dir():
            raise RequestError(f"{folder}: there is no such folder; name one with recordings")
    columns = [name for name in SCHEMA if name in {*columns, *ORDER}]
    frames, problems, waiting, empty = list[pl.DataFrame](), list[Problem](), 0, True
    for folder in _outermost(folders):
        frame, found, broken = _load(folder, fresh)
        agrees = _agrees_with_its_name()
        rows, of_shards = _with_packed(frame.filter(agrees), folder, found.packed, columns)
        frames.append(rows)
        problems += [
            *broken,
            *of_shards,
            *(orphaned(Path(path_below(folder, name))) for name in found.orphans),
        ]
        others = frame.filter(~agrees).select("path", *_IN_NAMES)
        problems += [contradicting(Path(path), inside) for path, *inside in others.iter_rows()]
        waiting += found.waiting
        empty = empty and frame.is_empty() and found.is_empty
    if empty:
        raise RequestError(
            f"no recordings below {', '.join(map(str, folders))}: no files called evaluation__….json or"
            " conversation__….json, and no packed ones; name another folder"
        )
    problems.sort(key=lambda problem: str(problem.path))
    if problems and strict:
        count = f" ({len(problems)} such files in all)" if len(problems) > 1 else ""
        raise SlingshotError(f"{problems[0].sentence}{count}")
    return Loaded(frames[0] if len(frames) == 1 else pl.concat(frames).sort(ORDER), problems, waiting)


def sorted_by(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Rows sorted by some columns, `path` the last; rows alike in all of them stay in their order.

    Sorting by many columns copies all of them side by side. Paths are long: their ranks need a twentieth.
    """
    ranked = frame.with_columns(rank=pl.col("path").rank("ordinal"))
    return ranked.sort([*keys[:-1], "rank"], maintain_order=True).drop("rank")


def plain_benchmark(frame: pl.DataFrame) -> pl.DataFrame:
    """The answers that may stand in one table: to a single question, and of no experiment."""
    return frame.filter((pl.col("strategy") == ONE_SHOT) & (pl.col("experiment") == ""))


def _with_packed(
    frame: pl.DataFrame, folder: Path, packed: Sequence[str], columns: Sequence[str]
) -> tuple[pl.DataFrame, list[Problem]]:
    """The rows of files and those that are packed below a folder, and what is wrong with shards.

    Args:
        frame: the rows of files. They count instead of packed ones of the same path.
        folder: of recordings.
        packed: folders of shards, relative to it.
        columns: of the rows.
    """
    frame, problems = frame.select(columns), list[Problem]()
    if not packed:
        return frame, problems
    frames = [frame]
    for place in packed:
        rows, found = read_packed(folder / place, columns)
        problems += found
        root = path_below(folder, f"{place}/" if place else "")
        frames.append(rows.with_columns(path=pl.concat_str(pl.lit(root), "path")))
    if frame.height:
        frames[1:] = [rows.join(frame.select("path"), on="path", how="anti") for rows in frames[1:]]
    return sorted_by(pl.concat(frames), ORDER), problems


def _load(folder: Path, fresh: bool) -> tuple[pl.DataFrame, Scan, list[Problem]]:
    """The rows below a folder, what lies there, and which files are broken."""
    now = time.time_ns()
    file = None if fresh else find_cached(folder)
    cached, same = read_cached(file, partial(is_unchanged, folder)) if file else (None, False)
    below = pl.concat_str(pl.lit(path_below(folder, "")), "path")
    if cached and same:
        found = Scan(folder, orphans=list(cached.orphans), packed=list(cached.packed), waiting=cached.waiting)
        return cached.frame.drop(STAMPS).with_columns(path=below), found, []
    found = scan(folder, stamps=cached is not None)
    problems = [
        Problem(folder / place, f"{folder / place}: could not be read: {reason}; make this folder readable")
        for place, reason in found.closed
    ]
    kept, changed = _unchanged(
        pl.DataFrame(schema=SCHEMA | STAMPS) if cached is None else cached.frame, found
    )
    rows = kept
    if changed:
        read, broken = read_rows(folder, changed)
        problems += broken
        rows = pl.concat([kept, read]).sort(ORDER)
    is_kept = cached is not None and not changed and kept.height == cached.frame.height
    _keep(folder, rows, found, now, worth_it=not is_kept)
    return rows.drop(STAMPS).with_columns(path=below), found, problems


def _keep(folder: Path, rows: pl.DataFrame, found: Scan, now: int, worth_it: bool) -> None:
    """Keep rows in the cache; `now` is when reading began, `worth_it` whether they are others than are kept."""
    written = pl.max_horizontal("evaluation_time", "conversation_time")
    settled = rows.filter(written < now - _TICK_NANOSECONDS)
    if settled.height < WORTH_KEEPING:
        return
    whole = settled.height == len(found.evaluations) and not found.closed
    if whole and max(looked.time for looked in found.folders) < now - _TICK_NANOSECONDS:
        stamps = {path: stamp for path, *stamp in settled.select("path", *list(STAMPS)[:2]).iter_rows()}
        folders = [_with_stamps(looked, stamps) for looked in found.folders]
        write_cached(folder, Cached(settled, folders, found.orphans, found.packed, found.waiting))
    elif worth_it:
        write_cached(folder, Cached(settled))


def _with_stamps(looked: Looked, stamps: Mapping[str, Sequence[int]]) -> Looked:
    """A folder with the sizes and times of its evaluations."""
    prefix = f"{looked.place}/" if looked.place else ""
    own = [stamps[prefix + name] for name in looked.evaluations]
    return replace(looked, sizes=[size for size, _ in own], times=[time for _, time in own])


def _unchanged(cached: pl.DataFrame, found: Scan) -> tuple[pl.DataFrame, list[str]]:
    """The rows whose files are what they were when they were read, and the evaluations to read."""
    if cached.is_empty():
        return cached, found.evaluations
    stamps = dict(zip(STAMPS, zip(*found.stamps, strict=True) if found.stamps else [()] * 4, strict=True))
    try:
        there = pl.DataFrame({"path": found.evaluations, **stamps}, schema={"path": pl.String, **STAMPS})
    except UnicodeEncodeError:  # a file's name is no text
        return cached.clear(), found.evaluations
    here = cached.select(there.columns)
    if there.sort("path").equals(here.sort("path")):
        return cached, []
    kept = cached.join(there, on=there.columns, how="semi").sort(ORDER)
    changed = set(there.join(here, on=there.columns, how="anti")["path"])
    return kept, [name for name in found.evaluations if name in changed]


def _outermost(folders: Sequence[Path]) -> list[Path]:
    """The folders without those that lie in, or are, another one."""
    chosen = list[Path]()
    real = {folder: folder.resolve() for folder in folders}
    for folder in sorted(folders, key=lambda folder: len(real[folder].parts)):
        if not any(real[folder].is_relative_to(real[other]) for other in chosen):
            chosen.append(folder)
    return chosen


def _agrees_with_its_name() -> pl.Expr:
    """Whether an evaluation's file is called what it should be by its content."""
    parts = [pl.lit("/evaluation"), pl.col(_IN_NAMES)]
    expected = pl.concat_str(parts, separator="__") + ".json"
    return ("/" + pl.col("path")).str.ends_with(expected)
