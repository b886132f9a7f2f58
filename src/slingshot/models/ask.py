"""Asking: one question to one OpenAI-compatible endpoint, one answer back."""

import time
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast
from urllib.parse import urlsplit

import openai

from slingshot.errors import SlingshotError
from slingshot.models.conversation import Conversation


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn: temperature, nucleus, and the most tokens that an answer may have."""

    temperature: float = 0.7
    top_p: float = 0.95
    max_tokens: int = 256


@dataclass(frozen=True)
class Endpoint:
    """Where a model answers: the base URL (ending in /v1) and the name it has there."""

    url: str
    model: str
    api_key: str = "none"
    timeout: float = 600.0

    @cached_property
    def client(self) -> openai.OpenAI:
        """The client; on loopback it ignores proxies that the environment names."""
        local = urlsplit(self.url).hostname in ("127.0.0.1", "localhost", "::1")
        http_client = openai.DefaultHttpxClient(trust_env=not local)
        return openai.OpenAI(
            base_url=self.url, api_key=self.api_key, timeout=self.timeout, http_client=http_client
        )


def ask(endpoint: Endpoint, messages: list[dict[str, str]], sampling: Sampling, seed: int) -> Conversation:
    """Ask once; the client itself retries what is worth retrying (429, 5xx, lost connections).

    Raises:
        SlingshotError: the endpoint does not answer, or refuses.
    """
    started = time.monotonic()
    try:
        reply = endpoint.client.chat.completions.create(
            model=endpoint.model,
            messages=cast(Any, messages),
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            max_tokens=sampling.max_tokens,
            seed=seed,
        )
    except openai.APIError as error:
        raise SlingshotError(
            f"{endpoint.url}: {endpoint.model} did not answer: {error}; check the server, then run again"
        ) from error
    choice, usage = reply.choices[0], reply.usage
    return Conversation(
        messages=messages,
        answer=choice.message.content or "",
        tokens=(usage.prompt_tokens, usage.completion_tokens) if usage else (0, 0),
        elapsed=round(time.monotonic() - started, 4),
        finish_reason=choice.finish_reason,
    )
