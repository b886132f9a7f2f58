"""A conversation with one model, question after question; answers are read while they come."""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from slingshot.models.ask import Endpoint, NoAnswer, Sampling, in_words, learns, refusal, request_fields

if TYPE_CHECKING:  # it takes 0.4 s to load, which only those should wait for who ask
    import openai


@dataclass
class Heard:
    """An answer, as far as it came.

    Attributes:
        text: what came of it.
        tokens: how many it has, as the endpoint counts them; None where it does not say.
        tokens_per_second: while they came, without reading the prompt; None where that is unknown.
        finish_reason: None where it was broken off.
    """

    text: str = ""
    tokens: int | None = None
    tokens_per_second: float | None = None
    finish_reason: str | None = None


@dataclass
class Talk:
    """A conversation under way: with every question goes what was said before it.

    Attributes:
        endpoint: who is asked.
        sampling: how answers are drawn.
        seed: goes with every question; None leaves the draws to the endpoint.
        system: the system message; empty, there is none.
        turns: the questions and answers so far, as messages.
        heard: the last answer.
    """

    endpoint: Endpoint
    sampling: Sampling
    seed: int | None = None
    system: str = ""
    turns: list[dict[str, str]] = field(default_factory=list)
    heard: Heard = field(default_factory=Heard)

    @property
    def messages(self) -> list[dict[str, str]]:
        """All that was said, the system message first."""
        return [{"role": "system", "content": self.system}] * bool(self.system) + self.turns

    def ask(self, question: str) -> Generator[str, None, None]:
        """Put a question; the pieces of its answer as they come, and all of it in `heard`.

        An answer that is broken off, because the iterator is closed or something fails, is kept as far as it came. A
        question that nothing came of is forgotten.

        Raises:
            NoAnswer: it was not answered, or not to the end.
        """
        self.heard = Heard()
        asked = {"role": "user", "content": question}
        try:
            with _failures_told(self.endpoint), self._stream([*self.messages, asked]) as events:
                yield from _read(events, self.heard)
        finally:
            if self.heard.text:
                self.turns += [asked, {"role": "assistant", "content": self.heard.text}]

    def _stream(self, messages: list[dict[str, str]]) -> "openai.Stream[Any]":
        """The events of an answer."""
        import openai

        fields = request_fields(self.endpoint, messages, self.sampling, self.seed)
        if self.endpoint.dialect.tells_usage:
            fields["stream_options"] = {"include_usage": True}
        try:
            stream: openai.Stream[Any] = self.endpoint.client.chat.completions.create(**fields, stream=True)
            return stream
        except openai.APIStatusError as error:
            if learns(self.endpoint.dialect, error, self.seed):
                return self._stream(messages)
            raise refusal(self.endpoint, error) from None


@contextmanager
def _failures_told(endpoint: Endpoint) -> Iterator[None]:
    """Turn what may happen on the way into `NoAnswer`."""
    import openai

    try:
        yield
    except NoAnswer:
        raise
    except openai.APIError as error:
        reason = error.__cause__ or error.message
        raise NoAnswer(in_words(endpoint, f"the connection failed ({reason})"), passing=True) from None
    except Exception as error:  # the HTTP library's own kinds, and what is no JSON
        text = f"the answer broke off ({type(error).__name__}: {error})"
        raise NoAnswer(in_words(endpoint, text), passing=True) from None


def _read(events: "openai.Stream[Any]", heard: Heard) -> Iterator[str]:
    """The pieces in a stream of events; what else they say is noted."""
    first = last = 0.0
    timed: dict[str, Any] = {}
    for event in events:
        for choice in event.choices[:1]:
            heard.finish_reason = choice.finish_reason or heard.finish_reason
            if piece := choice.delta.content:
                last = time.monotonic()
                first = first or last
                heard.text += piece
                yield piece
        if event.usage:
            heard.tokens = event.usage.completion_tokens
        timed = (event.model_extra or {}).get("timings") or timed
    heard.tokens = heard.tokens or timed.get("predicted_n")
    if timed.get("predicted_n") and timed.get("predicted_ms"):  # by the server's own clock
        heard.tokens_per_second = 1000 * timed["predicted_n"] / timed["predicted_ms"]
    elif heard.tokens and last > first:
        heard.tokens_per_second = (heard.tokens - 1) / (last - first)
