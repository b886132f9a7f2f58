"""Test cases: one programming problem each, read from the leaderboard's `definition.toml`."""

import re
import tomllib
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from slingshot.errors import RequestError

CRITERIA = ["parsed", "executed", "passed_unit_tests", "executed_examples"]


class TestCase(BaseModel):
    """One programming problem, as the table `[code_generation]` of a `definition.toml` states it.

    `examples` must run without an exception; `unit_tests` must run without a failing `@test`. Each is
    a piece of code of its own that runs after the answer was loaded.
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
    variants: list[dict[str, Any]] = []
    folder: Path = Field(default=Path(), exclude=True)

    @property
    def category(self) -> str:
        """The name of the folder that holds the test case's folder, such as `strings`."""
        return self.folder.parent.name

    def solutions(self) -> dict[str, str]:
        """Other correct programs that ship with the test case: file stem to Julia code, sorted by name."""
        return {
            path.stem: path.read_text(encoding="utf-8")
            for path in sorted((self.folder / "solutions").glob("*.jl"))
        }


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
        # A definition has no say in where it lies: its own key `folder`, if any, is an unknown one.
        test_case = TestCase.model_validate({key: value for key, value in table.items() if key != "folder"})
        problems = []
    except ValidationError as error:
        problems = [_problem(path, text, problem) for problem in error.errors()]
    if "folder" in table:
        problems.append(_problem(path, text, {"type": "extra_forbidden", "loc": ("folder",)}))
    if problems:
        raise RequestError("\n".join(problems))
    return test_case.model_copy(update={"folder": path.parent})


def _syntax_problem(path: Path, text: str, reason: str) -> str:
    """What the TOML reader found wrong, with the line that it names; at the end of the file, the last one."""
    what, _, where = reason.rpartition(" (at ")
    named = re.match(r"line (\d+), column (\d+)", where)
    line, column = (named[1], f" at column {named[2]}") if named else (len(text.splitlines()), "")
    return f"{path}:{line}: not valid TOML: {what[0].lower()}{what[1:]}{column}; correct this line"


def _problem(path: Path, text: str, problem: Any) -> str:
    """Say in one line what pydantic found wrong with a definition."""
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "missing":
        return f"{path}:{_line_of(text)}: the key {key} is missing; add it to [code_generation]"
    place = f"{path}:{_line_of(text, str(problem['loc'][0]))}"
    if problem["type"] == "extra_forbidden":
        close = get_close_matches(key, TestCase.model_fields.keys() - {"folder"}, n=1)
        return f"{place}: unknown key {key}{f'; did you mean {close[0]}?' if close else '; remove it'}"
    if problem["type"] in ("too_short", "string_too_short"):
        return f"{place}: {key} is empty; a test case needs at least one entry there to be judged"
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


def _is_toml(lines: list[str]) -> bool:
    """Whether these lines are TOML by themselves."""
    try:
        tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError:
        return False
    return True


def load_suite(folder: Path) -> list[TestCase]:
    """Read all test cases below `folder`, sorted by name.

    Raises:
        RequestError: there are none, two have the same name, or one cannot be read.
    """
    paths = sorted(folder.rglob("definition.toml"))
    if not paths:
        raise RequestError(f"{folder}: no definition.toml below this folder; a suite is a tree of test cases")
    by_name: dict[str, TestCase] = {}
    for path in paths:
        test_case = load_test_case(path)
        if earlier := by_name.get(test_case.name):
            raise RequestError(
                f"{path}: the name {test_case.name} is taken by {earlier.folder / 'definition.toml'}; rename one"
            )
        by_name[test_case.name] = test_case
    return [by_name[name] for name in sorted(by_name)]


def as_answer(program: str) -> str:
    """A program as a model would answer with it: one fenced Julia block, whatever fences the program holds."""
    longest = max(map(len, re.findall(r"`+", program)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}julia\n{program.strip()}\n{fence}"


def bundled_suite() -> Path:
    """The folder of the Julia suite that ships with Slingshot."""
    return Path(str(files("slingshot.suite"))) / "julia"
