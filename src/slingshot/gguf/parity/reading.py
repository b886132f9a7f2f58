"""What was read from one form: how it understands the prompts, and what it holds likely after every token."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from slingshot.gguf.parity.forms import Form, Prompt

# Positions whose distributions are compared at once: a few rows of a large vocabulary fill the memory.
_ROWS = 16

Tokens = tuple[int, ...]
Logarithms = NDArray[np.float64]
"""Of probabilities, of shape (positions, words)."""


@dataclass(frozen=True)
class Script:
    """What every form is fed, token by token: a prompt, and the answer that the first reference gives to it."""

    prompt: Prompt
    tokens: Tokens
    answer: Tokens

    @property
    def fed(self) -> Tokens:
        """All but the last token of the answer, after which nothing is asked."""
        return self.tokens + self.answer[:-1]


@dataclass(frozen=True)
class Vocabulary:
    """The words of a form by token id, None where it has none.

    Attributes:
        words: as the tokenizer's file spells them.
        added: ids of tokens beside the learned vocabulary, which a GGUF file may spell in another way.
        ends: ids of tokens that end an answer.
    """

    words: Sequence[str | None]
    added: frozenset[int]
    ends: frozenset[int]


@dataclass(frozen=True)
class Reading:
    """What was read from a form.

    Attributes:
        form: which one.
        prompts: the token ids of every prompt by the form's own template and tokenizer, for each program that
            reads the form.
        vocabulary: its words.
        logits: folder with an array `N.npy` for every script, float32 of shape (answer tokens, words).
        seconds: for all of it.
    """

    form: Form
    prompts: Mapping[str, Sequence[Tokens]]
    vocabulary: Vocabulary
    logits: Path
    seconds: float


def distributions(reference: Reading, form: Reading, number: int) -> Iterator[tuple[Logarithms, Logarithms]]:
    """The logarithms of both forms' probabilities after the tokens of a script, some positions at a time.

    Words that only one of the forms has are left out.
    """
    files = [reading.logits / f"{number}.npy" for reading in (reference, form)]
    first, second = (np.load(file, mmap_mode="r") for file in files)
    words = min(first.shape[1], second.shape[1])
    for start in range(0, len(first), _ROWS):
        rows = slice(start, start + _ROWS)
        yield _log_softmax(first[rows, :words]), _log_softmax(second[rows, :words])


def _log_softmax(logits: NDArray[np.float32]) -> Logarithms:
    shifted: Logarithms = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted
