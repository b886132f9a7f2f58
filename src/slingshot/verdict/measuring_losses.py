"""The losses of a model that is at hand: on answers trained on, and on right ones never trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slingshot.training.config import TrainingConfig
from slingshot.training.course.validation import row_losses
from slingshot.training.preparing.preflight import prepare
from slingshot.training.rows.encoding import Conversation, EncodedRow, encode_all
from slingshot.training.rows.sources import load_sources
from slingshot.training.step.device import training_device
from slingshot.training.step.model import load_for_reading
from slingshot.verdict.answer_pairs import AnswerPair
from slingshot.verdict.contract import LossGap
from slingshot.verdict.losses import loss_gap

LEAST_PAIRS = 5
"""Fewer tell nothing: the interval of the AUC would reach over most of what is possible."""


@dataclass(frozen=True)
class MeasuredPair:
    """Losses of a pair's two answers (nats a token), by the model's role."""

    test_case: str
    prompt_label: str
    trained: Mapping[str, float]
    untrained: Mapping[str, float]


def measure_losses(
    pairs: Sequence[AnswerPair],
    models: Mapping[str, Path],
    config: TrainingConfig,
    base: Path,
    folder: Path,
) -> list[MeasuredPair]:
    """The mean loss per token of both answers of each pair, under each model.

    Rows are rendered, cut into tokens and masked as in training, and the losses are training's own, in the type
    of weights that it uses; only the last answer counts, also where prompts are learned too. Pairs of which an
    answer cannot be encoded, or is longer than `sequence_len`, are left out.

    Args:
        pairs: as `pair_answers` finds them.
        models: whole models (Hugging Face folders) by role; they share the base's tokenizer.
        config: of the training, its `datasets` included.
        base: the base model, whose tokenizer and template are used.
        folder: where relative paths of datasets start.

    Raises:
        RequestError: the dataset is gone, or a model is of a kind that cannot be trained here.
    """
    kept = _encode(pairs, config, base, folder)
    rows = [row for _, *two in kept for row in two]
    found: dict[str, list[float]] = {}
    for role, place in models.items() if rows else ():
        model = load_for_reading(place, config, training_device())
        found[role] = row_losses(model, rows, config.sequence_len)
        del model
    return [
        MeasuredPair(
            pair.row.test_case,
            pair.row.prompt_label,
            {role: losses[2 * number] for role, losses in found.items()},
            {role: losses[2 * number + 1] for role, losses in found.items()},
        )
        for number, (pair, *_) in enumerate(kept)
    ]


def gaps(measured: Sequence[MeasuredPair]) -> dict[str, LossGap]:
    """How far each model's losses tell the two sides apart, by role; nothing of fewer than five pairs."""
    if len(measured) < LEAST_PAIRS:
        return {}
    return {
        role: loss_gap([one.trained[role] for one in measured], [one.untrained[role] for one in measured])
        for role in measured[0].trained
    }


def _encode(
    pairs: Sequence[AnswerPair], config: TrainingConfig, base: Path, folder: Path
) -> list[tuple[AnswerPair, EncodedRow, EncodedRow]]:
    """The pairs whose two answers can be encoded, with their rows: the answer trained on, then the other."""
    prepared = prepare(config, base, folder, folder, template_travels=True, has_to_fit=False)
    sources = {
        _key(source.messages): source
        for source in load_sources(config, folder).rows
        if isinstance(source, Conversation)
    }
    asked = []
    for pair in pairs:
        source = sources.get(_key(pair.row.messages))
        if source is None:  # set aside to validate on
            continue
        last = (False,) * (len(source.messages) - 1) + (True,)
        trained = replace(source, learned=last, everything=False)
        answer = {**source.messages[-1], "content": pair.other}
        asked.append((pair, trained, replace(trained, messages=(*source.messages[:-1], answer))))
    every = [source for _, *two in asked for source in two]
    rows, _ = encode_all(every, prepared.tokenizer, prepared.ends)
    kept = []
    for number, (pair, *_) in enumerate(asked):
        first, second = rows[2 * number : 2 * number + 2]
        if first and second and max(len(first), len(second)) <= config.sequence_len:
            kept.append((pair, first, second))
    return kept


def _key(messages: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((message["role"], message["content"]) for message in messages)
