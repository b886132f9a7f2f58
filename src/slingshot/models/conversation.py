"""A conversation: the messages sent to a model and the answer received."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Conversation:
    """One question and its answer.

    `tokens` counts prompt and completion, as the server reports them; `elapsed` is the time to the
    whole answer in seconds. `finish_reason` is `"stop"` or `"length"` (cut off by the token limit).
    """

    messages: list[dict[str, str]]
    answer: str
    tokens: tuple[int, int] = (0, 0)
    elapsed: float = 0.0
    finish_reason: str | None = None
    status: int = 200
