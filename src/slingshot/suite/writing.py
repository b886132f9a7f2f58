"""Test cases as text: a `definition.toml` that reads back as the test case it was written from."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slingshot.suite.test_case import TestCase
from slingshot.suite.variants import Variant

# What a literal TOML string of several lines cannot hold, or would lose: its own end, and control characters.
_NOT_LITERAL = re.compile(r"'''|'\Z|[\x00-\x08\x0b-\x1f\x7f]")
_SHORT_KEYS = ("name", "kind", "contributor", "version")
_OPTIONAL = ("examples_setup", "examples_teardown", "unit_tests_setup", "unit_tests_teardown")


def definition_toml(test_case: TestCase) -> str:
    """The text of a `definition.toml`; `load_test_case` makes the same test case of it.

    Texts are literal strings, as a person would write them, where TOML can; others are escaped.
    """
    keys = ("name", "contributor", "version", "criteria", "imports", "prompt", "examples", "unit_tests")
    content = {key: getattr(test_case, key) for key in keys}
    content |= {key: text for key in _OPTIONAL if (text := getattr(test_case, key))}
    content["reference_solution"] = test_case.reference_solution
    lines = ["[code_generation]", *_entries(content)]
    for variant in test_case.variants:
        lines += ["", "[[code_generation.variants]]", *_entries(_stated(variant))]
    return "\n".join(lines) + "\n"


def _stated(variant: Variant) -> dict[str, Any]:
    """A variant's keys, without those that it leaves to the plain form."""
    keys = ("name", "kind", "imports", "prompt", "examples", "unit_tests", "reference_solution")
    values = {key: getattr(variant, key) for key in keys}
    return {key: value for key, value in values.items() if value or (key == "imports" and value is not None)}


def _entries(content: Mapping[str, Any]) -> Iterator[str]:
    for key, value in content.items():
        if isinstance(value, str):
            yield f"{key} = {_basic(value) if key in _SHORT_KEYS else _text(value)}"
        elif key in ("criteria", "imports"):
            yield f"{key} = [{', '.join(map(_basic, value))}]"
        else:
            yield f"{key} = {_list(value)}"


def _list(texts: Sequence[str]) -> str:
    return "[\n" + "".join(f"    {_text(text)},\n" for text in texts) + "]"


def _text(text: str) -> str:
    if _NOT_LITERAL.search(text):
        return _basic(text)
    # TOML drops a line break right after the opening quotes, and only that one.
    return f"'''\n{text}'''" if "\n" in text else f"'''{text}'''"


def _basic(text: str) -> str:
    """A string between double quotes: JSON's escapes are TOML's, but for one character that TOML escapes too."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
