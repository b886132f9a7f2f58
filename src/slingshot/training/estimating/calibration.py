"""Measuring how fast this machine trains: real passes of the real model on a few of the real rows, for seconds.

The passes stand for all that the training will make: they are taken from the middle of equal parts of them, from
short to long, and repeated in turns until the time is up. Their seconds for an operation are then those of all.
"""

import gc
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

import torch

from slingshot.training.config import TrainingConfig
from slingshot.training.course.validation import at_rest
from slingshot.training.estimating.estimate import Foreseen, Speed, assumed_speed, foresee_time
from slingshot.training.estimating.resources import ModelSize, model_size
from slingshot.training.estimating.workload import Pass, Workload, plan_work, work_of
from slingshot.training.packing.layout import Laid
from slingshot.training.packing.trees import Tree, grow_tree
from slingshot.training.rows.encoding import EncodedRow
from slingshot.training.step.device import training_device
from slingshot.training.step.model import load_for_training, tree_loss
from slingshot.training.step.optimizers import Learned, learned_weights, make_optimizer

# Parts that the passes are divided into by their size, in the order in which they are measured.
_PARTS = (2, 0, 4, 1, 3)
_PASSES, _ENOUGH_FOR_SPREAD, _ENOUGH = 3, 3, 100
_WORTH_MEASURING_SECONDS = 60.0
_MEASURED_SECONDS, _MEASURED_SHARE = 10.0, 0.03
_TRIED_BYTES = 32 << 20


@dataclass(frozen=True)
class Sample:
    """Rows that are passed through the model to measure it, and the work that this is."""

    trees: Sequence[Tree]
    work: Pass


def calibrate(
    base: Path,
    work: Workload,
    size: ModelSize,
    config: TrainingConfig,
    out: Path,
    seconds: float = _MEASURED_SECONDS,
) -> Speed:
    """Train on a copy of the model for at most about so many seconds, loading not counted.

    Passes that would take more than a third of that are measured on some of their rows. Nothing is kept; `out`
    says which disk will be written.
    """
    begun = time.perf_counter()
    in_full = config.adapter is None
    with _same_results_every_time():
        import peft  # noqa: F401  # what is imported once is no part of loading

        started = time.perf_counter()
        model = load_for_training(base, config, training_device())
        loading = time.perf_counter() - started
        deadline = time.perf_counter() + seconds
        learned = learned_weights(model)
        optimizer = make_optimizer(learned, config)
        chosen = representative(work.passes, size, config)
        first = min((shortened(one, work.laid, 1) for one in chosen), key=lambda sample: sample.work.tokens)
        taken = _forward_and_backward(model, learned, first)
        _step(learned, optimizer, config)  # makes the optimizer's averages
        per_step = _step(learned, optimizer, config)
        # Short passes cost more for an operation, so rather few that are long than many that are short.
        room = seconds / _PASSES / taken * first.work.operations(size, in_full)
        samples = [_within(one, work.laid, room, size, in_full) for one in chosen]
        done, measured = list[float](), list[float]()  # operations, and the seconds that they took
        while not measured or (time.perf_counter() < deadline and len(measured) < _ENOUGH):
            sample = samples[len(measured) % len(samples)]
            done.append(sample.work.operations(size, in_full))
            measured.append(_forward_and_backward(model, learned, sample))
        per_operation = sum(measured) / sum(done)
        forward = _forward(model, samples[0]) / fmean(measured[:: len(samples)]) if work.validation else 0.0
    del model, learned, optimizer
    gc.collect()
    return Speed(
        how="measured",
        per_operation=per_operation,
        per_step=per_step,
        forward=forward,
        loading=loading,
        bytes_per_second=_disk_speed(out),
        spread=_spread([y / x / per_operation for x, y in zip(done, measured, strict=True)]),
        passes=len(measured),
        seconds=time.perf_counter() - begun,
    )


