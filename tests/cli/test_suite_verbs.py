"""`slingshot suite`: list, validate and new."""

import json

from command import refused, slingshot

DEFINITION = """[code_generation]
name = "double"
prompt = "Write `double(x)`."
examples = ["double(1)"]
unit_tests = ["@test double(2) == 4", "@test double(3) == 6"]
reference_solution = "double(x) = {body}"
"""


def suite_with(folder, body="2x", **solutions):
    """A suite with the test case `double`, whose reference solution and other solutions have these bodies."""
    case = folder / "numbers" / "double"
    (case / "solutions").mkdir(parents=True)
    (case / "definition.toml").write_text(DEFINITION.format(body=body))
    for name, code in solutions.items():
        (case / "solutions" / f"{name}.jl").write_text(f"double(x) = {code}\n")
    return folder


def test_the_bundled_suite_is_listed_as_json():
    listed = json.loads(slingshot("suite", "list", "--format", "json").stdout)
    assert len(listed) == 16
    assert {"category", "name", "unit_tests", "examples", "solutions"} == set(listed[0])


def test_any_suite_is_listed_by_argument_or_option(tmp_path):
    folder = suite_with(tmp_path, sum="x + x")
    row = {"category": "numbers", "name": "double", "unit_tests": 2, "examples": 1, "solutions": 1}
    assert json.loads(slingshot("suite", "list", folder, "--format", "json").stdout) == [row]
    assert json.loads(slingshot("suite", "list", "--suite", folder, "--format", "json").stdout) == [row]
    refused(slingshot("suite", "list", folder, "--suite", folder), 2, "both name a suite; name one")


def test_a_test_case_without_tests_is_refused_with_file_and_line(tmp_path):
    path = suite_with(tmp_path) / "numbers" / "double" / "definition.toml"
    path.write_text(path.read_text().replace('["@test double(2) == 4", "@test double(3) == 6"]', "[]"))
    done = slingshot("suite", "validate", tmp_path)
    refused(done, 2, f"{path}:5: unit_tests is empty; a test case needs at least one")


def test_a_suite_whose_programs_all_score_100_is_valid(tmp_path):
    done = slingshot("suite", "validate", suite_with(tmp_path, sum="x + x"))
    assert done.returncode == 0, done.stderr
    assert "Judged 2 programs of 1 test case: all score 100." in done.stderr


def test_a_wrong_program_is_named_with_the_item_that_fails_its_code_and_the_message(tmp_path):
    folder = suite_with(tmp_path, right="x + x", wrong="4")
    done = slingshot("suite", "validate", folder)
    refused(done, 1, "of 3 programs of 1 test case, 1 did not score 100")
    path = folder / "numbers" / "double" / "definition.toml"
    first, second = done.stdout.splitlines()
    assert first.startswith(f"{path}: solutions/wrong.jl: ")
    assert second == "  unit test 2: @test double(3) == 6"

    done = slingshot("suite", "validate", folder, "--format", "json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["valid"], found["test_cases"], found["programs"]) == (1, False, 1, 3)
    (problem,) = found["problems"]
    assert (problem["test_case"], problem["program"]) == ("double", "solutions/wrong.jl")
    assert (problem["item"], problem["code"]) == ("unit test 2", "@test double(3) == 6")
    assert (problem["failure"], problem["path"]) == ("tests_failed", str(path))


def test_a_new_test_case_is_valid_as_it_stands_and_never_overwritten(tmp_path):
    folder = tmp_path / "mine" / "numbers" / "sum_positive"
    done = slingshot("suite", "new", folder)
    assert f"Next: slingshot suite validate {folder}" in done.stderr
    assert slingshot("suite", "validate", tmp_path / "mine").returncode == 0
    (listed,) = json.loads(slingshot("suite", "list", tmp_path / "mine", "--format", "json").stdout)
    assert (listed["category"], listed["name"]) == ("numbers", "sum_positive")
    written = (folder / "definition.toml").read_text()
    refused(slingshot("suite", "new", folder), 2, "there is a test case already")
    assert (folder / "definition.toml").read_text() == written
    refused(slingshot("suite", "new", tmp_path / "2fast"), 2, "cannot be the name of a Julia function")
