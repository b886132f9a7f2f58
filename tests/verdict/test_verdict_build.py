"""What a verdict claims, warns of and leaves out."""

import random

import pytest
from made_up_recordings import BASE, HELD_OUT, ROWS, SEEN, TUNED, answers, level, row, verdict_of

from slingshot.errors import RequestError
from slingshot.files import write_json
from slingshot.statistics import holm
from slingshot.verdict import (
    ModelUnderTest,
    TrainingData,
    Verdict,
    loss_gap,
    read_verdict,
    sentence,
)
from slingshot.verdict.schema import schema_of_model, shipped_schema


def held_out_claim(verdict):
    return verdict.comparison(verdict.tuned, verdict.base, "held_out").claim


def codes(verdict):
    return [warning.code for warning in verdict.warnings]


def warning(verdict, code):
    (found,) = [warning for warning in verdict.warnings if warning.code == code]
    return found


def both(base_score, tuned_score, test_cases=HELD_OUT, **own):
    return answers(BASE.name, test_cases, base_score, **own) + answers(
        TUNED.name, test_cases, tuned_score, **own
    )


@pytest.mark.parametrize(
    ("tuned_score", "claim"),
    [
        (level(60), "better"),
        (level(10), "worse"),
        (lambda index, _: 45 + 20 * (-1) ** index, "no measurable difference"),
    ],
)
def test_a_claim_follows_from_the_interval_of_the_difference(tuned_score, claim):
    verdict = verdict_of(both(level(40), tuned_score))
    compared = verdict.comparison(verdict.tuned, verdict.base, "held_out")
    assert compared.claim == claim
    assert (compared.low > 0, compared.high < 0) == (claim == "better", claim == "worse")


def test_five_test_cases_that_all_gain_make_no_claim_and_six_do():
    for count, claim in ((5, "no measurable difference"), (6, "better")):
        verdict = verdict_of(both(level(20), lambda index, sample: 60 + 3 * index + sample, HELD_OUT[:count]))
        compared = verdict.comparison(verdict.tuned, verdict.base, "held_out")
        assert compared.low > 0
        assert compared.p_value == 2 / 2**count
        assert compared.claim == claim


def test_variants_of_one_test_case_are_one_test_case_in_intervals_and_claims():
    """Nine variants of three plain forms can claim nothing, whatever their number; each keeps its own score."""
    variants = [
        f"seen_{plain}_{kind}" for plain in range(3) for kind in ("paraphrase", "renamed", "respecified")
    ]
    plain_of = {name: name.rpartition("_")[0] for name in variants}
    rows = both(level(20), level(60), SEEN) + both(level(20), level(60), variants)
    apart = verdict_of(rows, variant=variants)
    verdict = verdict_of(rows, variant=variants, plain_of=plain_of)
    assert (apart.tuned.scores["variant"].tasks, verdict.tuned.scores["variant"].tasks) == (9, 3)
    assert verdict.tuned.scores["variant"].samples == 27
    assert verdict.tuned.scores["all"].tasks == len(SEEN)
    compared = verdict.comparison(verdict.tuned, verdict.base, "variant")
    assert (compared.tasks, compared.difference, compared.claim) == (3, 40, "no measurable difference")
    assert apart.comparison(apart.tuned, apart.base, "variant").claim == "better"
    assert verdict.tuned.per_task["seen_1_renamed"].variant_of == "seen_1"
    assert "variant_of" not in verdict.to_json()["models"][0]["per_task"]["seen_1"]


def test_p_values_are_corrected_within_their_family():
    """Two tuned models on two splits are four comparisons with the base model, and two on all test cases."""
    other = ModelUnderTest("other-0.5b", "merged")
    scores = {TUNED.name: (60, 22), other.name: (50, 23)}
    rows = both(level(20), level(20), SEEN)[:36] + both(level(20), level(20), HELD_OUT[:8])[:24]
    for model, (on_seen, on_new) in scores.items():
        rows += answers(model, SEEN, level(on_seen))
        rows += answers(
            model, HELD_OUT[:8], lambda index, sample, low=on_new: low + (index * 5 + sample) % 13
        )
    verdict = verdict_of(rows, models=[BASE, TUNED, other])
    assert [c.family for c in verdict.comparisons] == ["all", "base", "base"] * 2
    base = [c for c in verdict.comparisons if c.family == "base"]
    assert [c.p_adjusted for c in base] == pytest.approx(holm([c.p_value for c in base]))
    assert min(c.p_adjusted for c in base) == 4 * min(c.p_value for c in base)


