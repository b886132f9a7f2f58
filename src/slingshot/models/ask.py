"""Asking: one question to one OpenAI-compatible endpoint, one answer back, or a failure that says what to do next."""

import json
import re
import time
from dataclasses import asdict, dataclass, field
from email.utils import mktime_tz, parsedate_tz
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from slingshot.errors import SlingshotError
from slingshot.models.conversation import Conversation

if TYPE_CHECKING:  # it takes 0.4 s to load, which only those should wait for who ask
    import openai

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
# What may follow the asked name in the name that answers: a date, a release number, `latest`.
_RELEASE = re.compile(r"[-@:_.](?:v?\d[\d.\-]*|latest|preview)+")
# Statuses after which the same question may well be answered a little later.
_PASSING = frozenset({408, 409, 425, 429})
# Statuses that hold for every question to this model.
_FOR_GOOD = frozenset({401, 402, 403, 404, 405})


@dataclass(frozen=True)
class Sampling:
    """How answers are drawn; what is None is not sent, so that the endpoint's own default holds.

    Attributes:
        temperature: of the distribution; 0 takes the likeliest token.
        top_p: the nucleus, a share of the probability.
        max_tokens: the most tokens that an answer may have.
    """

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = 1024

    @property
    def parameters(self) -> dict[str, Any]:
        """What is recorded with every answer: the settings that were sent."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass
class Dialect:
    """What an endpoint understands. What it does not is learnt from refusals and holds for all later questions."""

    takes_seed: bool = True
    takes_top_k: bool = False  # beyond OpenAI's own fields
    tells_usage: bool = True  # of a stream, when asked
    limit_key: str = "max_tokens"


@dataclass(frozen=True)
class Endpoint:
    """Where a model answers.

    Attributes:
        url: the base URL, ending in /v1 or the like.
        model: the model's name there.
        api_key: sent with every question, never printed or recorded.
        timeout: seconds for one answer, from the first byte sent to the last received.
        served_as: another name under which the endpoint may say that it answered.
        dialect: what it understands.
    """

    url: str
    model: str
    api_key: str = field(default="none", repr=False)
    timeout: float = 600.0
    served_as: str | None = None
    dialect: Dialect = field(default_factory=Dialect, compare=False)

    @property
    def local(self) -> bool:
        """Whether it is on this machine."""
        return urlsplit(self.url).hostname in _LOOPBACK

    @property
    def address(self) -> str:
        """Its host and port, without what else a URL may hold, such as a name and a password."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @cached_property
    def client(self) -> "openai.OpenAI":
        """The client; on loopback it ignores proxies that the environment names. It never tries twice: we do."""
        import openai

        http_client = openai.DefaultHttpxClient(trust_env=not self.local)
        return openai.OpenAI(
            base_url=self.url,
            api_key=self.api_key,
            timeout=self.timeout,
            max_retries=0,
            http_client=http_client,
        )


class NoAnswer(SlingshotError):
    """A question was not answered.

    Attributes:
        passing: whether asking again may help.
        for_good: whether no other question to this model will be answered either.
        wait: seconds after which the endpoint wants to be asked again; None if it does not say.
        status: of the HTTP answer that refused it; None where there was none, or it was 200.
        other_model: whether another model answered in the place of the one that was asked.
    """

    def __init__(
        self,
        message: str,
        *,
        passing: bool = False,
        for_good: bool = False,
        wait: float | None = None,
        status: int | None = None,
        other_model: bool = False,
    ) -> None:
        super().__init__(message)
        self.passing, self.for_good, self.wait = passing, for_good, wait
        self.status, self.other_model = status, other_model


def ask(
    endpoint: Endpoint, messages: list[dict[str, str]], sampling: Sampling, seed: int | None = None
) -> Conversation:
    """Ask once.

    Raises:
        NoAnswer: there was none, or it cannot be used: broken JSON, no choices, another model's.
    """
    import openai

    started = time.monotonic()
    try:
        body = _body_of_answer(endpoint, request_fields(endpoint, messages, sampling, seed), started)
    except openai.APIStatusError as error:
        if learns(endpoint.dialect, error, seed):
            return ask(endpoint, messages, sampling, seed)
        raise refusal(endpoint, error) from None
    except openai.APITimeoutError:
        raise _late(endpoint) from None
    except openai.APIError as error:
        raise not_reached(endpoint, error) from None
    except OSError as error:  # a reset while the body is read
        raise NoAnswer(in_words(endpoint, f"the connection broke ({error})"), passing=True) from None
    return _read(endpoint, body, messages, seed, round(time.monotonic() - started, 4))


def request_fields(
    endpoint: Endpoint, messages: list[dict[str, str]], sampling: Sampling, seed: int | None
) -> dict[str, Any]:
    """The fields of a request, in the words that the endpoint understands."""
    sent = sampling.parameters
    if "max_tokens" in sent:
        sent[endpoint.dialect.limit_key] = sent.pop("max_tokens")
    if seed is not None and endpoint.dialect.takes_seed:
        sent["seed"] = seed
    if sampling.temperature == 0 and endpoint.dialect.takes_top_k:
        # The same token is drawn, but from one candidate instead of all words: 3 % quicker with a small model.
        sent["extra_body"] = {"top_k": 1}
    return {"model": endpoint.model, "messages": cast(Any, messages), **sent}


