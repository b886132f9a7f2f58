"""Packing a folder of recordings into shards, and unpacking: nothing is lost on the way, whenever it is stopped.

Recordings are packed in the order of their paths, which is that of test cases and models, so that a shard holds
what is alike side by side. A shard is written whole, then listed; once listed it never changes. What was listed
when packing was stopped is not packed again.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import polars as pl

from slingshot.errors import RequestError, SlingshotError
from slingshot.files import readable_disk_errors, write_json
from slingshot.recordings.packed import (
    ROWS_OF_A_GROUP,
    SHARD_SCHEMA,
    TEXTS,
    Contents,
    Pair,
    Shard,
    checked_shard,
    pair_of,
    read_contents,
    spelled,
)
from slingshot.recordings.problems import BROKEN, broken, contradicting, orphaned
from slingshot.recordings.rows import Prompts, frame_of, make_row, parse, read_file, take_conversation
from slingshot.recordings.scan import PACKED, Scan, conversation_of, path_below, scan

ROWS_OF_A_SHARD = 100_000
BYTES_OF_A_SHARD = 256 * 2**20
"""Of the JSON files in it: a shard is in memory as a whole while it is packed."""
_AT_ONCE = 2000
_SHARD_NAME = re.compile(r"packed-recordings-[0-9a-f]{12}\.parquet")
_PART = ".packed-recordings.part"
_LOCK = ".packed-recordings.lock"

Advance = Callable[[int, int], None]


@dataclass(frozen=True)
class Packing:
    """What packing a folder did.

    Attributes:
        written: recordings packed now.
        before: recordings below the folder that were packed already.
        waiting: conversations without an evaluation, which stay as they are.
        json_bytes: the size of the files that were packed now.
        file_bytes: the size of the shards that were written now.
        removed: files that were removed.
    """

    written: int
    before: int
    waiting: int
    json_bytes: int
    file_bytes: int
    removed: int


def pack_recordings(
    folder: Path,
    out: Path,
    remove: bool = False,
    on_packed: Advance = lambda done, total: None,
    rows_of_a_shard: int = ROWS_OF_A_SHARD,
) -> Packing:
    """Pack the judged answers below `folder` into shards in `out`, beside those that are there.

    Args:
        folder: recordings, ours or the leaderboard's.
        out: where to; may be `folder` itself.
        remove: remove each file that is packed, once everything is; each is compared with its shard before.
        on_packed: called with the recordings that are packed and their number.
        rows_of_a_shard: at most.

    Raises:
        RequestError: there are no such recordings.
        SlingshotError: a recording is broken, or is not what was packed under its name earlier; or the disk is full.
    """
    if not folder.is_dir():
        raise RequestError(f"{folder}: there is no such folder; name one with recordings")
    found = scan(folder, stamps=False)
    in_place = out.resolve() == folder.resolve()
    _check_request(folder, out, found, in_place)
    with _only_one(out):
        contents = _begun(out)
        packed = _check_packed(folder, out, contents)
        names = [name for name in found.evaluations if name not in packed]
        written = list[Shard]()
        for shard in _shards(folder, out, names, rows_of_a_shard, on_packed):
            written.append(shard)
            contents = list_shards(out, (*contents.shards, shard), complete=in_place)
        if not contents.complete:
            contents = list_shards(out, contents.shards, complete=True)
        removed = _remove_packed(folder, out, contents) if remove else 0
    return Packing(
        written=len(names),
        before=len(found.evaluations) - len(names),
        waiting=found.waiting,
        json_bytes=sum(shard.json_bytes for shard in written),
        file_bytes=sum(shard.file_bytes for shard in written),
        removed=removed,
    )


def unpack_recordings(
    folder: Path, out: Path, on_unpacked: Advance = lambda done, total: None
) -> tuple[int, int]:
    """Write the files of all recordings that are packed in `folder` below `out`; how many recordings, and how many new.

    Every byte is as it was; shards are checked by their hashes first, and stay where they are.

    Raises:
        RequestError: nothing is packed there.
        SlingshotError: a shard is damaged, a file is there with another content, or the disk is full.
    """
    if not (folder / PACKED).is_file():
        raise RequestError(f"{folder}: nothing is packed here, there is no {PACKED}; name another folder")
    contents = read_contents(folder)
    done = new = 0
    for shard in contents.shards:
        for row in checked_shard(folder, shard).select("path", "answer", *TEXTS).iter_rows(named=True):
            new += _write_pair(out, row["path"], pair_of(row))
            done += 1
            on_unpacked(done, contents.recordings)
    os.sync()  # once for all: the shards are there until they are removed by hand
    return done, new


def _check_request(folder: Path, out: Path, found: Scan, in_place: bool) -> None:
    """See that all below a folder can be packed.

    Raises:
        RequestError: there is nothing, or what is packed elsewhere, or the shards would count besides the files.
        SlingshotError: it cannot be read, or half a recording is missing.
    """
    if not in_place and out.resolve().is_relative_to(folder.resolve()):
        raise RequestError(
            f"{out}: lies in {folder}, where all would count twice; name {folder} or one outside"
        )
    if elsewhere := [folder / place for place in found.packed if (folder / place).resolve() != out.resolve()]:
        raise RequestError(
            f"{elsewhere[0]}: holds packed recordings, which are not packed again; unpack them with"
            f" `slingshot unpack {elsewhere[0]} --out DIR` and pack that folder"
        )
    if found.closed:
        place, reason = found.closed[0]
        raise SlingshotError(f"{folder / place}: could not be read: {reason}; make this folder readable")
    if found.orphans:
        raise SlingshotError(orphaned(Path(path_below(folder, found.orphans[0]))).sentence)
    if not found.evaluations and not (out / PACKED).is_file():
        raise RequestError(f"{folder}: no judged recordings below this folder; name another")


def _shards(
    folder: Path, out: Path, names: Sequence[str], rows_of_a_shard: int, on_packed: Advance
) -> Iterator[Shard]:
    """Pack recordings into new shards, one after the other."""
    frames, rows, prompts = list[pl.DataFrame](), list[tuple[Any, ...]](), Prompts()
    json_bytes = in_shard = 0
    for done, name in enumerate(names, 1):
        row, size = _row(folder, name, prompts)
        rows.append(row)
        json_bytes, in_shard = json_bytes + size, in_shard + 1
        full = in_shard == rows_of_a_shard or json_bytes >= BYTES_OF_A_SHARD or done == len(names)
        if full or len(rows) == _AT_ONCE:  # a frame needs less memory than texts one by one
            frames.append(frame_of(rows, SHARD_SCHEMA))
            rows = []
        if full:
            yield write_shard(out, pl.concat(frames, rechunk=True), json_bytes)
            frames, json_bytes, in_shard = [], 0, 0
            on_packed(done, len(names))


def _row(folder: Path, name: str, prompts: Prompts) -> tuple[tuple[Any, ...], int]:
    """A recording in the order of `SHARD_SCHEMA`, and the bytes of its two files.

    Raises:
        SlingshotError: it is broken, or called by another name than its content says.
    """
    path = path_below(folder, conversation_of(name))
    try:
        content, (size, _) = read_file(path)
        said = take_conversation(parse(content), prompts)
        conversation = content.decode()
        path = path_below(folder, name)
        content, (more, _) = read_file(path)
        found = parse(content)
        row = make_row(found, said, name)
        evaluation = content.decode()
        name.encode()
    except (OSError, *BROKEN) as error:
        raise SlingshotError(broken(Path(path), error).sentence) from None
    inside = found["prompt_label"], found["prompt_strategy"], found["timestamp"]
    if name.rpartition("/")[2] != f"evaluation__{'__'.join(inside)}.json":
        raise SlingshotError(contradicting(Path(path), inside).sentence)
    answer = spelled(row[_ANSWER])
    place = conversation.rfind(answer)
    cut = (conversation, None) if place < 0 else (conversation[:place], conversation[place + len(answer) :])
    return (*row, *cut, evaluation), size + more


_ANSWER = list(SHARD_SCHEMA).index("answer")


def write_shard(out: Path, frame: pl.DataFrame, json_bytes: int) -> Shard:
    """Write a shard under the name that its bytes give it; it does not count until it is listed.

    Args:
        out: the folder of shards.
        frame: its rows, with the columns of `SHARD_SCHEMA`.
        json_bytes: the size of the files that it holds.
    """
    part = out / _PART
    with readable_disk_errors(out):
        frame.write_parquet(part, compression="zstd", row_group_size=ROWS_OF_A_GROUP)
        with part.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            os.fsync(file.fileno())
        name = f"packed-recordings-{digest[:12]}.parquet"
        size = part.stat().st_size
        part.replace(out / name)
    paths = frame["path"].sort()
    return Shard(
        name=name,
        recordings=frame.height,
        file_bytes=size,
        json_bytes=json_bytes,
        sha256=digest,
        first=paths[0],
        last=paths[-1],
    )


def _begun(out: Path) -> Contents:
    """What is packed in a folder so far; what a stopped packing left unlisted is removed."""
    contents = (
        read_contents(out) if (out / PACKED).is_file() else Contents(complete=True, recordings=0, shards=())
    )
    known = {shard.name for shard in contents.shards}
    for path in out.iterdir():
        if path.name == _PART or (_SHARD_NAME.fullmatch(path.name) and path.name not in known):
            path.unlink()
    return contents


def list_shards(out: Path, shards: tuple[Shard, ...], complete: bool) -> Contents:
    """List all shards of a folder; `complete` says that no more are to come."""
    contents = Contents(
        complete=complete, recordings=sum(shard.recordings for shard in shards), shards=shards
    )
    write_json(out / PACKED, contents.model_dump())
    return contents


def _check_packed(folder: Path, out: Path, contents: Contents) -> set[str]:
    """The recordings that are packed already; those that still lie below `folder` have to be what was packed.

    Raises:
        SlingshotError: one is not.
    """
    packed = set[str]()
    for shard in contents.shards:
        for name, pair in _pairs(out, shard):
            packed.add(name)
            for path, content in _files(folder, name, pair):
                if path.is_file() and path.read_bytes() != content:
                    raise SlingshotError(
                        f"{path}: not what was packed under this name in {out}; pack into another folder"
                    )
    return packed


def _remove_packed(folder: Path, out: Path, contents: Contents) -> int:
    """Remove the files below `folder` that are what shards hold, and the folders that this empties."""
    count, folders = 0, set[Path]()
    for shard in contents.shards:
        for name, pair in _pairs(out, shard):
            for path, content in _files(folder, name, pair):
                with suppress(FileNotFoundError):
                    if path.read_bytes() == content:  # whoever judged again meanwhile keeps that
                        path.unlink()
                        count += 1
                        folders.add(path.parent)
    for place in sorted(folders, key=lambda place: -len(place.parts)):
        while place != folder and place.is_dir() and not any(place.iterdir()):
            place.rmdir()
            place = place.parent
    return count


def _pairs(out: Path, shard: Shard) -> Iterator[tuple[str, Pair]]:
    """The name of each recording in a shard, and its files."""
    for row in checked_shard(out, shard).select("path", "answer", *TEXTS).iter_rows(named=True):
        yield row["path"], pair_of(row)


def _files(folder: Path, name: str, pair: Pair) -> tuple[tuple[Path, bytes], tuple[Path, bytes]]:
    """The files of a recording. The evaluation comes first, so that none is ever without its conversation."""
    return (folder / name, pair.evaluation), (folder / conversation_of(name), pair.conversation)


def _write_pair(out: Path, name: str, pair: Pair) -> bool:
    """Write the files of a recording; whether they were not there yet."""
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or "\0" in name:
        raise SlingshotError(f"{out}: no file below it can be called {name!r}; pack the recordings anew")
    new = False
    for path, content in reversed(_files(out, name, pair)):
        if not path.exists():
            with readable_disk_errors(path):
                path.parent.mkdir(parents=True, exist_ok=True)
                part = path.with_name(f".{path.name[:80]}.part")
                part.write_bytes(content)
                part.replace(path)
            new = True
        elif path.read_bytes() != content:
            raise SlingshotError(f"{path}: is there with another content; unpack into another folder")
    return new


@contextmanager
def _only_one(out: Path) -> Iterator[None]:
    """Hold a folder of shards against a second process that packs into it.

    Raises:
        SlingshotError: there is one.
    """
    with readable_disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        file = (out / _LOCK).open("w")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SlingshotError(
                f"{out}: another slingshot packs into this folder; wait for it or stop it"
            ) from None
        yield