def test_what_one_comparison_may_claim_many_may_not():
    """Six gains in six have p 0.03; as one of nine comparisons with reference models they show nothing."""
    giants = [ModelUnderTest(f"giant-{number}", "recorded") for number in range(9)]

    def gains(index, sample):
        return 60 + 3 * index + sample

    rows = answers(TUNED.name, HELD_OUT[:6], gains)
    for giant in giants:
        rows += answers(giant.name, HELD_OUT[:6], level(20))
    alone = verdict_of(rows, models=[TUNED, giants[0]])
    together = verdict_of(rows, models=[TUNED, *giants])
    (one,) = [c for c in alone.comparisons if c.on == "held_out"]
    first = next(c for c in together.comparisons if c.on == "held_out")
    assert (one.low, one.high) == (first.low, first.high)
    assert (one.claim, first.claim) == ("better", "no measurable difference")
    assert "no measurable difference to" in sentence(together)


def test_one_common_test_case_makes_no_claim():
    verdict = verdict_of(both(0, 100, HELD_OUT[:1]))
    compared = verdict.comparison(verdict.tuned, verdict.base, "held_out")
    assert (compared.claim, compared.difference, compared.low) == ("unknown", 100, None)


def test_no_common_cell_makes_no_claim():
    verdict = verdict_of(answers(BASE.name, HELD_OUT[:6], 0) + answers(TUNED.name, HELD_OUT[6:], 100))
    compared = verdict.comparison(verdict.tuned, verdict.base, "held_out")
    assert (compared.claim, compared.difference, compared.tasks) == ("unknown", None, 0)


def test_points_may_rise_without_one_more_solution():
    verdict = verdict_of(both(level(20), level(60)))
    compared = verdict.comparison(verdict.tuned, verdict.base, "held_out")
    assert compared.claim == "better"
    assert compared.solved_difference == 0
    assert compared.solved_low < 0 < compared.solved_high


def test_scores_stand_by_split_and_only_where_there_are_test_cases():
    verdict = verdict_of(both(level(20), 100.0, SEEN))
    tuned = verdict.tuned
    assert set(tuned.scores) == {"all", "seen"}
    assert (tuned.scores["seen"].mean, tuned.scores["seen"].solved) == (100, 1)
    assert (tuned.scores["seen"].tasks, tuned.scores["seen"].samples) == (12, 36)
    assert tuned.scores["seen"].tokens_per_second == 41.5
    assert tuned.per_task["seen_0"].split == "seen"


def test_variants_are_a_split_of_their_own():
    verdict = verdict_of(both(level(20), level(30), ["v1", "v2"]), variant=["v1", "v2"])
    assert set(verdict.tuned.scores) == {"all", "variant"}
    assert [c.on for c in verdict.comparisons] == ["all", "variant"]


@pytest.mark.parametrize(("samples", "fires"), [(1, False), (2, False), (3, True), (5, True)])
def test_identical_samples_fires_when_fewer_than_half_are_distinct(samples, fires):
    rows = answers(BASE.name, HELD_OUT, level(20), samples) + answers(
        TUNED.name, HELD_OUT, level(30), samples, copies=True
    )
    verdict = verdict_of(rows)
    assert ("identical-samples" in codes(verdict)) == fires
    score = verdict.tuned.scores["held_out"]
    assert (score.samples, score.distinct_samples) == (12 * samples, 12)
    if fires:
        found = warning(verdict, "identical-samples")
        assert found.models == [TUNED.name]
        assert found.tasks == sorted(HELD_OUT)


def test_scores_stand_by_prompt_label_and_split():
    rows = both(level(20), level(40), SEEN) + both(level(20), level(60), prompt_label="JuliaExpertAsk")
    tuned = verdict_of(rows).tuned
    assert set(tuned.per_label) == {"InJulia", "JuliaExpertAsk"}
    assert set(tuned.per_label["InJulia"]) == {"all", "seen"}
    assert tuned.per_label["InJulia"]["seen"].mean == tuned.scores["seen"].mean
    assert tuned.per_label["JuliaExpertAsk"]["held_out"].tasks == 12
    assert tuned.per_label["JuliaExpertAsk"]["held_out"].tokens_per_second is None


def test_the_same_text_in_two_cells_is_two_answers():
    rows = [
        *answers(TUNED.name, HELD_OUT, level(20), 1, copies=True, prompt_label="InJulia"),
        *answers(TUNED.name, HELD_OUT, level(20), 1, copies=True, prompt_label="JuliaExpertAsk"),
    ]
    verdict = verdict_of(rows, models=[TUNED])
    assert verdict.tuned.scores["held_out"].distinct_samples == 24


