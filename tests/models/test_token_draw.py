"""A token is drawn by temperature and nucleus, from one number of the generator, and by nothing else."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from slingshot.errors import SlingshotError
from slingshot.models.token_draw import draw

LOGITS = st.lists(st.floats(-30, 30, width=32), min_size=1, max_size=60).map(torch.tensor)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


@given(LOGITS, st.floats(0, 1), st.integers(0, 2**63 - 1))
def test_temperature_0_takes_the_likeliest_token_whatever_the_seed(logits, top_p, seed):
    assert logits[draw(logits, 0.0, top_p, seeded(seed))] == logits.max()


@given(LOGITS, st.floats(0.05, 5), st.floats(0, 1), st.integers(0, 2**63 - 1))
def test_what_is_drawn_lies_in_the_nucleus(logits, temperature, top_p, seed):
    shares = torch.softmax(logits.double() / temperature, dim=0)
    drawn = draw(logits, temperature, top_p, seeded(seed))
    likelier = shares[shares > shares[drawn]].sum()
    assert likelier <= top_p + 1e-4  # float32: the last token of a nucleus may be the next one, too


@given(LOGITS, st.floats(0.05, 5), st.floats(0, 1), st.integers(0, 2**63 - 1))
def test_the_same_seed_draws_the_same_token(logits, temperature, top_p, seed):
    first, again = (draw(logits, temperature, top_p, seeded(seed)) for _ in range(2))
    assert first == again


@pytest.mark.parametrize("top_p", [1.0, 0.999999])
def test_tokens_are_drawn_as_often_as_their_shares_say(top_p):
    logits, generator, count = torch.tensor([0.0, 1.0, 2.0, -40.0, 3.0]), seeded(1), 4000
    drawn = torch.bincount(
        torch.tensor([draw(logits, 0.8, top_p, generator) for _ in range(count)]), minlength=5
    )
    shares = torch.softmax(logits / 0.8, dim=0)
    for times, share in zip(drawn.tolist(), shares.tolist(), strict=True):
        assert abs(times - count * share) <= 5 * math.sqrt(count * share * (1 - share)) + 1e-6


def test_a_small_nucleus_leaves_only_the_likeliest():
    logits = torch.linspace(0, 10, 1000)
    assert {draw(logits, 1.0, 1e-6, seeded(seed)) for seed in range(50)} == {999}
    assert {draw(torch.zeros(1000), 1.0, 1e-6, seeded(seed)) for seed in range(50)} == {0}


def test_logits_that_are_no_numbers_are_an_error_not_a_token():
    for broken in (math.nan, math.inf):
        with pytest.raises(SlingshotError, match="logits are not numbers"):
            draw(torch.tensor([0.0, broken]), 1.0, 1.0, seeded(1))
