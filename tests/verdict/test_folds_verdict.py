"""What leaving each test case out once shows: pooled answers against the base's, and what they owe to memory."""

from dataclasses import replace

import pytest
from made_up_recordings import BASE, SEEN, TUNED, answers, clean, fenced, frame, level, row, verdict_of
from rich.console import Console

from slingshot.files import write_json
from slingshot.verdict import (
    CostFacts,
    Evidence,
    Fold,
    StepCost,
    model_card_block,
    pool_folds,
    print_verdict,
    read_verdict,
)
from slingshot.verdict.costs import with_cost_per_point
from slingshot.verdict.wording import folds_in_words

OTHERS = "```julia\ng(x) = x - 1\n```"


def folds_of(score, test_cases=SEEN, training_answers=(OTHERS,)):
    """A fold for each test case, whose models answer to it with such scores."""
    given = {name: [] for name in test_cases}
    for made in answers("a-fold", test_cases, score):
        given[made["test_case"]].append(made)
    return [Fold(name, frame(own), training_answers, 0.5, 60.0) for name, own in given.items()]


def pool(folds, rows=None, parity="seen_0"):
    base = answers(BASE.name, SEEN, level(20)) if rows is None else rows
    return pool_folds(folds, BASE.name, TUNED.name, frame(base), extract=fenced, parity=parity)


def test_the_figures_are_those_of_one_model_that_gave_all_the_answers():
    found = pool(folds_of(level(60)))
    alone = verdict_of(
        answers(BASE.name, SEEN, level(20)) + answers(TUNED.name, SEEN, level(60)),
        seen=[],
        held_out=SEEN,
        models=[BASE, replace(TUNED, tokens_per_second=None)],
        resamples=10_000,
    )
    (expected,) = [c for c in alone.comparisons if c.on == "held_out"]
    assert found.tuned == alone.tuned.scores["held_out"]
    assert found.base == alone.base.scores["held_out"]
    assert found.comparison == expected.model_copy(update={"family": "folds"})
    assert found.comparison.claim == "better"
    assert found.comparison.p_value == found.comparison.p_adjusted
    assert {name: task.tuned for name, task in found.per_task.items()} == alone.tuned.per_task
    assert found.models_trained == 12
    assert found.seconds == 720


def test_what_others_answered_and_what_was_not_left_out_counts_nowhere():
    folds = folds_of(level(60))
    more = frame([*folds[0].recordings.to_dicts(), row("a-fold", "new_0", 100.0, "x")])
    others = answers("another", SEEN, 100) + answers(BASE.name, ["new_0"], 100)
    found = pool(
        [replace(folds[0], recordings=more), *folds[1:]], answers(BASE.name, SEEN, level(20)) + others
    )
    assert found == pool(folds)


def test_five_test_cases_left_out_claim_nothing_however_much_they_gain():
    found = pool(folds_of(level(80), SEEN[:5]))
    assert found.comparison.claim == "no measurable difference"
    assert "5 test cases are too few to rule out chance" in folds_in_words(found)[0]
    assert "few-test-cases" in [warning.code for warning in found.warnings]


def test_memory_is_looked_up_in_the_training_code_of_the_answers_own_fold():
    folds, base = folds_of(level(60)), answers(BASE.name, SEEN, level(20))
    firsts = {made["test_case"]: made["answer"] for made in base if made["sample"] == 0}
    texts = [[fold.recordings["answer"][0], firsts[fold.test_case]] for fold in folds]

    def memory(training):
        pairs = zip(folds, training, strict=True)
        found = pool([replace(fold, training_answers=of_fold) for fold, of_fold in pairs], base)
        return found.base_memorization.verbatim_rate, found.tuned_memorization.verbatim_rate

    assert memory(texts) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    # The same rows, but in every fold those that the model of the next one repeats.
    assert memory(texts[1:] + texts[:1]) == (0, 0)


def test_answers_that_nobody_could_judge_leave_their_test_case_out():
    folds = folds_of(level(60))
    unjudged = frame([row("a-fold", SEEN[0], None, "x")])
    found = pool([replace(folds[0], recordings=unjudged), *folds[1:]])
    assert SEEN[0] not in found.per_task
    assert found.tuned.tasks == found.comparison.tasks == 11
    assert "unavailable-test-cases" in [warning.code for warning in found.warnings]
    assert pool([replace(folds[0], recordings=unjudged)]) is None


@pytest.fixture
def with_folds():
    """A clean verdict with folds."""
    return verdict_of(clean()).model_copy(update={"folds": pool(folds_of(level(40)))})


def test_a_verdict_with_folds_comes_back_equal_and_one_without_has_no_such_key(with_folds, tmp_path):
    write_json(tmp_path / "verdict.json", with_folds.to_json())
    assert read_verdict(tmp_path / "verdict.json") == with_folds
    assert "folds" not in verdict_of(clean()).to_json()


def test_looking_at_the_evidence_again_keeps_the_folds(with_folds):
    evidence = Evidence(frame(clean()), [BASE, TUNED], SEEN, [], [], folds=with_folds.folds)
    assert evidence.verdict().folds == with_folds.folds


def test_terminal_and_model_card_say_what_folds_show(with_folds, capsys):
    print_verdict(with_folds, Console(width=400))
    plain = " ".join(capsys.readouterr().out.split())
    first, second = folds_in_words(with_folds.folds)
    assert first.startswith("Trained without it, the method scores 4")
    assert first.endswith(
        "each left out once): better by +20.0 [+18.3, +21.7] points, but it does not solve measurably more."
    )
    for text in (first, second):
        assert text in plain
        assert text.split(" [")[0] in model_card_block(with_folds)


def test_what_a_point_gained_cost_does_not_count_the_folds_that_measured_it():
    seen_only = [made for made in clean() if made["test_case"] in SEEN]
    steps = {"train": StepCost(usd=3.0), "folds": StepCost(usd=30.0)}
    cost = CostFacts(price_per_hour_usd=1.0, measured_usd=33.0, steps=steps)
    found = with_cost_per_point(verdict_of(seen_only, cost=cost)).per_point["seen"]
    assert found.usd == pytest.approx(3.0 / found.points)
