"""Predicting how long training and asking will take, from the work to do and the speed of this machine.

The speed is measured with the configuration's own passes (`calibration.py`), or assumed as a share of what the
processor multiplies at most. Either way the prediction is a sum over every pass that the training will make.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from slingshot.files import write_json
from slingshot.training.config import TrainingConfig
from slingshot.training.estimating.resources import ModelSize, in_bfloat16, trained_weights
from slingshot.training.estimating.workload import Pass, Workload
from slingshot.training.rows.encoding import EncodedRow

ESTIMATE = "estimate.json"

# Shares of the measured peak that training steps of SmolLM2-135M reached on two cores, by what multiplies: float32
# or bfloat16 in vectors, or bfloat16 in tiles (AMX), which are faster than all that surrounds them. Tiles are known
# by their peak, which is more than four times that of float32.
_IN_VECTORS, _IN_TILES = 0.65, 0.15
# Of the peak of float32: llama.cpp's decoding at four slots with everything around it, its reading of what is there,
# and transformers' decoding of sixteen answers side by side.
_ASKING_SHARE, _READING_SHARE, _SIDE_BY_SIDE_SHARE = 0.13, 0.27, 0.1
_FILE_SECONDS_PER_PARAMETER = 20 / 135e6
_DISK_BYTES_PER_SECOND = 3e8
_JUDGEMENT_SECONDS = 0.03
# Of forward and backward together, forward is so much: 2 operations of 4, or of 6 where all weights are trained.
_FORWARD = {False: 1 / 2, True: 1 / 3}


@dataclass(frozen=True)
class Speed:
    """How fast this machine trains, in seconds, measured or assumed.

    Attributes:
        how: whether passes were measured.
        per_operation: of each floating-point operation of a pass, see `Pass.operations`.
        per_step: of the optimizer.
        forward: share of a forward and backward pass that is forward.
        loading: of the model.
        bytes_per_second: that are written to disk.
        spread: the fastest and the slowest of the measured passes (of many, the edges of their tenths), as multiples
            of what they should have taken; None if too few were measured to say.
        passes: how many were measured.
        seconds: that measuring took.
    """

    how: Literal["measured", "assumed"]
    per_operation: float
    per_step: float
    forward: float
    loading: float
    bytes_per_second: float
    spread: tuple[float, float] | None = None
    passes: int = 0
    seconds: float = 0.0

    @property
    def words(self) -> str:
        """Where it comes from."""
        if self.how == "assumed":
            return "the processor's speed"
        return f"{self.passes} {'pass' if self.passes == 1 else 'passes'} measured here"

    def of(self, passes: Sequence[Pass], size: ModelSize, in_full: bool) -> float:
        """Seconds of forward and backward passes."""
        return self.per_operation * sum(one.operations(size, in_full) for one in passes)


@dataclass(frozen=True)
class Foreseen:
    """Seconds of a training by what they are spent on; `low` and `high` are of all of it, None where unknown."""

    loading: float
    passes: float
    optimizer: float
    validation: float
    saving: float
    low: float | None
    high: float | None
    speed: Speed
    steps: int

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.loading + self.passes + self.optimizer + self.validation + self.saving

    @property
    def words(self) -> str:
        """The seconds, with their edges where they are known."""
        if self.low is None or self.high is None:
            return f"{self.seconds:,.0f} s"
        return f"{self.seconds:,.0f} s ({self.low:,.0f} to {self.high:,.0f})"


def foresee_time(work: Workload, size: ModelSize, config: TrainingConfig, speed: Speed) -> Foreseen:
    """Sum up a training at a speed."""
    in_full = config.adapter is None
    passes = speed.of(work.passes, size, in_full)
    validation = work.validations * speed.forward * speed.of(work.validation, size, in_full)
    trained = trained_weights(size, config)
    # A checkpoint holds what the result holds, and in float32 the weights and the optimizer's two averages.
    result = trained * (2 if in_full and in_bfloat16(config) else 4)
    written = result * (1 + work.checkpoints) + 12 * trained * work.checkpoints
    optimizer, saving = speed.per_step * work.steps, written / speed.bytes_per_second
    low = high = None
    if speed.spread:
        fixed = speed.loading + optimizer + saving
        low, high = ((passes + validation) * edge + fixed for edge in speed.spread)
    return Foreseen(
        speed.loading, passes, optimizer, validation, saving, low, high, speed=speed, steps=work.steps
    )


def assumed_speed(size: ModelSize, config: TrainingConfig) -> Speed:
    """A guess within a second: training at the share of the processor's peak that it reached elsewhere."""
    weights = 12 * trained_weights(size, config)
    in_full = config.adapter is None
    return Speed(
        how="assumed",
        per_operation=1 / _assumed_flops(config),
        per_step=weights / 5e9,  # memory is read and written a few times
        forward=_FORWARD[in_full],
        loading=4 * size.parameters / _DISK_BYTES_PER_SECOND,
        bytes_per_second=_DISK_BYTES_PER_SECOND,
    )


