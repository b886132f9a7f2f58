"""How the passes of `elementwise.py` are done: as they stand, or compiled."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from slingshot.training import elementwise


@dataclass(frozen=True)
class Passes:
    """The functions of `elementwise.py`, ready to be called."""

    norm: Callable[..., Any]
    norm_backward: Callable[..., Any]
    add_norm: Callable[..., Any]
    add_norm_backward: Callable[..., Any]
    gated: Callable[..., Any]
    gated_backward: Callable[..., Any]
    rotate: Callable[..., Any]
    rotate_back: Callable[..., Any]
    token_losses: Callable[..., Any]


_NAMES = tuple(Passes.__dataclass_fields__)
PLAIN = Passes(*(getattr(elementwise, name) for name in _NAMES))


def compiled() -> Passes:
    """The same, each compiled for any number of rows."""
    return Passes(*(torch.compile(getattr(elementwise, name), dynamic=True) for name in _NAMES))
