"""A look at a server that costs no answer: whether it is there, and which model it serves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from slingshot.models.ask import Endpoint, NoAnswer, in_words, not_reached, plain_name, refusal, same_model

# What llama.cpp tells of a model beside its name: another file under the same name differs in one of them.
_FACTS = {"n_params": "parameters", "size": "bytes", "n_vocab": "tokens in its vocabulary"}


@dataclass(frozen=True)
class Sight:
    """What a server says it serves.

    Attributes:
        endpoint: which.
        name: of the model that answers here; None where the server does not say.
        facts: what it tells of that model.
    """

    endpoint: Endpoint
    name: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def look(endpoint: Endpoint, seconds: float) -> Sight:
    """Ask a server for the list of its models (`GET /models`).

    A server that refuses to tell is there all the same; one that fails with a status of 500 or above is not ready.

    Raises:
        NoAnswer: it cannot be reached, is not ready, or keeps silent for so many seconds.
    """
    import openai

    try:
        reply = endpoint.client.models.with_raw_response.list(timeout=seconds)
        listed = json.loads(reply.http_response.content)["data"]
        models = [model for model in listed if isinstance(model, dict) and isinstance(model.get("id"), str)]
    except openai.APIStatusError as error:
        if error.status_code >= 500 and error.status_code != 501:  # it has no such list
            raise refusal(endpoint, error) from None
        return Sight(endpoint)
    except openai.APITimeoutError:
        raise NoAnswer(in_words(endpoint, f"not a word within {seconds:g} s"), passing=True) from None
    except openai.APIError as error:
        raise not_reached(endpoint, error) from None
    except OSError as error:
        raise NoAnswer(in_words(endpoint, f"the connection broke ({error})"), passing=True) from None
    except (ValueError, KeyError, TypeError):
        return Sight(endpoint)
    return _sight(endpoint, models)


def look_at_all(endpoints: Sequence[Endpoint], seconds: float) -> list[Sight | NoAnswer]:
    """A look at each, all at once; what is not there is a `NoAnswer` in its place."""
    seen: dict[int, Sight | NoAnswer] = {}

    def note(place: int, endpoint: Endpoint) -> None:
        try:
            seen[place] = look(endpoint, seconds)
        except NoAnswer as error:
            seen[place] = error

    threads = [Thread(target=note, args=each, daemon=True) for each in enumerate(endpoints)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [seen[place] for place in range(len(endpoints))]


def difference(first: Sight, second: Sight) -> str:
    """One sentence if two servers serve unlike models, else nothing: what they do not tell is taken to be alike."""
    one, other = first.name, second.name
    if one is not None and other is not None and plain_name(one) != plain_name(other):
        return unlike(second.endpoint, other, f"{first.endpoint.address} serves", one)
    for key, unit in _FACTS.items():
        if key in first.facts and key in second.facts and first.facts[key] != second.facts[key]:
            here, there = (f"{one} with {sight.facts[key]} {unit}" for sight in (first, second))
            return unlike(second.endpoint, there, f"{first.endpoint.address} serves", here)
    return ""


def unlike(endpoint: Endpoint, there: str, who: str, here: str) -> str:
    """One sentence: an endpoint serves another model than `who`, such as `HOST serves`."""
    return (
        f"{endpoint.model}: {endpoint.address} serves {there}, {who} {here}; answers of unlike models are not mixed: ask"
        " them under two names, or name only servers of one model"
    )


def _sight(endpoint: Endpoint, models: Sequence[Mapping[str, Any]]) -> Sight:
    """The model of a list that answers to the endpoint's name; the only one there is answers to any."""
    ways = [
        [model for model in models if model["id"] == endpoint.model],
        [model for model in models if same_model(model["id"], endpoint.model, endpoint.served_as)],
        list(models) if len(models) == 1 else [],
    ]
    found = next(filter(None, ways), None)
    if found is None:
        return Sight(endpoint)
    told = found[0].get("meta") or {}
    facts = {key: told[key] for key in _FACTS if key in told} if isinstance(told, dict) else {}
    return Sight(endpoint, _as_asked(endpoint, found[0]["id"]), facts)


def _as_asked(endpoint: Endpoint, name: str) -> str:
    """A name, or the asked one where `served_as` says that they mean the same."""
    return endpoint.model if name == endpoint.served_as else name
