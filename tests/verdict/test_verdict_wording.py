"""The one sentence, case by case: what it says follows from the numbers and from nothing else."""

import pytest
from made_up_recordings import BASE, TUNED

from slingshot.verdict import CostFacts, TrainingFacts, Verdict, loss_gap, sentence
from slingshot.verdict.contract import Comparison, Memorization, ModelVerdict, Score
from slingshot.verdict.wording import memorization_in_words, p_in_words, percent, percent_points, points


def score(mean, solved, tasks, low=None, high=None):
    return Score(
        mean=mean,
        low=low,
        high=high,
        solved=solved,
        solved_low=None,
        solved_high=None,
        tasks=tasks,
        samples=tasks,
        distinct_samples=tasks,
        tokens_per_second=None,
    )


def model(under_test, scores, verbatim=None):
    memorization = {} if verbatim is None else {"seen": Memorization(verbatim_rate=verbatim, ngram_overlap=0)}
    return ModelVerdict(
        name=under_test.name, kind=under_test.kind, scores=scores, per_task={}, memorization=memorization
    )


def compared(on, claim, tasks=4, points=(9.0, 2.0, 16.0), solved=(0.0, -0.1, 0.1)):
    return Comparison(
        a=TUNED.name,
        b=BASE.name,
        on=on,
        difference=points[0],
        low=points[1],
        high=points[2],
        solved_difference=solved[0],
        solved_low=solved[1],
        solved_high=solved[2],
        tasks=tasks,
        smallest_detectable_difference=None,
        claim=claim,
    )


def verdict(models, comparisons=()):
    return Verdict(
        models=models,
        comparisons=list(comparisons),
        warnings=[],
        training=TrainingFacts(),
        cost=CostFacts(),
    )


SEEN_BASE, SEEN_TUNED = score(20.3, 0.01, 12, 15, 26), score(97.1, 0.95, 12, 93, 100)
NEW_BASE, NEW_TUNED = score(22.0, 0.0, 4, 10, 30), score(31.0, 0.02, 4, 20, 45)


def whole(held_out, verbatim=(0.0, 0.4)):
    return verdict(
        [
            model(BASE, {"seen": SEEN_BASE, "held_out": NEW_BASE}, verbatim[0]),
            model(TUNED, {"seen": SEEN_TUNED, "held_out": NEW_TUNED}, verbatim[1]),
        ],
        [compared("seen", "better", 12), held_out],
    )


def test_the_whole_sentence():
    found = sentence(whole(compared("held_out", "no measurable difference")))
    assert found == (
        "On the 12 test cases it was trained on, tuned-0.5b scores 97.1 (95 % interval 93 to 100; base 20.3) "
        "and solves 95 %; on the 4 it never saw, 31.0 [20, 45] against the base's 22.0 (solves 2 % against 0 %): "
        "no measurable difference; it memorized: 40 % of its answers on seen test cases are training answers "
        "verbatim (base 0 %)."
    )


@pytest.mark.parametrize(
    ("comparison", "words"),
    [
        (
            compared("held_out", "better"),
            "better by +9.0 [+2.0, +16.0] points, but it does not solve measurably more",
        ),
        (compared("held_out", "better", solved=(0.2, 0.1, 0.3)), "points, and it solves measurably more"),
        (compared("held_out", "better", solved=(-0.2, -0.3, -0.1)), "points, but it solves measurably fewer"),
        (
            compared("held_out", "worse", points=(-9.0, -16.0, -2.0), solved=(-0.2, -0.3, -0.1)),
            "worse by -9.0 [-16.0, -2.0] points, and it solves measurably fewer",
        ),
        (
            compared("held_out", "no measurable difference", solved=(0.2, 0.1, 0.3)),
            "no measurable difference in points, though it solves measurably more",
        ),
        (compared("held_out", "unknown", tasks=1), "too few test cases in common to say which is better"),
        (compared("held_out", "no measurable difference", tasks=3), "compared on the 3 that both answered"),
    ],
)
def test_the_claim_names_points_and_solutions(comparison, words):
    assert words in sentence(whole(comparison))


def test_a_training_that_did_not_help_on_what_was_trained_on_is_said():
    changed = whole(compared("held_out", "no measurable difference"))
    changed = changed.model_copy(update={"comparisons": [compared("seen", "no measurable difference", 12)]})
    assert "and solves 95 %: no measurable difference; on the 4" in sentence(changed)


def test_it_memorized_only_if_more_than_the_base():
    found = sentence(whole(compared("held_out", "better"), verbatim=(0.1, 0.1)))
    assert "it memorized" not in found
    assert "10 % of its answers on seen test cases are training answers verbatim (base 10 %)" in found


def test_without_held_out_test_cases_nothing_is_said_about_new_ones():
    found = sentence(verdict([model(BASE, {"seen": SEEN_BASE}), model(TUNED, {"seen": SEEN_TUNED})]))
    assert found.endswith("; nothing was held out, so nothing can be said about test cases it never saw.")


def test_without_a_base_model_there_is_nothing_to_compare_with():
    found = sentence(verdict([model(TUNED, {"seen": SEEN_TUNED, "held_out": NEW_TUNED}, 0.4)]))
    assert "31.0 [20, 45] (solves 2 %), with no base model to compare with" in found
    assert found.endswith(
        "40 % of its answers on seen test cases are training answers verbatim (no base model to compare with)."
    )


