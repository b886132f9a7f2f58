"""Importance matrices: for each tensor, how much every column of its rows matters, as `llama-imatrix` measures it.

They come in two formats: GGUF (sums of squares and counts), and an older one without a name (usually `.dat`).
"""

import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from slingshot.errors import RequestError, SlingshotError
from slingshot.gguf.header import GgufFile

# The name of a tensor: one float32 for each of its columns, of stacked matrices one after another.
Imatrix = Mapping[str, np.ndarray]

IMATRIX_KEY = "slingshot.imatrix_sha256"  # key of a file that was quantized with one
NOT_TAKEN = "cyllama has other parameters than were expected"  # printed by llama_quantizer.py

_SUMS, _COUNTS = ".in_sum2", ".counts"


def read_imatrix(file: Path) -> Imatrix:
    """The mean squares of each tensor's inputs in a file of either format.

    A matrix that saw no input in the calibration (an expert that was never chosen) weighs all columns alike.

    Raises:
        RequestError: there is no such file, or it is no importance matrix.
    """
    if not file.is_file():
        raise RequestError(
            f"{file}: there is no such importance matrix; make one with llama.cpp's `llama-imatrix`"
        )
    content = file.read_bytes()
    try:
        found = _from_gguf(file) if content[:4] == b"GGUF" else _from_dat(content)
    except (struct.error, ValueError, KeyError, IndexError, UnicodeDecodeError, OverflowError):
        found = {}
    if not found:
        raise RequestError(
            f"{file}: this is no importance matrix, or not a whole one; make it with llama.cpp's `llama-imatrix`"
        )
    return found


def check_imatrix(imatrix: Imatrix, file: Path, model: GgufFile) -> None:
    """Raise RequestError unless the matrix was measured on a model with tensors such as this one's."""
    common = [tensor for tensor in model.tensors if tensor.name in imatrix]
    if not common:
        raise RequestError(f"{file}: names no tensor of {model.path}; it was made for another model")
    for tensor in common:
        row, *_, stacked = (*tensor.shape, 1, 1)[:3]
        if imatrix[tensor.name].size != row * stacked:
            raise RequestError(
                f"{file}: {tensor.name} has {imatrix[tensor.name].size:,} columns here and {row * stacked:,} in "
                f"{model.path}; it was made for another model"
            )
        if not np.isfinite(imatrix[tensor.name]).all():
            raise SlingshotError(f"{file}: {tensor.name} has values that are no numbers; measure it again")


def _from_gguf(file: Path) -> dict[str, np.ndarray]:
    from gguf import GGUFReader

    data = {tensor.name: tensor.data for tensor in GGUFReader(file).tensors}
    found = {}
    for name, sums in data.items():
        if name.endswith(_SUMS):
            plain = name.removesuffix(_SUMS)
            counts = data[plain + _COUNTS].reshape(-1, 1)
            rows = sums.reshape(len(counts), -1)
            means = np.where(counts > 0, rows / np.maximum(counts, 1), 1.0)
            found[plain] = means.astype(np.float32).reshape(-1)
    return found


def _from_dat(content: bytes) -> dict[str, np.ndarray]:
    found = {}
    (entries,) = struct.unpack_from("<i", content, 0)
    at = 4
    for _ in range(entries):
        (length,) = struct.unpack_from("<i", content, at)
        name = content[at + 4 : at + 4 + length].decode()
        calls, values = struct.unpack_from("<ii", content, at + 4 + length)
        if min(length, values) < 0:
            raise ValueError("a negative length")
        at += 12 + length
        found[name] = np.frombuffer(content, "<f4", values, at) / np.float32(max(calls, 1))
        at += 4 * values
    return found
