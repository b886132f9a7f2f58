"""A conversation: the messages sent to a model and the answer received."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Conversation:
    """One question and its answer.

    Attributes:
        messages: what was sent, each with `role` and `content`.
        answer: the text that came back.
        tokens: of prompt and completion, as the endpoint counts them.
        elapsed: seconds to the whole answer, tries that failed not counted.
        finish_reason: `stop`, or `length` where the token limit cut the answer off.
        status: of the HTTP answer.
        served_model: the name under which the endpoint answered; None if it did not say.
        seed: of the sampling, as it was sent; None if it was not, or is not known.
    """

    messages: list[dict[str, str]]
    answer: str
    tokens: tuple[int, int] = (0, 0)
    elapsed: float = 0.0
    finish_reason: str | None = None
    status: int = 200
    served_model: str | None = None
    seed: int | None = None

    @property
    def cut_off(self) -> bool:
        """Whether the token limit ended the answer."""
        return self.finish_reason in ("length", "max_tokens")
