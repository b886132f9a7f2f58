"""Many answers at once: one decoding loop over transformers' model and cache, whose rows come and go.

Each prompt is read alone, so what the model makes of it does not depend on who else asks, and is remembered,
because a benchmark asks it several times. Its keys and values then join the batch, padded on the left, so that
all rows end in the same column and grow together:

    columns         0 1 2 3 4 5
    long row        a b c d e f
    shorter row     . . . g h i      masked where there are dots; its positions count from g

Every step draws one token for each row. A row that has ended leaves, and a question that waits takes its place
before the next step. A row's answer depends on its own question and seed, up to rounding: matrix products of more
rows may add in another order, which in bfloat16 can decide between two tokens that are as good as equal.
"""

import inspect
import queue
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from transformers import Cache, DynamicCache
from transformers.cache_utils import DynamicLayer, DynamicSlidingWindowLayer

from slingshot.errors import SlingshotError
from slingshot.models.growing_text import GrowingText
from slingshot.models.question import Answer, Question
from slingshot.models.stacking import stacked
from slingshot.models.token_draw import draw


@dataclass(frozen=True)
class _Prompt:
    """A prompt that was read: its cache, one row high, and the logits (V,) of the token to come."""

    cache: Cache
    logits: torch.Tensor


@dataclass
class _Row:
    """An answer under way; it is over when its promise is kept, broken or no longer wanted.

    Its text is watched while it grows where somebody wants to see it, or a text may end it.
    """

    question: Question
    on_text: Callable[[str], None] | None = None
    growing: GrowingText | None = None
    promise: "Future[Answer]" = field(default_factory=Future)
    generator: torch.Generator = field(default_factory=torch.Generator)
    tokens: list[int] = field(default_factory=list)
    prompt_tokens: int = 0
    prompt_seconds: float = 0.0
    started: float = 0.0

    @property
    def columns(self) -> int:
        """How many of its tokens are in the cache: all but the last one drawn."""
        return len(self.question.prompt) + len(self.tokens) - 1

    def tell(self, piece: str) -> None:
        """Hand out a piece of the answer, if somebody wants to see it grow."""
        if piece and self.on_text:
            self.on_text(piece)

    def fail(self, error: Exception) -> None:
        """Break the promise, if somebody still waits."""
        if not self.promise.done() and self.promise.set_running_or_notify_cancel():
            self.promise.set_exception(error)