def keep_estimate(out: Path, foreseen: Foreseen, took: float | None = None) -> None:
    """Put a prediction into the folder that is trained into, and after training the seconds that it took.

    Raises:
        SlingshotError: the disk is full or the folder may not be written.
    """
    write_json(out / ESTIMATE, {"foreseen": as_json(foreseen), "took_seconds": took})


def as_json(foreseen: Foreseen) -> dict[str, Any]:
    """A prediction as one JSON value, in seconds."""
    return {"seconds": foreseen.seconds, **asdict(foreseen)}


@dataclass(frozen=True)
class After:
    """What a run does once it has trained, in numbers.

    Attributes:
        answers: that each model is asked for, of `max_tokens` at most.
        forms: of the tuned model that are asked beside the one that is shipped.
        parity_prompts: on which forms are compared, with answers of `parity_tokens` at most.
        loss_pairs: of answers whose losses are measured, at most.
        in_full: whether all weights are trained, so that nothing is merged and no adapter compared.
    """

    answers: int
    max_tokens: int
    forms: int = 0
    parity_prompts: int = 16
    parity_tokens: int = 64
    loss_pairs: int = 100
    in_full: bool = False


def other_steps(rows: Sequence[EncodedRow], parameters: int, after: After, speed: Speed) -> dict[str, float]:
    """Foresee the seconds of a run's steps `merge`, `gguf`, `parity`, `losses`, `ask` and `judge`.

    A base model is taken to use most of `max_tokens`, the tuned one to answer as long as the rows do; a token costs
    2 operations for each parameter. Merging and converting read and write the weights a few times. Parity lets
    one form answer, and feeds prompts and answers to four (three without an adapter). Losses are read at the `speed` of training.
    """
    each = 2 * parameters / peak_flops(torch.float32)  # seconds of a token at the peak
    answer = sum(len(row.answer) for row in rows) / len(rows)
    prompt = sum(row.prompt_length for row in rows) / len(rows)
    written = 0.75 * after.max_tokens + (1 + after.forms) * answer
    file_work = parameters * _FILE_SECONDS_PER_PARAMETER
    loading = 4 * parameters / _DISK_BYTES_PER_SECOND
    parity_written = after.parity_prompts * min(after.parity_tokens, answer)
    parity_fed = after.parity_prompts * prompt + parity_written
    folders = 1 if after.in_full else 2  # read by transformers; beside them two files by llama.cpp
    read = each * parity_fed * (folders / _IN_VECTORS + 2 / _READING_SHARE)
    pairs = min(after.loss_pairs, len(rows))
    prompts = min(pairs, len({row.prompt for row in rows})) * prompt
    parts = {
        "merge": 0.0 if after.in_full else file_work / 3,
        "gguf": file_work,
        "parity": (2 + folders) * loading + read + each * parity_written / _SIDE_BY_SIDE_SHARE,
        "losses": 2 * (loading + speed.per_operation * 2 * parameters * (prompts + 2 * pairs * answer)),
        "ask": after.answers * written * each / _ASKING_SHARE,
        "judge": (2 + after.forms) * after.answers * _JUDGEMENT_SECONDS,
    }
    return {name: round(seconds, 1) for name, seconds in parts.items()}


def _assumed_flops(config: TrainingConfig) -> float:
    """Operations a second that training is taken to reach."""
    single = peak_flops(torch.float32)
    if not in_bfloat16(config):
        return _IN_VECTORS * single
    peak = peak_flops(torch.bfloat16)
    return (_IN_TILES if peak > 4 * single else _IN_VECTORS) * peak


def peak_flops(dtype: torch.dtype) -> float:
    """Floating-point operations per second of a square matrix product of 1,024, best of five."""
    a, b = torch.ones(1024, 1024, dtype=dtype), torch.ones(1024, 1024, dtype=dtype)
    best = float("inf")
    for _ in range(5):
        started = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - started)
    return 2 * 1024**3 / best
