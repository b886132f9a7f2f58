"""Files that are either whole or not there: atomic writes, hashes, and where the cache is."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from slingshot.errors import SlingshotError


def cache_folder() -> Path:
    """The folder for what is fetched or prepared once a user: `$SLINGSHOT_CACHE`, else the XDG cache."""
    if own := os.environ.get("SLINGSHOT_CACHE"):
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "slingshot"


@contextmanager
def readable_disk_errors(path: Path) -> Iterator[None]:
    """Turn "no space left" and its like, while `path` is written, into one sentence.

    Raises:
        SlingshotError: the disk is full or the file may not be written.
    """
    try:
        yield
    except SlingshotError:
        raise
    except Exception as error:
        full = "No space left on device"  # some libraries wrap it in an error of their own
        if not isinstance(error, OSError) and full not in str(error):
            raise
        reason = full if full in str(error) else getattr(error, "strerror", None) or str(error)
        raise SlingshotError(
            f"could not write {path}: {reason}; free some space or choose another folder, then run again"
        ) from error


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` so that a reader sees the old file or the new one, never a half.

    The bytes go to a neighbour file that is synced and then renamed over `path`; when anything fails
    the neighbour is removed.

    Raises:
        SlingshotError: the disk is full or the file may not be written.
    """
    _write(path, content, lambda neighbour: bool(neighbour.replace(path)))


def write_new_json(path: Path, value: Any) -> bool:
    """Write one JSON value in one line, whole or not at all, unless there is such a file.

    False says that there is; it stays as it is, even if somebody else wrote it at this very moment.

    Raises:
        SlingshotError: the disk is full or the file may not be written.
    """

    def put(neighbour: Path) -> bool:
        try:
            os.link(neighbour, path)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            if path.exists():
                return False
            neighbour.replace(path)
            return True
        return True

    return _write(path, _json_bytes(value, None), put)


def _write(path: Path, content: bytes, put: Callable[[Path], bool]) -> bool:
    """Write a neighbour of `path`, synced; `put` says what becomes of it."""
    with readable_disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, neighbour = tempfile.mkstemp(
            prefix=f".{path.name[:80]}.", suffix=".part", dir=path.parent
        )
        try:
            os.fchmod(descriptor, 0o644)  # mkstemp gives 0600, which a web server could not read
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            return put(Path(neighbour))
        finally:
            Path(neighbour).unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text whole or not at all, see `write_bytes`."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any, indent: int | None = 2) -> None:
    """Write one JSON value and a final newline, whole or not at all, see `write_bytes`."""
    write_bytes(path, _json_bytes(value, indent))


def _json_bytes(value: Any, indent: int | None) -> bytes:
    separators = None if indent else (",", ":")
    text = json.dumps(value, indent=indent, separators=separators, ensure_ascii=False) + "\n"
    return text.encode(errors="backslashreplace")  # half a character, as JSON writes it


def sha256_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of_text(text: str) -> str:
    """SHA-256 of a text's UTF-8 bytes, as 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_of_folder(folder: Path) -> str:
    """SHA-256 over the sorted relative paths and the bytes of all files below `folder`."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{sha256_of_file(path)}\n".encode())
    return digest.hexdigest()
