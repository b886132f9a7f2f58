"""Variants and categories: what a suite's files may say beside the leaderboard's own keys."""

import pytest

from slingshot.errors import RequestError
from slingshot.suite import load_category, load_suite, load_test_case, with_variants

PLAIN = """[code_generation]
name = "double"
prompt = "Write a function `double(x)`."
examples = ["double(1)"]
unit_tests = ["@test double(1) == 2"]
reference_solution = "double(x) = 2x"
"""
PARAPHRASE = """
[[code_generation.variants]]
name = "double_paraphrase"
kind = "paraphrase"
prompt = "A function `double(x)` is needed."
"""
RENAMED = """
[[code_generation.variants]]
name = "double_renamed"
kind = "renamed"
prompt = "Write a function `twice(y)`."
examples = ["twice(1)"]
unit_tests = ["@test twice(1) == 2"]
reference_solution = "twice(y) = 2y"
"""


def write(folder, text, name="double"):
    path = folder / "numbers" / name / "definition.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_a_variant_is_a_test_case_and_takes_what_it_does_not_state_from_the_plain_form(tmp_path):
    case = load_test_case(write(tmp_path, PLAIN + PARAPHRASE + RENAMED))
    (case.folder / "solutions").mkdir()
    (case.folder / "solutions" / "sum.jl").write_text("double(x) = x + x")
    paraphrase, renamed = case.variant_cases()
    assert (paraphrase.prompt, paraphrase.unit_tests) == (
        "A function `double(x)` is needed.",
        case.unit_tests,
    )
    assert (renamed.reference_solution, renamed.examples) == ("twice(y) = 2y", ["twice(1)"])
    assert [(v.variant_of, v.variant_kind) for v in (paraphrase, renamed)] == [
        ("double", "paraphrase"),
        ("double", "renamed"),
    ]
    assert paraphrase.category == "numbers"
    assert case.solutions() == {"sum": "double(x) = x + x"}
    assert paraphrase.solutions() == {}, "they answer the plain form"
    assert [form.name for form in with_variants([case])] == [
        "double",
        "double_paraphrase",
        "double_renamed",
    ]


def test_a_variant_asks_for_its_plain_forms_name_or_the_new_one(suite):
    named = {form.name: form.asked_for for form in with_variants(suite)}
    for case in suite:
        assert named[case.name] == named[f"{case.name}_paraphrase"] == case.name
        assert named[f"{case.name}_respecified"] == case.name
        assert named[f"{case.name}_renamed"] not in (case.name, f"{case.name}_renamed")
    assert (named["Seat_renamed"], named["postage_renamed"], named["keep_trying_renamed"][0].islower()) == (
        "Bin",
        "fee",
        True,
    )


def test_a_paraphrase_is_judged_as_its_plain_form_is_and_other_variants_are_not(suite):
    for case in suite:
        paraphrase, renamed, respecified = case.variant_cases()
        assert case.checks == paraphrase.checks
        assert len({case.checks, renamed.checks, respecified.checks}) == 3


@pytest.mark.parametrize(
    "variant, problem",
    [
        (
            PARAPHRASE + 'unit_tests = ["@test true"]\n',
            ":8: double_paraphrase is a paraphrase, whose unit_tests",
        ),
        (
            RENAMED.replace("examples", "imports"),
            ":8: double_renamed is renamed and needs examples of its own",
        ),
        (PARAPHRASE.replace("prompt", "promt"), ":8: the key prompt is missing in this variant; add it"),
        (PARAPHRASE.replace("prompt", "promt"), ":8: unknown key promt; did you mean prompt?"),
        (PARAPHRASE.replace('"paraphrase"', '"rephrased"'), ":8: kind: input should be"),
        (PARAPHRASE + RENAMED.replace("kind", "kinds"), ":13: unknown key kinds; did you mean kind?"),
    ],
)
def test_what_is_wrong_with_a_variant_is_told_with_its_line(tmp_path, variant, problem):
    path = write(tmp_path, PLAIN + variant)
    with pytest.raises(RequestError) as caught:
        load_test_case(path)
    assert f"{path}{problem}" in str(caught.value)


def test_two_forms_cannot_have_one_name(tmp_path):
    write(tmp_path, PLAIN + PARAPHRASE)
    write(tmp_path, PLAIN.replace('"double"', '"double_paraphrase"'), "other")
    with pytest.raises(RequestError, match="the name double_paraphrase is taken by .*rename one"):
        load_suite(tmp_path)


def test_a_category_says_how_difficult_its_test_cases_are_and_which_are_held_out(tmp_path):
    write(tmp_path, PLAIN)
    write(tmp_path, PLAIN.replace("double", "triple"), "triple")
    (tmp_path / "numbers" / "category.toml").write_text(
        'title = "Numbers"\nheld_out = ["triple"]\n[difficulty]\nhard = ["double"]\n'
    )
    double, triple = load_suite(tmp_path)
    assert (double.difficulty, double.held_out) == ("hard", False)
    assert (triple.difficulty, triple.held_out) == (None, True)
    assert load_category(tmp_path) is None, "a suite needs none"


@pytest.mark.parametrize(
    "text, problem",
    [
        ('title = "N"\nheld_out = ["doble"]', "doble is no test case of this category; did you mean double?"),
        ('title = "N"\n[difficulty]\nhrad = []', "unknown key difficulty.hrad; did you mean"),
        ('title = "N"\nheldout = []', "unknown key heldout; did you mean held_out?"),
        (
            'title = "N"\n[difficulty]\neasy = ["double"]\nhard = ["double"]',
            "double is listed twice; keep one",
        ),
        ("title = ", "not valid TOML"),
        ("", "title: field required; change it"),
    ],
)
def test_what_is_wrong_with_a_category_is_told(tmp_path, text, problem):
    write(tmp_path, PLAIN)
    path = tmp_path / "numbers" / "category.toml"
    path.write_text(text)
    with pytest.raises(RequestError) as caught:
        load_suite(tmp_path)
    assert str(caught.value).startswith(f"{path}: ")
    assert problem in str(caught.value)


def test_a_suite_is_named_julia_where_no_folder_is(tmp_path, monkeypatch, suite):
    from pathlib import Path

    monkeypatch.chdir(tmp_path)
    assert load_suite(Path("julia")) == suite
    write(tmp_path / "julia", PLAIN)
    assert [case.name for case in load_suite(Path("julia"))] == ["double"]
