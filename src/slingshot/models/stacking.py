"""Rows of several caches side by side in one, with room for the columns to come."""

from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import pad
from transformers import Cache
from transformers.cache_utils import DynamicLayer

_SPARE_COLUMNS = 64


def stacked(pieces: Sequence[tuple[Cache, list[int]]], width: int) -> Cache:
    """A new cache of the chosen rows of each piece; all end in column `width`, what is left of them is 0."""

    def stack(parts: Sequence[torch.Tensor]) -> torch.Tensor:
        _, heads, _, size = parts[0].shape
        room = parts[0].new_zeros(sum(len(rows) for _, rows in pieces), heads, width + _SPARE_COLUMNS, size)
        at = 0
        for part, (_, rows) in zip(parts, pieces, strict=True):
            used = min(part.shape[-2], width)
            room[at : at + len(rows), :, width - used : width] = part[rows, :, part.shape[-2] - used :]
            at += len(rows)
        return room

    layers = []
    for parts in zip(*(cache.layers for cache, _ in pieces), strict=True):
        rooms = [stack([part.keys for part in parts]), stack([part.values for part in parts])]
        layers.append(_RoomyLayer(rooms, width))
    return Cache(layers=layers)


class _RoomyLayer(DynamicLayer):  # type: ignore[misc]
    """Keys and values (rows, heads, columns, width) with room to grow: a new column is written, none is copied."""

    def __init__(self, rooms: Sequence[torch.Tensor], columns: int) -> None:
        super().__init__()
        self.lazy_initialization(*rooms)
        self._rooms = rooms
        self.keys, self.values = (room[:, :, :columns] for room in rooms)

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append, and give all."""
        start, end = self.keys.shape[-2], self.keys.shape[-2] + key_states.shape[-2]
        if end > self._rooms[0].shape[-2]:
            self._rooms = [pad(room, (0, 0, 0, end - start + _SPARE_COLUMNS)) for room in self._rooms]
        for room, new in zip(self._rooms, (key_states, value_states), strict=True):
            room[:, :, start:end] = new
        self.keys, self.values = (room[:, :, :end] for room in self._rooms)
        return self.keys, self.values
