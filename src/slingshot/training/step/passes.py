"""How the passes of `elementwise.py` are done: as they stand, or compiled."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from slingshot.errors import SlingshotError, first_line
from slingshot.training.step import elementwise


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
    """The same, each compiled for any number of rows when it is first called; what was compiled is kept in the cache.

    Raises:
        SlingshotError: nothing can be compiled here; torch needs a C++ compiler and Python's headers.
    """
    # The passes are few and small: a pool of compiling processes takes longer to start than it saves.
    os.environ.setdefault("TORCHINDUCTOR_COMPILE_THREADS", "1")
    passes = Passes(*(torch.compile(getattr(elementwise, name), dynamic=True) for name in _NAMES))
    try:
        passes.gated(torch.ones(2, 8, dtype=torch.bfloat16), torch.ones(2, 8, dtype=torch.bfloat16))
    except (
        Exception
    ) as error:  # torch wraps whatever a compiler, or the lack of one, does in errors of its own
        reason = first_line(error)
        raise SlingshotError(
            f"torch cannot compile here ({reason}); install g++ and Python's headers, or set torch_compile: false"
        ) from error
    return passes


def compiled_if_possible() -> Passes:
    """`compiled`, or the plain passes where nothing can be compiled."""
    try:
        return compiled()
    except SlingshotError:
        return PLAIN
