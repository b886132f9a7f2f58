"""Test cases: one programming problem each, read from the leaderboard's `definition.toml`."""

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
    """Read one `definition.toml`.

    Raises:
        RequestError: the file is missing, is no TOML, lacks a key, has an unknown one, or a test case
            without unit tests or examples.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RequestError(f"{path}: there is no such file; a test case is a definition.toml") from None
    except OSError as error:
        raise RequestError(
            f"{path}: a definition.toml is a file that can be read: {error.strerror}"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"{path}: not valid TOML: {error}") from None
    table = content.get("code_generation")
    if not isinstance(table, dict):
        raise RequestError(f"{path}: the table [code_generation] is missing; add it around the keys")
    try:
        return TestCase(**table, folder=path.parent)
    except ValidationError as error:
        raise RequestError("\n".join(_one_problem(path, problem) for problem in error.errors())) from None


def _one_problem(path: Path, problem: Any) -> str:
    """Say in one line what pydantic found wrong with a definition."""
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        close = get_close_matches(key, TestCase.model_fields, n=1)
        hint = f"; did you mean {close[0]}?" if close else "; remove it"
        return f"{path}: unknown key {key}{hint}"
    if problem["type"] == "missing":
        return f"{path}: the key {key} is missing; add it to [code_generation]"
    if problem["type"] == "too_short":
        return f"{path}: {key} is empty; a test case needs at least one entry there to be judged"
    return f"{path}: {key}: {problem['msg'].lower()}"


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


def bundled_suite() -> Path:
    """The folder of the Julia suite that ships with Slingshot."""
    return Path(str(files("slingshot.suite"))) / "julia"
