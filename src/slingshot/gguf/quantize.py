"""Quantizing a GGUF file with llama.cpp, and saying which tensors became another type than asked."""

import re
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slingshot.errors import MissingTool, RequestError, SlingshotError
from slingshot.files import readable_disk_errors, sha256_of_file
from slingshot.gguf.child import Advance, failed, part_of, run_child
from slingshot.gguf.file_types import FILE_TYPES, NEEDS_IMATRIX, known_type
from slingshot.gguf.header import GgufFile, read_gguf
from slingshot.gguf.imatrix import IMATRIX_KEY, NOT_TAKEN, check_imatrix, read_imatrix

_FALLBACK = re.compile(
    r"(\S+)\s+- ncols.*?\(required for type\s+(\S+)\)(?: \(WARNING[^)]*\))?\s*-> falling back to\s+(\S+)"
)
_PROGRESS = re.compile(r"^\[\s*(\d+)/\s*(\d+)\]")
_PROGRAM = "llama-quantize"


@dataclass(frozen=True)
class Quantized:
    """A quantized file, and its tensors that llama.cpp stored in another type.

    Attributes:
        path: the file.
        type: what was asked for, such as `Q5_K_M`.
        fallbacks: tensor, wanted type, and the type it got.
        bytes: the file's size.
        bits_per_weight: of all tensors together, those that fell back and those that are never quantized included.
    """

    path: Path
    type: str
    fallbacks: tuple[tuple[str, str, str], ...]
    bytes: int
    bits_per_weight: float

    @property
    def description(self) -> str:
        """One sentence about the fallbacks, such as `180 tensors fell back: 166 q5_K to q5_1, …`."""
        if not self.fallbacks:
            return f"{self.path.name}: every tensor has the type that {self.type} asks for"
        kinds = Counter((wanted, got) for _, wanted, got in self.fallbacks)
        parts = ", ".join(f"{count} {wanted} to {got}" for (wanted, got), count in kinds.most_common())
        return f"{self.path.name}: {len(self.fallbacks)} tensors fell back to another type: {parts}"


def quantize(
    source: Path,
    out: Path,
    file_type: str,
    imatrix: Path | None = None,
    *,
    advance: Advance | None = None,
) -> Quantized:
    """Quantize the GGUF file `source` to `out`, with its keys; a `llama-quantize` on PATH wins over the wheel.

    Args:
        source: a file of f32, f16 or bf16; what was quantized already is refused, for errors would add up.
        out: the file to write.
        file_type: one of `FILE_TYPES`.
        imatrix: importance matrix in one of llama.cpp's two formats; the lowest types cannot do without.
        advance: called with done and total, in tensors.

    Raises:
        RequestError: the type is unknown or needs an importance matrix, the source is quantized already or no GGUF
            file, or the matrix is none or another model's.
        MissingTool: llama.cpp is not installed, or cannot take an importance matrix.
        SlingshotError: the source is damaged, llama.cpp failed, or the disk is full.
    """
    kind = known_type(file_type)
    check_quantizable(kind, imatrix)
    model = read_gguf(source)
    _check_source(model, kind)
    if imatrix:
        check_imatrix(read_imatrix(imatrix), imatrix, model)
    part = part_of(out)
    try:
        code, printed = run_child(_command(source, part, kind, imatrix), None, _PROGRESS, advance)
        if code != 0 or not part.stat().st_size:
            raise _why(source, out, kind, code, printed)
        if imatrix and "have importance matrix data" not in printed:
            raise MissingTool(f"{source}: llama.cpp took no importance matrix; {_HOW_IMATRIX}")
        made = read_gguf(part)
        with readable_disk_errors(out):
            part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return Quantized(out, kind, tuple(_fallbacks(printed)), out.stat().st_size, made.bits_per_weight)


def check_quantizable(kind: str, imatrix: Path | None) -> None:
    """Raise RequestError if a file of this type cannot be made without an importance matrix, and there is none."""
    if kind in NEEDS_IMATRIX and imatrix is None:
        raise RequestError(
            f"quantization {kind}: needs an importance matrix, or the result would be garbage; measure one with "
            "llama.cpp's `llama-imatrix` and name it with --imatrix"
        )


_HOW_IMATRIX = f"put llama.cpp's `{_PROGRAM}` on PATH, or quantize without --imatrix"


def _check_source(model: GgufFile, kind: str) -> None:
    if model.quantized_types:
        raise RequestError(
            f"{model.path}: is quantized already ({', '.join(model.quantized_types)}), and errors add up; quantize "
            f"to {kind} from its f16 file"
        )
    if not model.tensors:
        raise RequestError(f"{model.path}: holds no tensors; name the GGUF file of a model")


def _command(source: Path, out: Path, kind: str, imatrix: Path | None) -> Sequence[str]:
    """llama.cpp's own program where there is one, else its library in a process of its own."""
    if program := shutil.which(_PROGRAM):
        options = ["--imatrix", str(imatrix)] if imatrix else []
        options += ["--override-kv", f"{IMATRIX_KEY}=str:{sha256_of_file(imatrix)}"] if imatrix else []
        return [program, *options, str(source), str(out), kind.upper()]
    command = [sys.executable, "-P", "-m", "slingshot.gguf.llama_quantizer"]
    return [*command, str(source), str(out), str(FILE_TYPES[kind]), *([str(imatrix)] if imatrix else [])]


def _why(source: Path, out: Path, kind: str, code: int, printed: str) -> SlingshotError:
    """Why quantizing failed, where it is known in a sentence of ours."""
    if NOT_TAKEN in printed:
        return MissingTool(f"{source}: the installed cyllama takes no importance matrix; {_HOW_IMATRIX}")
    if tensor := re.search(r"Missing importance matrix for tensor (\S+)", printed):
        return RequestError(
            f"{source}: the importance matrix has nothing for {tensor[1]}, which {kind} cannot do without; measure it "
            "on more text, or choose a larger type"
        )
    return failed(f"{source}: llama.cpp could not quantize to {kind}", out, code, printed)


def _fallbacks(printed: str) -> list[tuple[str, str, str]]:
    """The fallback lines in what llama.cpp printed, once each."""
    return list(dict.fromkeys((m[1], m[2], m[3]) for m in _FALLBACK.finditer(printed)))
