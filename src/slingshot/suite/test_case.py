"""Test cases: one programming problem each, read from the leaderboard's `definition.toml`."""

import re
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from slingshot.errors import RequestError
from slingshot.suite.categories import Difficulty, load_category
from slingshot.suite.variants import Variant, VariantKind

BUNDLED = ("julia", "bundled")
"""Names of the suite that ships with Slingshot, where a folder could be named."""
CRITERIA = ["parsed", "executed", "passed_unit_tests", "executed_examples"]


class TestCase(BaseModel):
    """One programming problem, as the table `[code_generation]` of a `definition.toml` states it.

    `examples` must run without an exception; `unit_tests` must run without a failing `@test`. Each is
    a piece of code of its own that runs after the answer was loaded.

    What stands below `variants` is not in the file: where the test case lies; what its category's
    `category.toml` says of it; and, if it is a variant itself, the name of its plain form and how it differs.
    """

    __test__ = False  # a name that pytest would otherwise collect
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    prompt: str = Field(min_length=1)
    examples: list[str] = Field(min_length=1)
    unit_tests: list[str] = Field(min_length=1)
    reference_solution: str
    imports: list[str] = []
    criteria: list[str] = CRITERIA
    contributor: str = ""
    version: str = "1.0"
    examples_setup: str = ""
    examples_teardown: str = ""
    unit_tests_setup: str = ""
    unit_tests_teardown: str = ""
    variants: list[Variant] = []
    folder: Path = Field(default=Path(), exclude=True)
    difficulty: Difficulty | None = Field(default=None, exclude=True)
    held_out: bool = Field(default=False, exclude=True)
    variant_of: str = Field(default="", exclude=True)
    variant_kind: VariantKind | None = Field(default=None, exclude=True)

    @property
    def category(self) -> str:
        """The name of the folder that holds the test case's folder, such as `strings`."""
        return self.folder.parent.name

    @property
    def asked_for(self) -> str:
        """The name that an answer must define: the test case's own, of a variant the plain form's or the new one."""
        if not self.variant_of:
            return self.name
        if self.variant_kind != "renamed":
            return self.variant_of
        is_type = self.variant_of[0].isupper()
        shown = (name for name in re.findall(r"`(\w+!?)", self.prompt) if name[0].isupper() == is_type)
        defined = (
            name for name in shown if re.search(rf"\b{re.escape(name)}(?!\w)", self.reference_solution)
        )
        return next(defined, self.name)

    @property
    def checks(self) -> tuple[str, ...]:
        """All that an answer is judged by: test cases that have it in common give it the same verdict."""
        setups = (
            self.examples_setup,
            self.examples_teardown,
            self.unit_tests_setup,
            self.unit_tests_teardown,
        )
        own = (self.asked_for, self.reference_solution, *setups)
        return (*own, *self.imports, "", *self.examples, "", *self.unit_tests)

    def solutions(self) -> dict[str, str]:
        """Other correct programs that ship with the test case: file stem to Julia code, sorted by name."""
        return self._programs("solutions")

    def wrong_programs(self) -> dict[str, str]:
        """Plausible programs that the unit tests must find wrong: file stem to Julia code, sorted by name."""
        return self._programs("wrong")

    def _programs(self, kind: str) -> dict[str, str]:
        if self.variant_of:  # they lie in the plain form's folder and answer the plain form
            return {}
        return {
            path.stem: path.read_text(encoding="utf-8") for path in sorted((self.folder / kind).glob("*.jl"))
        }

    def variant_cases(self) -> list["TestCase"]:
        """The variants as test cases of their own; what one does not state is the plain form's."""
        return [
            self.model_copy(
                update={
                    **{key: value for key, value in variant if value and key != "kind"},
                    "variants": [],
                    "variant_of": self.name,
                    "variant_kind": variant.kind,
                }
            )
            for variant in self.variants
        ]


