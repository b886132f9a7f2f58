"""Packed recordings: a few Parquet files, the shards, in place of two JSON files an answer, and how they are read.

`packed-recordings.json` lists the shards of its folder; what it does not list is not there. A shard holds the
columns of `SCHEMA`, so that a table reads those it needs and no others, and both files of every recording as text.
The conversation's is cut in two at the answer, which stands in a column already:

    conversation = conversation_before + JSON of answer + conversation_after

Where the file spells its answer in another way than `json.dumps`, `conversation_before` is the whole text and
`conversation_after` null. So every file comes back byte by byte. `path` is the evaluation's, relative to the
folder of the shards, where it would lie if it were not packed; a JSON file that does lie there counts instead.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import BaseModel, ConfigDict, ValidationError

from slingshot.errors import RequestError, SlingshotError, first_line
from slingshot.files import sha256_of_file
from slingshot.recordings.problems import Problem
from slingshot.recordings.rows import SCHEMA
from slingshot.recordings.scan import PACKED, path_below, scan

TEXTS = ("conversation_before", "conversation_after", "evaluation")
SHARD_SCHEMA: dict[str, Any] = SCHEMA | dict.fromkeys(TEXTS, pl.String)
EDITION = 1
ROWS_OF_A_GROUP = 4096
"""Of a shard: what is decompressed to see one recording."""


class Shard(BaseModel):
    """One Parquet file.

    Attributes:
        name: of the file.
        recordings: how many rows it has.
        file_bytes: its size.
        json_bytes: the size of the JSON files that it holds.
        sha256: of its bytes, 64 hex digits.
        first, last: the smallest and the largest path in it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    recordings: int
    file_bytes: int
    json_bytes: int
    sha256: str
    first: str
    last: str


class Contents(BaseModel):
    """What is packed in a folder.

    Attributes:
        edition: of the shards' columns.
        complete: false while recordings of another folder are being packed here, and after that was stopped.
        recordings: how many there are in all shards.
        shards: in the order in which they were packed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    edition: int = EDITION
    complete: bool
    recordings: int
    shards: tuple[Shard, ...]


@dataclass(frozen=True)
class Pair:
    """Both files of a packed recording, as they were."""

    conversation: bytes
    evaluation: bytes


def read_contents(folder: Path) -> Contents:
    """What is packed in a folder.

    Raises:
        SlingshotError: the list is broken, or from a later Slingshot.
    """
    path = folder / PACKED
    try:
        found = Contents.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise SlingshotError(f"{path}: not a list of shards ({reason}); pack the recordings anew") from None
    if found.edition != EDITION:
        raise SlingshotError(
            f"{path}: packed by a later Slingshot (edition {found.edition}); update this one"
        )
    return found


def read_packed(folder: Path, columns: Sequence[str]) -> tuple[pl.DataFrame, list[Problem]]:
    """The rows that are packed in a folder, `path` relative to it, and what is wrong with shards that could not be read.

    Of each shard the size is checked, not the hash, for which all of it would have to be read.

    Args:
        folder: with a `packed-recordings.json`.
        columns: of `SHARD_SCHEMA`; no others are read from the disk.
    """
    frames = [pl.DataFrame(schema={name: SHARD_SCHEMA[name] for name in columns})]
    problems = list[Problem]()
    try:
        contents = read_contents(folder)
    except SlingshotError as error:
        return frames[0], [Problem(folder / PACKED, str(error))]
    if not contents.complete:
        sentence = f"{folder / PACKED}: packing was stopped half way; run the same `slingshot pack` again"
        problems.append(Problem(folder / PACKED, sentence))
    for shard in contents.shards:
        try:
            frames.append(_read_shard(folder, shard, columns))
        except SlingshotError as error:
            problems.append(Problem(folder / shard.name, str(error)))
    return pl.concat(frames), problems


def checked_shard(folder: Path, shard: Shard) -> pl.DataFrame:
    """All of a shard, its hash checked.

    Raises:
        SlingshotError: it is not there, or not what was written.
    """
    path = folder / shard.name
    if path.is_file() and sha256_of_file(path) != shard.sha256:
        raise SlingshotError(f"{path}: {_damaged(folder)}")
    return _read_shard(folder, shard, tuple(SHARD_SCHEMA))


def pair_of(row: Mapping[str, Any]) -> Pair:
    """The two files of a recording from its row, of which `answer` and `TEXTS` are looked at."""
    before, after = row["conversation_before"], row["conversation_after"]
    whole = before if after is None else f"{before}{spelled(row['answer'])}{after}"
    return Pair(whole.encode(), row["evaluation"].encode())


def spelled(answer: str) -> str:
    """How an answer stands in most conversations' files."""
    return json.dumps(answer, ensure_ascii=False)


