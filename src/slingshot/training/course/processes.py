"""Training on several processes: started by `torchrun` or `accelerate launch`, they agree on every step.

Every process knows the whole plan and computes its share of each step; gradients are added up, so that all make
the same step. The first one alone writes. Without a launcher there is one process, and all of this is nothing.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from slingshot.commands import end_with_parent
from slingshot.training.course.launch import launched
from slingshot.training.step.device import CPU, training_device


@dataclass(frozen=True)
class Team:
    """The processes of a training, as one of them sees it.

    Attributes:
        rank: its own number, from 0.
        size: how many there are.
        device: where it computes.
        spreads: whether the weights are spread over the processes, see `sharding.py`; else each has all of them.
    """

    rank: int = 0
    size: int = 1
    device: torch.device = CPU
    spreads: bool = False

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes and speaks."""
        return self.rank == 0

    def add_up(self, tensors: Iterable[torch.Tensor]) -> None:
        """Make each tensor the sum over all processes, in place; all must call it with the same shapes."""
        if self.size == 1:
            return
        from accelerate.utils import reduce

        tensors = list(tensors)
        flat = reduce(torch.cat([tensor.reshape(-1) for tensor in tensors]), reduction="sum")
        for tensor, part in zip(tensors, flat.split([t.numel() for t in tensors]), strict=True):
            tensor.copy_(part.view_as(tensor))

    def as_the_leader_says(self, value: Any) -> Any:
        """The first process's value, in all of them; it also waits until all are here."""
        if self.size == 1:
            return value
        from accelerate.utils import broadcast_object_list

        return broadcast_object_list([value])[0]

    def read_alike(self, read: Callable[[Path], Any], path: Path) -> Any:
        """What the first process reads at a place, in all of them; who is on a machine that has it reads it itself."""
        unseen = torch.tensor([0.0 if path.exists() else 1.0], device=self.device)
        self.add_up([unseen])
        if not unseen.item():
            return read(path)
        return self.as_the_leader_says(read(path) if self.leads else None)

    def part(self) -> None:
        """End what the processes had between them. One that only exits may crash in its threads that wait for others."""
        if self.size > 1:
            torch.distributed.destroy_process_group()


def join_team() -> Team:
    """The team that the launcher's environment describes; this process alone if there is none.

    Raises:
        RequestError: `accelerate launch` was asked for several processes and has started one.
    """
    device, (_, size) = training_device(), launched()
    if size == 1:
        return Team(device=device)
    from accelerate import PartialState

    end_with_parent()  # a launcher that is killed cannot end those whom it started
    state = PartialState(cpu=device.type == "cpu")
    spreads = os.environ.get("ACCELERATE_USE_FSDP", "").lower() == "true"
    # Else transformers would load weights in the first process alone, for accelerate to hand them round.
    os.environ["FSDP_CPU_RAM_EFFICIENT_LOADING"] = "false"
    return Team(state.process_index, state.num_processes, device, spreads)
