"""The warnings of a table have stable codes, say who is concerned, and stay short."""

import polars as pl
import pytest
from made_up_answers import CASES, answer, answers, frame

from slingshot.leaderboard import Question, build_leaderboard

FIVE = ("InJulia", "JuliaExpertAsk", "JuliaExpertCoTTask", "JuliaRecapTask", "JuliaRecapCoTTask")


def warnings_of(made, question=None, prices=None):
    """The warnings of a table by their codes, each of which stands there once."""
    warnings = build_leaderboard(made, question, prices).warnings
    found = {warning.code: warning for warning in warnings}
    assert len(found) == len(warnings)
    return found


def test_like_recordings_alike_deserve_no_warning():
    made = frame(answers("a"), answers("b", score=70.0))
    for by in ("model", "prompt", "test-case"):
        assert not warnings_of(made, Question(by))


def test_models_with_other_cells_do_not_compare_and_it_is_said_what_like_for_like_would_change():
    made = frame(
        answers("a", labels=("InJulia",), score=60.0),
        answers("a", labels=("AsIs",), score=10.0),
        answers("b", labels=("InJulia",), score=50.0),
    )
    found = warnings_of(made)["unlike-cells"]
    assert found.message == (
        "a and b did not answer the same cells (8 are common to all), so their scores do not compare as they "
        "stand. On the cells that a pair shares, they would change places, most of all b, here 15.0 above a, "
        "there 10.0 below; compare with --like-for-like or the same --prompts."
    )
    assert (found.models, found.tasks) == (["a", "b"], CASES)
    assert "unlike-cells" not in warnings_of(made, Question(prompts=("InJulia",)))
    assert "unlike-cells" not in warnings_of(made, Question(like_for_like=True))


def test_models_without_common_cells_are_counted_apart():
    made = frame(answers("a", ["x"]), answers("b", ["y"]), answers("c", ["x", "y"], score=60.0))
    message = warnings_of(made)["unlike-cells"].message
    assert "3 of 3 pairs of models did not answer the same cells (0 are common to all)" in message
    assert message.endswith(
        "none of them would change places; 1 pair has no cell in common; choose with --prompts."
    )


def test_cells_that_are_missing_are_told_by_prompt_label_and_test_case():
    made = frame(
        answers("a", labels=("InJulia", "AsIs")),
        answers("b", CASES[:7], labels=("InJulia", "AsIs")),
        answers("c", labels=("InJulia",)),
        [answer("c", CASES[0], 50.0, prompt_label="AsIs")],
    )
    found = warnings_of(made)["missing-cells"]
    assert found.message == (
        "Of 16 cells some are lacking: test case case_7 (1 of 3 models have none); besides, c lacks 7; answers in "
        "a cell run from 1 to 2, on average from 1.9 (c) to 2.0 (b)."
    )
    assert found.models == ["b", "c"]


def test_copies_are_named_with_their_figures():
    made = frame(answers("a", samples=4, answer="always the same"), answers("b", samples=4))
    found = warnings_of(made)["identical-samples"]
    assert found.message.startswith("Few answers are distinct: a 8 of 32. Copies are no samples")
    assert (found.models, found.tasks) == (["a"], CASES)


def test_one_label_with_two_wordings_is_told_and_who_was_asked_otherwise():
    made = frame(answers("a"), answers("b"), answers("c", prompt_hash="f" * 16))
    found = warnings_of(made)["unlike-prompts"]
    assert "behind InJulia (2 wordings) differ, between models, never within one" in found.message
    assert found.models == ["c"]
    mixed = frame(answers("a"), answers("b"), answers("b", prompt_hash="f" * 16, samples=1))
    assert "differ, within b" in warnings_of(mixed)["unlike-prompts"].message


def test_answers_of_different_judges_are_not_comparable():
    ours = '{"judge": "slingshot 0.1.0", "mode": "default", "julia": "1.10.4"}'
    found = warnings_of(frame(answers("a"), answers("b"), answers("c", judge=ours)))["unlike-judges"]
    assert "as recorded by the public leaderboard (32 answers, a and b)" in found.message
    assert "default mode, julia 1.10.4 (16 answers, c)" in found.message
    assert found.models == ["c"]
    slower = ours.replace("}", ', "timeout": 60}')
    message = warnings_of(frame(answers("b", judge=ours), answers("c", judge=slower)))[
        "unlike-judges"
    ].message
    assert "default mode, timeout unknown (16 answers, b)" in message
    assert "default mode, timeout 60 (16 answers, c)" in message


def test_versions_behind_one_name_are_listed():
    made = frame(
        answers("a", version_pt="0.10.0"),
        answers("a", version_pt="0.17.1"),
        answers("b", version_prompt="1.0"),
        answers("b", version_prompt="1.1"),
    )
    found = warnings_of(made)["mixed-versions"]
    assert found.message == (
        "One name, several versions: a (2 recorders: 0.10.0 and 0.17.1) and b (2 versions of a test case: 1.0 and "
        "1.1)."
    )
    assert found.models == ["a", "b"]


