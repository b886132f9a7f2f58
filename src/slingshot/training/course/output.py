"""The files of what was trained: an adapter as peft writes it, or a whole model with its base's tokenizer."""

import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from slingshot.files import readable_disk_errors
from slingshot.folders import PARTIAL
from slingshot.models.base_model import TEMPLATE_FILE, TOKENIZER_FILES
from slingshot.training.base_record import BaseRecord, write_base_record
from slingshot.training.rows.templates import keep_template


def save_model(
    model: Any,
    base: Path,
    record: BaseRecord,
    template: str | None,
    folder: Path,
    weights: dict[str, Any] | None = None,
) -> None:
    """Write the adapter, or the whole model, into a folder that nobody reads yet.

    Beside it go the record of its base, and the chat template trained with, if that is not the base's own. `weights`
    are what to write where the model itself holds only a part of them.
    """
    model.save_pretrained(folder, **({"state_dict": weights} if weights else {}))
    if not hasattr(model, "peft_config"):
        for name in TOKENIZER_FILES:  # byte for byte: the vocabulary is the base's
            if (base / name).exists():
                shutil.copyfile(base / name, folder / name)
    if template is not None:
        keep_template(template, folder)
    write_base_record(record, folder)


def save_output(save: Callable[[Path], None], out: Path) -> None:
    """Write what `save` writes into `out`: beside their places, then renamed, so that no file is ever half there.

    Raises:
        SlingshotError: the disk is full or the folder may not be written.
    """
    with readable_disk_errors(out), TemporaryDirectory(prefix=PARTIAL, dir=out) as part:
        save(Path(part))
        if not (Path(part) / TEMPLATE_FILE).exists():
            (out / TEMPLATE_FILE).unlink(missing_ok=True)  # an earlier training's
        for file in sorted(Path(part).iterdir()):
            file.replace(out / file.name)
