"""What a GGUF file says of itself: its keys, and the name, shape, type and size of every tensor.

Only the header is read, however large the file; a file that was cut short is noticed, because the header says
where each tensor ends.
"""

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from slingshot.errors import RequestError, SlingshotError
from slingshot.gguf.file_types import WHOLE, type_of_number

Value = bool | int | float | str

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_VERSIONS = (2, 3)  # which differ in nothing that is read here


@dataclass(frozen=True)
class Tensor:
    """One tensor: its name, its shape with the length of a row first, its type such as `Q5_K`, its bytes."""

    name: str
    shape: tuple[int, ...]
    type: str
    bytes: int


@dataclass(frozen=True)
class GgufFile:
    """A GGUF file's header.

    Attributes:
        path: the file.
        metadata: its keys, without those whose values are lists.
        lengths: how many values those have, such as the tokens of the vocabulary.
        tensors: in the file's order.
    """

    path: Path
    metadata: Mapping[str, Value]
    lengths: Mapping[str, int]
    tensors: tuple[Tensor, ...]

    @property
    def file_type(self) -> str:
        """The type of the file as a whole, such as `Q5_K_M`."""
        return type_of_number(self.metadata.get("general.file_type"))

    @property
    def parameters(self) -> int:
        """How many numbers all tensors hold."""
        return sum(prod(tensor.shape) for tensor in self.tensors)

    @property
    def tensor_bytes(self) -> int:
        """The bytes of all tensors, without header and padding."""
        return sum(tensor.bytes for tensor in self.tensors)

    @property
    def bits_per_weight(self) -> float:
        """Bits of a parameter on average, all tensors taken together."""
        return 8 * self.tensor_bytes / self.parameters

    @property
    def quantized_types(self) -> list[str]:
        """The types of tensors that are no plain floating-point numbers, sorted."""
        return sorted({tensor.type for tensor in self.tensors} - {name.upper() for name in WHOLE})


def read_gguf(path: Path) -> GgufFile:
    """Read a GGUF file's header and check that the file is as long as its tensors need.

    Raises:
        RequestError: there is no such file, or it is no GGUF file.
        SlingshotError: the file was cut short or is damaged, or it is of a kind that is not known here.
    """
    if not path.is_file():
        raise RequestError(f"{path}: there is no such GGUF file; make it with `slingshot gguf`")
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise RequestError(f"{path}: this is no GGUF file; name a GGUF file or a Hugging Face folder")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            reader = _Reader(content, 4)
            try:
                return _read(path, reader, size)
            except (struct.error, IndexError, UnicodeDecodeError):
                raise SlingshotError(
                    f"{path}: the header is cut short or damaged; copy the file again, or make it anew"
                ) from None


class _Reader:
    """Values one after the other; a value beyond the end is a `struct.error` or an `IndexError`."""

    def __init__(self, content: mmap.mmap, at: int) -> None:
        self.content = content
        self.at = at

    def scalar(self, kind: str) -> Value:
        value: Value
        (value,) = struct.unpack_from(f"<{kind}", self.content, self.at)
        self.at += struct.calcsize(f"<{kind}")
        return value

    def count(self, kind: str = "Q") -> int:
        return int(self.scalar(kind))

    def skip(self, length: int) -> None:
        self.at += length
        if self.at > len(self.content):
            raise IndexError

    def text(self) -> str:
        length = self.count()
        self.skip(length)
        return self.content[self.at - length : self.at].decode()

    def skip_list(self) -> int:
        """Its length."""
        kind, length = self.count("I"), self.count()
        if kind in _SCALARS:
            self.skip(length * struct.calcsize(f"<{_SCALARS[kind]}"))
        elif kind == _STRING:
            for _ in range(length):
                self.skip(self.count())
        else:
            raise IndexError
        return length


def _read(path: Path, reader: _Reader, size: int) -> GgufFile:
    version = reader.count("I")
    if version not in _VERSIONS:
        raise SlingshotError(f"{path}: GGUF of version {version} is not known here; make the file anew")
    tensors, keys = reader.count(), reader.count()
    metadata: dict[str, Value] = {}
    lengths = {}
    for _ in range(keys):
        name, kind = reader.text(), reader.count("I")
        if kind == _STRING:
            metadata[name] = reader.text()
        elif kind == _ARRAY:
            lengths[name] = reader.skip_list()
        elif kind in _SCALARS:
            metadata[name] = reader.scalar(_SCALARS[kind])
        else:
            raise IndexError
    found = []
    end = 0
    for _ in range(tensors):
        name = reader.text()
        shape = tuple(reader.count() for _ in range(reader.count("I")))
        tensor = _tensor(path, name, shape, reader.count("I"))
        end = max(end, reader.count() + tensor.bytes)
        found.append(tensor)
    alignment = int(metadata.get("general.alignment", 32)) or 1
    start = -(-reader.at // alignment) * alignment
    if start + end > size:
        raise SlingshotError(
            f"{path}: the file was cut short, {start + end - size:,} bytes are missing at its end; copy it again, "
            "or make it anew"
        )
    if int(metadata.get("split.count", 1)) > 1:
        raise RequestError(
            f"{path}: this is one of {metadata['split.count']} files of a model; join them with llama.cpp's "
            "`llama-gguf-split --merge`"
        )
    return GgufFile(path, metadata, lengths, tuple(found))


def _tensor(path: Path, name: str, shape: tuple[int, ...], kind: int) -> Tensor:
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    try:
        known = GGMLQuantizationType(kind)
        block, bytes_of_block = GGML_QUANT_SIZES[known]
    except (ValueError, KeyError):
        raise SlingshotError(
            f"{path}: {name} has a type with the number {kind}, which is not known here; update the package gguf"
        ) from None
    return Tensor(name, shape, known.name, prod(shape) // block * bytes_of_block)
