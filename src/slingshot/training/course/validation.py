"""What training is checked by on rows that it never learns from: their loss, and whether answers copy training code.

Both are better when lower. Training ends early after `early_stopping_patience` validations in a row that were no
better than the best before them.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from slingshot.training.config import TrainingConfig
from slingshot.training.course.metrics import Step
from slingshot.training.course.processes import Team
from slingshot.training.packing.layout import Laid, lay_out
from slingshot.training.rows.encoding import EncodedRow
from slingshot.training.step.model import causal_lm, target_losses, tree_loss

NGRAM = 13
"""Tokens to an n-gram, as in the verdict's measure of memorization."""
_QUESTIONS, _ANSWER_TOKENS = 8, 96


@dataclass(frozen=True)
class Validation:
    """What is measured, ready to be repeated; `copying` is None where nobody asked for it."""

    laid: Sequence[Laid]
    rows_at_once: int
    team: Team
    copying: "Copying | None"

    def measure(self, model: Any) -> dict[str, Any]:
        """`validation_loss`, and `memorization` where it is wanted; the same in all processes."""
        found = {"validation_loss": validation_loss(model, self.laid, self.rows_at_once, self.team)}
        if self.copying:
            # Spread weights are put together for every token, so all processes have to answer.
            asks = self.team.leads or self.team.spreads
            share = self.copying.measure(model) if asks else 0.0
            found["memorization"] = self.team.as_the_leader_says(share)
        return found


def prepare_validation(
    rows: Sequence[EncodedRow],
    validation: Sequence[EncodedRow],
    base: Path,
    config: TrainingConfig,
    team: Team,
) -> Validation:
    """Lay out the validation rows and, where early stopping looks at it, get ready to measure copying."""
    packing = config.packing
    if config.eval_sample_packing is not None and packing != "shared":
        packing = "plain" if config.eval_sample_packing else "none"
    copying = None
    if config.early_stopping_patience and config.early_stopping_on == "memorization":
        from transformers import AutoTokenizer

        copying = Copying(rows, validation, AutoTokenizer.from_pretrained(base))
    laid = lay_out(validation, packing, config.sequence_len, config.seed)
    return Validation(laid, config.micro_batch_size, team, copying)


@contextmanager
def at_rest(model: Any) -> Iterator[None]:
    """Without dropout and without gradients, while the block runs."""
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train()


def validation_loss(model: Any, laid: Sequence[Laid], rows_at_once: int, team: Team) -> float:
    """Mean cross-entropy in nats over all learned tokens of the rows, on all processes together."""
    total = torch.zeros(1, dtype=torch.float64, device=team.device)
    count = sum(one.supervised for one in laid)
    batches = _batches(laid, rows_at_once)
    stop = len(batches) + (-len(batches) % team.size if team.spreads else 0)
    with at_rest(model):
        for turn in range(team.rank, stop, team.size):
            batch = batches[turn % len(batches)]
            loss = tree_loss(model, [tree for one in batch for tree in one.trees])
            if turn < len(batches):  # beyond, a process only computes along with the others
                total += loss.double() * sum(one.supervised for one in batch)
    team.add_up([total])
    return float(total.item() / count)


def row_losses(
    model: Any, rows: Sequence[EncodedRow], sequence_len: int, rows_at_once: int = 8
) -> list[float]:
    """The mean cross-entropy in nats over the learned tokens of each row; prompts are computed once for all rows."""
    laid = lay_out(rows, "shared", sequence_len, seed=0)
    by_row = dict[int, float]()
    for batch in _batches(laid, rows_at_once):
        losses = target_losses(model, [tree for one in batch for tree in one.trees])
        ordered = [row for one in batch for row in one.rows]
        parts = losses.double().split([row.supervised for row in ordered])
        by_row |= {id(row): float(part.mean()) for row, part in zip(ordered, parts, strict=True)}
    return [by_row[id(row)] for row in rows]


