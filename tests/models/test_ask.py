"""One question to one endpoint: what is sent, what comes back, and what every kind of failure means."""

import threading
import time

import pytest

from faulty_endpoint import FAULTS, endpoint
from slingshot.models import Endpoint, Sampling
from slingshot.models.ask import NoAnswer, ask, same_model
from slingshot.models.patience import GivenUp, Patience, ask_patiently

QUESTION = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2 + 2?"}]
HASTY = Patience(tries=3, first_wait=0.01)


def at(served, **more) -> Endpoint:
    return Endpoint(served.url, "m", **{"timeout": 5.0, **more})


def test_an_answer_has_its_text_tokens_seconds_seed_and_the_name_that_answered():
    with endpoint() as served:
        found = ask(at(served), QUESTION, Sampling(0.5, 0.9, 100), seed=7)
    assert (found.answer, found.tokens, found.finish_reason) == ("prose 7", (10, 4), "stop")
    assert (found.served_model, found.seed, found.messages) == ("m", 7, QUESTION)
    assert 0 < found.elapsed < 5
    (body,) = served.bodies
    sent = {"temperature": 0.5, "top_p": 0.9, "max_tokens": 100, "seed": 7}
    assert body == {"model": "m", "messages": QUESTION, **sent}


def test_what_is_not_set_is_not_sent():
    with endpoint() as served:
        ask(at(served), QUESTION, Sampling(max_tokens=None))
    assert served.bodies == [{"model": "m", "messages": QUESTION}]


def test_an_endpoint_that_calls_the_limit_otherwise_is_understood_once_and_for_all():
    said = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    with endpoint(refuses={"max_tokens": said}) as served:
        here = at(served)
        for seed in (7, 8):
            assert ask(here, QUESTION, Sampling(), seed).answer == f"prose {seed}"
    limits = [[key for key in body if key.startswith("max_")] for body in served.bodies]
    assert limits == [["max_tokens"], ["max_completion_tokens"], ["max_completion_tokens"]]


def test_an_endpoint_that_knows_no_seeds_is_asked_without_and_that_is_recorded():
    with endpoint(refuses={"seed": "Unrecognized request argument: seed"}) as served:
        here = at(served)
        assert ask(here, QUESTION, Sampling(), seed=7).seed is None
        assert ask(here, QUESTION, Sampling(), seed=8).seed is None
    assert ["seed" in body for body in served.bodies] == [True, False, False]


def test_another_word_that_is_refused_is_the_persons_to_leave_out():
    with (
        endpoint(refuses={"temperature": "temperature is not supported"}) as served,
        pytest.raises(NoAnswer, match="temperature is not supported") as caught,
    ):
        ask(at(served), QUESTION, Sampling(0.5))
    assert not caught.value.passing


@pytest.mark.parametrize("fault", FAULTS)
def test_every_passing_failure_is_followed_by_an_answer(fault):
    with endpoint([fault]) as served:
        failures = []
        found = ask_patiently(
            at(served, timeout=0.5),
            QUESTION,
            Sampling(),
            7,
            HASTY,
            threading.Event(),
            lambda error, wait: failures.append((str(error), wait)),
        )
    assert found.answer == "prose 7"
    assert served.faults == {fault: 1}
    assert served.early == 0
    ((sentence, _),) = failures
    assert sentence.startswith(f"{served.url}: m ")


@pytest.mark.parametrize(
    ("status", "for_good", "advice"),
    [
        ("401", True, "check the key"),
        ("403", True, "may do"),
        ("404", True, "name and the URL"),
        ("422", False, ""),
    ],
)
def test_a_refusal_is_not_tried_again(status, for_good, advice):
    with endpoint(always=status) as served:
        with pytest.raises(NoAnswer, match=f"refused with status {status}.*{advice}") as caught:
            ask_patiently(at(served), QUESTION, Sampling(), 7, HASTY, threading.Event())
        assert served.asked[7] == 1
    assert caught.value.for_good == for_good


def test_a_key_that_an_endpoint_repeats_is_not_passed_on():
    with endpoint(always="401") as served:
        here = at(served, api_key="sk-very-secret")
        assert "sk-very-secret" not in repr(here)
        with pytest.raises(NoAnswer) as caught:
            ask(here, QUESTION, Sampling())
        assert served.keys == {"Bearer sk-very-secret"}
    assert "it is broken (Bearer ***)" in str(caught.value)


def test_nobody_there_is_a_passing_failure():
    with endpoint() as served:
        pass
    with pytest.raises(NoAnswer) as caught:
        ask(at(served), QUESTION, Sampling())
    assert caught.value.passing


def test_a_hundred_hours_are_not_waited_for():
    patience = Patience(tries=3, longest_asked_wait=0.1)
    with endpoint(always="429") as served:  # it wants 0.3 s
        started = time.monotonic()
        with pytest.raises(NoAnswer):
            ask_patiently(at(served), QUESTION, Sampling(), 7, patience, threading.Event())
        assert time.monotonic() - started < 0.3


def test_waiting_ends_at_once_when_the_work_is_stopped():
    stopping = threading.Event()
    with endpoint(always="500") as served:
        patience = Patience(first_wait=600, longest_wait=600)
        threading.Timer(0.2, stopping.set).start()
        with pytest.raises(GivenUp):
            ask_patiently(at(served), QUESTION, Sampling(), 7, patience, stopping)


def test_waits_grow_are_drawn_at_random_and_never_undercut_what_is_asked_for():
    patience = Patience(first_wait=1, longest_wait=10)
    assert [patience.wait(tried, None, lambda: 1.0) for tried in (1, 2, 3, 4, 5)] == [2, 4, 8, 10, 10]
    assert patience.wait(3, None, lambda: 0.25) == 2
    assert patience.wait(1, 30, lambda: 0.0) == 30
    assert patience.wait(1, 30, lambda: 1.0) == 31


@pytest.mark.parametrize(
    ("served", "asked", "same"),
    [
        ("gpt-4o-2024-05-13", "gpt-4o", True),
        ("gpt-4o-mini", "gpt-4o", False),
        ("gpt-4o-mini-2024-07-18", "gpt-4o", False),
        ("gpt-4-0613", "gpt-4", True),
        ("gpt-4o", "gpt-4", False),
        ("Llama-3-8b-chat-hf", "meta-llama/Llama-3-8b-chat-hf", True),
        ("mistral:latest", "mistral", True),
        ("phi:2.7b-chat", "phi", False),
        ("claude-3-5-sonnet-20240620", "claude-3-5-sonnet-latest", False),
        ("x.Q5_K_M.gguf", "x.Q5_K_M", True),
        ("my-deployment", "gpt-4o", False),
    ],
)
def test_a_dated_release_is_the_same_model_and_a_smaller_sister_is_not(served, asked, same):
    assert same_model(served, asked) == same


def test_a_name_that_is_said_to_be_the_same_is_taken_for_it():
    with endpoint(always="wrong model") as served:
        with pytest.raises(NoAnswer, match="another-model answered in its place"):
            ask(at(served), QUESTION, Sampling())
        assert (
            ask(at(served, served_as="another-model"), QUESTION, Sampling()).served_model == "another-model"
        )