def foresee_training(
    base: Path, rows: Sequence[EncodedRow], validation: Sequence[EncodedRow], config: TrainingConfig
) -> Foreseen:
    """Foresee a training that is about to start: within a second if it is short, else by measuring for 3 % of it.

    On a GPU it is always measured: the processor says nothing about its speed.

    Two seconds are a short pass or two, which cost more than long ones: of three trainings of 80 to 140 s two were
    foreseen half as long again, while ten seconds (`slingshot estimate`) came within a quarter of all. More than ten
    are not taken.
    """
    size, work = model_size(base), plan_work(rows, validation, config)
    foreseen = foresee_time(work, size, config, assumed_speed(size, config))
    if foreseen.seconds < _WORTH_MEASURING_SECONDS and training_device().type == "cpu":
        return foreseen
    seconds = min(_MEASURED_SECONDS, _MEASURED_SHARE * foreseen.seconds)
    speed = calibrate(base, work, size, config, Path(config.output_dir), seconds)
    if torch.cuda.is_initialized():
        torch.cuda.empty_cache()  # other processes may be about to train there
    return foresee_time(work, size, config, speed)


def representative(passes: Sequence[Pass], size: ModelSize, config: TrainingConfig) -> list[Pass]:
    """Up to five passes, the one of middle size first: each from the middle of a fifth of all, ordered by size."""
    ordered = sorted(passes, key=lambda one: one.operations(size, config.adapter is None))
    places = [int((part + 0.5) / len(_PARTS) * len(ordered)) for part in _PARTS]
    return [ordered[place] for place in dict.fromkeys(places)]


def shortened(one: Pass, laid: Sequence[Laid], tokens: int) -> Sample:
    """A pass with as many of its rows, short ones first, as have about so many tokens together; at least one."""
    if tokens >= one.tokens:
        return Sample([tree for group in one.groups for tree in laid[group].trees], one)
    trees, left = list[Tree](), tokens
    candidates = [pair for group in one.groups for pair in _trees_with_rows(laid[group])]
    for tree, rows in sorted(candidates, key=lambda pair: len(pair[0].tokens)):
        if trees and left <= 0:
            break
        if len(tree.tokens) > left and len(rows) > 1:
            kept = max(1, len(rows) * max(left, 0) // len(tree.tokens))
            tree = grow_tree(sorted(rows, key=len)[:kept])
        trees.append(tree)
        left -= len(tree.tokens)
    return Sample(trees, work_of(trees))


def _trees_with_rows(laid: Laid) -> Iterator[tuple[Tree, Sequence[EncodedRow]]]:
    """Each tree of a group with the rows that grew it."""
    start = 0
    for tree in laid.trees:
        yield tree, laid.rows[start : start + tree.rows]
        start += tree.rows


def _within(one: Pass, laid: Sequence[Laid], operations: float, size: ModelSize, in_full: bool) -> Sample:
    """A pass, shortened where it is more than so many operations."""
    share = min(1.0, operations / one.operations(size, in_full))
    return shortened(one, laid, int(share * one.tokens))


def _spread(ratios: Sequence[float]) -> tuple[float, float] | None:
    """The edges of the fastest and of the slowest tenth."""
    if len(ratios) < _ENOUGH_FOR_SPREAD:
        return None
    tenths = quantiles(ratios, n=10, method="inclusive")
    return tenths[0], tenths[-1]


@contextmanager
def _same_results_every_time() -> Iterator[None]:
    """As in training, whose speed depends on it."""
    before = (
        torch.are_deterministic_algorithms_enabled(),
        torch.is_deterministic_algorithms_warn_only_enabled(),
    )
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])


def _forward_and_backward(model: Any, learned: Learned, sample: Sample) -> float:
    started = time.perf_counter()
    tree_loss(model, sample.trees).backward()
    learned.collect_gradients()
    return _seconds_since(started)


def _forward(model: Any, sample: Sample) -> float:
    started = time.perf_counter()
    with at_rest(model):
        tree_loss(model, sample.trees)
    return _seconds_since(started)


def _step(learned: Learned, optimizer: torch.optim.Optimizer, config: TrainingConfig) -> float:
    """A step of the rate 0, which takes as long as any."""
    started = time.perf_counter()
    learned.gradients()
    torch.nn.utils.clip_grad_norm_(learned.masters.values(), config.max_grad_norm)
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    optimizer.step()
    optimizer.zero_grad()
    learned.show_model()
    return _seconds_since(started)


def _seconds_since(started: float) -> float:
    """Seconds since then, once a GPU has done all that it was given."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return time.perf_counter() - started


def _disk_speed(out: Path) -> float:
    """Bytes a second of what torch writes where `out` will be."""
    place = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.is_dir())
    values = torch.zeros(_TRIED_BYTES, dtype=torch.uint8)
    with tempfile.TemporaryFile(dir=place) as file:
        started = time.perf_counter()
        torch.save(values, file)
        return _TRIED_BYTES / (time.perf_counter() - started)
