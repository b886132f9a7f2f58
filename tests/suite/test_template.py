"""A new test case is a working one that explains itself."""

import pytest

from slingshot.errors import RequestError
from slingshot.suite import TestCase, load_test_case
from slingshot.suite.template import new_test_case


def test_the_template_loads_and_teaches_every_key(tmp_path):
    path = new_test_case(tmp_path / "numbers" / "sum_positive")
    test_case = load_test_case(path)
    assert (test_case.name, test_case.category) == ("sum_positive", "numbers")
    assert "`sum_positive(numbers)`" in test_case.prompt
    text = path.read_text()
    for key, field in TestCase.model_fields.items():
        shown = "[[code_generation.variants]]" if key == "variants" else f"{key} = "
        assert field.exclude or f"\n{shown}" in text or f"\n# {shown}" in text, key


def test_what_the_template_says_of_variants_works_without_the_number_signs(tmp_path):
    path = new_test_case(tmp_path / "numbers" / "sum_positive")
    plain, heading, table = path.read_text().partition("# [[code_generation.variants]]")
    path.write_text(plain + (heading + table).replace("# ", ""))
    assert [form.name for form in load_test_case(path).variants] == ["sum_positive_paraphrase"]


def test_the_templates_lines_are_short(tmp_path):
    text = new_test_case(tmp_path / "numbers" / "sum_positive").read_text()
    assert max(map(len, text.splitlines())) < 320


def test_a_definition_is_never_overwritten(tmp_path):
    path = new_test_case(tmp_path / "double")
    path.write_text("mine")
    with pytest.raises(RequestError, match="there is a test case already"):
        new_test_case(tmp_path / "double")
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["2fast", "with space", "a-b", "größe", "double!!"])
def test_the_folders_name_must_be_a_functions(tmp_path, name):
    with pytest.raises(RequestError, match="cannot be the name of a Julia function"):
        new_test_case(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_function_may_change_its_argument(tmp_path):
    assert load_test_case(new_test_case(tmp_path / "fill_gaps!")).name == "fill_gaps!"
