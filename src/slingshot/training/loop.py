"""The training loop: AdamW over prompt-shared steps, checkpoints that a killed run goes on from.

What it does: float32 adapter on frozen weights, cosine or constant rate with warm-up, gradient clipping,
token-weighted loss, a loss log. The course depends on the rows, the configuration and its seed only:
a run that was killed and resumed gives the losses of one that was not.
"""

import json
import math
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError
from tempfile import TemporaryDirectory
from typing import Any

import torch

from slingshot.errors import SlingshotError
from slingshot.files import readable_disk_errors, write_json, write_text
from slingshot.folders import PARTIAL
from slingshot.training.config import TrainingConfig
from slingshot.training.encoding import EncodedRow
from slingshot.training.model import load_for_training, trainable, tree_loss
from slingshot.training.packing import group_rows, grow_tree, plan_steps

CHECKPOINT = "checkpoint.pt"
LOSS_LOG = "training.jsonl"


@dataclass(frozen=True)
class Step:
    """One step of training as it is logged. `tokens` were computed, `supervised` of them learned."""

    step: int
    epoch: float
    loss: float
    learning_rate: float
    rows: int
    tokens: int
    supervised: int
    seconds: float


@dataclass(frozen=True)
class TrainingResult:
    """What a finished training was, for the manifest and the verdict.

    `tokens_total` counts the tokens of the rows as they are read, summed over epochs; `tokens_computed`
    those that went through the model, fewer because rows share their prompts.
    """

    rows: int
    distinct_prompts: int
    steps: int
    tokens_total: int
    tokens_computed: int
    tokens_supervised: int
    seconds: float
    tokens_per_second: float
    peak_memory_bytes: int
    first_loss: float
    final_loss: float
    dtype: str
    trainable_parameters: int


def train(
    rows: Sequence[EncodedRow],
    base: Path,
    out: Path,
    config: TrainingConfig,
    on_step: Callable[[Step, int], None] = lambda step, total: None,
) -> TrainingResult:
    """Train an adapter on the rows and save it in peft's format in `out`.

    A checkpoint in `out` from a killed run is gone on from; it is removed at the end. `on_step` is called
    after every step with the step and the number of all steps.

    Raises:
        SlingshotError: no rows, the loss is no longer a number, or the checkpoint cannot be read.
    """
    if not rows:
        raise SlingshotError("train.jsonl has no rows; nothing can be learned")
    torch.use_deterministic_algorithms(True, warn_only=True)
    model = load_for_training(base, config)
    parameters = trainable(model)
    optimizer = torch.optim.AdamW(
        parameters.values(), lr=config.learning_rate, weight_decay=config.weight_decay, foreach=True
    )
    groups = group_rows(rows, config.sequence_len)
    trees = [grow_tree(group) for group in groups]
    plan = plan_steps(groups, config.micro_batch_size, int(config.num_epochs), config.seed)
    save_every = config.save_every(round(len(plan) / config.num_epochs), len(plan))
    log = _restore(out / CHECKPOINT, parameters, optimizer)
    out.mkdir(parents=True, exist_ok=True)
    for number in range(len(log), len(plan)):
        started = time.monotonic()
        batch = [trees[index] for index in plan[number]]
        rate = _rate(number, len(plan), config)
        for group in optimizer.param_groups:
            group["lr"] = rate
        # Seeded per step, so that dropout after a resume is what it would have been without one.
        torch.manual_seed(config.seed * 1_000_003 + number)
        loss = tree_loss(model, batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters.values(), config.max_grad_norm)
        optimizer.step()
        optimizer.zero_grad()
        if not math.isfinite(loss.item()):
            raise SlingshotError(
                f"the loss is {loss.item()} at step {number + 1}; lower training.learning_rate"
            )
        log.append(
            Step(
                step=number + 1,
                epoch=round((number + 1) * config.num_epochs / len(plan), 3),
                loss=loss.item(),
                learning_rate=rate,
                rows=sum(tree.rows for tree in batch),
                tokens=sum(len(tree.tokens) for tree in batch),
                supervised=sum(len(tree.targets) for tree in batch),
                seconds=time.monotonic() - started,
            )
        )
        on_step(log[-1], len(plan))
        if save_every and (number + 1) % save_every == 0:
            _checkpoint(out / CHECKPOINT, parameters, optimizer, log)
    _save_adapter(model, out)
    write_text(out / LOSS_LOG, "".join(json.dumps(asdict(step)) + "\n" for step in log))
    result = _result(rows, config, log, model)
    write_json(out / "training.json", asdict(result))
    (out / CHECKPOINT).unlink(missing_ok=True)
    return result


def _rate(step: int, steps: int, config: TrainingConfig) -> float:
    """The learning rate of a step (counted from 0): a linear rise, then constant or a half cosine to 0."""
    warmup = config.warmup(steps)
    if step < warmup:
        return config.learning_rate * (step + 1) / (warmup + 1)
    if config.lr_scheduler == "constant":
        return config.learning_rate
    course = (step - warmup) / max(1, steps - warmup)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * course))


def _save_adapter(model: Any, out: Path) -> None:
    """Write the adapter's files beside their places and rename them: none is ever half there."""
    with readable_disk_errors(out), TemporaryDirectory(prefix=PARTIAL, dir=out) as part:
        model.save_pretrained(part)
        for file in sorted(Path(part).iterdir()):
            file.replace(out / file.name)


def _checkpoint(
    path: Path, parameters: dict[str, Any], optimizer: torch.optim.Optimizer, log: list[Step]
) -> None:
    """Save everything a resume needs, whole or not at all."""
    state = {
        "parameters": {name: p.detach() for name, p in parameters.items()},
        "optimizer": optimizer.state_dict(),
        "log": [asdict(step) for step in log],
    }
    part = path.with_suffix(".part")
    with readable_disk_errors(path):
        try:
            torch.save(state, part)
            part.replace(path)
        except RuntimeError as error:  # torch reports a full disk as its own writer's failure
            part.unlink(missing_ok=True)
            raise OSError(str(error).splitlines()[0]) from error


def _restore(path: Path, parameters: dict[str, Any], optimizer: torch.optim.Optimizer) -> list[Step]:
    """Load a checkpoint if there is one; return the steps it had done."""
    if not path.exists():
        return []
    try:
        state = torch.load(path, weights_only=True)
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(state["parameters"][name])
        optimizer.load_state_dict(state["optimizer"])
        return [Step(**step) for step in state["log"]]
    except (RuntimeError, KeyError, EOFError, ValueError, UnpicklingError) as error:
        raise SlingshotError(
            f"{path}: this checkpoint does not fit ({str(error).splitlines()[0]}); remove it to train from the start"
        ) from None


def _result(
    rows: Sequence[EncodedRow], config: TrainingConfig, log: list[Step], model: Any
) -> TrainingResult:
    """Sum up a finished training."""
    seconds = sum(step.seconds for step in log)
    read = int(config.num_epochs) * sum(len(row) for row in rows)
    return TrainingResult(
        rows=len(rows),
        distinct_prompts=len({row.prompt for row in rows}),
        steps=len(log),
        tokens_total=read,
        tokens_computed=sum(step.tokens for step in log),
        tokens_supervised=sum(step.supervised for step in log),
        seconds=seconds,
        tokens_per_second=read / seconds,
        peak_memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        first_loss=log[0].loss,
        final_loss=log[-1].loss,
        dtype=str(model.get_base_model().dtype).removeprefix("torch."),
        trainable_parameters=sum(p.numel() for p in trainable(model).values()),
    )
