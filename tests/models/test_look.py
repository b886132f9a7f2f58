"""A look at a server: is it there, and which model does it serve?"""

import pytest

from faulty_endpoint import endpoint
from slingshot.models import Endpoint
from slingshot.models.ask import NoAnswer
from slingshot.models.look import Sight, difference, look, look_at_all
from slingshot.models.server import free_port


def seen(served, model="m", **more):
    return look(Endpoint(served.url, model, **more), 5)


@pytest.mark.parametrize(
    ("listed", "asked", "name"),
    [
        (["m"], "m", "m"),
        (["base", "m"], "m", "m"),
        (["m-2024-05-13", "m"], "m", "m"),
        (["org/M.gguf", "other"], "m", "org/M.gguf"),
        (["other"], "m", "other"),
        (["one", "two"], "m", None),
        ([], "m", None),
    ],
)
def test_it_sees_the_model_that_answers_to_the_name(listed, asked, name):
    with endpoint(models=listed) as served:
        assert seen(served, asked).name == name


def test_what_served_as_names_is_the_same_model():
    with endpoint(models=["mistral-large"]) as one, endpoint(models=["m"]) as other:
        assert not difference(seen(one, served_as="mistral-large"), seen(other))


def test_nobody_there_is_said_in_one_sentence_without_a_password():
    port = free_port()
    with pytest.raises(NoAnswer) as failure:
        look(Endpoint(f"http://me:secret@127.0.0.1:{port}/v1", "m"), 5)
    said = str(failure.value)
    assert said.startswith(f"http://127.0.0.1:{port}/v1: m did not answer: the connection failed (")
    assert "secret" not in said


def test_all_are_looked_at_and_each_has_its_place():
    with endpoint(models=["m"]) as served:
        one, nobody = look_at_all(
            [Endpoint(served.url, "m"), Endpoint(f"http://127.0.0.1:{free_port()}/v1", "m")], 5
        )
    assert isinstance(one, Sight) and one.name == "m"
    assert isinstance(nobody, NoAnswer)


FIRST = Sight(Endpoint("http://h:1/v1", "m"), "m", {"n_params": 100, "size": 400})


@pytest.mark.parametrize(
    ("name", "facts", "words"),
    [
        ("m", {"n_params": 100, "size": 400}, ""),
        ("m.gguf", {}, ""),
        (None, {}, ""),
        ("n", {}, "h:2 serves n, h:1 serves m"),
        ("m", {"n_params": 100, "size": 200}, "h:2 serves m with 200 bytes, h:1 serves m with 400 bytes"),
        ("m", {"n_params": 101}, "h:2 serves m with 101 parameters, h:1 serves m with 100 parameters"),
    ],
)
def test_unlike_models_are_told_apart_by_name_and_by_what_else_is_known(name, facts, words):
    said = difference(FIRST, Sight(Endpoint("http://h:2/v1", "m"), name, facts))
    assert said.startswith(f"m: {words}") if words else said == ""
