"""How a problem is put to a model, and how its failed code is put back to it."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slingshot.errors import RequestError
from slingshot.suite import (
    BUILT_IN_FIX_TEMPLATES,
    PROMPT_TEMPLATES,
    FixTemplate,
    PromptTemplate,
    TestCase,
    find_fix_template,
    find_template,
    load_test_case,
    prompt_template,
    render_fix,
    render_prompt,
)

MINE = PromptTemplate("Mine", "Be brief.", "Julia: {{ask}}")


def asking(prompt, example="f(1)"):
    """A test case with this prompt and this first example."""
    return TestCase(
        name="f",
        prompt=prompt,
        examples=[example, "f(2)"],
        unit_tests=["@test true"],
        reference_solution="",
    )


def test_a_prompt_is_a_system_and_a_user_message(named):
    messages = render_prompt(PROMPT_TEMPLATES["InJulia"], named("mask_code"))
    assert [message["role"] for message in messages] == ["system", "user"]
    assert messages[1]["content"] == f"In Julia, {named('mask_code').prompt}"


@pytest.mark.parametrize("label", sorted(PROMPT_TEMPLATES))
def test_every_template_is_filled_and_found_under_its_own_label(label, suite):
    template = PROMPT_TEMPLATES[label]
    assert (template.label, prompt_template(label)) == (label, template)
    for test_case in suite:
        text = "".join(message["content"] for message in render_prompt(template, test_case))
        assert test_case.prompt in text
        assert "{{" not in text.replace(test_case.prompt, "").replace(test_case.examples[0], "")


def test_the_template_with_an_example_shows_the_first(named):
    _, user = render_prompt(PROMPT_TEMPLATES["JuliaWithExample"], named("mask_code"))
    first, *others = named("mask_code").examples
    assert first in user["content"]
    assert not any(other in user["content"] for other in others)


def test_the_placeholders_are_the_prompt_the_first_example_and_no_instructions():
    template = PromptTemplate("Mine", "{{task}}", "{{ask}} | {{data}} | {{instructions}} | {{ask}}")
    system, user = render_prompt(template, asking("Write f.", "f(1)"))
    assert system["content"] == "Write f."
    assert user["content"] == "Write f. | f(1) | None. | Write f."


def test_a_placeholder_that_nothing_fills_is_an_error(named):
    template = PromptTemplate("Mine", "{{persona}}", "{{ask}} in {{language}}")
    with pytest.raises(RequestError) as caught:
        render_prompt(template, named("mask_code"))
    assert str(caught.value) == (
        "prompt template Mine: nothing fills {{language}}, {{persona}}; remove it or use {{ask}} or {{task}} or"
        " {{data}} or {{instructions}}"
    )


def test_a_placeholder_with_blanks_inside_does_not_reach_a_model(named):
    with pytest.raises(RequestError, match=r"template Mine: nothing fills \{\{ ask \}\}; remove it"):
        render_prompt(PromptTemplate("Mine", "", "{{ ask }}"), named("mask_code"))


def test_a_template_that_does_not_put_the_problem_is_an_error(named):
    with pytest.raises(RequestError) as caught:
        render_prompt(PromptTemplate("Mine", "Write Julia.", "{{data}}"), named("mask_code"))
    assert str(caught.value) == (
        "prompt template Mine: the problem is nowhere in it; write {{ask}} where it belongs"
    )


def test_braces_in_a_problem_are_left_alone():
    test_case = asking("Replace {{name}} and {{ask}} by ${x}, {{data}}.", "f({{task}})")
    messages = render_prompt(PromptTemplate("Mine", "", "{{task}}: {{data}}"), test_case)
    assert messages[1]["content"] == "Replace {{name}} and {{ask}} by ${x}, {{data}}.: f({{task}})"


TEXTS = st.lists(
    st.text()
    | st.sampled_from(["{{ask}}", "{{data}}", "{{task}}", "{{x}}", "{", "}}", "\\1", "\\g<0>", "$x"])
).map("".join)


@given(prompt=TEXTS.filter(bool), example=TEXTS)
def test_whatever_a_test_case_holds_arrives_verbatim(prompt, example):
    template = PromptTemplate("Mine", "a{{data}}b", "c{{ask}}d{{data}}e{{task}}f")
    system, user = render_prompt(template, asking(prompt, example))
    assert system["content"] == f"a{example}b"
    assert user["content"] == f"c{prompt}d{example}e{prompt}f"


@given(feedback=TEXTS)
def test_whatever_became_of_code_arrives_verbatim(feedback):
    assert render_fix(FixTemplate("F", "a{{feedback}}b", ""), 1, feedback) == f"a{feedback}b"


def test_an_unknown_label_comes_with_the_one_that_was_meant():
    with pytest.raises(RequestError, match="^InJulja is no prompt label; did you mean InJulia\\?$"):
        find_template("InJulja", {})
    with pytest.raises(RequestError, match="^Mime is no prompt label; did you mean Mine\\?$"):
        find_template("Mime", {"Mine": MINE})
    with pytest.raises(RequestError, match="^JuliaFix is no fix template; did you mean JuliaFixer\\?$"):
        find_fix_template("JuliaFix", {})


def test_a_loaded_template_is_found_beside_the_built_in_ones():
    assert find_template("Mine", {"Mine": MINE}) is MINE
    assert find_template("AsIs", {"Mine": MINE}) == PROMPT_TEMPLATES["AsIs"]


def test_one_label_means_one_wording():
    same = replace(PROMPT_TEMPLATES["InJulia"])
    assert find_template("InJulia", {"InJulia": same}) == same
    other = replace(same, system="Hurry.")
    with pytest.raises(RequestError) as caught:
        find_template("InJulia", {"InJulia": other})
    assert str(caught.value) == (
        "InJulia: a built-in template has this label and says something else; rename InJulia.json"
    )
    fixer = FixTemplate("JuliaFixer", "{{feedback}}", "{{feedback}}")
    with pytest.raises(RequestError, match="rename JuliaFixer.json"):
        find_fix_template("JuliaFixer", {"JuliaFixer": fixer})


def test_the_first_round_has_a_message_of_its_own():
    template = FixTemplate("Mine", "It said {{feedback}}", "Now it said {{feedback}}")
    said = [render_fix(template, number, "no") for number in (1, 2, 3)]
    assert said == ["It said no", "Now it said no", "Now it said no"]


@pytest.mark.parametrize("label", sorted(BUILT_IN_FIX_TEMPLATES))
def test_every_fix_template_gives_back_the_feedback_in_every_round(label):
    template = find_fix_template(label, {})
    assert template.label == label
    for number in (1, 2):
        said = render_fix(template, number, "MethodError: no {{method}}")
        assert "\nMethodError: no {{method}}\n" in said
        assert "{{feedback}}" not in said


def test_a_fix_template_knows_no_placeholder_but_feedback():
    with pytest.raises(RequestError) as caught:
        render_fix(FixTemplate("Mine", "{{ask}} {{feedback}}", ""), 1, "no")
    assert str(caught.value) == "fix template Mine: nothing fills {{ask}}; remove it or use {{feedback}}"


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
