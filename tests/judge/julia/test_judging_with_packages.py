"""Answers that use packages: loaded once by the server, and missing ones never held against an answer."""

from dataclasses import replace

import pytest

from slingshot.judge import Submission, judge_many
from slingshot.judge.julia.packages import default_project, develop_package
from slingshot.suite import TestCase

ANSWERS = {
    "uses it": ('using Greeter\nwelcome(name) = greet(name) * "!"', 100),
    "has it from the test case": ('welcome(name) = greet(name) * "!"', 100),
    "gets it wrong": ("welcome(name) = greet(name)", 75),
}


@pytest.fixture
def greeting() -> TestCase:
    """A test case that imports a package."""
    return TestCase(
        name="welcome",
        prompt="Write `welcome(name)` with Greeter.jl.",
        imports=["Greeter"],
        examples=['welcome("Ada")'],
        unit_tests=['@test welcome("Ada") == "Hello Ada!"', '@test welcome("") == "Hello !"'],
        reference_solution='welcome(name) = greet(name) * "!"',
    )


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def found(by, test_case, way):
    work = [Submission(f"```julia\n{code}\n```", test_case) for code, _ in ANSWERS.values()]
    verdicts = dict(judge_many(work, replace(by, way=way), jobs=1))
    return [verdicts[index] for index in range(len(work))]


@pytest.mark.parametrize("way", ["tiered", "cold"])
def test_a_package_of_the_project_is_there_for_answers_and_unit_tests(way, by, cache, greeting, tmp_path):
    folder = tmp_path / "Greeter"
    (folder / "src").mkdir(parents=True)
    (folder / "Project.toml").write_text(
        'name = "Greeter"\nuuid = "3f5a7f52-7d3e-4d0c-9f8e-2a1b6c0d9e11"\nversion = "0.1.0"\n'
    )
    (folder / "src" / "Greeter.jl").write_text(
        'module Greeter\nexport greet\ngreet(name) = "Hello $name"\nend\n'
    )
    develop_package(by.julia, default_project(by.julia), folder)
    evaluations = found(by, greeting, way)
    assert [evaluation.score for evaluation in evaluations] == [score for _, score in ANSWERS.values()]
    assert "Greeter" in replace(by, way=way).description["packages"]


@pytest.mark.parametrize("way", ["tiered", "cold"])
def test_without_it_nothing_is_known(way, by, cache, greeting):
    for evaluation in found(by, greeting, way):
        assert (evaluation.failure, evaluation.score) == ("unavailable", None)
        assert "Greeter" in evaluation.detail
