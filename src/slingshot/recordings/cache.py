"""Recordings that were read before, as frames in the user's cache: reading thousands of files takes seconds.

A folder's file is called after the folder's absolute path and after the SHA-256 of its own bytes, so that a
file that was damaged is told from a whole one. It holds the frame of `read_rows`, with the sizes and times of
all files, behind a line of JSON with what `is_unchanged` needs. Nothing depends on it: what cannot be read, or
not be written, is as good as not there.
"""

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson
import polars as pl

from slingshot.errors import SlingshotError
from slingshot.files import cache_folder, sha256_of_text, write_bytes
from slingshot.recordings.rows import SCHEMA, STAMPS
from slingshot.recordings.scan import Looked

# To be raised with every change of what a row means, so that rows read by older code are read again.
_EDITION = 4
_KEPT = 20
# Columns with few texts, each of them often: they are kept once.
_REPEATED = ["prompt", "model", "test_case", "prompt_label", "prompt_hash", "parameters", "judge", "form"]
_DIGITS = 24  # of a SHA-256, in names


@dataclass(frozen=True)
class Cached:
    """What was kept of a folder.

    Attributes:
        frame: the rows of `read_rows`.
        folders: what a scan found, if the rows are all there was and nothing was written to just before.
        orphans: evaluations without a conversation, then.
        packed: folders with packed recordings, then.
        waiting: how many conversations had no evaluation.
    """

    frame: pl.DataFrame
    folders: Sequence[Looked] = ()
    orphans: Sequence[str] = ()
    packed: Sequence[str] = ()
    waiting: int = 0


def find_cached(folder: Path) -> Path | None:
    """The file in which the rows of a folder were kept, whatever state it is in; None if there is none."""
    return next(iter(_files_of(folder)), None)


def read_cached(
    path: Path, unchanged: Callable[[Sequence[Looked]], bool]
) -> tuple[Cached, bool] | tuple[None, Literal[False]]:
    """What is in a file of the cache, None if it cannot be trusted, and whether its folders are `unchanged`.

    One core unpacks the rows while another looks at the folders.
    """
    try:
        content = path.read_bytes()
        head, _, packed = content.partition(b"\n")
        seen = orjson.loads(head)
        folders = [Looked(*one) for one in seen["folders"]]
        with ThreadPoolExecutor(1) as beside:
            unpacking = beside.submit(_unpacked, path, content, packed)
            same = bool(folders) and unchanged(folders)
            frame = unpacking.result()
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None, False
    if frame is None:
        return None, False
    with suppress(OSError):
        os.utime(path)
    return Cached(frame, folders, seen["orphans"], seen["packed"], seen["waiting"]), same


def _unpacked(path: Path, content: bytes, packed: bytes) -> pl.DataFrame | None:
    """The rows in a file of the cache; None if the file is not the one that was written, or an older one."""
    if path.stem.rpartition("-")[2] != _digest(content):
        return None
    frame = pl.read_ipc(packed).with_columns(pl.col(_REPEATED).cast(pl.String))
    return frame if dict(frame.schema) == SCHEMA | STAMPS else None


def write_cached(folder: Path, cached: Cached) -> None:
    """Keep what is known of a folder in place of what was kept, and forget folders not asked for for longest."""
    seen = {
        "folders": [list(vars(looked).values()) for looked in cached.folders],
        "orphans": list(cached.orphans),
        "packed": list(cached.packed),
        "waiting": cached.waiting,
    }
    buffer = io.BytesIO()
    try:
        buffer.write(orjson.dumps(seen) + b"\n")
        packed = cached.frame.rechunk().with_columns(pl.col(_REPEATED).cast(pl.Categorical))
        packed.write_ipc(buffer, compression="zstd")
        content = buffer.getvalue()
        path = _place() / f"{_name(folder)}-{_digest(content)}.arrow"
        write_bytes(path, content)
        for other in _files_of(folder):
            if other != path:
                other.unlink(missing_ok=True)
        newest_first = sorted(_place().iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for old in newest_first[_KEPT:]:
            old.unlink(missing_ok=True)
    except (OSError, RuntimeError, TypeError, SlingshotError):  # TypeError: a name that is no text
        return


def _place() -> Path:
    return cache_folder() / "recordings"


def _name(folder: Path) -> str:
    """How the names of a folder's files begin."""
    return sha256_of_text(f"{_EDITION} {folder.absolute()}")[:_DIGITS]


def _files_of(folder: Path) -> list[Path]:
    """What is kept for a folder: one file, unless two processes wrote at once."""
    try:
        return sorted(_place().glob(f"{_name(folder)}-*.arrow"))
    except (OSError, RuntimeError):  # RuntimeError: a user without a home
        return []


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]
