"""Prompt templates: how a problem is put to a model. A template's label is recorded with every answer."""

import re
from dataclasses import dataclass

from slingshot.errors import RequestError, suggest
from slingshot.suite.test_case import TestCase


@dataclass(frozen=True)
class PromptTemplate:
    """A system and a user message with `{{placeholder}}` marks, and the label that names the pair."""

    label: str
    system: str
    user: str


PROMPT_TEMPLATES = {
    template.label: template
    for template in [
        # `InJulia` and `AsIs` are the leaderboard's, message for message, so that their recordings compare.
        PromptTemplate("InJulia", "Act as a helpful AI assistant", "In Julia, {{ask}}"),
        PromptTemplate("AsIs", "Act as a helpful AI assistant", "{{ask}}"),
        PromptTemplate("JuliaCodeOnly", "You program in Julia. Answer with one Julia code block.", "{{ask}}"),
    ]
}


def prompt_template(label: str) -> PromptTemplate:
    """The template of a prompt label.

    Raises:
        RequestError: there is none of that label.
    """
    if label not in PROMPT_TEMPLATES:
        raise RequestError(f"{label} is no prompt label{suggest(label, PROMPT_TEMPLATES)}")
    return PROMPT_TEMPLATES[label]


def render_prompt(template: PromptTemplate, test_case: TestCase) -> list[dict[str, str]]:
    """The messages to send for a test case: `[{"role": "system", …}, {"role": "user", …}]`.

    Raises:
        RequestError: the template has a placeholder that nothing fills.
    """
    values = {"ask": test_case.prompt}
    messages = []
    for role, text in (("system", template.system), ("user", template.user)):
        unfilled = set(re.findall(r"\{\{(\w+)\}\}", text)) - set(values)
        if unfilled:
            names = ", ".join(f"{{{{{name}}}}}" for name in sorted(unfilled))
            raise RequestError(f"prompt template {template.label}: nothing fills {names}; remove it")
        for name, value in values.items():
            text = text.replace(f"{{{{{name}}}}}", value)
        messages.append({"role": role, "content": text})
    return messages
