"""The learning rate of every step: a linear rise, then the course that was asked for."""

import math

from slingshot.training.config import TrainingConfig


def learning_rate(step: int, steps: int, config: TrainingConfig) -> float:
    """The rate of a step, counted from 0, of a training of `steps`.

    The rise ends with the first step after the warm-up and does not begin at 0: a step that changes nothing is
    a step wasted. `cosine` and `linear` would reach their lowest rate one step after the last.
    """
    warmup = config.warmup(steps)
    if step < warmup:
        return config.learning_rate * (step + 1) / (warmup + 1)
    done = (step - warmup) / max(1, steps - warmup)
    lowest = config.cosine_min_lr_ratio or 0.0
    match config.lr_scheduler:
        case "cosine":
            share = lowest + (1 - lowest) * 0.5 * (1 + math.cos(math.pi * done))
        case "linear":
            share = 1 - done
        case _:  # constant and constant_with_warmup: a warm-up that is given is done under either name
            share = 1.0
    return config.learning_rate * share
