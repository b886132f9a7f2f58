"""How a problem is put to a model."""

import json

import pytest

from slingshot.errors import RequestError
from slingshot.suite import PROMPT_TEMPLATES, PromptTemplate, load_test_case, render_prompt


def test_a_prompt_is_a_system_and_a_user_message(named):
    messages = render_prompt(PROMPT_TEMPLATES["InJulia"], named("mask_code"))
    assert [message["role"] for message in messages] == ["system", "user"]
    assert messages[1]["content"] == f"In Julia, {named('mask_code').prompt}"


@pytest.mark.parametrize("label", sorted(PROMPT_TEMPLATES))
def test_every_template_is_filled_and_found_under_its_own_label(label, suite):
    template = PROMPT_TEMPLATES[label]
    assert template.label == label
    for test_case in suite:
        text = "".join(message["content"] for message in render_prompt(template, test_case))
        assert test_case.prompt in text
        assert "{{" not in text


def test_a_placeholder_that_nothing_fills_is_an_error(named):
    template = PromptTemplate("Mine", "{{persona}}", "{{ask}} in {{language}}")
    with pytest.raises(RequestError, match=r"template Mine: nothing fills \{\{persona\}\}; remove it"):
        render_prompt(template, named("mask_code"))


def test_braces_in_a_problem_are_left_alone(named):
    test_case = named("mask_code").model_copy(update={"prompt": "Replace {{name}} and {{ask}} by ${x}."})
    messages = render_prompt(PROMPT_TEMPLATES["AsIs"], test_case)
    assert messages[1]["content"] == "Replace {{name}} and {{ask}} by ${x}."


@pytest.mark.parametrize("label", ["InJulia", "AsIs"])
def test_the_leaderboards_templates_give_the_leaderboards_messages(leaderboard, label):
    role = {"systemmessage": "system", "usermessage": "user"}
    for name in ("event_scheduler", "ispersonal"):
        folder = leaderboard / "utility_functions" / name
        recorded = sorted(folder.glob(f"gpt-4-1106-preview/conversation__{label}__*.json"))
        assert recorded
        sent = [
            {"role": role[message["_type"]], "content": message["content"]}
            for message in json.loads(recorded[-1].read_text())
            if message["_type"] in role
        ]
        assert render_prompt(PROMPT_TEMPLATES[label], load_test_case(folder / "definition.toml")) == sent
