"""The training loop: from rows and a base model to an adapter or a model, its log, its chart and its summary.

What a step learns from is planned before the first one, and its loss is the mean over all tokens learned in it,
however many pieces and processes it is divided into. The course depends on the rows, the configuration and its
seed only: a training that was killed and goes on gives the losses of one that was not.
"""

import math
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch

from slingshot.drawing import to_svg
from slingshot.errors import RequestError, SlingshotError
from slingshot.files import write_json, write_text
from slingshot.training.base_record import record_base
from slingshot.training.config import TrainingConfig
from slingshot.training.course import checkpoints
from slingshot.training.course.journal import begin_journal
from slingshot.training.course.loss_chart import loss_chart
from slingshot.training.course.metrics import (
    Step,
    TrainingResult,
    Yardstick,
    peak_memory,
    seconds_left,
    summarize,
    yardstick,
)
from slingshot.training.course.output import save_model, save_output
from slingshot.training.course.processes import Team, join_team
from slingshot.training.course.trackers import tracker_packages
from slingshot.training.course.validation import Validation, best_step, out_of_patience, prepare_validation
from slingshot.training.estimating.estimate import peak_flops
from slingshot.training.packing.layout import Laid, lay_out
from slingshot.training.packing.plan import PlannedStep, divide, plan_training
from slingshot.training.rows.encoding import EncodedRow
from slingshot.training.step.model import causal_lm, load_for_training, tree_loss
from slingshot.training.step.optimizers import Learned, learned_weights, make_optimizer
from slingshot.training.step.passes import PLAIN, Passes, compiled, compiled_if_possible
from slingshot.training.step.schedules import learning_rate
from slingshot.training.step.sharding import restore_state, shard, whole, whole_state, whole_weights

_first_peak = cache(peak_flops)
_WORTH_COMPILING_SECONDS = 1800.0


@dataclass(frozen=True)
class Trainee:
    """What changes while training goes on, the same in all processes after every step, and how it is measured."""

    model: Any
    learned: Learned
    optimizer: torch.optim.Optimizer
    yardstick: Yardstick | None
    passes: Passes = PLAIN


@dataclass(frozen=True)
class Work:
    """All that is to be done, known before the first step. `None` steps between two of something: never."""

    laid: Sequence[Laid]
    plan: Sequence[PlannedStep]
    save_every: int | None
    validate_every: int | None
    validation: Validation | None


def train(
    rows: Sequence[EncodedRow],
    base: Path,
    out: Path,
    config: TrainingConfig,
    on_step: Callable[[Step, int], None] = lambda step, total: None,
    validation: Sequence[EncodedRow] = (),
    template: str | None = None,
) -> TrainingResult:
    """Train on the rows; save an adapter in peft's format, or the whole model, in `out`, beside a record of its base.

    A killed training goes on from its latest checkpoint in `out`, unless the configuration says otherwise.
    With early stopping, what is saved are the weights after the best validation. `on_step` is called after every
    step, by the first process only, with the step and the number of all steps. `template` is the chat template of the
    rows, if it is not the base's own; it is saved too.

    Raises:
        RequestError: there is nothing to learn from or to validate on, or the checkpoint is of another training.
        SlingshotError: the loss is no longer a number, a checkpoint is broken, or the disk is full.
        MissingTool: a package that the configuration asks for is not installed.
    """
    _refuse_early(rows, validation, config)
    torch.use_deterministic_algorithms(True, warn_only=True)
    team = join_team()
    trainee = _load(base, config, team)
    work = _plan(rows, validation, base, config, team)
    if _earns_compiling(work, trainee, config):
        must = config.torch_compile is True
        trainee = replace(trainee, passes=compiled() if must else compiled_if_possible())
    course = checkpoints.course_of(rows, validation, base, config, team.size)
    checkpoints.check_same(team.as_the_leader_says(course), course)
    checkpoint = team.as_the_leader_says(checkpoints.find_checkpoint(out, config) if team.leads else None)
    log = _go_on(trainee, checkpoint, course, team)
    if team.leads:
        checkpoints.begin(out, checkpoint)
    journal = begin_journal(out, config, log) if team.leads else None
    record = record_base(base, config.base_model or str(base), template)
    save = partial(save_model, trainee.model, base, record, template)

    while len(log) < len(work.plan) and not out_of_patience(log, config):
        step = take_step(trainee, work, log, config, team)
        if work.validation and _due(step, work.validate_every, work):
            step = replace(step, **work.validation.measure(trainee.model))
        log.append(step)
        if journal:
            journal.add(step)
            on_step(step, len(work.plan))
        if best_step(log, config) == step.step:
            weights = trainee.learned.values()
            if team.leads:
                checkpoints.keep_best(out, weights)
        if work.save_every and step.step % work.save_every == 0:
            _save_checkpoint(trainee, save, out, config, course, log, team)

    best = team.as_the_leader_says(best_step(log, config))  # who has then written what is read next
    result = _result(rows, validation, log, work, trainee, best, team)
    if best and (team.leads or team.spreads):
        read, file = checkpoints.read_best, out / checkpoints.BEST
        trainee.learned.restore(team.read_alike(read, file) if team.spreads else read(file))
    save = partial(save, weights=whole_weights(trainee.model))
    if journal:
        save_output(save, out)
        write_text(out / "loss.svg", to_svg(loss_chart(log, out.absolute().name)))
        write_json(out / "training.json", asdict(result))
        checkpoints.finish_checkpoints(out)
        journal.finish()
    team.part()
    return result


