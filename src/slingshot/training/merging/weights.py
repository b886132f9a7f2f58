"""A model's weights on disk: where each tensor lies, and files written tensor by tensor, so that none is held whole.

A safetensors file is eight bytes with the length of its header, the header (JSON: type, shape and place of every
tensor), and the tensors' bytes, one after the other.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

import torch

from slingshot.errors import SlingshotError

INDEX_FILE = "model.safetensors.index.json"
FLOATS = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


@dataclass(frozen=True)
class Stored:
    """A tensor in a file.

    Attributes:
        file: where it lies.
        begin: of its bytes in the file.
        size: how many bytes they are.
        kind: its type, as safetensors names it: F32, BF16, I64, ...
        shape: its shape.
    """

    file: Path
    begin: int
    size: int
    kind: str
    shape: tuple[int, ...]

    def as_kind(self, kind: str) -> "Stored":
        """The same tensor as another type of floating-point numbers."""
        return replace(self, kind=kind, size=prod(self.shape) * FLOATS[kind].itemsize)

    def read(self) -> torch.Tensor:
        """Its numbers, in memory of their own, as float32.

        Raises:
            SlingshotError: they are no plain floating-point numbers.
        """
        if self.kind not in FLOATS:
            raise SlingshotError(
                f"{self.file}: a tensor of the type {self.kind} cannot be added to; name the base as it was before it "
                "was quantized"
            )
        numbers = torch.frombuffer(self.read_bytes(), dtype=FLOATS[self.kind])
        return numbers.reshape(self.shape).float()

    def read_bytes(self) -> bytearray:
        """Its bytes as they lie in the file."""
        numbers = bytearray(self.size)
        with self.file.open("rb") as file:
            file.seek(self.begin)
            file.readinto(numbers)
        return numbers


def stored_tensors(file: Path) -> dict[str, Stored]:
    """The tensors of a safetensors file by name, in the order of their places.

    Raises:
        SlingshotError: it is broken or not there.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, "pt"):  # checks the header, and that the file is as long as it says
            pass
    except (OSError, SafetensorError) as error:
        raise SlingshotError(f"{file}: cannot be read ({error}); fetch or make it again") from None
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        header: dict[str, Any] = json.loads(opened.read(length))
    header.pop("__metadata__", None)
    found = [
        (name, Stored(file, 8 + length + begin, end - begin, entry["dtype"], tuple(entry["shape"])))
        for name, entry in header.items()
        for begin, end in [entry["data_offsets"]]
    ]
    return dict(sorted(found, key=lambda item: item[1].begin))


def weight_files(folder: Path) -> list[Path]:
    """The files that hold a model's weights: one, or those that its index names; none: it has no safetensors.

    Raises:
        SlingshotError: the index cannot be read, or a file that it names is not there.
    """
    if (folder / "model.safetensors").is_file():
        return [folder / "model.safetensors"]
    index = folder / INDEX_FILE
    if not index.is_file():
        return []
    try:
        names = sorted(set(json.loads(index.read_bytes())["weight_map"].values()))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise SlingshotError(f"{index}: no index of weights; fetch or make it again") from None
    for name in names:
        if not (folder / name).is_file():
            raise SlingshotError(
                f"{folder / name} is not there, and {INDEX_FILE} names it; fetch or make it again"
            )
    return [folder / name for name in names]


def write_tensors(
    path: Path, kept: Mapping[str, Stored], make: Callable[[str], torch.Tensor | bytearray]
) -> None:
    """Write a safetensors file of these types and shapes; `make` gives each tensor, or its bytes, when its turn comes."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, stored in kept.items():
        header[name] = {
            "dtype": stored.kind,
            "shape": stored.shape,
            "data_offsets": [end, end + stored.size],
        }
        end += stored.size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in kept:
            made = make(name)
            if isinstance(made, torch.Tensor):
                made = made.contiguous().reshape(-1).view(torch.uint8).numpy()
            file.write(made)
