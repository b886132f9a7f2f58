"""The merged model's weights, its configuration, and the index of its files."""

import json
import shutil
from collections.abc import Callable, Mapping
from math import ceil, prod
from pathlib import Path
from typing import Any, Literal

import torch

from slingshot.errors import SlingshotError
from slingshot.files import write_json
from slingshot.progress import Advance
from slingshot.training.merging.plan import Piece, Plan
from slingshot.training.merging.weights import FLOATS, INDEX_FILE, Stored, write_tensors

Dtype = Literal["float32", "bfloat16", "float16"]
_KINDS = {"float32": "F32", "bfloat16": "BF16", "float16": "F16"}
_MEGABYTE = 1_000_000


def write_weights(plan: Plan, out: Path, dtype: Dtype | None, advance: Advance) -> None:
    """Write the tensors into files of the same names as those that they come from.

    Raises:
        SlingshotError: a number would not be finite, or a tensor cannot be added to.
    """
    total = sum(piece.source.size for piece in plan.pieces)
    done = 0

    def tell(size: int) -> None:
        nonlocal done
        done += size
        advance(ceil(done / _MEGABYTE), ceil(total / _MEGABYTE), "MB")

    for file, pieces in plan.files.items():
        _write_file(pieces, out / file.name, dtype, tell)


def write_config(plan: Plan, source: Path, out: Path, dtype: Dtype | None) -> None:
    """Copy the configuration byte for byte, or with what is no longer so set right; the index of files likewise."""
    config = source / "config.json"
    said: dict[str, Any] = json.loads(config.read_bytes())
    right: dict[str, Any] = {"tie_word_embeddings": False} if plan.untied else {}
    if dtype:
        right["torch_dtype" if "torch_dtype" in said else "dtype"] = dtype
    if any(said.get(key) != value for key, value in right.items()):
        write_json(out / config.name, said | right)
    else:
        shutil.copyfile(config, out / config.name)

    names = {name: file.name for file, pieces in plan.files.items() for name in pieces}
    if set(names.values()) == {"model.safetensors"}:
        return
    if not right:
        shutil.copyfile(source / INDEX_FILE, out / INDEX_FILE)
        return
    stored = [_as_written(piece, dtype) for piece in plan.pieces]
    sizes = {
        "total_parameters": sum(prod(one.shape) for one in stored),
        "total_size": sum(one.size for one in stored),
    }
    write_json(out / INDEX_FILE, {"metadata": sizes, "weight_map": names})


def _write_file(
    pieces: Mapping[str, Piece], path: Path, dtype: Dtype | None, tell: Callable[[int], None]
) -> None:
    stored = {name: _as_written(piece, dtype) for name, piece in pieces.items()}
    if all(piece == Piece(stored[name]) for name, piece in pieces.items()):  # its very bytes
        shutil.copyfile(next(iter(stored.values())).file, path)
        tell(sum(one.size for one in stored.values()))
        return

    def make(name: str) -> torch.Tensor | bytearray:
        piece, kind = pieces[name], stored[name].kind
        tell(piece.source.size)
        if piece.change is None and piece.source.kind == kind:
            return piece.source.read_bytes()
        weights = piece.source.read()
        if piece.change:
            weights = piece.change.applied_to(weights)
        weights = weights.to(FLOATS[kind])
        if not weights.isfinite().all():
            raise SlingshotError(
                f"{name} would hold numbers that are not finite as {kind}; the adapter is broken, or another --dtype "
                "is needed"
            )
        return weights

    write_tensors(path, stored, make)


def _as_written(piece: Piece, dtype: Dtype | None) -> Stored:
    return piece.source.as_kind(_KINDS[dtype]) if dtype and piece.source.kind in FLOATS else piece.source