def take_step(trainee: Trainee, work: Work, log: Sequence[Step], config: TrainingConfig, team: Team) -> Step:
    """Make the step that follows those in the log.

    Raises:
        SlingshotError: the loss is no longer a number.
    """
    started, number = time.monotonic(), len(log)
    planned, optimizer, learned = work.plan[number], trainee.optimizer, trainee.learned
    tokens = {group: work.laid[group].tokens for group in planned.groups}
    pieces = divide(planned.groups, tokens, config.gradient_accumulation_steps * team.size)
    supervised = sum(work.laid[group].supervised for group in planned.groups)
    total = torch.zeros(1, dtype=torch.float64, device=team.device)
    for piece in range(team.rank, len(pieces), team.size):
        trees = [tree for group in pieces[piece] for tree in work.laid[group].trees]
        share = sum(len(tree.targets) for tree in trees) / supervised
        if not trees and not team.spreads:
            continue
        # Seeded by place, so that dropout is the same after a resume, and on other processes.
        torch.manual_seed(config.seed * 1_000_003 + number * 4_099 + piece)
        # Where weights are spread, a process without rows computes along with the others, for nothing.
        loss = tree_loss(trainee.model, trees or work.laid[planned.groups[0]].trees, trainee.passes) * share
        loss.backward()
        learned.collect_gradients()
        total += loss.item()
    gradients = learned.gradients()
    if not team.spreads:  # else they are added up already
        team.add_up(gradients)
    team.add_up([total])
    if not math.isfinite(total.item()):
        raise SlingshotError(f"the loss is {total.item()} at step {number + 1}; lower learning_rate")
    norm = whole(torch.nn.utils.clip_grad_norm_(learned.masters.values(), config.max_grad_norm))
    rate = learning_rate(number, len(work.plan), config)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()
    optimizer.zero_grad()
    learned.show_model()

    seconds = time.monotonic() - started
    computed = sum(tokens.values())
    yardstick = trainee.yardstick
    return Step(
        step=number + 1,
        epoch=round(planned.epoch, 4),
        loss=total.item(),
        learning_rate=rate,
        gradient_norm=norm.item(),
        rows=sum(len(work.laid[group].rows) for group in planned.groups),
        tokens=computed,
        supervised=supervised,
        seconds=seconds,
        elapsed=seconds + (log[-1].elapsed if log else 0.0),
        seconds_left=seconds_left(log, seconds, len(work.plan)),
        share_of_peak=yardstick.share_of_peak(computed, supervised, seconds) if yardstick else None,
    )


def _refuse_early(
    rows: Sequence[EncodedRow], validation: Sequence[EncodedRow], config: TrainingConfig
) -> None:
    if not rows:
        raise RequestError("there are no training rows, so nothing can be learned; check the dataset")
    if config.early_stopping_patience and not validation:
        raise RequestError(
            "early_stopping_patience needs rows to validate on; set val_set_size or test_datasets"
        )
    tracker_packages(config)