def _batches(laid: Sequence[Laid], rows_at_once: int) -> list[list[Laid]]:
    batches: list[list[Laid]] = [[]]
    for one in laid:
        if sum(other.counts for other in batches[-1]) >= rows_at_once:
            batches.append([])
        batches[-1].append(one)
    return batches


class Copying:
    """How much of a model's greedy answers to validation prompts is code that it was trained on.

    Args:
        rows: training rows.
        validation: rows whose first few distinct prompts are asked.
        tokenizer: of the model.
    """

    def __init__(self, rows: Sequence[EncodedRow], validation: Sequence[EncodedRow], tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._prompts = list(dict.fromkeys(row.prompt for row in validation))[:_QUESTIONS]
        answers = tokenizer.batch_decode([row.answer for row in rows], skip_special_tokens=True)
        self._known = {ngram for answer in answers for ngram in _ngrams(answer)}

    def measure(self, model: Any) -> float:
        """The mean share (0 to 1) of an answer's token 13-grams that occur in training code."""
        return fmean(map(self._overlap, greedy_answers(model, self._tokenizer, self._prompts)))

    def _overlap(self, answer: str) -> float:
        ngrams = _ngrams(answer)
        return fmean(ngram in self._known for ngram in ngrams) if ngrams else 0.0


def _ngrams(answer: str) -> list[tuple[str, ...]]:
    """All runs of 13 tokens in the answer's code, or in all of it where there is no code."""
    from slingshot.dataset.normalize import code_tokens
    from slingshot.judge import extract_code

    tokens = code_tokens(extract_code(answer) or answer)
    return [tuple(tokens[i : i + NGRAM]) for i in range(len(tokens) - NGRAM + 1)]


def greedy_answers(model: Any, tokenizer: Any, prompts: Sequence[tuple[int, ...]]) -> list[str]:
    """The likeliest answers to prompts (token ids), of at most 96 tokens, read side by side."""
    width = max(map(len, prompts))
    fill = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
    ids = torch.tensor([[fill] * (width - len(prompt)) + list(prompt) for prompt in prompts])
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    bare = causal_lm(model)
    ids, mask = ids.to(bare.device), mask.to(bare.device)
    trained_with = bare.config._attn_implementation
    bare.set_attn_implementation("sdpa")
    try:
        with at_rest(model):
            said = model.generate(
                input_ids=ids,
                attention_mask=mask,
                do_sample=False,
                max_new_tokens=_ANSWER_TOKENS,
                eos_token_id=tokenizer.eos_token_id,
                pad_token_id=fill,
            )
    finally:
        bare.set_attn_implementation(trained_with)
    answers: list[str] = tokenizer.batch_decode(said[:, width:], skip_special_tokens=True)
    return answers


def best_step(log: Sequence[Step], config: TrainingConfig) -> int | None:
    """The step after which validation was best; None without early stopping, or before the first validation.

    Of equal losses the first counts, so that a loss that stands still is no improvement. Of equal shares of
    copied code the last counts: a model that still copies nothing has not become worse.
    """
    values = _values(log, config) if config.early_stopping_patience else []
    if not values:
        return None
    best = min(value for _, value in values)
    steps = [step for step, value in values if value == best]
    return steps[-1] if config.early_stopping_on == "memorization" else steps[0]


def out_of_patience(log: Sequence[Step], config: TrainingConfig) -> bool:
    """Whether the last `early_stopping_patience` validations were all no better than the best before them."""
    best = best_step(log, config)
    worse = [step for step, _ in _values(log, config) if best and step > best]
    return len(worse) >= (config.early_stopping_patience or math.inf)


def _values(log: Sequence[Step], config: TrainingConfig) -> list[tuple[int, float]]:
    """The steps that were validated, each with the value that early stopping looks at."""
    name = "memorization" if config.early_stopping_on == "memorization" else "validation_loss"
    return [(step.step, getattr(step, name)) for step in log if getattr(step, name) is not None]
