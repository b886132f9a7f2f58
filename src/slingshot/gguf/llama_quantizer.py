"""llama.cpp's quantizer as a process: `python -m slingshot.gguf.llama_quantizer SOURCE OUT NUMBER [IMATRIX]`.

The wheel's class of parameters wraps llama.cpp's C structure and has no setter for the importance matrix. What it
wraps is therefore found in the object's memory, by values that were set through the class, and the two pointers are
written there. If it is not found, nothing is written; and that llama.cpp received the matrix is seen in what it
prints (`quantize.py` looks for it).
"""

import ctypes
import sys
from pathlib import Path
from typing import Any

from slingshot.errors import MissingTool
from slingshot.files import sha256_of_file
from slingshot.gguf.imatrix import IMATRIX_KEY, NOT_TAKEN, Imatrix, read_imatrix

_STRING = 3  # llama.cpp's LLAMA_KV_OVERRIDE_TYPE_STR

# The fields of llama.cpp's `llama_model_quantize_params`, in their order.
_NUMBERS = ("nthread", "ftype", "output_tensor_type", "token_embedding_type")
_FLAGS = ("allow_requantize", "quantize_output_tensor", "only_copy", "pure", "keep_split", "dry_run")
_POINTERS = ("imatrix", "kv_overrides", "tt_overrides", "prune_layers")


class _Parameters(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_int32) for name in _NUMBERS),
        *((name, ctypes.c_bool) for name in _FLAGS),
        *((name, ctypes.c_void_p) for name in _POINTERS),
    ]


class _Row(ctypes.Structure):
    """llama.cpp's `llama_model_imatrix_data`."""

    _fields_ = [
        ("name", ctypes.c_char_p),
        ("data", ctypes.POINTER(ctypes.c_float)),
        ("size", ctypes.c_size_t),
    ]


class _Value(ctypes.Union):
    _fields_ = [("number", ctypes.c_int64), ("text", ctypes.c_char * 128)]


class _Key(ctypes.Structure):
    """llama.cpp's `llama_model_kv_override`."""

    _fields_ = [("tag", ctypes.c_int), ("key", ctypes.c_char * 128), ("value", _Value)]


def main() -> None:
    """Quantize; llama.cpp prints how far it is and which tensors fell back."""
    from cyllama.llama.llama_cpp import LlamaModelQuantizeParams, model_quantize

    source, out, number, *imatrix = sys.argv[1:]
    parameters = LlamaModelQuantizeParams()
    parameters.ftype = int(number)
    kept = _give(parameters, Path(imatrix[0])) if imatrix else None
    status = model_quantize(source, out, parameters)
    del kept  # llama.cpp read it until here
    sys.exit(status or 0)


def _give(parameters: Any, file: Path) -> object:
    """Put pointers to the matrix and to its hash into the parameters; what is returned must outlive the call."""
    place = _inside(parameters)
    imatrix = read_imatrix(file)
    rows = _rows(imatrix)
    keys = (_Key * 2)()  # ended by an empty key
    keys[0].tag, keys[0].key = _STRING, IMATRIX_KEY.encode()
    keys[0].value.text = sha256_of_file(file).encode()
    place.imatrix = ctypes.cast(rows, ctypes.c_void_p)
    place.kv_overrides = ctypes.cast(keys, ctypes.c_void_p)
    return imatrix, rows, keys


def _rows(imatrix: Imatrix) -> Any:
    """The matrix as llama.cpp wants it: an array that ends with an empty row."""
    rows = (_Row * (len(imatrix) + 1))()
    for row, (name, values) in zip(rows, imatrix.items(), strict=False):
        row.name = name.encode()
        row.data = values.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        row.size = values.size
    return rows


def _inside(parameters: Any) -> _Parameters:
    """The C structure that ends the object, checked field by field.

    Raises:
        MissingTool: it is not there, or not this one.
    """
    at = type(parameters).__basicsize__ - ctypes.sizeof(_Parameters)
    if at < 0:
        raise MissingTool(NOT_TAKEN)
    place = _Parameters.from_address(id(parameters) + at)
    unlike = [name for name in _NUMBERS + _FLAGS if getattr(place, name) != getattr(parameters, name)]
    pointing = [name for name in _POINTERS if getattr(place, name) is not None]
    kept = parameters.nthread
    parameters.nthread = 0x5EED
    moved = place.nthread == 0x5EED
    parameters.nthread = kept
    if unlike or pointing or not moved:
        raise MissingTool(NOT_TAKEN)
    return place


if __name__ == "__main__":
    main()