def load_test_case(path: Path) -> TestCase:
    """Read one `definition.toml`; all that is wrong with its keys is told at once, each with its line.

    Raises:
        RequestError: the file is missing, is no TOML, lacks a key, has an unknown one, or a test case
            without unit tests or examples.
    """
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except FileNotFoundError:
        raise RequestError(f"{path}: there is no such file; a test case is a definition.toml") from None
    except OSError as error:
        raise RequestError(
            f"{path}: a definition.toml is a file that can be read: {error.strerror}"
        ) from None
    except UnicodeDecodeError as error:
        raise RequestError(f"{path}: not valid TOML: {error}; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise RequestError(_syntax_problem(path, text, str(error))) from None
    table = content.get("code_generation")
    if not isinstance(table, dict):
        raise RequestError(f"{path}: the table [code_generation] is missing; add it above the keys")
    try:
        # A definition has no say in where it lies, and the like: such keys, if any, are unknown ones.
        test_case = TestCase.model_validate({key: table[key] for key in table if key not in _NOT_IN_THE_FILE})
        problems = []
    except ValidationError as error:
        problems = [_problem(path, text, problem) for problem in error.errors()]
    for key in _NOT_IN_THE_FILE & table.keys():
        problems.append(_problem(path, text, {"type": "extra_forbidden", "loc": (key,)}))
    if problems:
        raise RequestError("\n".join(problems))
    stated = {}
    if category := load_category(path.parent.parent):
        stated = {
            "difficulty": category.difficulty_of(test_case.name),
            "held_out": test_case.name in category.held_out,
        }
    return test_case.model_copy(update={"folder": path.parent, **stated})


_NOT_IN_THE_FILE = {name for name, field in TestCase.model_fields.items() if field.exclude}


def _syntax_problem(path: Path, text: str, reason: str) -> str:
    """What the TOML reader found wrong, with the line that it names; at the end of the file, the last one."""
    what, _, where = reason.rpartition(" (at ")
    named = re.match(r"line (\d+), column (\d+)", where)
    line, column = (named[1], f" at column {named[2]}") if named else (len(text.splitlines()), "")
    return f"{path}:{line}: not valid TOML: {what[0].lower()}{what[1:]}{column}; correct this line"


def _problem(path: Path, text: str, problem: Any) -> str:
    """Say in one line what pydantic found wrong with a definition."""
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "missing" and len(problem["loc"]) == 1:
        return f"{path}:{_line_of(text)}: the key {key} is missing; add it to [code_generation]"
    place = f"{path}:{_line_of(text, str(problem['loc'][0]))}"
    known = TestCase.model_fields.keys() - _NOT_IN_THE_FILE
    if problem["loc"][0] == "variants" and len(problem["loc"]) > 1:
        place = f"{path}:{_line_of_variant(text, int(problem['loc'][1]))}"
        known = set(Variant.model_fields)
        key = str(problem["loc"][-1]) if len(problem["loc"]) > 2 else "variants"
    if problem["type"] == "extra_forbidden":
        close = get_close_matches(key, known, n=1)
        return f"{place}: unknown key {key}{f'; did you mean {close[0]}?' if close else '; remove it'}"
    if problem["type"] in ("too_short", "string_too_short"):
        return f"{place}: {key} is empty; a test case needs at least one entry there to be judged"
    if problem["type"] == "missing":
        return f"{place}: the key {key} is missing in this variant; add it"
    if problem["type"] == "value_error":  # our own words, which begin with a name
        return f"{place}: {problem['ctx']['error']}"
    return f"{place}: {key}: {problem['msg'].lower()}; change it"


def _line_of(text: str, key: str | None = None) -> int:
    """The line, counted from 1, of a key of the table [code_generation]; without a key, of its heading.

    A line inside a text of several lines may look like a key: what stands before a true key is whole TOML.
    """
    wanted = r"\[\s*code_generation\s*\]" if key is None else rf"""["']?{re.escape(key)}["']?\s*[=.]"""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if re.match(rf"\s*{wanted}", line) and _is_toml(lines[: number - 1]):
            return number
    return 1 if key is None else _line_of(text)


def _line_of_variant(text: str, number: int) -> int:
    """The line of the heading of a variant, counted from 0 among the variants."""
    lines = text.split("\n")
    headings = [
        at
        for at, line in enumerate(lines, 1)
        if re.match(r"\s*\[\[\s*code_generation\s*\.\s*variants\s*\]\]", line) and _is_toml(lines[: at - 1])
    ]
    return headings[number] if number < len(headings) else _line_of(text, "variants")


def _is_toml(lines: list[str]) -> bool:
    """Whether these lines are TOML by themselves."""
    try:
        tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return False
    return True


def suite_folder(named: Path) -> Path:
    """The folder that is named, or that of the bundled suite if it is named by name and no such folder is here."""
    return bundled_suite() if str(named) in BUNDLED and not named.exists() else named


def load_suite(folder: Path) -> list[TestCase]:
    """Read all test cases below `folder`, sorted by name; `julia`, if there is no such folder, is the bundled suite.

    Raises:
        RequestError: there are none, two have the same name, or one cannot be read; a `category.toml` names
            none of its category's.
    """
    folder = suite_folder(folder)
    paths = sorted(folder.rglob("definition.toml"))
    if not paths:
        raise RequestError(f"{folder}: no definition.toml below this folder; a suite is a tree of test cases")
    by_name: dict[str, TestCase] = {}
    for path in paths:
        test_case = load_test_case(path)
        for form in [test_case, *test_case.variant_cases()]:
            if earlier := by_name.get(form.name):
                raise RequestError(
                    f"{path}: the name {form.name} is taken by {earlier.folder / 'definition.toml'}; rename one"
                )
            by_name[form.name] = form
    plain = [by_name[name] for name in sorted(by_name) if not by_name[name].variant_of]
    for place in sorted({test_case.folder.parent for test_case in plain}):
        if place.is_relative_to(folder) and (category := load_category(place)):
            category.check({test_case.name for test_case in plain if test_case.folder.parent == place}, place)
    return plain


def with_variants(suite: Sequence[TestCase]) -> list[TestCase]:
    """The test cases of a suite, each followed by its variants."""
    return [form for test_case in suite for form in (test_case, *test_case.variant_cases())]


def as_answer(program: str) -> str:
    """A program as a model would answer with it: one fenced Julia block, whatever fences the program holds."""
    longest = max(map(len, re.findall(r"`+", program)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}julia\n{program.strip()}\n{fence}"


def bundled_suite() -> Path:
    """The folder of the Julia suite that ships with Slingshot."""
    return Path(str(files("slingshot.suite"))) / "julia"
