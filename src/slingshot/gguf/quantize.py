"""Quantizing a GGUF file with llama.cpp, and saying which tensors became another type than asked."""

import re
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slingshot.commands import run_captured
from slingshot.errors import MissingTool, RequestError, SlingshotError
from slingshot.files import readable_disk_errors

# llama.cpp's `llama_ftype` numbers, from its header llama.h.
FILE_TYPES = {"Q4_0": 2, "Q8_0": 7, "Q4_K_M": 15, "Q5_K_M": 17, "Q6_K": 18}

_FALLBACK = re.compile(r"(\S+)\s+- ncols.*?\(required for type\s+(\S+)\) -> falling back to\s+(\S+)")
_QUANTIZE = """
import sys
from cyllama.llama.llama_cpp import LlamaModelQuantizeParams, model_quantize
parameters = LlamaModelQuantizeParams()
parameters.ftype = int(sys.argv[3])
model_quantize(sys.argv[1], sys.argv[2], parameters)
"""


@dataclass(frozen=True)
class Quantized:
    """A quantized file and its tensors that llama.cpp stored in another type: (tensor, wanted, got)."""

    path: Path
    type: str
    fallbacks: tuple[tuple[str, str, str], ...]

    @property
    def description(self) -> str:
        """One sentence about the fallbacks, such as `180 tensors fell back: 166 q5_K to q5_1, …`."""
        if not self.fallbacks:
            return f"{self.path.name}: every tensor has the type that {self.type} asks for"
        kinds = Counter((wanted, got) for _, wanted, got in self.fallbacks)
        parts = ", ".join(f"{count} {wanted} to {got}" for (wanted, got), count in kinds.most_common())
        return f"{self.path.name}: {len(self.fallbacks)} tensors fell back to another type: {parts}"


def quantize(source: Path, out: Path, file_type: str) -> Quantized:
    """Quantize the GGUF file `source` to `out`; a `llama-quantize` on PATH wins over the bundled library.

    Raises:
        RequestError: the type is unknown.
        MissingTool: llama.cpp is not installed.
        SlingshotError: llama.cpp failed, or the disk is full.
    """
    if file_type not in FILE_TYPES:
        raise RequestError(f"quantization {file_type}: unknown type; there are {', '.join(FILE_TYPES)}")
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    try:
        done = run_captured(_command(source, part, file_type))
        printed = done.stdout + done.stderr
        if "No module named 'cyllama'" in printed:
            raise MissingTool(
                "llama.cpp's quantizer is missing; install it with `pip install slingshot[train]`"
            )
        if done.returncode != 0 or not part.exists():
            reason = (printed.strip().splitlines() or ["no message"])[-1]
            raise SlingshotError(f"{source}: llama.cpp could not quantize to {file_type}: {reason}")
        with readable_disk_errors(out):
            part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return Quantized(out, file_type, tuple(_fallbacks(printed)))


def _command(source: Path, out: Path, file_type: str) -> Sequence[str]:
    """llama.cpp's own program where there is one, else its library in a process of its own."""
    if program := shutil.which("llama-quantize"):
        return [program, str(source), str(out), file_type]
    return [sys.executable, "-c", _QUANTIZE, str(source), str(out), str(FILE_TYPES[file_type])]


def _fallbacks(printed: str) -> list[tuple[str, str, str]]:
    """The fallback lines in what llama.cpp printed, once each."""
    return list(dict.fromkeys((m[1], m[2], m[3]) for m in _FALLBACK.finditer(printed)))