def test_variants_stand_between_seen_and_held_out():
    models = [
        model(BASE, {"seen": SEEN_BASE, "variant": NEW_BASE}),
        model(TUNED, {"seen": SEEN_TUNED, "variant": NEW_TUNED}),
    ]
    found = sentence(verdict(models, [compared("variant", "no measurable difference")]))
    assert "; on 4 variants of what it was trained on, 31.0 [20, 45] against the base's 22.0" in found


def test_only_held_out_test_cases_name_the_model():
    found = sentence(verdict([model(TUNED, {"held_out": NEW_TUNED})]))
    assert found.startswith("On the 4 test cases it never saw, tuned-0.5b scores 31.0")


def test_without_a_tuned_model_nothing_is_said_about_training():
    found = sentence(verdict([model(BASE, {"all": NEW_BASE})]))
    assert found == (
        "On 4 test cases, base-0.5b scores 22.0 [10, 30] and solves 0 %; no tuned model was judged, so nothing "
        "can be said about training."
    )


def test_an_unknown_interval_is_called_unknown():
    found = sentence(verdict([model(TUNED, {"seen": score(50.0, 0.5, 1)})]))
    assert "On the 1 test case it was trained on, tuned-0.5b scores 50.0 (interval unknown)" in found


def test_nothing_judged_is_said():
    assert sentence(verdict([model(TUNED, {})])).startswith("No answer of tuned-0.5b could be judged")


def test_numbers_never_round_to_nothing_or_everything():
    assert [percent(share) for share in (0, 0.004, 0.5, 0.996, 1)] == [
        "0 %",
        "0.4 %",
        "50 %",
        "99.6 %",
        "100 %",
    ]
    assert points(None, None, None) == percent_points(None, None, None) == "–"
    assert percent_points(0.1, None, None) == "+10 [unknown]"


def test_an_interval_clear_of_zero_that_chance_could_make_is_not_a_claim():
    few = compared("held_out", "no measurable difference").model_copy(
        update={"p_value": 0.125, "p_adjusted": 0.125}
    )
    assert "no measurable difference, for 4 test cases are too few to rule out chance" in sentence(whole(few))
    many = compared("held_out", "no measurable difference", tasks=8).model_copy(
        update={"p_value": 0.03, "p_adjusted": 0.12}
    )
    assert (
        "no measurable difference that rules out chance (p 0.12, corrected for the number of comparisons)"
        in sentence(whole(many))
    )


def test_more_solutions_are_claimed_only_if_they_too_survive_the_number_of_comparisons():
    gain = compared("held_out", "better", solved=(0.2, 0.1, 0.3))
    lost = gain.model_copy(update={"solved_p_adjusted": 0.2})
    assert "and it solves measurably more" in sentence(whole(gain))
    assert "but it does not solve measurably more" in sentence(whole(lost))


def test_references_are_beaten_on_held_out_test_cases_by_claim():
    models = [model(TUNED, {"held_out": NEW_TUNED})]
    models += [
        ModelVerdict(name=f"giant-{n}", kind="recorded", scores={}, per_task={}, memorization={})
        for n in "abc"
    ]
    claims = {"giant-a": "better", "giant-b": "worse", "giant-c": "better"}
    comparisons = [
        compared("held_out", claim).model_copy(update={"b": name}) for name, claim in claims.items()
    ]
    assert "on held-out test cases it beats giant-a and giant-c, it is measurably worse than giant-b" in (
        sentence(verdict(models, comparisons))
    )


def test_each_measure_of_memorization_has_a_plain_sentence():
    measured = Memorization(verbatim_rate=0.4, ngram_overlap=0.7, peakedness=0.5)
    of_base = Memorization(verbatim_rate=0, ngram_overlap=0.1, peakedness=0.02)
    tuned = model(TUNED, {"seen": SEEN_TUNED}).model_copy(
        update={"memorization": {"seen": measured}, "losses": loss_gap([0.1] * 9, [0.3] * 9)}
    )
    base = model(BASE, {"seen": SEEN_BASE}).model_copy(
        update={"memorization": {"seen": of_base}, "losses": loss_gap([0.8, 1.2], [0.8, 1.2])}
    )
    assert memorization_in_words(verdict([base, tuned])) == [
        "Of tuned-0.5b's answers on seen test cases 40 % are training code word for word (base 0 %).",
        "Of the 13-token pieces of its answers there 70 % stand in the training code (base 10 %).",
        "Asked the same again, it answers within 5 % of its most usual answer in 50 % of cases (base 2 %); copies "
        "count, so that it says little of answers drawn without temperature.",
        "Its loss on answers it was trained on is 0.10 nats a token, on other right answers to the same prompts 0.30; a "
        "loss alone tells the two apart 100 times in 100 (AUC 1.00 [0.78, 1.00]): 50 would be chance. The base's are "
        "1.00 and 1.00, and tell them apart 50 times in 100.",
    ]
    assert memorization_in_words(verdict([base])) == []


def test_p_values_are_never_rounded_to_nothing():
    assert [p_in_words(p) for p in (None, 1.0, 0.0491, 0.0004)] == ["–", "1", "0.049", "< 0.001"]