def _body_of_answer(endpoint: Endpoint, request: dict[str, Any], started: float) -> bytes:
    """All bytes of the answer, read piece by piece: an endpoint that only drips is late, too."""
    create = endpoint.client.chat.completions.with_streaming_response.create
    pieces = []
    with create(**request) as response:
        stream = response.http_response.iter_bytes()
        try:
            for piece in stream:
                pieces.append(piece)
                if time.monotonic() - started > endpoint.timeout:
                    raise _late(endpoint)
        except (NoAnswer, OSError):
            raise
        except Exception as error:  # the HTTP library's own kinds: time-outs, resets, bodies cut short
            if "Timeout" in type(error).__name__:
                raise _late(endpoint) from None
            text = f"the connection broke ({type(error).__name__}: {error})"
            raise NoAnswer(in_words(endpoint, text), passing=True) from None
    return b"".join(pieces)


def _read(
    endpoint: Endpoint, body: bytes, messages: list[dict[str, str]], seed: int | None, elapsed: float
) -> Conversation:
    """The conversation that an answer's body makes."""
    try:
        reply = json.loads(body)
        choice = reply["choices"][0]
        content = choice["message"].get("content") or ""
        usage = reply.get("usage") or {}
        tokens = (int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0))
        if not isinstance(content, str):
            raise TypeError("the content is no text")
    except IndexError:
        raise NoAnswer(in_words(endpoint, "its answer has no choices"), passing=True) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = f"its answer cannot be read ({type(error).__name__}: {error})"
        raise NoAnswer(in_words(endpoint, what), passing=True) from None
    served = str(reply.get("model") or "")
    if served and not same_model(served, endpoint.model, endpoint.served_as):
        raise NoAnswer(
            in_words(
                endpoint,
                f"{served} answered in its place; if that is the same model, say so with served_as in a models file",
            ),
            passing=True,
            other_model=True,
        )
    return Conversation(
        messages=messages,
        answer=content,
        tokens=tokens,
        elapsed=elapsed,
        finish_reason=choice.get("finish_reason"),
        served_model=served or None,
        seed=seed if endpoint.dialect.takes_seed else None,
    )


def same_model(served: str, asked: str, served_as: str | None = None) -> bool:
    """Whether the name that answered means the model that was asked.

    Endpoints leave out folders and `:latest`, change case, and answer with a dated release of what was asked
    (`gpt-4o-2024-05-13` for `gpt-4o`); `gpt-4o-mini` is another model.
    """
    if served_as is not None and served == served_as:
        return True
    one, other = sorted((plain_name(served), plain_name(asked)), key=len)
    return other == one or (other.startswith(one) and _RELEASE.fullmatch(other[len(one) :]) is not None)


def plain_name(name: str) -> str:
    """A model's name without what endpoints add to it or leave out."""
    return name.casefold().rsplit("/", 1)[-1].removesuffix(".gguf").removesuffix(":latest")


def learns(dialect: Dialect, error: "openai.APIStatusError", seed: int | None) -> bool:
    """Whether the refusal is of a word that can be said in another way; then the dialect is changed."""
    if error.status_code not in (400, 422):
        return False
    said = f"{error.message} {error.body}"
    if "max_completion_tokens" in said and dialect.limit_key == "max_tokens":
        dialect.limit_key = "max_completion_tokens"
        return True
    if "stream_options" in said and dialect.tells_usage:
        dialect.tells_usage = False
        return True
    if seed is not None and dialect.takes_seed and re.search(r"\bseed\b", said):
        dialect.takes_seed = False
        return True
    return False


def refusal(endpoint: Endpoint, error: "openai.APIStatusError") -> NoAnswer:
    """What an endpoint's status other than 200 means."""
    status = error.status_code
    said = " ".join(str(error.message).split())[:300]
    advice = {
        401: "; check the key in the environment",
        402: "; check the account's credit",
        403: "; check what the key may do",
        404: "; check the model's name and the URL",
    }.get(status, "")
    return NoAnswer(
        in_words(endpoint, f"{said}{advice}", f"refused with status {status}"),
        passing=status in _PASSING or status >= 500,
        for_good=status in _FOR_GOOD or "insufficient_quota" in said,
        wait=_retry_after(error.response.headers),
        status=status,
    )


def not_reached(endpoint: Endpoint, error: "openai.APIError") -> NoAnswer:
    """What it means that a request did not come to an answer of any status."""
    reason = error.__cause__ or error.message
    return NoAnswer(in_words(endpoint, f"the connection failed ({reason})"), passing=True)


def _late(endpoint: Endpoint) -> NoAnswer:
    return NoAnswer(in_words(endpoint, f"no whole answer within {endpoint.timeout:g} s"), passing=True)


def in_words(endpoint: Endpoint, what: str, verb: str = "did not answer") -> str:
    """One sentence without the key, which some endpoints repeat when they refuse it, and without a password."""
    url = urlsplit(endpoint.url)._replace(netloc=endpoint.address).geturl()
    text = f"{url}: {endpoint.model} {verb}: {what}"
    return text.replace(endpoint.api_key, "***") if len(endpoint.api_key) > 6 else text


def _retry_after(headers: Any) -> float | None:
    """The seconds of a `Retry-After` (RFC 9110, 10.2.3: a number or a date), or of `retry-after-ms`."""
    for name, divisor in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            seconds = float(headers.get(name)) / divisor
        except (TypeError, ValueError):
            continue
        return seconds if seconds >= 0 else None
    date = parsedate_tz(headers.get("retry-after") or "")
    return max(0.0, mktime_tz(date) - time.time()) if date else None
