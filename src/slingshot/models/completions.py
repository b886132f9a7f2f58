"""Chat completions in OpenAI's form: what a request asks for, and how an answer is written, whole or in pieces."""

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, Field, ValidationError, field_validator

from slingshot.errors import RequestError
from slingshot.models.question import Answer, Question

# Fields that would shape the answer in ways that this server cannot, and the values that ask for nothing. Whoever
# sends another one would take an answer for what it is not.
_NEUTRAL: dict[str, tuple[Any, ...]] = {
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
    "repeat_penalty": (1,),
    "repetition_penalty": (1,),
    "top_k": (0, -1),
    "min_p": (0,),
    "logit_bias": ({},),
    "logprobs": (False,),
    "tools": ([],),
    "functions": ([],),
    "grammar": ("",),
    "response_format": ({"type": "text"},),
}


class _Message(BaseModel):
    role: str
    content: str

    @field_validator("role", "content")
    @classmethod
    def _is_text(cls, text: str) -> str:
        text.encode()  # JSON can write half a character, which no tokenizer reads
        return text


class _StreamOptions(BaseModel):
    include_usage: bool = False


class CompletionRequest(BaseModel):
    """What is read of a request's body; what it leaves out is 1, all there is room for, or drawn at random."""

    messages: list[_Message] = Field(min_length=1)
    temperature: float = Field(1.0, ge=0, allow_inf_nan=False)
    top_p: float = Field(1.0, ge=0, le=1)
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    seed: int = Field(default_factory=lambda: secrets.randbits(63))
    stop: str | list[str] = []
    n: int = 1
    stream: bool = False
    stream_options: _StreamOptions = _StreamOptions()

    @property
    def roles_and_texts(self) -> list[dict[str, str]]:
        """The messages, as a chat template takes them."""
        return [message.model_dump() for message in self.messages]

    def question(self, prompt: tuple[int, ...], context: int) -> Question:
        """The question that its prompt makes, where prompt and answer together may have `context` tokens.

        Raises:
            RequestError: the prompt leaves no room for an answer.
        """
        if not 0 < len(prompt) < context:
            raise RequestError(
                f"messages: the prompt has {len(prompt)} tokens, and prompt and answer together may have "
                f"{context}; serve with a larger --context, if the model has room for it"
            )
        room = context - len(prompt)
        stop = [self.stop] if isinstance(self.stop, str) else self.stop
        return Question(
            prompt=prompt,
            max_tokens=min(self.max_completion_tokens or self.max_tokens or room, room),
            temperature=self.temperature,
            top_p=self.top_p,
            seed=self.seed,
            stop=tuple(text for text in stop if text),
        )


def read_request(content: bytes) -> CompletionRequest:
    """What a request's body asks for.

    Raises:
        RequestError: it is no such request, or it asks for what this server cannot do.
    """
    try:
        fields = json.loads(content)
        if not isinstance(fields, dict):
            raise RequestError("the body is no JSON object")
        given = {key: value for key, value in fields.items() if value is not None}
        request = CompletionRequest.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise RequestError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ValueError, RecursionError) as error:
        raise RequestError(f"the body is no JSON: {error}") from None
    if request.n != 1:
        raise RequestError(f"n: {request.n} answers to one request are not supported; ask again for each")
    for key, neutral in _NEUTRAL.items():
        if key in given and given[key] not in neutral:
            raise RequestError(f"{key}: only temperature, top_p and stop shape answers here; leave it out")
    return request


@dataclass(frozen=True)
class Completion:
    """The reply to one request, under one id.

    Attributes:
        model: the name under which it answers.
    """

    model: str
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, question: Question, answer: Answer) -> dict[str, Any]:
        """The reply that has the whole answer, with llama.cpp's names for its timings."""
        message = {"role": "assistant", "content": answer.text}
        choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason}
        return {
            **self._head("chat.completion"),
            "choices": [choice],
            "usage": _usage(question, answer),
            "timings": _timings(answer),
        }

    def piece(self, text: str) -> dict[str, Any]:
        """The event that has one piece of the answer; an empty one begins it."""
        delta = {"content": text} if text else {"role": "assistant", "content": ""}
        return self._event([{"index": 0, "delta": delta, "finish_reason": None}])

    def end(self, question: Question, answer: Answer, *, usage: bool) -> list[dict[str, Any]]:
        """The events that end it: why, how long it took, and if it is asked for the tokens."""
        choice = {"index": 0, "delta": {}, "finish_reason": answer.finish_reason}
        events = [self._event([choice])]
        if usage:
            events.append({**self._event([]), "usage": _usage(question, answer)})
        events[-1]["timings"] = _timings(answer)
        return events

    def _event(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {**self._head("chat.completion.chunk"), "choices": choices}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def _usage(question: Question, answer: Answer) -> dict[str, int]:
    read, drawn = len(question.prompt), len(answer.tokens)
    return {"prompt_tokens": read, "completion_tokens": drawn, "total_tokens": read + drawn}


def _timings(answer: Answer) -> dict[str, float]:
    return {
        "prompt_n": answer.prompt_tokens,
        "prompt_ms": round(answer.prompt_seconds * 1e3, 3),
        "predicted_n": len(answer.tokens),
        "predicted_ms": round(answer.answer_seconds * 1e3, 3),
    }
