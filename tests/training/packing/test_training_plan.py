"""What every step learns from, how it is divided, and how rows are laid together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slingshot.training.config import TrainingConfig
from slingshot.training.packing.layout import lay_out
from slingshot.training.packing.plan import divide, plan_training
from slingshot.training.rows.encoding import EncodedRow
from slingshot.training.step.schedules import learning_rate

sizes = st.lists(st.integers(1, 5), min_size=1, max_size=20)
token_ids = st.lists(st.integers(3, 90), min_size=1, max_size=6).map(tuple)
some_rows = st.lists(
    st.builds(EncodedRow.of, st.sampled_from([(1, 5), (1, 6, 7), (1, 8)]), token_ids), min_size=1, max_size=12
)


@given(sizes, st.integers(1, 6), st.integers(1, 4), st.integers(0, 3))
def test_every_epoch_has_every_group_once_and_the_seed_decides_the_order(rows, per_step, epochs, seed):
    plan = plan_training(rows, per_step, epochs, None, seed)
    assert plan == plan_training(rows, per_step, epochs, None, seed)
    for epoch in range(epochs):
        steps = [step for step in plan if epoch < step.epoch <= epoch + 1]
        assert sorted(group for step in steps for group in step.groups) == list(range(len(rows)))
        for step in steps[:-1]:
            taken = [rows[group] for group in step.groups]
            assert sum(taken) >= per_step > sum(taken[:-1])
    assert plan[-1].epoch == epochs


@given(sizes, st.floats(0.05, 3))
def test_a_fraction_of_an_epoch_has_that_share_of_its_steps_rounded_up(rows, epochs):
    plan = plan_training(rows, 2, epochs, None, 0)
    whole = plan_training(rows, 2, 4, None, 0)
    assert plan == whole[: len(plan)]
    assert plan[-1].epoch >= epochs - 1e-9
    assert len(plan) == 1 or plan[-2].epoch < epochs


@given(sizes, st.integers(1, 40))
def test_a_number_of_steps_decides_alone(rows, steps):
    plan = plan_training(rows, 2, 1, steps, 0)
    assert len(plan) == steps
    assert plan[0] == plan_training(rows, 2, 1, None, 0)[0]


@given(st.lists(st.integers(1, 500), min_size=1, max_size=20), st.integers(1, 6))
def test_a_step_is_divided_into_pieces_that_lack_and_repeat_nothing(tokens, pieces):
    parts = divide(range(len(tokens)), dict(enumerate(tokens)), pieces)
    assert len(parts) == pieces
    assert sorted(group for part in parts for group in part) == list(range(len(tokens)))
    sums = [sum(tokens[group] for group in part) for part in parts]
    assert max(sums) - min(sums) <= max(tokens)


@given(some_rows, st.sampled_from(["shared", "plain", "none"]), st.integers(12, 30))
@settings(max_examples=60)
def test_laid_together_all_rows_are_there_once_and_no_sequence_is_too_long(rows, packing, longest):
    laid = lay_out(rows, packing, longest, seed=1)
    assert sorted(row.tokens for one in laid for row in one.rows) == sorted(row.tokens for row in rows)
    assert sum(one.supervised for one in laid) == sum(row.supervised for row in rows)
    assert all(one.tokens <= longest for one in laid)


def test_a_packed_sequence_counts_as_one_row_and_rows_with_one_prompt_as_they_are():
    rows = [EncodedRow.of((1, 2), (3, number)) for number in range(4, 8)]
    assert [one.counts for one in lay_out(rows, "shared", 100, 0)] == [4]
    assert [one.counts for one in lay_out(rows, "plain", 100, 0)] == [1]
    assert [one.counts for one in lay_out(rows, "none", 100, 0)] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("settings", "rates"),
    [
        ({"lr_scheduler": "constant"}, [1, 1, 1, 1, 1]),
        ({"lr_scheduler": "constant_with_warmup", "warmup_steps": 3}, [0.25, 0.5, 0.75, 1, 1]),
        ({"lr_scheduler": "constant", "warmup_ratio": 0.2}, [0.5, 1, 1, 1, 1]),
        ({"lr_scheduler": "linear", "warmup_steps": 1}, [0.5, 1, 0.75, 0.5, 0.25]),
        ({"lr_scheduler": "cosine", "warmup_steps": 1}, [0.5, 1, 0.853553, 0.5, 0.146447]),
        (
            {"lr_scheduler": "cosine", "cosine_min_lr_ratio": 0.5, "warmup_steps": 1},
            [0.5, 1, 0.926777, 0.75, 0.573223],
        ),
    ],
)
def test_the_rate_rises_and_takes_its_course(settings, rates):
    config = TrainingConfig(learning_rate=1.0, **settings)
    assert [learning_rate(step, 5, config) for step in range(5)] == pytest.approx(rates, abs=1e-6)
