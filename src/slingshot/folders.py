"""Folders that are either whole or not there, and files that are checked before anyone sees them."""

import errno
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from slingshot.errors import SlingshotError
from slingshot.files import readable_disk_errors, sha256_of_file

PARTIAL = ".partial-"  # how the names of unfinished neighbours begin
_DAY_SECONDS = 24 * 3600


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Give an empty neighbour folder to fill, and rename it to `target` when the block ends well.

    A kill in the middle leaves at most a neighbour that nothing ever reads; the next call sweeps it away
    once it is a day old. When two processes make the same folder at once, the first one stays.

    Raises:
        SlingshotError: the disk is full or the folder may not be written.
    """
    with readable_disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent)
        # mkdtemp gives the folder to its owner alone; what is inside must be readable as any other folder.
        neighbour = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=target.parent))
        neighbour.chmod(0o755)
        try:
            yield neighbour
            try:
                neighbour.rename(target)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                    raise
        finally:
            shutil.rmtree(neighbour, ignore_errors=True)


def remove_folder(folder: Path) -> None:
    """Remove a folder so that no process ever sees half of it; nothing happens when it is not there.

    Raises:
        SlingshotError: the folder may not be removed.
    """
    if not folder.exists():
        return
    with readable_disk_errors(folder):
        grave = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=folder.parent))
        folder.rename(grave / folder.name)
    shutil.rmtree(grave, ignore_errors=True)


def download(
    url: str,
    target: Path,
    sha256: str,
    connect_seconds: float = 5.0,
    report: Callable[[str], None] | None = None,
) -> None:
    """Fetch `url` into `target`, a file that nobody else reads yet, and check its SHA-256.

    Args:
        url: an http, https or file address.
        target: where to write; it is removed again if the download fails or the hash differs.
        sha256: the expected SHA-256 as 64 hex digits.
        connect_seconds: how long to wait for the connection, and for each next piece of data.
        report: called with one line for each tenth of a large download.

    Raises:
        SlingshotError: the address did not answer, stopped answering, or gave other bytes.
    """
    try:
        with urllib.request.urlopen(url, timeout=connect_seconds) as answer, target.open("wb") as file:
            total = int(answer.headers.get("Content-Length") or 0)
            received = tenth = 0
            while piece := answer.read(1 << 20):
                file.write(piece)
                received += len(piece)
                if report and total > 10 << 20 and received * 10 // total > tenth:
                    tenth = received * 10 // total
                    report(f"  {received / 1e6:.0f} of {total / 1e6:.0f} MB")
    except OSError as error:
        target.unlink(missing_ok=True)
        raise SlingshotError(
            f"could not download {url}: {error}; check the network or the free space, then run again"
        ) from error
    if (found := sha256_of_file(target)) != sha256:
        target.unlink(missing_ok=True)
        raise SlingshotError(
            f"{url} came with SHA-256 {found} instead of {sha256}, so it was thrown away; run again,"
            " and check the proxy if it stays so"
        )


def sweep(folder: Path) -> None:
    """Remove what killed processes left in `folder` a day ago or earlier; no set-up lasts that long."""
    for left in folder.glob(f"{PARTIAL}*"):
        try:
            old = time.time() - left.stat().st_mtime > _DAY_SECONDS
        except FileNotFoundError:
            continue
        if old:
            shutil.rmtree(left, ignore_errors=True)
