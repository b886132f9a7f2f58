"""What is known of a training: of every step, and in sum."""

import resource
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from slingshot.training.rows.encoding import EncodedRow


@dataclass(frozen=True)
class Step:
    """One step of training as it is logged.

    Attributes:
        step: its number, from 1.
        epoch: how many epochs are over after it.
        loss: mean cross-entropy in nats over all tokens that the step learned from, before it changed a weight.
        learning_rate: of this step.
        gradient_norm: before it was scaled down to max_grad_norm.
        rows: learned from.
        tokens: that went through the model.
        supervised: those of them that were learned.
        seconds: of the step alone, without validation.
        elapsed: seconds of all steps so far.
        seconds_left: for the steps that remain, as long as the last twenty were.
        share_of_peak: see `Yardstick`; unknown for quantized weights and on GPUs.
        validation_loss: where it was measured after this step.
        memorization: share (0 to 1) of greedy answers' token n-grams that occur in training code, likewise.
    """

    step: int
    epoch: float
    loss: float
    learning_rate: float
    gradient_norm: float
    rows: int
    tokens: int
    supervised: int
    seconds: float
    elapsed: float
    seconds_left: float
    share_of_peak: float | None = None
    validation_loss: float | None = None
    memorization: float | None = None


@dataclass(frozen=True)
class TrainingResult:
    """What a finished training was, for the manifest and the verdict.

    `tokens_total` counts the tokens of the rows as they are read, summed over epochs; `tokens_computed`
    those that went through the model, fewer where rows share their prompts. Losses of validation are null where
    there was none; `best_step` is the step whose weights were kept because validation was best after it.
    `peak_memory_bytes` is the process's; unknown on a GPU, whose memory is not measured.
    """

    rows: int
    distinct_prompts: int
    steps: int
    tokens_total: int
    tokens_computed: int
    tokens_supervised: int
    seconds: float
    tokens_per_second: float
    peak_memory_bytes: int | None
    first_loss: float
    final_loss: float
    dtype: str
    trainable_parameters: int
    processes: int
    share_of_peak: float | None
    validation_rows: int
    first_validation_loss: float | None
    final_validation_loss: float | None
    stopped_early: bool
    best_step: int | None


@dataclass(frozen=True)
class Yardstick:
    """What the model costs a token, and what this machine could do at most.

    A step takes `operations` times the parameters: 2 for the product itself, 2 for the gradient of what goes in,
    and, where the weights are learned too, 2 for theirs: 4 beside frozen weights, 6 in full. Parameters are those
    of matrices that every token is multiplied with, `body`, and of the head, which sees supervised tokens only.
    Attention, norms and the adapter itself are left out, so the share of the peak is rather too low than too high.
    """

    operations: int
    body: int
    head: int
    peak: float

    def share_of_peak(self, tokens: int, supervised: int, seconds: float) -> float:
        """Operations a second of so many tokens in so many seconds, as a share of the peak."""
        needed = self.operations * (self.body * tokens + self.head * supervised)
        return needed / seconds / self.peak


def summarize(
    rows: Sequence[EncodedRow],
    validation: Sequence[EncodedRow],
    log: Sequence[Step],
    tokens_total: int,
    yardstick: Yardstick | None,
    **known: Any,
) -> TrainingResult:
    """Sum up a finished training from its log; `known` are the fields that the log cannot tell."""
    seconds = log[-1].elapsed
    computed, learned = sum(step.tokens for step in log), sum(step.supervised for step in log)
    losses = [step.validation_loss for step in log if step.validation_loss is not None]
    return TrainingResult(
        rows=len(rows),
        distinct_prompts=len({row.prompt for row in rows}),
        steps=len(log),
        tokens_total=tokens_total,
        tokens_computed=computed,
        tokens_supervised=learned,
        seconds=seconds,
        tokens_per_second=tokens_total / seconds,
        first_loss=log[0].loss,
        final_loss=log[-1].loss,
        share_of_peak=yardstick.share_of_peak(computed, learned, seconds) if yardstick else None,
        validation_rows=len(validation),
        first_validation_loss=losses[0] if losses else None,
        final_validation_loss=losses[-1] if losses else None,
        **known,
    )


def yardstick(model: Any, in_full: bool, peak: float) -> Yardstick | None:
    """Measure a model (without its adapter) by a peak in operations a second; None if its weights are quantized."""
    matrices = [module.weight for module in model.modules() if isinstance(module, torch.nn.Linear)]
    if any(not weights.is_floating_point() for weights in matrices):
        return None
    head = model.get_output_embeddings().weight
    body = sum(weights.numel() for weights in matrices if weights is not head)
    return Yardstick(6 if in_full else 4, body, head.numel(), peak)


def peak_memory() -> int:
    """The most memory in bytes that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def seconds_left(log: Sequence[Step], seconds: float, total: int) -> float:
    """How long the steps after the next will take, if that takes `seconds` and all are like the last twenty."""
    recent = [*(step.seconds for step in log[-19:]), seconds]
    return (total - len(log) - 1) * sum(recent) / len(recent)


def progress_words(step: Step, price_per_hour: float | None = None) -> str:
    """How a training is going: losses, speed, the time left, and dollars so far if a price is known."""
    said = [f"loss {step.loss:.3f}"]
    if step.validation_loss is not None:
        said.append(f"validation {step.validation_loss:.3f}")
    said.append(f"{step.tokens / step.seconds:.0f} tokens/s, {step.supervised / step.seconds:.0f} learned")
    if step.share_of_peak is not None:
        said.append(f"{step.share_of_peak:.0%} of peak")
    said.append(f"{_duration(step.seconds_left)} left")
    if price_per_hour is not None:
        said.append(f"${step.elapsed / 3600 * price_per_hour:.3f}")
    return ", ".join(said)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
