"""Memorization on examples small enough to count by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_recordings import fenced

from slingshot.dataset.normalize import code_tokens, normalized_code
from slingshot.verdict import ngram_overlap, verbatim_rate


@pytest.mark.parametrize(
    ("code", "normalized"),
    [
        ("x = 1 # one\ny = 2", "x = 1 y = 2"),
        ("x = #= a #= nested =# b =# 1", "x = 1"),
        ('s = "a # b" # c', 's = "a # b"'),
        ('"""\n# no comment\n"""\nf() = 1', '""" # no comment """ f() = 1'),
        ("c = '#' # hash", "c = '#'"),
        ("B = A' # transposed'", "B = A'"),
        ('s = "$(join(x, "#"))" # tail', 's = "$(join(x, "#"))"'),
        ('s = "\\"#" # tail', 's = "\\"#"'),
        ("f(x)  =\n\t x", "f(x) = x"),
        ("x #= never closed", "x"),
        ("# only a comment", ""),
    ],
)
def test_comments_and_layout_do_not_count(code, normalized):
    assert normalized_code(code) == normalized


def test_tokens_are_names_numbers_strings_and_operators():
    assert code_tokens('push!(a, 1.5e3) |> x -> "a b" # c') == [
        *("push!", "(", "a", ",", "1.5e3", ")", "|>", "x", "->", '"a b"')
    ]


@given(st.text(alphabet="ab1 \n\"'#=$()\\", max_size=60))
def test_normalizing_any_text_ends_and_settles_on_white_space(code):
    assert "  " not in normalized_code(code)


def test_a_hostile_string_takes_no_time():
    code_tokens('"' + "$(" * 3000)


def test_verbatim_counts_answers_whose_code_is_a_training_rows():
    training = ["```julia\nf(x) = x + 1 # add\n```", "no code here"]
    given_answers = [
        "Sure!\n```julia\nf(x) =  x + 1\n```",
        "```julia\nf(x) = x + 2\n```",
        "no code here",
        "```julia\nf(x) = x + 1\n```",
    ]
    assert verbatim_rate(given_answers, training, fenced) == 0.5


def test_ngram_overlap_is_the_mean_share_of_known_thirteen_grams():
    words = [f"w{i}" for i in range(20)]
    training = [f"```julia\n{' '.join(words)}\n```"]
    # 15 tokens, the last one new: of 3 runs of 13 the first two are known. And an unknown answer.
    part = f"```julia\n{' '.join([*words[:14], 'new'])}\n```"
    other = f"```julia\n{' '.join(['other'] * 13)}\n```"
    assert ngram_overlap([part], training, fenced) == pytest.approx(2 / 3)
    assert ngram_overlap([part, other], training, fenced) == pytest.approx(1 / 3)


def test_a_short_answer_is_one_ngram_and_an_empty_one_none():
    training = ["```julia\nf(x) = x + 1\n```"]
    assert ngram_overlap(["```julia\nx + 1\n```"], training, fenced) == 1
    assert ngram_overlap(["```julia\nx + 2\n```"], training, fenced) == 0
    assert ngram_overlap(["nothing"], training, fenced) == 0
