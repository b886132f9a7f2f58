"""What is counted where two forms are fed the same tokens, on made-up distributions whose figures are known."""

import numpy as np
import pytest

from slingshot.gguf.parity import Form, Prompt, Thresholds
from slingshot.gguf.parity.agreement import compare
from slingshot.gguf.parity.reading import Reading, Script, Vocabulary

END = 3
EXACT = Thresholds(greedy=1, kl=0, ends=1)


def spell(tokens):
    return "".join("abc."[token] for token in tokens)


@pytest.fixture
def read(tmp_path):
    """A reading with these probabilities, (prompts, positions, words), and these tokens of the prompts."""

    def reading(name, probabilities, tokens=None, words="abc.", ends=(END,), kind="hf", added=()):
        folder = tmp_path / name
        folder.mkdir()
        for number, of_prompt in enumerate(probabilities):
            # A constant added to all logits changes no distribution.
            np.save(folder / f"{number}.npy", np.log(np.array(of_prompt, np.float32)) + 5)
        prompts = tokens or [(0, 1)] * len(probabilities)
        vocabulary = Vocabulary(list(words), frozenset(added), frozenset(ends))
        return Reading(Form(name, kind, folder), {"by hand": prompts}, vocabulary, folder, 1.5)

    return reading


def scripts(*answers, splits=None):
    splits = splits or ["seen"] * len(answers)
    return [
        Script(Prompt(f"case {number}", [], split), (0, 1), answer)
        for number, (answer, split) in enumerate(zip(answers, splits, strict=True))
    ]


def one_hot_like(*tokens):
    """Distributions whose likeliest word is each of these tokens."""
    return [[0.7 if word == token else 0.1 for word in range(4)] for token in tokens]


def test_a_form_that_says_the_same_has_no_fault_and_no_spread(read):
    said = [one_hot_like(0, 1, END), one_hot_like(2, 2, 2)]
    found = compare(read("a", said), read("b", said), scripts((0, 1, END), (2, 2, 2)), spell, EXACT)
    measured = found.on["all"]
    assert (measured.prompts, measured.positions) == (2, 6)
    assert (measured.greedy_equal.mean, measured.kl.mean, measured.kl_max, measured.ends_equal) == (
        1,
        0,
        0,
        1,
    )
    assert measured.greedy_equal.low < 0.9, "two prompts do not prove that all are alike"
    assert (found.flips, found.divergence, found.text, found.faults, found.ended) == (0, None, None, [], 1)
    assert list(found.on) == ["all", "seen"]


def test_the_divergence_is_that_of_the_form_from_the_reference_in_nats(read):
    reference, form = [[[0.5, 0.25, 0.125, 0.125]]], [[[0.25, 0.5, 0.125, 0.125]]]
    found = compare(read("form", form), read("reference", reference), scripts((0,)), spell, EXACT)
    expected = 0.5 * np.log(0.5 / 0.25) + 0.25 * np.log(0.25 / 0.5)
    assert found.on["all"].kl.mean == pytest.approx(expected, rel=1e-6)
    assert found.on["all"].kl_max == pytest.approx(expected, rel=1e-6)
    assert found.on["all"].kl.low is None, "one prompt has no interval"


def test_words_with_no_probability_at_all_add_nothing(read):
    said = [[[1.0, 0.0, 0.0, 0.0]]]
    with np.errstate(divide="ignore"):
        found = compare(read("a", said), read("b", said), scripts((0,)), spell, EXACT)
    assert found.on["all"].kl.mean == 0


def test_every_other_likeliest_token_is_counted_and_the_first_is_shown_with_what_stands_before_it(read):
    form = read("form", [one_hot_like(0, 1, 2), one_hot_like(1, 1, 1)])
    reference = read("reference", [one_hot_like(0, 1, 2), one_hot_like(1, 0, 0)])
    found = compare(form, reference, scripts((0, 1, 2), (1, 0, 0)), spell, EXACT)
    assert (found.flips, found.near_ties) == (2, 0)
    assert found.on["all"].greedy_equal.mean == pytest.approx(4 / 6)
    first = found.divergence
    assert (first.prompt, first.position, first.expected, first.got) == ("case 1", 2, "a", "b")
    assert first.before == "abb", "the prompt, and the answer so far"
    assert "66.67% of its likeliest tokens are the same, 100.00% must be" in found.faults[0]


