"""What a decoding loop is asked, and what comes of it."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Question:
    """What is asked of the model.

    Attributes:
        prompt: token ids, the chat template applied.
        max_tokens: the most tokens the answer may have, its end token included.
        temperature: of the distribution; 0 takes the likeliest token.
        top_p: the nucleus: the likeliest tokens that together have this share of the probability.
        seed: decides the draws, whatever else is in the batch.
        stop: texts before which the answer ends.
    """

    prompt: tuple[int, ...]
    max_tokens: int
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came of it.

    Attributes:
        text: without special tokens, and without the text that stopped it.
        tokens: all that were drawn, the end token included.
        finish_reason: `length` where `max_tokens` ended it.
        prompt_tokens: read for this answer; 0 where the prompt was remembered.
        prompt_seconds: for reading them.
        answer_seconds: from there to the last token.
    """

    text: str
    tokens: tuple[int, ...]
    finish_reason: Literal["stop", "length"]
    prompt_tokens: int
    prompt_seconds: float
    answer_seconds: float
