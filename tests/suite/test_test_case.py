"""What a definition.toml may hold, and what is said about one that holds something else."""

from pathlib import Path

import pytest

from slingshot.errors import RequestError
from slingshot.judge import extract_code
from slingshot.suite import as_answer, load_suite, load_test_case

DEFINITION = """[code_generation]
name = "double"
contributor = "somebody"
version = "1.1"
criteria = ["parsed", "executed", "passed_unit_tests", "executed_examples"]
imports = ["Dates"]
prompt = "Write a function `double`."
examples = ["double(1)"]
unit_tests = ["@test double(2) == 4"]
reference_solution = "double(x) = 2x"
"""


def write_definition(folder: Path, text: str = DEFINITION) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "definition.toml"
    path.write_text(text)
    return path


def complaint(path: Path) -> str:
    """What loading says after the path: one line, which begins with the line's number where there is one."""
    with pytest.raises(RequestError) as caught:
        load_test_case(path)
    said = str(caught.value)
    assert said.startswith(f"{path}:")
    assert "\n" not in said
    return said.removeprefix(f"{path}:").strip()


def test_every_key_of_a_definition_is_read(tmp_path):
    test_case = load_test_case(write_definition(tmp_path / "strings" / "double"))
    assert test_case.name == "double"
    assert test_case.category == "strings"
    assert test_case.contributor == "somebody"
    assert test_case.version == "1.1"
    assert test_case.imports == ["Dates"]
    assert test_case.prompt == "Write a function `double`."
    assert test_case.examples == ["double(1)"]
    assert test_case.unit_tests == ["@test double(2) == 4"]
    assert test_case.reference_solution == "double(x) = 2x"


def test_solutions_are_the_julia_files_beside_the_definition(tmp_path):
    path = write_definition(tmp_path)
    assert load_test_case(path).solutions() == {}
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "sum.jl").write_text("double(x) = x + x\n")
    (tmp_path / "solutions" / "product.jl").write_text("double(x) = 2x\n")
    (tmp_path / "solutions" / "notes.md").write_text("not a program")
    assert list(load_test_case(path).solutions().items()) == [
        ("product", "double(x) = 2x\n"),
        ("sum", "double(x) = x + x\n"),
    ]


def test_variants_are_kept_as_they_stand(tmp_path):
    variant = {"name": "twice", "kind": "paraphrase", "prompt": "Write `twice`."}
    text = "".join(f'{key} = "{value}"\n' for key, value in variant.items())
    loaded = load_test_case(write_definition(tmp_path, f"{DEFINITION}[[code_generation.variants]]\n{text}"))
    assert [found.model_dump(exclude_unset=True) for found in loaded.variants] == [variant]


def test_a_missing_file_is_named(tmp_path):
    assert "no such file" in complaint(tmp_path / "definition.toml")


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path):
    (tmp_path / "definition.toml").mkdir()
    assert "can be read" in complaint(tmp_path / "definition.toml")


def test_text_that_is_no_toml_is_refused_with_its_line(tmp_path):
    said = complaint(write_definition(tmp_path, DEFINITION + 'name = "unfinished\n'))
    assert said.startswith("11: not valid TOML: ")
    assert said.endswith(" at column 19; correct this line")
    assert complaint(write_definition(tmp_path, DEFINITION + "x = [1,\n")).startswith("11: not valid TOML")
    assert complaint(write_definition(tmp_path, DEFINITION + 'version = "2"\n')).startswith(
        "11: not valid TOML"
    )


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "definition.toml"
    path.write_bytes(b"\xff\xfe\x00")
    assert complaint(path).startswith("not valid TOML")


@pytest.mark.parametrize("text", ["", 'name = "double"\n', "code_generation = 3\n"])
def test_the_table_must_be_there(tmp_path, text):
    assert "[code_generation] is missing" in complaint(write_definition(tmp_path, text))


def test_an_unknown_key_comes_with_the_known_one_that_was_meant(tmp_path):
    path = write_definition(tmp_path, DEFINITION + 'examples_setpu = "x = 1"\n')
    assert complaint(path) == "11: unknown key examples_setpu; did you mean examples_setup?"


def test_an_unknown_key_like_no_other_is_to_be_removed(tmp_path):
    assert complaint(write_definition(tmp_path, DEFINITION + "q = 1\n")) == "11: unknown key q; remove it"


