"""`slingshot suite`: list, show and validate."""

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


KEYS = [
    "category",
    "title",
    "name",
    "difficulty",
    "split",
    "unit_tests",
    "examples",
    "solutions",
    "wrong",
    "variants",
]


def test_the_bundled_suite_is_listed_with_difficulty_split_and_what_each_test_case_has():
    listed = json.loads(slingshot("suite", "list", "--format", "json").stdout)
    assert len(listed) == 60
    assert list(listed[0]) == KEYS
    (pad_cell,) = (row for row in listed if row["name"] == "pad_cell")
    assert (pad_cell["title"], pad_cell["difficulty"], pad_cell["split"]) == ("Strings", "medium", "train")
    assert sum(row["split"] == "held_out" for row in listed) == 20


def test_without_a_verb_a_suite_is_listed_with_totals(tmp_path):
    folder = suite_with(tmp_path, sum="x + x")
    (tmp_path / "numbers" / "category.toml").write_text('title = "Sums"\nheld_out = ["double"]')
    done = slingshot("suite", "--suite", folder)
    assert done.returncode == 0, done.stderr
    row, total = (line.split("│")[1:-1] for line in done.stdout.splitlines() if line.startswith("│"))
    assert [cell.strip() for cell in row] == ["Sums", "double", "–", "held out", "2", "1", "1", "0", "0"]
    assert [cell.strip() for cell in total][:4] == ["1 category", "1 test case", "", "0 train, 1 held out"]
    refused(slingshot("suite", "--suite", folder, "list"), 2, "options of suite list stand behind that word")


def test_any_suite_is_listed_by_argument_or_option(tmp_path):
    folder = suite_with(tmp_path, sum="x + x")
    row = dict.fromkeys(KEYS, 0) | {"category": "numbers", "title": "numbers", "name": "double"}
    row |= {"difficulty": None, "split": None, "unit_tests": 2, "examples": 1, "solutions": 1}
    assert json.loads(slingshot("suite", "list", folder, "--format", "json").stdout) == [row]
    assert json.loads(slingshot("suite", "list", "--suite", folder, "--format", "json").stdout) == [row]
    refused(slingshot("suite", "list", folder, "--suite", folder), 2, "both name a suite; name one")


def test_a_test_case_is_shown_with_its_prompt_tests_solution_and_variants():
    shown = slingshot("suite", "show", "pad_cell").stdout
    assert "strings, medium, to train on" in shown
    assert "Write a function pad_cell(text, width) that fits text into a table cell" in " ".join(
        shown.split()
    )
    assert '  @test pad_cell("ab", 1) == "~"' in shown
    assert 'return text * repeat(" ", missing_spaces)' in shown
    assert "pad_cell_renamed (renamed)" in shown
    told = json.loads(slingshot("suite", "show", "pad_cell_renamed", "--format", "json").stdout)
    assert (told["name"], told["variant_of"], told["variant_kind"]) == (
        "pad_cell_renamed",
        "pad_cell",
        "renamed",
    )
    assert told["examples"][0] == 'fit_label("Invoice", 5)'
    refused(slingshot("suite", "show", "padcell"), 2, "there is no test case padcell; did you mean pad_cell?")


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
    refused(done, 1, "of 3 programs of 1 test case, 1 did not score what")
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