def test_a_model_that_copies_claims_no_more_than_one_that_answers_once():
    def noisy(index, _):
        return 20 + 40 * (index % 3)

    once = verdict_of(both(level(40, 1), noisy, samples=1))
    copied = verdict_of(both(level(40, 1), noisy, samples=5, copies=True))
    a, b = (verdict.comparison(verdict.tuned, verdict.base, "held_out") for verdict in (once, copied))
    assert (a.low, a.high, a.claim) == (b.low, b.high, b.claim)


def test_unlike_cells_are_dropped_and_named():
    rows = both(level(20), level(30)) + answers(TUNED.name, ["new_0"], 100.0, prompt_label="JuliaExpertAsk")
    verdict = verdict_of(rows)
    plain = verdict_of(both(level(20), level(30)))
    assert verdict.comparisons == plain.comparisons
    found = warning(verdict, "unlike-cells")
    assert found.tasks == ["new_0"]
    assert "new_0 JuliaExpertAsk" in found.message
    assert set(found.models) == {BASE.name, TUNED.name}


def test_few_test_cases_are_said_with_the_difference_they_could_show():
    verdict = verdict_of(both(level(20), level(30, 60), HELD_OUT[:4]))
    found = warning(verdict, "few-test-cases")
    shown = verdict.comparison(verdict.tuned, verdict.base, "held_out").smallest_detectable_difference
    assert found.message == (
        f"with 4 held-out test cases only differences above {shown:.0f} points could have been seen, and nothing can be "
        "claimed: 4 test cases all differ the same way by chance in 1 of 8 cases; ask at least 6."
    )


def test_answers_that_could_not_be_judged_count_nowhere_and_are_named():
    judged = both(level(20), level(30))
    missing = [
        row(TUNED.name, "new_3", None, "a"),
        row(BASE.name, "needs_package", None, "b"),
        row(BASE.name, "new_5", None, "c", failure="crashed"),
    ]
    verdict, plain = verdict_of(judged + missing), verdict_of(judged)
    assert verdict.models == plain.models
    assert verdict.comparisons == plain.comparisons
    assert warning(verdict, "unavailable-test-cases").tasks == ["needs_package", "new_3"]
    assert warning(verdict, "harness-errors").tasks == ["new_5"]
    assert warning(verdict, "harness-errors").models == [BASE.name]


@pytest.mark.parametrize(("cut", "fires"), [(3, False), (4, True)])
def test_cut_off_answers_fires_above_one_in_ten(cut, fires):
    rows = both(level(20), level(30))
    for index in range(cut):
        rows[index]["finish_reason"] = "length"
    verdict = verdict_of(rows)
    assert ("cut-off-answers" in codes(verdict)) == fires
    if fires:
        assert warning(verdict, "cut-off-answers").models == [BASE.name]


def test_memorization_is_measured_for_both_models_on_both_sides():
    rows = both(level(20), level(30), SEEN) + both(level(20), level(30))
    taught = answers(TUNED.name, SEEN, 100.0)[0]["answer"]
    verdict = verdict_of(rows, training_answers=[taught])
    # Equal in seen_0 and new_0, sample 0, of both models (the made-up text differs by model in other samples).
    assert verdict.tuned.memorization["seen"].verbatim_rate == pytest.approx(1 / 36)
    assert set(verdict.base.memorization) == {"seen", "held_out"}
    assert verdict_of(rows).tuned.memorization == {}


def test_rows_trained_on_are_answers_trained_on():
    rows = both(level(20), level(30), SEEN)
    by_rows = verdict_of(rows, data=TrainingData(ROWS))
    by_answers = verdict_of(rows, training_answers=[made.answer for made in ROWS])
    assert by_rows.models == by_answers.models


def test_models_that_may_have_written_the_training_data_are_not_asked_what_they_memorized():
    giant = ModelUnderTest("giant", "recorded")
    rows = both(level(20), level(30), SEEN) + answers("giant", SEEN, level(70))
    verdict = verdict_of(rows, models=[BASE, TUNED, giant], training_answers=[rows[0]["answer"]])
    assert [bool(model.memorization) for model in verdict.models] == [True, True, False]


def test_losses_stand_where_they_were_measured():
    losses = loss_gap([0.1, 0.2], [0.3, 0.4])
    measured = ModelUnderTest(TUNED.name, "gguf", losses=losses)
    verdict = verdict_of(both(level(20), level(30)), models=[BASE, measured])
    assert verdict.tuned.losses == losses
    assert "losses" not in verdict.to_json()["models"][0]


