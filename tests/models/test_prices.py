"""A price list is dated, says where its prices come from, and never turns unknown into 0."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slingshot.errors import RequestError
from slingshot.models.prices import Price, cost_usd, load_prices, price_of

ENTRY = "- {model: m, prompt: 2, completion: 6, from: 2024-01-10, source: a page}\n"


def listed(tmp_path, text):
    """The prices of a file that lists these entries."""
    path = tmp_path / "prices.yml"
    path.write_text(f"prices:\n{text}")
    return load_prices(path)


def refusal(tmp_path, text):
    """The lines of the sentence that refuses a file that lists these entries, without its path."""
    with pytest.raises(RequestError) as raised:
        listed(tmp_path, text)
    return [line.removeprefix(str(tmp_path / "prices.yml")) for line in str(raised.value).splitlines()]


def test_every_bundled_price_has_a_source_and_a_day():
    prices = load_prices()
    assert len(prices) > 40
    for model, own in prices.items():
        assert [price.model for price in own] == [model] * len(own)
        assert own == sorted(own, key=lambda price: price.since)
        assert all(price.source and price.prompt > 0 and price.completion > 0 for price in own)


def test_the_price_of_a_day_is_the_latest_that_had_begun(tmp_path):
    later = ENTRY.replace("2024-01-10", "2024-06-01").replace("2,", "1,")
    prices = listed(tmp_path, later + ENTRY)
    assert price_of("m", date(2024, 1, 9), prices) is None
    assert price_of("m", date(2024, 1, 10), prices).prompt == 2
    assert price_of("m", date(2024, 5, 31), prices).prompt == 2
    assert price_of("m", date(2024, 6, 1), prices).prompt == 1


def test_a_price_that_ended_is_unknown_afterwards(tmp_path):
    prices = listed(tmp_path, ENTRY.replace("source", "until: 2024-02-01, source"))
    assert price_of("m", date(2024, 2, 1), prices)
    assert price_of("m", date(2024, 2, 2), prices) is None


def test_a_model_that_is_not_listed_has_no_price():
    assert price_of("nobody's model", date(2024, 1, 1), load_prices()) is None


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_cost_is_tokens_times_price(prompt, answer):
    price = Price.model_validate(
        {"model": "m", "prompt": 3.0, "completion": 15.0, "from": "2024-01-01", "source": "s"}
    )
    assert cost_usd(prompt, answer, price) == pytest.approx(prompt * 3e-6 + answer * 15e-6)


def test_a_file_of_ones_own_adds_models_and_replaces_all_prices_of_a_listed_one(tmp_path):
    own = "- {model: claude-2.1, prompt: 1, completion: 2, from: 2024-06-01, source: our contract}\n"
    prices = listed(tmp_path, ENTRY + own)
    assert price_of("m", date(2025, 1, 1), prices).source == "a page"
    assert price_of("claude-2.1", date(2024, 6, 1), prices).prompt == 1
    assert price_of("claude-2.1", date(2024, 5, 1), prices) is None
    assert "gpt-4-0125-preview" in prices


def test_an_empty_list_changes_nothing(tmp_path):
    assert listed(tmp_path, "  []\n") == load_prices()


def test_all_problems_of_a_file_are_told_at_once_each_with_its_line(tmp_path):
    text = (
        ENTRY
        + "- {model: n, promt: 1, completion: 2, from: 2024-01-01, source: s}\n"
        + "- {model: o, prompt: -1, completion: 2, from: 2024-01-01, source: s}\n"
        + "- just a word\n"
    )
    keys = "model, prompt, completion, from, until, source"
    assert refusal(tmp_path, text) == [
        ":3: the key prices.1.prompt is missing; add it",
        ":3: unknown key prices.1.promt; did you mean prompt?",
        ":4: prices.2.prompt: input should be greater than or equal to 0, but it is -1; change it",
        f":5: prices.3 is a table with the keys {keys}; write it as one",
    ]


def test_two_prices_of_one_model_and_day_are_refused_by_their_lines(tmp_path):
    assert refusal(tmp_path, ENTRY + ENTRY) == [
        ":3: m has a price from 2024-01-10 already, in line 2; keep one"
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  model: m\n", "prices: input should be a valid list"),
        ("- {model: m\n", "not valid YAML"),
        ("- {from: 2026-13-01}\n", "not valid YAML"),
    ],
)
def test_a_file_that_is_no_list_of_prices_is_refused(tmp_path, text, words):
    assert words in refusal(tmp_path, text)[0]


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(RequestError, match="there is no such price list"):
        load_prices(tmp_path / "none.yml")
    with pytest.raises(RequestError, match="a file that can be read"):
        load_prices(tmp_path)
