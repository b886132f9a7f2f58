"""Which programs an answer holds."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slingshot.judge import extract_code
from slingshot.judge.julia.extract import candidate_programs, extract_blocks


def test_a_labelled_block_is_the_program():
    assert extract_code("Sure!\n```julia\nf(x) = x\n```\nDone.") == "f(x) = x"


@pytest.mark.parametrize(
    "label", ["julia", "jl", "Julia", "JULIA", " julia", "julia title=x", "julia {.numbers}"]
)
def test_the_label_may_be_written_in_many_ways(label):
    assert extract_code(f"```{label}\nf(x) = x\n```") == "f(x) = x"


def test_an_unlabelled_block_counts_when_no_block_is_labelled_julia():
    assert extract_code("```\nf(x) = x\n```") == "f(x) = x"


def test_an_unlabelled_block_beside_a_julia_block_is_output_and_not_program():
    assert extract_code("```julia\nf(x) = x\n```\ngives\n```\n1\n```") == "f(x) = x"


@pytest.mark.parametrize("label", ["python", "bash", "julia-repl", "text", "c++", "julia_extra"])
def test_blocks_in_other_languages_do_not_count(label):
    assert extract_code(f"```{label}\nf(x) = x\n```") == ""


def test_a_julia_block_after_a_python_block_is_found():
    assert extract_code("```python\ndef f(x): return x\n```\n\n```julia\nf(x) = x\n```") == "f(x) = x"


@pytest.mark.parametrize(
    "answer", ["", "f(x) = x", "Use `f(x) = x`.", "``` f(x) = x ```", "``\nf(x) = x\n``"]
)
def test_an_answer_without_a_fence_has_no_code(answer):
    assert extract_code(answer) == ""


@pytest.mark.parametrize("answer", ["```julia\n```", "```julia\n\n  \n```", "```julia", "```\n```"])
def test_an_empty_block_is_no_code(answer):
    assert extract_code(answer) == ""
    assert candidate_programs(answer, "f") == []


def test_a_block_that_is_never_closed_runs_to_the_end():
    assert extract_code("```julia\nf(x) = x\ng(x) = 2") == "f(x) = x\ng(x) = 2"


def test_several_blocks_make_one_program_in_their_order():
    assert extract_code("```julia\nf(x) = x\n```\nand\n```jl\ng(x) = f(x)\n```") == "f(x) = x\ng(x) = f(x)"


def test_tilde_fences_count():
    assert extract_code("~~~julia\nf(x) = x\n~~~") == "f(x) = x"


@pytest.mark.parametrize(("fence", "inner"), [("````", "```"), ("~~~", "```"), ("```", "~~~")])
def test_a_fence_of_another_kind_or_length_inside_is_part_of_the_program(fence, inner):
    code = f's = """\n{inner}\ncode\n{inner}\n"""'
    assert extract_code(f"{fence}julia\n{code}\n{fence}") == code


def test_a_longer_fence_closes_as_well():
    assert extract_code("```julia\nf(x) = x\n`````\nprose") == "f(x) = x"


def test_backticks_within_a_line_do_not_close_the_block():
    code = 'run(`ls`)  # ```\ns = "```"'
    assert extract_code(f"```julia\n{code}\n```") == code


def test_an_indented_fence_counts():
    assert extract_code("1. So:\n   ```julia\n   f(x) = x\n   ```\n") == "   f(x) = x"


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_become_newlines(end):
    assert (
        extract_code(end.join(["```julia", "f(x) = x", "g(x) = 2", "```", "prose"])) == "f(x) = x\ng(x) = 2"
    )


@given(st.text().filter(lambda code: code.strip() and "```" not in code and "\r" not in code))
def test_a_fenced_program_comes_back_unchanged(code):
    assert extract_code(f"Prose before.\n\n```julia\n{code}\n```\n\nProse after.") == code


@given(st.text(alphabet="`~ julia\n\r\tpx=", max_size=80))
def test_any_answer_can_be_read(answer):
    for block in extract_blocks(answer):
        assert block.strip()
        assert "\r" not in block
    assert extract_code(answer) == "\n".join(extract_blocks(answer))


@pytest.mark.parametrize(
    "answer",
    [
        "```" + "a" * 100_000 + "`",
        "`" * 100_000 + " x `",
        "```julia\n" + "\n" * 100_000 + "```\n```julia\nx\n```",
        "```julia\nf(" + ")" * 100_000 + "\n```\n```julia\nx\n```",
        "```julia\nf() " * 20_000,
    ],
)
def test_a_malicious_answer_is_read_in_no_time(answer):
    started = time.process_time()
    candidate_programs(answer, "f")
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "definition",
    [
        "function f(x)\n    x\nend",
        "f(x) = x",
        "f(x)::Int = x",
        "f(x::T) where {T<:Real} = x",
        "  f(x; k = 1) = x + k",
        "f((a, b)) = a",
        "using Dates\nf(x) = x",
    ],
)
def test_a_block_that_defines_the_function_is_a_program_of_its_own(definition):
    answer = f"```julia\nusing Test\n```\n```julia\n{definition}\n```\n```julia\nf(broken\n```"
    programs = candidate_programs(answer, "f")
    assert programs == [f"using Test\n{definition}\nf(broken", definition]


@pytest.mark.parametrize(
    "usage",
    [
        "f(1)",
        "f(1) == 2",
        "f(2) != 3",
        "f(3) <= 4",
        "f(1) # => 2",
        "f(1) # = 2",
        "y = f(1)",
        "ff(x) = x",
        "function fg()\nend",
        "f(1, k = 2)",
    ],
)
def test_a_block_that_only_uses_the_function_is_no_definition(usage):
    programs = candidate_programs(f"```julia\n{usage}\n```\n```julia\nf(x) = x\n```", "f")
    assert programs == [f"{usage}\nf(x) = x", "f(x) = x"]


def test_a_single_block_is_tried_once():
    assert candidate_programs("```julia\nf(x) = x\n```", "f") == ["f(x) = x"]


def test_names_with_an_exclamation_mark_are_names():
    answer = "```julia\nusing Test\n```\n```julia\nfunction sort!(x)\nend\n```"
    assert candidate_programs(answer, "sort!")[1:] == ["function sort!(x)\nend"]