def test_tuned_models_are_compared_with_recorded_ones_too():
    giant = ModelUnderTest("giant", "recorded")
    rows = both(level(20), level(30)) + answers("giant", HELD_OUT, level(70))
    verdict = verdict_of(rows, models=[giant, BASE, TUNED])
    assert [(c.a, c.b, c.on, c.claim) for c in verdict.comparisons if c.on == "held_out"] == [
        (TUNED.name, BASE.name, "held_out", "better"),
        (TUNED.name, "giant", "held_out", "worse"),
    ]


def test_wrong_requests_are_refused():
    rows = both(level(20), level(30))
    with pytest.raises(RequestError, match=r"new_0 is named as seen and as held_out"):
        verdict_of(rows, seen=["new_0"])
    with pytest.raises(RequestError, match="listed twice"):
        verdict_of(rows, models=[TUNED, TUNED])
    with pytest.raises(RequestError, match=r"tuned-1b: no judged answers.*did you mean tuned-0\.5b\?"):
        verdict_of(rows, models=[ModelUnderTest("tuned-1b", "base")])
    with pytest.raises(RequestError, match="no judged answers in the recordings; judge them"):
        verdict_of([])
    with pytest.raises(RequestError, match="at least one model"):
        verdict_of(rows, models=[])
    strange = [*rows, row(TUNED.name, "new_0", 125.0, "f", path="new_0/tuned-0.5b/evaluation__x.json")]
    with pytest.raises(RequestError, match=r"new_0/tuned-0\.5b/evaluation__x\.json: a score of 125, where"):
        verdict_of(strange)


def test_the_same_recordings_give_the_same_verdict_in_any_order():
    rows = both(level(20), level(30, 50))
    shuffled = random.Random(1).sample(rows, len(rows))
    assert verdict_of(rows) == verdict_of(shuffled)


def test_verdict_json_has_the_documented_keys_and_comes_back_equal(tmp_path):
    rows = [*both(level(20), level(30), HELD_OUT[:3]), row(BASE.name, "new_4", None, "x")]
    verdict = verdict_of(rows, training_answers=[rows[0]["answer"]])
    content = verdict.to_json()
    assert list(content) == ["version", "models", "comparisons", "warnings", "training", "cost"]
    base, tuned = content["models"]
    assert set(base) == {"name", "kind", "scores", "per_task", "per_label", "memorization"}
    assert set(tuned) == set(base) | {"file_sha256"}
    assert set(base["scores"]["held_out"]) == {
        *("mean", "low", "high", "solved", "solved_low", "solved_high", "tasks", "samples"),
        *("distinct_samples", "tokens_per_second"),
    }
    assert set(base["per_task"]["new_0"]) == {"mean", "solved", "samples", "distinct_samples", "split"}
    assert set(base["memorization"]["held_out"]) == {"verbatim_rate", "ngram_overlap", "peakedness"}
    assert set(content["comparisons"][0]) == {
        *("a", "b", "on", "difference", "low", "high", "claim", "tasks"),
        *("solved_difference", "solved_low", "solved_high", "smallest_detectable_difference", "family"),
        *("p_value", "p_adjusted", "solved_p_value", "solved_p_adjusted", "solved_claim"),
    }
    by_code = {found["code"]: set(found) for found in content["warnings"]}
    assert by_code["few-test-cases"] == {"code", "message"}
    assert by_code["unavailable-test-cases"] == {"code", "message", "models", "tasks"}
    assert set(content["training"]) == {
        *("rows", "distinct_prompts", "tokens_total", "tokens_supervised", "seconds"),
        *("tokens_per_second", "peak_memory_bytes", "final_loss"),
    }
    assert set(content["cost"]) == {
        *(
            "price_per_hour_usd",
            "price_source",
            "price_date",
            "predicted_usd",
            "predicted_seconds",
            "measured_usd",
            "seconds",
            "steps",
            "joules",
            "energy_source",
            "per_point",
            "on_gpus",
        ),
    }
    write_json(tmp_path / "verdict.json", content)
    assert read_verdict(tmp_path / "verdict.json") == verdict
    jsonschema = pytest.importorskip(
        "jsonschema", reason="jsonschema is not installed: nothing to check with"
    )
    jsonschema.validate(content, shipped_schema())
    assert Verdict.model_validate(content) == verdict


def test_the_schema_that_is_shipped_is_the_models():
    assert shipped_schema() == schema_of_model()


def test_a_file_that_is_no_verdict_is_refused(tmp_path):
    path = tmp_path / "verdict.json"
    with pytest.raises(RequestError, match="there is no such file"):
        read_verdict(path)
    path.write_text('{"version": 2}')
    with pytest.raises(RequestError, match="not a verdict of version 1"):
        read_verdict(path)
    path.write_text("{")
    with pytest.raises(RequestError, match="not a verdict of version 1"):
        read_verdict(path)
