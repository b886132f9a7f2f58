"""Prompt templates: how a problem is put to a model. A template's label is recorded with every answer.

Templates hold marks such as `{{ask}}`. In a prompt template these are filled:

- `{{ask}}` and `{{task}}`: the test case's prompt
- `{{data}}`: its first example
- `{{instructions}}`: `None.`, for there are no others

In a fix template, which gives a model back what became of its code, it is `{{feedback}}` alone. All marks are
filled at once, so that what a text brings along is never filled again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from slingshot.errors import RequestError, suggest
from slingshot.suite.test_case import TestCase

# The system message of templates that have none: the leaderboard's, and that of the library it asks with.
DEFAULT_SYSTEM = "Act as a helpful AI assistant"

# One with blanks inside is no mark of ours; but it was meant as one, and must not reach a model.
_MARK = re.compile(r"\{\{\s*\w+\s*\}\}")


@dataclass(frozen=True)
class PromptTemplate:
    """A system and a user message with `{{placeholder}}` marks, and the label that names the pair."""

    label: str
    system: str
    user: str


@dataclass(frozen=True)
class FixTemplate:
    """The user messages that ask a model to correct its code, with the mark `{{feedback}}`, and their label.

    `first` is for the first round, `later` for those after it.
    """

    label: str
    first: str
    later: str


_Template = TypeVar("_Template", PromptTemplate, FixTemplate)

PROMPT_TEMPLATES = {
    template.label: template
    for template in [
        # `InJulia` and `AsIs` are the leaderboard's, message for message, so that their recordings compare.
        PromptTemplate("InJulia", DEFAULT_SYSTEM, "In Julia, {{ask}}"),
        PromptTemplate("AsIs", DEFAULT_SYSTEM, "{{ask}}"),
        PromptTemplate("JuliaCodeOnly", "You program in Julia. Answer with one Julia code block.", "{{ask}}"),
        PromptTemplate(
            "JuliaPlanFirst",
            "You program in Julia. First plan in a few short sentences: which cases can occur, and what is to"
            " happen in each. Then write the whole program in one Julia code block.",
            "{{ask}}",
        ),
        PromptTemplate(
            "JuliaWithExample",
            "You program in Julia. Answer with one Julia code block that defines what is asked for and does"
            " nothing else.",
            "{{ask}}\n\nOnce your code is loaded, this must run:\n\n{{data}}",
        ),
    ]
}

_CORRECT = """This is what became of your code:

```text
{{feedback}}
```

Say in one sentence what caused it. Then write the corrected program, all of it and not only what changed, in one \
Julia code block."""

BUILT_IN_FIX_TEMPLATES = {"JuliaFixer": FixTemplate("JuliaFixer", _CORRECT, _CORRECT)}


def prompt_template(label: str) -> PromptTemplate:
    """The built-in template of a prompt label.

    Raises:
        RequestError: there is none of that label.
    """
    return find_template(label, {})


def find_template(label: str, extra: Mapping[str, PromptTemplate]) -> PromptTemplate:
    """The template of a prompt label, built in or one of `extra`, see `load_templates`.

    Raises:
        RequestError: there is none of that label, or two that differ.
    """
    return _found(label, PROMPT_TEMPLATES, extra, "prompt label")


def find_fix_template(label: str, extra: Mapping[str, FixTemplate]) -> FixTemplate:
    """The fix template of a label, built in or one of `extra`, see `load_fix_templates`.

    Raises:
        RequestError: there is none of that label, or two that differ.
    """
    return _found(label, BUILT_IN_FIX_TEMPLATES, extra, "fix template")


def render_prompt(template: PromptTemplate, test_case: TestCase) -> list[dict[str, str]]:
    """The messages to send for a test case: `[{"role": "system", …}, {"role": "user", …}]`.

    Raises:
        RequestError: the template has a placeholder that nothing fills, or none for the test case's prompt.
    """
    values = {
        "ask": test_case.prompt,
        "task": test_case.prompt,
        "data": test_case.examples[0],
        "instructions": "None.",
    }
    texts = {"system": template.system, "user": template.user}
    filled = _filled(texts.values(), values, f"prompt template {template.label}")
    if not any(mark in text for mark in ("{{ask}}", "{{task}}") for text in texts.values()):
        raise RequestError(
            f"prompt template {template.label}: the problem is nowhere in it; write {{{{ask}}}} where it belongs"
        )
    return [{"role": role, "content": text} for role, text in zip(texts, filled, strict=True)]


def render_fix(template: FixTemplate, round_number: int, feedback: str) -> str:
    """The user message that asks for a correction; rounds count from 1.

    Raises:
        RequestError: the template has a placeholder that nothing fills.
    """
    text = template.first if round_number == 1 else template.later
    return _filled([text], {"feedback": feedback}, f"fix template {template.label}")[0]


def _found(
    label: str, built_in: Mapping[str, _Template], extra: Mapping[str, _Template], kind: str
) -> _Template:
    found = [templates[label] for templates in (built_in, extra) if label in templates]
    if not found:
        raise RequestError(f"{label} is no {kind}{suggest(label, {*built_in, *extra})}")
    if found[0] != found[-1]:  # answers to either would be recorded under one label
        raise RequestError(
            f"{label}: a built-in template has this label and says something else; rename {label}.json"
        )
    return found[0]


def _filled(texts: Iterable[str], values: Mapping[str, str], template: str) -> list[str]:
    """The texts with every mark replaced, each mark once."""
    by_mark = {f"{{{{{name}}}}}": value for name, value in values.items()}
    texts = list(texts)
    if unfilled := {mark for text in texts for mark in _MARK.findall(text)} - by_mark.keys():
        raise RequestError(
            f"{template}: nothing fills {', '.join(sorted(unfilled))}; remove it or use {' or '.join(by_mark)}"
        )
    return [_MARK.sub(lambda mark: by_mark[mark[0]], text) for text in texts]