def test_other_versions_of_other_test_cases_are_no_mixture():
    made = frame(answers("a", ["x"], version_prompt="1.0"), answers("a", ["y"], version_prompt="1.1"))
    assert "mixed-versions" not in warnings_of(made)


def test_sampling_parameters_behind_one_name_are_told_except_in_a_scan():
    hot, cold = '{"temperature": 1.0}', '{"options": {"num_gpu": 99}}'
    made = frame(answers("a", parameters=hot), answers("a", parameters=cold))
    assert "a (by default and temperature=1.0)" in warnings_of(made)["mixed-parameters"].message
    alike = frame(answers("a", parameters="{}"), answers("a", parameters=cold))
    assert "mixed-parameters" not in warnings_of(alike)
    scan = frame(answers("a", parameters=hot, experiment="e"), answers("a", parameters="{}", experiment="e"))
    assert not warnings_of(scan, Question("scan"))


def test_seconds_of_different_devices_do_not_compare():
    made = frame(answers("a"), answers("b"), answers("c", device="another"), answers("b", device="another"))
    found = warnings_of(made)["mixed-devices"]
    assert "Timed on 2 devices: a machine (2 models) and another (2 models); b on several." in found.message
    assert found.models == ["b"]


def test_answers_without_a_score_are_counted_and_named():
    made = frame(answers("a"), answers("a", ["x"], None, failure="unavailable"), answers("b"))
    found = warnings_of(made)["not-judged"]
    assert found.message.startswith(
        "2 answers of a could not be judged (test cases x): neither zero nor pass"
    )
    assert (found.models, found.tasks) == (["a"], ["x"])


@pytest.mark.parametrize(("cut", "warned"), [(1, False), (2, True)])
def test_more_than_a_tenth_cut_off_by_the_token_limit_is_told(cut, warned):
    made = answers("a", ["x", "y"], samples=5)
    for row in made[:cut]:
        row["finish_reason"] = "length"
    found = warnings_of(frame(made))
    assert ("cut-off" in found) == warned
    if warned:
        assert "a (20 % of its answers)" in found["cut-off"].message


def test_a_correction_is_asked_otherwise_by_nature():
    made = frame(
        answers("a", prompt_hash="x"), answers("a", prompt_hash="y", strategy="1CODEFIXER__JuliaFixer")
    )
    assert "unlike-prompts" not in warnings_of(made)


def test_models_whose_finish_reason_is_not_recorded_are_not_accused():
    assert "cut-off" not in warnings_of(frame(answers("a", finish_reason=None)))


def test_hosted_costs_recorded_as_zero_are_unknown_unless_listed():
    local = answers("l", cost_usd=0.0, schema="PromptingTools.OllamaSchema()")
    made = frame(
        answers("a", cost_usd=0.0), answers("claude-2.1", cost_usd=0.0, timestamp="20240501_0"), local
    )
    found = warnings_of(made)["zero-costs"]
    assert found.message == (
        "2 hosted models recorded costs of 0, which says nothing: 1 is priced by tokens and the price list, 1 "
        "unknown (a; add prices with --prices)."
    )
    assert found.models == ["a", "claude-2.1"]


def test_rows_with_corrections_are_not_compared_with_plain_ones():
    made = frame(answers("a"), answers("a", ["x"], strategy="1CODEFIXER__CodeFixerTiny", score=100.0))
    assert not {"unlike-cells", "missing-cells"} & warnings_of(made).keys()


def test_a_warning_in_json_names_models_and_test_cases_only_where_it_has_some():
    made = frame(answers("a"), answers("b", device="another", prompt_hash="f" * 16))
    found = {warning["code"]: warning for warning in build_leaderboard(made).to_json()["warnings"]}
    assert set(found["mixed-devices"]) == {"code", "message"}
    assert set(found["unlike-prompts"]) == {"code", "message", "models"}


def test_on_the_public_recordings_the_warnings_are_true_and_fit_on_a_screen(recorded: pl.DataFrame):
    found = warnings_of(recorded)
    assert set(found) == {
        *("unlike-cells", "missing-cells", "identical-samples", "unlike-prompts", "mixed-versions"),
        *("mixed-devices", "cut-off", "zero-costs"),
    }
    assert sum(len(warning.message) for warning in found.values()) < 3000
    assert found["identical-samples"].models == [
        "meta-llama/Llama-3-70b-chat-hf",
        "meta-llama/Llama-3-8b-chat-hf",
    ]
    assert "JuliaRecapCoTTask (2 wordings) and JuliaRecapTask (2 wordings)" in found["unlike-prompts"].message
    assert found["cut-off"].models == [
        "accounts/fireworks/models/dbrx-instruct",
        "accounts/fireworks/models/qwen-72b-chat",
    ]
    alike = warnings_of(recorded, Question(prompts=FIVE, last=5, group="local"))
    assert set(alike) == {"missing-cells", "mixed-devices"}
