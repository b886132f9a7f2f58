"""All that a training will compute, known before it starts: every pass through the model, in numbers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from slingshot.training.config import TrainingConfig
from slingshot.training.estimating.resources import ModelSize
from slingshot.training.packing.layout import Laid, lay_out
from slingshot.training.packing.plan import divide, plan_training
from slingshot.training.packing.trees import Segment, Tree
from slingshot.training.rows.encoding import EncodedRow


@dataclass(frozen=True)
class Pass:
    """Groups of rows (as indices) that go through the model at once.

    Attributes:
        groups: their numbers among all groups.
        tokens: that go through the model.
        learned: those of them that have a target.
        pairs: of a token and one that it attends to.
    """

    groups: tuple[int, ...]
    tokens: int
    learned: int
    pairs: int

    def operations(self, size: ModelSize, in_full: bool) -> float:
        """Floating-point operations of the pass, forward and backward.

        A weight and a token cost 2 forward, 2 for the gradient of what goes in, and 2 for that of the weight where
        it is trained itself; the head sees learned tokens only. Two products of attention cost 2 each for a pair
        and every number of a hidden state, and twice that backward.
        """
        each = 6 if in_full else 4
        matrices = each * (size.body * self.tokens + size.head * self.learned)
        return matrices + 12 * size.layers * size.hidden * self.pairs


@dataclass(frozen=True)
class Workload:
    """A training's passes, and how often everything else is done.

    Attributes:
        laid: the groups of rows.
        passes: all forward and backward passes, over all epochs.
        steps: of the optimizer.
        validation: the passes of one validation, forward only.
        validations: how many there are.
        checkpoints: how many are written.
    """

    laid: Sequence[Laid]
    passes: Sequence[Pass]
    steps: int
    validation: Sequence[Pass]
    validations: int
    checkpoints: int

    @property
    def tokens(self) -> int:
        """That go through the model, over all epochs, validation left out."""
        return sum(one.tokens for one in self.passes)


def plan_work(
    rows: Sequence[EncodedRow], validation: Sequence[EncodedRow], config: TrainingConfig
) -> Workload:
    """Say what a training of these rows on one process will do, to the end."""
    laid = lay_out(rows, config.packing, config.sequence_len, config.seed)
    rows_per_step = config.micro_batch_size * config.gradient_accumulation_steps
    counts = [one.counts for one in laid]
    plan = plan_training(counts, rows_per_step, config.num_epochs, config.max_steps, config.seed)
    tokens = {number: one.tokens for number, one in enumerate(laid)}
    alone = _alone(laid)
    passes = [
        together([alone[group] for group in piece])
        for step in plan
        for piece in divide(step.groups, tokens, config.gradient_accumulation_steps)
        if piece
    ]
    per_epoch = max(1, round(len(plan) / plan[-1].epoch))
    every = config.eval_every(per_epoch, len(plan)) if validation else None
    saves = config.save_every(per_epoch, len(plan))
    return Workload(
        laid,
        passes,
        len(plan),
        _validation_passes(validation, config) if every else [],
        math.ceil(len(plan) / every) if every else 0,
        len(plan) // saves if saves else 0,
    )


def _validation_passes(rows: Sequence[EncodedRow], config: TrainingConfig) -> list[Pass]:
    packing = config.packing
    if config.eval_sample_packing is not None and packing != "shared":
        packing = "plain" if config.eval_sample_packing else "none"
    laid = lay_out(rows, packing, config.sequence_len, config.seed)
    alone = _alone(laid)
    batches = plan_training([one.counts for one in laid], config.micro_batch_size, 1, None, config.seed)
    return [together([alone[group] for group in batch.groups]) for batch in batches]


def work_of(trees: Sequence[Tree]) -> Pass:
    """The work of trees, of no group that is known."""
    return Pass(
        (),
        sum(len(tree.tokens) for tree in trees),
        sum(len(tree.targets) for tree in trees),
        sum(_pairs(segment) for tree in trees for segment in tree.segments),
    )


def together(passes: Sequence[Pass]) -> Pass:
    """The work of some passes at once."""
    return Pass(
        tuple(group for one in passes for group in one.groups),
        sum(one.tokens for one in passes),
        sum(one.learned for one in passes),
        sum(one.pairs for one in passes),
    )


def _alone(laid: Sequence[Laid]) -> list[Pass]:
    """The work of each group."""
    return [replace(work_of(one.trees), groups=(number,)) for number, one in enumerate(laid)]


def _pairs(segment: Segment) -> int:
    """Pairs of a token and one that it sees."""
    length = segment.stop - segment.start
    return length * (length + 1) // 2 + length * sum(stop - start for start, stop in segment.before)
