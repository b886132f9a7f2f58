"""The files of what was trained: an adapter as peft writes it, or a whole model with its base's tokenizer."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from slingshot.files import readable_disk_errors
from slingshot.folders import PARTIAL
from slingshot.models.base_model import TOKENIZER_FILES


def save_model(model: Any, base: Path, folder: Path) -> None:
    """Write the adapter, or the whole model, into a folder that nobody reads yet."""
    model.save_pretrained(folder)
    if hasattr(model, "peft_config"):
        return
    for name in TOKENIZER_FILES:  # byte for byte: the vocabulary is the base's
        if (base / name).exists():
            shutil.copyfile(base / name, folder / name)


def save_output(model: Any, base: Path, out: Path) -> None:
    """Write the same files into `out`: beside their places, then renamed, so that none is ever half there.

    Raises:
        SlingshotError: the disk is full or the folder may not be written.
    """
    with readable_disk_errors(out), TemporaryDirectory(prefix=PARTIAL, dir=out) as part:
        save_model(model, base, Path(part))
        for file in sorted(Path(part).iterdir()):
            file.replace(out / file.name)
