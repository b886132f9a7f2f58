"""Where a process trains, and in which type it keeps weights there."""

import os

import torch

from slingshot.processor import cpu_has_bf16
from slingshot.training.config import TrainingConfig

CPU = torch.device("cpu")


def training_device() -> torch.device:
    """This process's GPU, by its number on the machine (`LOCAL_RANK`); the CPU without one, or where it is asked for.

    `accelerate launch --cpu` asks for it.
    """
    if os.environ.get("ACCELERATE_USE_CPU", "").lower() == "true" or not torch.cuda.is_available():
        return CPU
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())


def weights_dtype(config: TrainingConfig, device: torch.device) -> torch.dtype:
    """bfloat16 where `bf16` says so, or leaves it open and the device multiplies bfloat16 itself; else float32."""
    in_bf16 = config.bf16
    if in_bf16 == "auto":
        on_gpu = device.type == "cuda"
        in_bf16 = torch.cuda.is_bf16_supported(including_emulation=False) if on_gpu else cpu_has_bf16()
    return torch.bfloat16 if in_bf16 else torch.float32