def test_a_flip_between_two_tokens_as_good_as_equal_is_a_flip_and_is_told_apart(read):
    reference = read("reference", [[[0.3001, 0.2999, 0.2, 0.2], [0.6, 0.2, 0.1, 0.1]]])
    form = read("form", [[[0.2999, 0.3001, 0.2, 0.2], [0.2, 0.6, 0.1, 0.1]]])
    found = compare(form, reference, scripts((0, 0)), spell, EXACT)
    assert (found.flips, found.near_ties) == (2, 1)


def test_an_answer_that_ends_elsewhere_is_counted_by_the_ends_of_each_form(read):
    reference = read("reference", [one_hot_like(0, END), one_hot_like(0, END)])
    form = read("form", [one_hot_like(0, END), one_hot_like(0, 2)])
    found = compare(form, reference, scripts((0, END), (0, END)), spell, EXACT)
    assert found.on["all"].ends_equal == 0.5
    assert found.ended == 2
    assert "50% of its answers end at the same places, 100% must" in found.faults


def test_seen_and_held_out_prompts_are_told_apart_and_longer_answers_count_more(read):
    reference = read("reference", [one_hot_like(0, 0, 0), one_hot_like(1)])
    form = read("form", [one_hot_like(0, 0, 0), one_hot_like(2)])
    asked = scripts((0, 0, 0), (1,), splits=["seen", "held_out"])
    found = compare(form, reference, asked, spell, EXACT)
    shares = {split: measured.greedy_equal.mean for split, measured in found.on.items()}
    assert shares == {"all": 0.75, "seen": 1.0, "held_out": 0.0}


def test_distributions_that_are_no_numbers_are_a_fault(read):
    broken = [[[np.nan, 0.5, 0.25, 0.25]]]
    found = compare(read("form", broken), read("reference", [one_hot_like(1)]), scripts((1,)), spell, EXACT)
    assert any("divergence is nan nats" in fault for fault in found.faults)


def test_other_tokens_of_a_prompt_are_a_fault_with_the_first_one_shown(read):
    said = [one_hot_like(0), one_hot_like(0)]
    reference = read("reference", said, tokens=[(0, 1), (0, 1, 2)])
    form = read("form", said, tokens=[(0, 1), (0, 1, 0, 2)])
    found = compare(form, reference, scripts((0,), (0,)), spell, EXACT)
    text = found.text
    assert (text.what, text.place, text.position, text.expected, text.got) == (
        "prompt",
        "case 1",
        3,
        "c",
        "a",
    )
    assert "token 3 of the prompt case 1 is 'a' where 'c' is expected, read by by hand" in found.faults[0]


def test_a_prompt_that_is_shorter_or_longer_shows_nothing_on_one_side(read):
    reference = read("reference", [one_hot_like(0)], tokens=[(0, 1)])
    form = read("form", [one_hot_like(0)], tokens=[(0, 1, 1)])
    found = compare(form, reference, scripts((0,)), spell, EXACT)
    assert (found.text.position, found.text.expected, found.text.got) == (3, None, "b")


def test_a_word_with_another_meaning_is_found_even_where_no_prompt_has_it(read):
    reference = read("reference", [one_hot_like(0)])
    form = read("form", [one_hot_like(0)], words="acb.")
    found = compare(form, reference, scripts((0,)), spell, EXACT)
    assert (found.text.what, found.text.place, found.text.expected, found.text.got) == (
        "vocabulary",
        "1",
        "b",
        "c",
    )


def test_added_words_are_spelled_another_way_in_a_gguf_file_and_more_words_are_no_fault(read):
    reference = read("reference", [one_hot_like(0)], added=[2])
    form = read("form", [one_hot_like(0)], words="abX.+", kind="gguf")
    assert compare(form, reference, scripts((0,)), spell, EXACT).text is None


def test_an_end_that_a_form_does_not_take_for_one_is_a_fault(read):
    reference = read("reference", [one_hot_like(0, END)])
    form = read("form", [one_hot_like(0, END)], ends=[2])
    found = compare(form, reference, scripts((0, END)), spell, EXACT)
    assert (found.text.what, found.text.place, found.text.expected) == ("end", "3", ".")
    assert "token 3, '.', ends the reference's answers and does not end its own" in found.faults[0]