@pytest.mark.parametrize("key", ["name", "prompt", "examples", "unit_tests", "reference_solution"])
def test_a_missing_key_is_named(tmp_path, key):
    lines = [line for line in DEFINITION.splitlines() if not line.startswith(f"{key} =")]
    said = complaint(write_definition(tmp_path, "\n".join(lines)))
    assert said == f"1: the key {key} is missing; add it to [code_generation]"


@pytest.mark.parametrize("key", ["unit_tests", "examples"])
def test_a_test_case_needs_unit_tests_and_examples(tmp_path, key):
    lines = [f"{key} = []" if line.startswith(f"{key} =") else line for line in DEFINITION.splitlines()]
    line = lines.index(f"{key} = []") + 1
    assert complaint(write_definition(tmp_path, "\n".join(lines))).startswith(f"{line}: {key} is empty")


def test_a_value_of_the_wrong_type_is_named(tmp_path):
    path = write_definition(
        tmp_path, DEFINITION.replace('examples = ["double(1)"]', 'examples = "double(1)"')
    )
    assert complaint(path) == "8: examples: input should be a valid list; change it"


def test_all_problems_of_a_definition_are_told_at_once(tmp_path):
    text = DEFINITION.replace('name = "double"', 'nam = "double"').replace("examples = ", "exampels = ")
    path = write_definition(tmp_path, text)
    with pytest.raises(RequestError) as caught:
        load_test_case(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 4  # two keys are missing, two are unknown
    numbers = [line.removeprefix(f"{path}:").split(": ")[0] for line in lines]
    assert sorted(numbers) == ["1", "1", "2", "8"]


def test_a_line_in_a_text_is_not_taken_for_a_key(tmp_path):
    prompt = "prompt = '''\nWrite:\nexample = 1\n'''"
    text = DEFINITION.replace('prompt = "Write a function `double`."', prompt) + "example = 1\n"
    path = write_definition(tmp_path, "# A comment\n\n" + text)
    assert complaint(path) == "16: unknown key example; did you mean examples?"


def test_where_a_definition_lies_is_not_its_own_to_say(tmp_path):
    path = write_definition(tmp_path, DEFINITION + 'folder = "/elsewhere"\n')
    assert complaint(path).startswith("11: unknown key folder")


def test_a_program_is_an_answer_whatever_fences_it_holds():
    assert as_answer("x = 1\n") == "```julia\nx = 1\n```"
    program = 'fences = """\n```julia\ny = 2\n```\n"""'
    assert as_answer(program).startswith("````julia\n")
    assert extract_code(as_answer(program)) == program


def test_a_suite_is_sorted_by_name_wherever_the_folders_are(tmp_path):
    for place, name in (("a/x", "zebra"), ("b/y", "ant"), ("z", "mule")):
        write_definition(tmp_path / place, DEFINITION.replace('"double"', f'"{name}"'))
    assert [test_case.name for test_case in load_suite(tmp_path)] == ["ant", "mule", "zebra"]


def test_two_test_cases_of_one_name_are_refused(tmp_path):
    first, second = write_definition(tmp_path / "a"), write_definition(tmp_path / "b")
    with pytest.raises(RequestError) as caught:
        load_suite(tmp_path)
    assert str(caught.value) == f"{second}: the name double is taken by {first}; rename one"


@pytest.mark.parametrize("place", [".", "not/there"])
def test_a_folder_without_test_cases_is_no_suite(tmp_path, place):
    with pytest.raises(RequestError) as caught:
        load_suite(tmp_path / place)
    assert str(caught.value).startswith(f"{tmp_path / place}: no definition.toml")


def test_the_leaderboards_definitions_load_as_they_are(leaderboard):
    loaded = {test_case.name: test_case for test_case in load_suite(leaderboard)}
    assert len(loaded) == 14
    assert {test_case.category for test_case in loaded.values()} == {"data_analysis", "utility_functions"}
    for name, test_case in loaded.items():
        assert test_case.folder.name == name
        assert test_case.reference_solution
        assert all("@test" in unit_test for unit_test in test_case.unit_tests)
    assert loaded["event_scheduler"].imports == ["Dates"]
    assert len(loaded["event_scheduler"].unit_tests) == 5
