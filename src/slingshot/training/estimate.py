"""Predicting how long training and asking will take, from the work to do and a measured speed of this CPU."""

import time
from collections.abc import Sequence

import torch

from slingshot.processor import cpu_has_bf16
from slingshot.training.config import TrainingConfig
from slingshot.training.encoding import EncodedRow
from slingshot.training.packing import group_rows, grow_tree

# Shares of the measured peak that the work reaches, taken from two-core runs of SmolLM2-135M: LoRA steps
# in float32 (185 tokens/s at 141 GFLOPS) and in bfloat16 on AMX, and llama.cpp's decoding at four slots.
_TRAINING_SHARE = {torch.float32: 0.70, torch.bfloat16: 0.15}
_ASKING_SHARE = 0.27
_FILE_SECONDS_PER_PARAMETER = 20 / 135e6


def peak_flops(dtype: torch.dtype) -> float:
    """Floating-point operations per second of a square matrix product of 1,024, best of five."""
    a, b = torch.ones(1024, 1024, dtype=dtype), torch.ones(1024, 1024, dtype=dtype)
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - started)
    return 2 * 1024**3 / best


def estimate(
    rows: Sequence[EncodedRow], parameters: int, config: TrainingConfig, answers: int, max_tokens: int
) -> dict[str, float]:
    """Foresee the seconds of the steps `train`, `merge`, `gguf` and `ask` (two models, `answers` questions each).

    LoRA costs 4 operations per parameter and token (2 forward, 2 for the gradient of the inputs; frozen
    weights need none of their own), generating 2. A base model is taken to use most of `max_tokens`, the
    tuned one to answer as long as the rows do. Merging and converting read and write the weights a few times.
    """
    in_bf16 = cpu_has_bf16() if config.bf16 == "auto" else config.bf16
    dtype = torch.bfloat16 if in_bf16 else torch.float32
    computed = sum(len(grow_tree(group).tokens) for group in group_rows(rows, config.sequence_len))
    training = config.num_epochs * computed * 4 * parameters / (_TRAINING_SHARE[dtype] * peak_flops(dtype))
    per_answer = 0.75 * max_tokens + sum(len(row.answer) for row in rows) / len(rows)
    asking = answers * per_answer * 2 * parameters / (_ASKING_SHARE * peak_flops(torch.float32))
    file_work = parameters * _FILE_SECONDS_PER_PARAMETER
    parts = {"train": training, "merge": file_work / 3, "gguf": file_work, "ask": asking}
    return {name: round(seconds, 1) for name, seconds in parts.items()}