class Decoder:
    """Answers questions side by side with one model: `submit` from any thread, `run` in one of its own."""

    def __init__(
        self, model: Any, text: Callable[[Sequence[int]], str], ends: frozenset[int], parallel: int
    ) -> None:
        """Take a model in evaluation mode.

        Args:
            model: a causal language model of transformers.
            text: the text of token ids, without special tokens.
            ends: the tokens that end an answer.
            parallel: how many rows the batch has at most.

        Raises:
            SlingshotError: the model keeps no keys and values, so it would forget the prompt.
        """
        self._model, self._text, self._ends = model, text, ends
        known = inspect.signature(model.forward).parameters
        if "past_key_values" not in known:
            raise SlingshotError(
                f"{type(model).__name__} has no cache of keys and values; convert it with `slingshot gguf`"
            )
        self._takes_positions = "position_ids" in known
        self._last_only = {"logits_to_keep": 1} if "logits_to_keep" in known else {}
        # Layers of other kinds keep a state that cannot be padded (convolution, recurrence): one row at a time.
        kinds = {type(layer) for layer in DynamicCache(config=model.config).layers}
        self._joins = kinds <= {DynamicLayer, DynamicSlidingWindowLayer}
        self.parallel = parallel if self._joins else 1
        self._waiting: queue.SimpleQueue[_Row] = queue.SimpleQueue()
        self._remembered: OrderedDict[tuple[int, ...], _Prompt] = OrderedDict()
        self._rows: list[_Row] = []
        self._cache = Cache(layers=[])  # as many rows as `_rows`, as many columns as the longest of them

    def submit(self, question: Question, on_text: Callable[[str], None] | None = None) -> "Future[Answer]":
        """Put a question; cancelling what is returned frees its row.

        Args:
            question: what is asked.
            on_text: called with each piece of the answer as soon as nothing can change it, before the promise is
                kept; together they are its text. All answers wait while it runs.
        """
        row = _Row(question, on_text)
        if on_text or question.stop:
            row.growing = GrowingText(self._text, question.stop)
        row.generator.manual_seed(question.seed % 2**63)
        self._waiting.put(row)
        return row.promise

    def run(self) -> None:
        """Answer for ever. An error is told to those whose answers it takes away, and the loop goes on."""
        with torch.inference_mode():
            while True:
                try:
                    self._exchange()
                    self._step()
                except Exception as error:
                    for row in self._rows:
                        row.fail(error)

    def _exchange(self) -> None:
        """Let rows that are over leave and questions that wait join; wait for one if there is no row at all."""
        staying = [number for number, row in enumerate(self._rows) if not row.promise.done()]
        changed = len(staying) < len(self._rows)
        pieces = [(self._cache, staying)] if staying else []
        self._rows = [self._rows[number] for number in staying]
        while len(self._rows) < self.parallel:
            try:
                row = self._waiting.get(block=not self._rows)
            except queue.Empty:
                break
            if row.promise.done():  # cancelled while it waited
                continue
            try:
                prompt = self._read(row)
                self._extend(row, prompt.logits)
            except Exception as error:
                row.fail(error)
            if not row.promise.done():
                self._rows.append(row)
                pieces.append((prompt.cache, [0]))
                changed = True
        if changed:
            width = max(row.columns for row in self._rows)
            self._cache = stacked(pieces, width) if self._joins else pieces[0][0]

    def _read(self, row: _Row) -> _Prompt:
        """What the model makes of a row's prompt: remembered, or read now."""
        tokens, row.started = row.question.prompt, time.monotonic()
        if (known := self._remembered.pop(tokens, None)) is None:
            cache = DynamicCache() if self._joins else DynamicCache(config=self._model.config)
            ids = torch.tensor([tokens])
            logits = self._model(
                input_ids=ids, past_key_values=cache, use_cache=True, **self._last_only
            ).logits
            known = _Prompt(cache, logits[0, -1].float())
            row.prompt_tokens, row.prompt_seconds = len(tokens), time.monotonic() - row.started
        if self._joins:  # such a cache is copied; the others are written to
            self._remembered[tokens] = known
            if len(self._remembered) > self.parallel:
                self._remembered.popitem(last=False)
        return known

    def _step(self) -> None:
        """One more token for every row."""
        columns = torch.tensor([[row.columns] for row in self._rows])
        width = int(columns.max()) + 1
        positions = {"position_ids": columns} if self._takes_positions else {}
        logits = self._model(
            input_ids=torch.tensor([row.tokens[-1:] for row in self._rows]),
            attention_mask=(torch.arange(width) >= width - 1 - columns).long(),
            past_key_values=self._cache,
            use_cache=True,
            **positions,
        ).logits[:, -1]
        for row, its in zip(self._rows, logits.float(), strict=True):
            try:
                self._extend(row, its)
            except SlingshotError as error:
                row.fail(error)

    def _extend(self, row: _Row, logits: torch.Tensor) -> None:
        """Draw a row's next token; deliver the answer if it was the last."""
        asked, tokens = row.question, row.tokens
        tokens.append(draw(logits, asked.temperature, asked.top_p, row.generator))
        ended = tokens[-1] in self._ends
        if row.growing and not ended:
            row.tell(row.growing.add(tokens[-1]))
        if not (ended or len(tokens) >= asked.max_tokens or (row.growing and row.growing.stopped)):
            return
        text = self._text(tokens[:-1] if ended else tokens)
        cut = min((at for stop in asked.stop if (at := text.find(stop)) >= 0), default=None)
        if row.growing:
            row.tell(text[row.growing.length : cut])  # what was held back
        if row.promise.set_running_or_notify_cancel():
            seconds = time.monotonic() - row.started - row.prompt_seconds
            reason: Literal["stop", "length"] = "stop" if ended or cut is not None else "length"
            row.promise.set_result(
                Answer(text[:cut], tuple(tokens), reason, row.prompt_tokens, row.prompt_seconds, seconds)
            )
