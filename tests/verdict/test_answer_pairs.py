"""Which right answers never trained on stand beside which answers trained on."""

import polars as pl
import pytest
from made_up_recordings import fenced

from slingshot.dataset import Row
from slingshot.verdict.answer_pairs import is_only_julia, pair_answers


def code(name):
    return f"```julia\n{name}(x) = x\n```"


def trained(name, test_case="sums", label="InJulia"):
    messages = [{"role": "user", "content": label}, {"role": "assistant", "content": code(name)}]
    return Row(messages, test_case, label)


def recorded(*answers):
    """(answer, test case, prompt label, score) as recordings."""
    columns = ["answer", "test_case", "prompt_label", "score"]
    return pl.DataFrame(list(answers), schema=[*columns[:3], ("score", pl.Float64)], orient="row")


def found(rows, recordings, **own):
    return [(pair.row.answer, pair.other) for pair in pair_answers(rows, recordings, fenced, **own)]


def test_an_answer_never_trained_on_to_the_same_prompt_stands_beside_one_that_was():
    recordings = recorded((code("f"), "sums", "InJulia", 100.0), (code("g"), "sums", "InJulia", 100.0))
    assert found([trained("f")], recordings) == [(code("f"), code("g"))]


@pytest.mark.parametrize(
    "other",
    [
        (code("g"), "sums", "InJulia", 99.0),
        (code("g"), "sums", "InJulia", None),
        (code("g"), "products", "InJulia", 100.0),
        ("no code", "sums", "InJulia", 100.0),
        ("```julia\nf(x)  =  x # the same\n```", "sums", "InJulia", 100.0),
        ("So:\n" + code("g"), "sums", "Other", 100.0),
    ],
    ids=[
        "wrong",
        "not judged",
        "of another test case",
        "no code",
        "the code trained on",
        "prose of another label",
    ],
)
def test_other_answers_do_not(other):
    assert found([trained("f")], recorded(other)) == []


def test_what_is_trained_on_under_one_label_is_no_unseen_answer_under_another():
    rows = [trained("f"), trained("g", label="Other")]
    recordings = recorded((code("f"), "sums", "InJulia", 100.0), (code("g"), "sums", "Other", 100.0))
    assert found(rows, recordings) == []


def test_an_answer_under_the_same_label_is_taken_before_one_under_another():
    recordings = recorded((code("a"), "sums", "Other", 100.0), (code("z"), "sums", "InJulia", 100.0))
    assert found([trained("f")], recordings) == [(code("f"), code("z"))]
    both = found([trained("f"), trained("g")], recordings)
    assert sorted(other for _, other in both) == [code("a"), code("z")]


def test_prose_trained_on_is_not_compared_with_the_bare_code_of_another_label():
    messages = [{"role": "user", "content": "?"}, {"role": "assistant", "content": f"So:\n{code('f')}"}]
    recordings = recorded((code("g"), "sums", "Other", 100.0), (code("h"), "sums", "InJulia", 100.0))
    row = Row(messages, "sums", "InJulia")
    assert found([row], recordings[:1]) == []
    assert [other for _, other in found([row], recordings)] == [code("h")]


def test_both_sides_have_each_answer_once_however_often_it_was_recorded():
    recordings = recorded(*[(code(name), "sums", "InJulia", 100.0) for name in "ggghh"])
    pairs = found([trained(name) for name in "abcd"], recordings)
    assert sorted(other for _, other in pairs) == [code("g"), code("h")]
    assert len({answer for answer, _ in pairs}) == 2


def test_many_pairs_are_cut_evenly_over_test_cases_and_alike_for_a_seed():
    cases = ("one", "two", "three")
    rows = [trained(f"t{n}", case) for case in cases for n in range(9)]
    recordings = recorded(*[(code(f"u{n}"), case, "InJulia", 100.0) for case in cases for n in range(9)])
    pairs = pair_answers(rows, recordings, fenced, most=6)
    assert sorted(pair.row.test_case for pair in pairs) == sorted(cases * 2)
    assert pairs == pair_answers(rows, recordings, fenced, most=6)
    assert pairs != pair_answers(rows, recordings, fenced, most=6, seed=1)


def test_only_a_block_of_julia_keeps_the_rules_of_every_prompt_label():
    assert is_only_julia(code("f")) and is_only_julia(f"\n{code('f')}\n")
    for answer in (f"Here:\n{code('f')}", f"{code('f')}\n{code('g')}", "f(x) = x", "```\nf(x) = x\n```"):
        assert not is_only_julia(answer)