def find_pair(path: Path) -> Pair | None:
    """Both files of a recording that is packed; None if it is not.

    Args:
        path: where its conversation or its evaluation would lie.

    Raises:
        SlingshotError: a list of shards on the way, or a shard, is broken.
    """
    kind, mark, rest = path.name.partition("__")
    if not mark or kind not in ("conversation", "evaluation"):
        return None
    evaluation = path.with_name(f"evaluation__{rest}")
    for folder in path.parents:
        if not (folder / PACKED).is_file():
            continue
        name = evaluation.relative_to(folder).as_posix()
        for shard in read_contents(folder).shards:
            if not shard.first <= name <= shard.last:
                continue
            place = _places(folder, shard).get(name)
            if place is not None:
                group, row = divmod(place, ROWS_OF_A_GROUP)
                return pair_of(_texts(folder, shard, group).row(row, named=True))
    return None


def file_content(path: Path) -> bytes:
    """The bytes of a recording's conversation or evaluation, whether it lies there or is packed.

    Raises:
        OSError: it is neither there nor packed, or cannot be read.
        SlingshotError: a list of shards on the way, or a shard, is broken.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pair = find_pair(path)
        if pair is None:
            raise
        return pair.conversation if path.name.startswith("conversation__") else pair.evaluation


def packed_below(folder: Path) -> list[Path]:
    """The folders below `folder`, itself among them, in which recordings are packed."""
    return [folder / place for place in scan(folder, stamps=False).packed]


def refuse_packed(folder: Path, doing: str) -> None:
    """See that nothing is packed below a folder, for work that needs the JSON files.

    Args:
        folder: of recordings.
        doing: the work, such as "judging again".

    Raises:
        RequestError: something is.
    """
    if packed := packed_below(folder):
        raise RequestError(
            f"{packed[0]}: these recordings are packed, and {doing} needs them as files; unpack them with"
            f" `slingshot unpack {packed[0]} --out DIR` and name that folder"
        )


@lru_cache(maxsize=8)
def _places(folder: Path, shard: Shard) -> Mapping[str, int]:
    """In which row of a shard each recording is, by its evaluation's path."""
    paths = _read_shard(folder, shard, ["path"])["path"]
    return {path: place for place, path in enumerate(paths)}


@lru_cache(maxsize=8)
def _texts(folder: Path, shard: Shard, group: int) -> pl.DataFrame:
    """What the files of some rows are made of; whoever asks for many asks for neighbours."""
    try:
        rows = pl.scan_parquet(folder / shard.name).slice(group * ROWS_OF_A_GROUP, ROWS_OF_A_GROUP)
        return rows.select("answer", *TEXTS).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise SlingshotError(_unreadable(folder, shard, error)) from None


def _read_shard(folder: Path, shard: Shard, columns: Sequence[str]) -> pl.DataFrame:
    path = folder / shard.name
    try:
        if path.stat().st_size == shard.file_bytes:
            frame = pl.read_parquet(path, columns=list(columns))
            if frame.height == shard.recordings:
                return frame
    except FileNotFoundError:
        raise SlingshotError(
            f"{path}: this shard is missing; put it back, or pack the recordings anew"
        ) from None
    except (OSError, pl.exceptions.PolarsError) as error:
        raise SlingshotError(_unreadable(folder, shard, error)) from None
    raise SlingshotError(f"{path}: {_damaged(folder)}")


def _unreadable(folder: Path, shard: Shard, error: Exception) -> str:
    return f"{folder / shard.name}: could not be read: {first_line(error)}; {_damaged(folder)}"


def _damaged(folder: Path) -> str:
    return f"not what {path_below(folder, PACKED)} says was written; put a whole copy in its place"