def _load(base: Path, config: TrainingConfig, team: Team) -> Trainee:
    model = load_for_training(base, config, team.device)
    if team.spreads:
        shard(causal_lm(model), team.device, config)
    learned = learned_weights(model)
    bare = causal_lm(model)
    peak = _first_peak(bare.dtype) if team.device.type == "cpu" else None  # a GPU's is not measured
    # All processes measure theirs at once, and a step's tokens are those of all.
    measure = yardstick(bare, config.adapter is None, team.size * peak) if peak else None
    return Trainee(model, learned, make_optimizer(learned, config), measure)


def _plan(
    rows: Sequence[EncodedRow],
    validation: Sequence[EncodedRow],
    base: Path,
    config: TrainingConfig,
    team: Team,
) -> Work:
    """Lay the rows out and say what every step learns from."""
    laid = lay_out(rows, config.packing, config.sequence_len, config.seed)
    rows_per_step = config.micro_batch_size * config.gradient_accumulation_steps * team.size
    counts = [one.counts for one in laid]
    plan = plan_training(counts, rows_per_step, config.num_epochs, config.max_steps, config.seed)
    per_epoch = max(1, round(len(plan) / plan[-1].epoch))
    validate_every = config.eval_every(per_epoch, len(plan)) if validation else None
    checks = prepare_validation(rows, validation, base, config, team) if validate_every else None
    return Work(laid, plan, config.save_every(per_epoch, len(plan)), validate_every, checks)


def _earns_compiling(work: Work, trainee: Trainee, config: TrainingConfig) -> bool:
    """Whether compiled passes are asked for, or save more than they cost: a tenth of the time or less, for half a minute."""
    if config.torch_compile != "auto":
        return config.torch_compile
    if trainee.yardstick is None or not shutil.which(os.environ.get("CXX", "g++")):
        return False
    groups = [work.laid[group] for planned in work.plan for group in planned.groups]
    tokens, supervised = sum(one.tokens for one in groups), sum(one.supervised for one in groups)
    seconds_at_a_third = 3 * trainee.yardstick.share_of_peak(tokens, supervised, 1.0)
    return seconds_at_a_third > _WORTH_COMPILING_SECONDS


def _due(step: Step, every: int | None, work: Work) -> bool:
    """Whether something is due after a step that is done every so often, and at the end."""
    return every is not None and (step.step % every == 0 or step.step == len(work.plan))


def _go_on(trainee: Trainee, checkpoint: Path | None, course: checkpoints.Course, team: Team) -> list[Step]:
    """Put the trainee where a checkpoint left it; the steps that it had done."""
    if checkpoint is None:
        return []
    state = team.read_alike(
        lambda file: checkpoints.read_checkpoint(file.parent, course), checkpoint / checkpoints.STATE
    )
    trainee.learned.restore(state["weights"])
    restore_state(trainee.optimizer, state["optimizer"])
    return [Step(**step) for step in state["log"]]


def _save_checkpoint(
    trainee: Trainee,
    save: Callable[..., None],
    out: Path,
    config: TrainingConfig,
    course: checkpoints.Course,
    log: Sequence[Step],
    team: Team,
) -> None:
    state = {
        "course": course,
        "weights": trainee.learned.values(),
        "optimizer": whole_state(trainee.optimizer),
        "log": [asdict(step) for step in log],
    }
    save = partial(save, weights=whole_weights(trainee.model))
    if team.leads:
        checkpoints.save_checkpoint(out, len(log), state, save)
        checkpoints.keep_latest(out, config.save_total_limit)


def _result(
    rows: Sequence[EncodedRow],
    validation: Sequence[EncodedRow],
    log: Sequence[Step],
    work: Work,
    trainee: Trainee,
    best: int | None,
    team: Team,
) -> TrainingResult:
    measure = trainee.yardstick
    if measure and log[-1].elapsed > 10:  # a neighbour may have been busy when the peak was measured first
        peak = peak_flops(causal_lm(trainee.model).dtype)
        measure = replace(measure, peak=max(team.size * peak, measure.peak))
    read = [work.laid[group] for planned in work.plan[: len(log)] for group in planned.groups]
    return summarize(
        rows,
        validation,
        log,
        tokens_total=sum(len(row) for laid in read for row in laid.rows),
        yardstick=measure,
        peak_memory_bytes=peak_memory() if team.device.type == "cpu" else None,
        dtype=str(causal_lm(trainee.model).dtype).removeprefix("torch."),
        trainable_parameters=sum(p.numel() for p in trainee.learned.parameters.values()),
        processes=team.size,
        stopped_early=len(log) < len(work.plan),
        best_step=best,
    )
