"""What a launcher of several processes says to each of them in its environment."""

import os
from collections.abc import Iterable

from slingshot.errors import RequestError

# As torchrun (which `accelerate launch` uses) says it, and as MPI's launchers do.
_RANK = ("RANK", "PMI_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK")
_SIZE = ("WORLD_SIZE", "PMI_SIZE", "OMPI_COMM_WORLD_SIZE", "MV2_COMM_WORLD_SIZE")


def launched() -> tuple[int, int]:
    """The number of this process, from 0, and how many there are; (0, 1) without a launcher.

    Raises:
        RequestError: `accelerate launch` was asked for several and has started one.
    """
    size = _first(_SIZE)
    if size is None and {"ACCELERATE_USE_CPU", "MASTER_ADDR"} <= os.environ.keys():
        raise RequestError(
            "accelerate launch has started one process where several were asked for; add --multi_gpu, which starts "
            "them on a machine without GPUs too"
        )
    return _first(_RANK) or 0, size or 1


def _first(names: Iterable[str]) -> int | None:
    return next((int(os.environ[name]) for name in names if name in os.environ), None)
