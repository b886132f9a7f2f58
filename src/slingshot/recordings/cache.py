"""Recordings that were read before, as frames in the user's cache: reading thousands of files takes seconds.

A folder's file is called after the folder's absolute path and after the SHA-256 of its own bytes, so that a
file that was damaged is told from a whole one. It holds the frame of `read_rows`, with the sizes and times of
all files. Nothing depends on it: what cannot be read, or not be written, is as good as not there.
"""

import hashlib
import io
import os
from contextlib import suppress
from pathlib import Path

import polars as pl

from slingshot.errors import SlingshotError
from slingshot.files import cache_folder, sha256_of_text, write_bytes
from slingshot.recordings.rows import SCHEMA, STAMPS

# To be raised with every change of what a row means, so that rows read by older code are read again.
_EDITION = 1
_KEPT = 20
_DIGITS = 24  # of a SHA-256, in names


def find_cached(folder: Path) -> Path | None:
    """The file in which the rows of a folder were kept, whatever state it is in; None if there is none."""
    return next(iter(_files_of(folder)), None)


def read_cached(path: Path) -> pl.DataFrame | None:
    """The rows in a file of the cache; None if it cannot be trusted."""
    try:
        content = path.read_bytes()
        if path.stem.rpartition("-")[2] != _digest(content):
            return None
        frame = pl.read_ipc(content)
    except (OSError, pl.exceptions.PolarsError):
        return None
    if dict(frame.schema) != SCHEMA | STAMPS:
        return None
    with suppress(OSError):
        os.utime(path)
    return frame


def write_cached(folder: Path, frame: pl.DataFrame) -> None:
    """Keep the rows of a folder in place of those kept before, and forget the folders not asked for for longest."""
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compression="zstd")
    content = buffer.getvalue()
    try:
        path = _place() / f"{_name(folder)}-{_digest(content)}.arrow"
        write_bytes(path, content)
        for other in _files_of(folder):
            if other != path:
                other.unlink(missing_ok=True)
        newest_first = sorted(_place().iterdir(), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        for old in newest_first[_KEPT:]:
            old.unlink(missing_ok=True)
    except (OSError, RuntimeError, SlingshotError):
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
