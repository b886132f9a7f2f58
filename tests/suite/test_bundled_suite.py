"""The suite that ships with Slingshot: its form, its balance, and that real Julia agrees with it."""

from collections import Counter

import pytest

from slingshot.dataset.normalize import normalized_code
from slingshot.mutations import check_mutations
from slingshot.suite import bundled_suite, load_category
from slingshot.validate import validate_suite

CATEGORIES = [
    *("algorithms", "collections", "dates", "dispatch", "io"),
    *("iteration", "matrices", "numbers", "parsing", "strings"),
]


def test_there_are_six_test_cases_in_each_of_ten_categories(suite):
    assert Counter(case.category for case in suite) == dict.fromkeys(CATEGORIES, 6)
    for name in CATEGORIES:
        category = load_category(bundled_suite() / name)
        assert category is not None
        assert category.title


def test_forty_are_to_train_on_and_twenty_are_held_out_balanced_by_category_and_difficulty(suite):
    held_out = [case for case in suite if case.held_out]
    assert Counter(case.category for case in held_out) == dict.fromkeys(CATEGORIES, 2)
    assert Counter(case.difficulty for case in suite) == dict.fromkeys(("easy", "medium", "hard"), 20)
    assert Counter(case.difficulty for case in held_out) == {"easy": 7, "medium": 7, "hard": 6}
    for name in CATEGORIES:
        assert len({case.difficulty for case in held_out if case.category == name}) == 2


def test_every_test_case_is_complete(suite):
    for case in suite:
        assert case.folder.name == case.name
        for form in (case, *case.variant_cases()):
            assert len(form.examples) >= 3, form.name
            assert len(form.unit_tests) >= 6, form.name
            assert all("@test" in unit_test for unit_test in form.unit_tests), form.name
        assert f"`{case.name}" in case.prompt, "the prompt names what is to be defined"
        assert len(case.wrong_programs()) >= 3, case.name


def test_every_test_case_has_a_variant_of_each_kind(suite):
    for case in suite:
        variants = case.variant_cases()
        assert [v.variant_kind for v in variants] == ["paraphrase", "renamed", "respecified"], case.name
        assert [v.name for v in variants] == [f"{case.name}_{v.variant_kind}" for v in variants]
        assert len({case.prompt, *(v.prompt for v in variants)}) == 4
        paraphrase, renamed, respecified = variants
        assert paraphrase.unit_tests == case.unit_tests
        assert f"`{case.name}" not in renamed.prompt, case.name
        assert f"`{case.name}" in respecified.prompt, case.name


def test_the_prompt_gives_at_most_one_unit_test_away(suite):
    for case in suite:
        for form in (case, *case.variant_cases()):
            calls = [test.removeprefix("@test ").split(" == ")[0] for test in form.unit_tests]
            shown = [call for call in calls if "(" in call and call in form.prompt]
            assert len(shown) <= 1, (form.name, shown)


def test_those_to_train_on_have_twelve_solutions_or_more_no_two_alike(suite):
    for case in suite:
        programs = {normalized_code(code) for code in case.solutions().values()}
        assert len(programs) == len(case.solutions()), case.name
        assert not programs if case.held_out else len(programs) >= 12, case.name
    assert sum(len(case.solutions()) for case in suite) >= 500


@pytest.fixture(scope="module")
def validation(suite, by):
    return validate_suite(suite, by)


def test_all_programs_score_what_they_should_in_real_julia(validation):
    assert not validation.problems
    assert (validation.test_cases, validation.variants) == (60, 180)
    assert validation.programs >= 60 + 500 + 180 + 300
    assert validation.wrong_programs >= 180 + 120  # and plain programs that variants must reject


def test_small_mistakes_in_a_reference_solution_are_seen_by_the_unit_tests(suite, by):
    """All 60 are looked at by `slingshot suite mutate`, whose survivors docs/suite.md lists; here ten of them."""
    chosen = [next(case for case in suite if case.category == name) for name in CATEGORIES]
    found = check_mutations(chosen, by)
    assert found.mutants >= 60
    assert found.killed_share >= 0.9, found.survivors
