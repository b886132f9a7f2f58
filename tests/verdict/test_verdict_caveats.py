"""Every warning fires when its defect is there, and only then; each says what may not be claimed."""

import pytest
from made_up_recordings import (
    BASE,
    FULL,
    HELD_OUT,
    JUDGE,
    ROWS,
    SEEN,
    SMALL,
    TUNED,
    clean,
    defective,
    quantized,
    training_row,
    verdict_of,
    with_every,
)

from slingshot.verdict import CostFacts, ModelUnderTest, TrainingData
from slingshot.verdict.caveats import __doc__ as table


def codes(verdict):
    return [warning.code for warning in verdict.warnings]


def warning(code, rows=None, **own):
    """The one warning of a code in the verdict on rows, or on the defective ones of that code."""
    made, told = defective()[code]
    verdict = verdict_of(made if rows is None else rows, **(told | own))
    (found,) = [one for one in verdict.warnings if one.code == code]
    return found


def test_clean_recordings_raise_no_warning():
    assert verdict_of(clean(), data=TrainingData(ROWS, [training_row("other", "another")], {})).warnings == []


@pytest.mark.parametrize("code", defective())
def test_each_defect_raises_its_warning_and_no_other(code):
    rows, told = defective()[code]
    expected = {code, "unlike-cells"} if code == "unlike-cells" else {code}
    assert set(codes(verdict_of(rows, **told))) == expected


def test_every_code_is_in_the_table_and_has_a_defective_set():
    listed = [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")]
    assert sorted(listed) == sorted(defective())


@pytest.mark.parametrize("code", defective())
def test_each_warning_is_one_sentence_that_says_what_it_does_to_a_claim(code):
    message = warning(code).message
    assert message.endswith(".")
    assert len(message) > 80
    says = ("claim", "quote", "compare", "subtract", "cannot be", "evidence", "noise")
    assert any(word in message for word in says)


def test_six_test_cases_may_show_a_difference_and_five_may_not():
    five = [made for made in clean() if made["test_case"] not in HELD_OUT[5:]]
    six = [made for made in clean() if made["test_case"] not in HELD_OUT[6:]]
    assert "nothing can be claimed: 5 test cases all differ the same way by chance in 1 of 16" in (
        warning("few-test-cases", five).message
    )
    assert '"no measurable difference" does not mean none' in warning("few-test-cases", six).message


def test_a_quantized_form_below_its_full_one_is_no_surprise():
    assert codes(verdict_of(quantized(-1.0), models=[BASE, FULL, SMALL])) == []


def test_a_quantized_form_above_its_full_one_is_called_noise_unless_measurable():
    clear = warning("quantized-better-than-full", quantized(10.0))
    assert clear.models == [SMALL.name, FULL.name]
    assert "measurably so" in clear.message
    unclear = [
        made | {"score": made["score"] + (8 if made["test_case"][-1] in "02468" else -7)}
        if made["model"] == SMALL.name
        else made
        for made in quantized(0.0)
    ]
    assert "which is noise" in (
        warning("quantized-better-than-full", unclear, models=[BASE, FULL, SMALL]).message
    )


def test_forms_of_different_models_are_not_taken_for_each_other():
    other = ModelUnderTest("other-0.5b.Q4_K_M", "gguf")
    rows = [made | {"model": other.name} if made["model"] == SMALL.name else made for made in quantized(1.0)]
    assert codes(verdict_of(rows, models=[BASE, FULL, other])) == []


def test_unlike_judges_are_named_by_what_sets_them_apart():
    message = warning("unlike-judges").message
    assert "julia 1.10.2 (72 answers of base-0.5b and tuned-0.5b)" in message
    assert "slingshot" not in message
    alike = with_every(clean(), judge=JUDGE % "1.10.2")
    assert codes(verdict_of(alike)) == []


def test_zero_cost_is_about_hosted_models_and_about_runs_without_a_price():
    assert codes(verdict_of(with_every(clean(), served="local", cost_usd=0.0))) == []
    assert codes(verdict_of(with_every(clean(), served="hosted", cost_usd=0.001))) == []
    leaderboards = with_every(
        clean(), schema="PromptingTools.OpenAISchema()", version_pt="0.10.0", cost_usd=0.0
    )
    assert codes(verdict_of(leaderboards)) == ["zero-cost"]
    ollamas = with_every(clean(), schema="PromptingTools.OllamaManagedSchema()", cost_usd=0.0)
    assert codes(verdict_of(ollamas)) == []
    assert codes(verdict_of(clean(), cost=CostFacts(measured_usd=0.0))) == ["zero-cost"]
    assert codes(verdict_of(clean(), cost=CostFacts(measured_usd=0.01))) == []


def test_duplicate_rows_are_counted_with_the_most_frequent_one():
    rows = [*ROWS, *(training_row(f"again {n}", "answer 1", "seen_3") for n in range(3))]
    found = warning("duplicate-rows", clean(), data=TrainingData(rows))
    assert found.message.startswith("of 7 training rows 4 have distinct answers, one answer stands in 4:")
    assert found.tasks == ["seen_0", "seen_3"]
    assert found.models == [TUNED.name]


def test_a_validation_row_leaks_by_its_question_or_by_its_answer():
    by_answer = TrainingData(ROWS, [training_row("new", "answer 2"), training_row("new", "new")])
    assert (
        "of 2 validation rows 0 have a question and 1 an answer"
        in warning("validation-leak", clean(), data=by_answer).message
    )


def test_overlap_names_the_held_out_test_cases_and_their_rows():
    found = warning("overlap")
    assert found.tasks == ["new_0"]
    assert "new_0 (2 rows)" in found.message
    assert "claim nothing on held-out test cases" in found.message


def test_one_answer_in_one_cell_does_not_make_a_model_one_of_single_samples():
    few = [made for made in clean() if made["sample"] == 0 or made["test_case"] == SEEN[0]]
    assert "single-samples" not in codes(verdict_of(few))
