"""Ollama's Modelfile: its template puts the very text around messages that the model was trained with."""

from pathlib import Path

import jinja2
import pytest
from go_template import read_modelfile, render_in_go
from hypothesis import given, settings
from hypothesis import strategies as st

from slingshot.publish.ollama import go_template, modelfile
from slingshot.publish.turns import find_turns
from slingshot.training.rows import templates
from slingshot.training.rows.templates import BUILT_IN

OWN_WORDS = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "<|im_start|>system\nBe SmolLM.<|im_end|>\n{% endif %}"
    "<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TALKS = {
    "a question": ["user"],
    "a question under instructions": ["system", "user"],
    "a second question": ["user", "assistant", "user"],
    "a third question under instructions": ["system", "user", "assistant", "user", "assistant", "user"],
}


def renderer(jinja, **marks):
    """A chat template as transformers renders it."""

    def refuse(message):
        raise jinja2.TemplateError(message)

    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(
        jinja, {"raise_exception": refuse, "bos_token": "", "eos_token": "</s>"} | marks
    )

    def render(messages, opened):
        try:
            return template.render(messages=messages, add_generation_prompt=opened)
        except jinja2.TemplateError:
            return None

    return render


def built_in(name):
    return (Path(templates.__file__).parent / "chat_templates" / f"{name}.jinja").read_text()


def talk(roles):
    return [{"role": role, "content": f'{role} {number}:\n  f(x) = "x"'} for number, role in enumerate(roles)]


KNOWN = {name: built_in(name) for name in BUILT_IN} | {"a default of its own": OWN_WORDS}


@pytest.mark.parametrize("roles", TALKS.values(), ids=TALKS)
@pytest.mark.parametrize("name", KNOWN)
def test_ollama_asks_what_the_model_was_trained_on(name, roles):
    render = renderer(KNOWN[name])
    turns = find_turns(render)
    if name == "gemma" and roles[0] == "system":
        assert "system" not in turns.around
        return
    file = dict(read_modelfile(modelfile("small.Q8_0.gguf", turns, {})))
    assert render_in_go(file["TEMPLATE"], talk(roles)) == render(talk(roles), True)


def test_the_mark_that_ends_an_answer_stops_it_and_answers_are_drawn_as_measured():
    text = modelfile(
        "small.Q8_0.gguf", find_turns(renderer(KNOWN["chatml"])), {"temperature": 0.5, "top_p": 0.95}
    )
    commands = read_modelfile(text)
    assert commands[0] == ("FROM", "./small.Q8_0.gguf")
    assert commands[2:] == [
        ("stop", "<|im_end|>"),
        ("temperature", "0.5"),
        ("top_p", "0.95"),
        ("top_k", "0"),
        ("min_p", "0.0"),
        ("repeat_penalty", "1.0"),
    ]


def test_a_template_without_a_place_for_instructions_is_said_to_have_none():
    text = modelfile("small.Q8_0.gguf", find_turns(renderer(KNOWN["gemma"])), {})
    assert "no place for a system message" in text


@pytest.mark.parametrize(
    "jinja",
    [
        "{{ messages | length }}: {% for m in messages %}{{ m['content'] }};{% endfor %}",
        "{% for m in messages %}{{ m['content'] | upper }}\n{% endfor %}",
        "{% for m in messages %}{{ m['role'] }}{% endfor %}",
        "{{ raise_exception('no') }}",
        "{% for m in messages %}[{{ loop.index }}] {{ m['content'] }}\n{% endfor %}",
    ],
)
def test_a_template_of_another_kind_is_left_to_ollama_and_the_file_says_so(jinja):
    assert find_turns(renderer(jinja)) is None
    text = modelfile("small.Q8_0.gguf", None, {"temperature": 0.5})
    assert "TEMPLATE" not in dict(read_modelfile(text))
    assert "Ollama looks for one like it" in text


MARK = st.text("<|>[]/= \n'ab{", max_size=6)


@settings(max_examples=60, deadline=None)
@given(st.tuples(*[MARK] * 8), st.booleans())
def test_whatever_stands_around_messages_is_found_and_said_in_go(marks, told):
    """A template of this kind with any marks: what Ollama would render is what transformers does, or nothing is said."""
    default, opening, *around = marks
    pairs = dict(
        zip(("system", "user", "assistant"), zip(around[::2], around[1::2], strict=True), strict=True)
    )

    def render(messages, opened):
        text = "" if messages[0]["role"] == "system" else default
        for message in messages:
            before, after = pairs[message["role"]]
            text += before + message["content"] + after
        return text + (opening if opened else "")

    turns = find_turns(render)
    assert turns is not None
    template = go_template(turns)
    if template is None:
        assert any("{{" in mark or mark.endswith("{") for mark in marks)
        return
    roles = ["system", "user", "assistant", "user"] if told else ["user", "assistant", "user"]
    assert render_in_go(template, talk(roles)) == render(talk(roles), True)
