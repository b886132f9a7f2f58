"""The `launch` section of a recipe: in how many processes a training computes, and on which machines."""

import os
from importlib.util import find_spec
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from slingshot.errors import MissingTool, RequestError
from slingshot.training.config import TrainingConfig


class LaunchConfig(BaseModel):
    """Processes that share every step of a training. What is learned does not depend on how many there are."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    processes: int = Field(
        1, ge=1, description="on each machine: one for each of its GPUs, or a few on a CPU"
    )
    sharding: Literal["none", "fsdp"] = Field(
        "none",
        description="fsdp: each keeps a part of the weights; none: each has all of them, which is faster",
    )
    machines: int = Field(1, ge=1, description="how many train together; on each of them the run is started")
    main_address: str | None = Field(
        None, min_length=1, description="of the first machine, as the others reach it; for several machines"
    )
    main_port: int = Field(
        29500, ge=1, le=65535, description="on the first machine, where the others meet it; for several"
    )

    @model_validator(mode="after")
    def _has_something_to_spread_over(self) -> "LaunchConfig":
        if self.sharding == "fsdp" and self.total == 1:
            raise ValueError(
                "sharding: fsdp spreads weights over several processes, and this is one; set processes, or leave "
                "sharding out"
            )
        return self

    @property
    def total(self) -> int:
        """Processes on all machines together."""
        return self.processes * self.machines

    @property
    def words(self) -> str:
        """Such as `4 processes on 2 machines, weights spread over them`."""
        words = f"{self.total} processes" + (f" on {self.machines} machines" if self.machines > 1 else "")
        return words + (", weights spread over them" if self.sharding == "fsdp" else "")


def divided(config: TrainingConfig, launch: LaunchConfig) -> TrainingConfig:
    """What each process is told, so that all together take the rows of a step that `config` would alone.

    A step takes micro_batch_size x gradient_accumulation_steps rows of every process.

    Raises:
        RequestError: so many rows cannot be divided into so many equal parts.
    """
    rows = config.micro_batch_size * config.gradient_accumulation_steps
    if rows % launch.total:
        raise RequestError(
            f"{launch.total} processes cannot share the {rows} rows of a step (training.micro_batch_size x "
            f"gradient_accumulation_steps) alike; make them a multiple of {launch.total}, or change the processes"
        )
    share = rows // launch.total
    passes = next(n for n in range(1, share + 1) if share % n == 0 and share // n <= config.micro_batch_size)
    return config.model_copy(
        update={"micro_batch_size": share // passes, "gradient_accumulation_steps": passes}
    )


def check_launch(launch: LaunchConfig, machine: int = 0) -> None:
    """See that this machine, counted from 0, can do its part; nothing is started.

    Raises:
        RequestError: there is no such machine, nobody knows where the first is, or this one has fewer GPUs (without
            any, cores) than processes are asked for.
        MissingTool: accelerate is not installed.
    """
    if machine >= launch.machines:
        raise RequestError(
            f"--machine-rank {machine}: launch.machines is {launch.machines}, so ranks go from 0 to "
            f"{launch.machines - 1}; give one of these, or change the recipe"
        )
    if launch.total == 1:
        return
    if launch.machines > 1 and not launch.main_address:
        raise RequestError(
            f"launch.main_address: {launch.machines} machines have to know where the first one is; add its address, "
            "or give --main-address"
        )
    if find_spec("accelerate") is None:
        raise MissingTool(
            "launch: the package accelerate is missing; install it with `pip install 'slingshot[train]'`"
        )
    have, what = _places()
    if launch.processes > have:
        raise RequestError(
            f"launch.processes: {launch.processes} are asked for, and this machine has {have} {what}"
            f"{'' if have == 1 else 's'}; lower it, so that each process has one"
        )


def threads_of_a_process(launch: LaunchConfig) -> int:
    """The cores of this machine, divided among its processes."""
    return max(1, _cores() // launch.processes)


def accelerate_config(launch: LaunchConfig, machine: int) -> dict[str, Any]:
    """The content of a configuration file of `accelerate launch`, for this machine, counted from 0.

    `MULTI_GPU` is what makes it start several processes, on a machine without GPUs too.
    """
    several = launch.machines > 1
    content = {
        "compute_environment": "LOCAL_MACHINE",
        "distributed_type": "FSDP" if launch.sharding == "fsdp" else "MULTI_GPU",
        "fsdp_config": {"fsdp_version": 2} if launch.sharding == "fsdp" else None,
        "num_machines": launch.machines,
        "num_processes": launch.total,
        "machine_rank": machine,
        "main_process_ip": launch.main_address if several else None,
        "main_process_port": launch.main_port if several else 0,  # 0: any free one
        "rdzv_backend": "static",
        "mixed_precision": "no",  # the key bf16 of the training says it
        "use_cpu": False,
    }
    return {key: value for key, value in content.items() if value is not None}


def _places() -> tuple[int, str]:
    """How many processes this machine has a place for, and what that is."""
    import torch

    from slingshot.training.step.device import training_device

    if training_device().type == "cuda":
        return torch.cuda.device_count(), "GPU"
    return _cores(), "core"


def _cores() -> int:
    return len(os.sched_getaffinity(0))  # those that we may use
