"""The training row nearest to an answer, and which parts of the two are the same."""

from hypothesis import given
from hypothesis import strategies as st
from made_up_recordings import training_row

from slingshot.dataset.normalize import code_tokens, token_places
from slingshot.judge import extract_code
from slingshot.verdict.page.nearest import nearest_rows, program_of

LOOP = "function f(x)\n    total = 0\n    for y in x\n        total += y\n    end\n    return total\nend"
OTHER = "g(a, b) = sum(a) * sum(b) / length(a)"


def fenced(*blocks):
    return "Here it is.\n" + "\nand\n".join(f"```julia\n{block}\n```" for block in blocks)


def near(answer, *learned):
    return nearest_rows([answer], [training_row("q", one) for one in learned]).get(answer)


def marked(side):
    text, marks = side
    return [text[first:last] for first, last in marks]


def test_a_copy_is_marked_whole_whatever_its_comments_and_layout():
    answer = fenced(LOOP.replace("\n    ", "   # as I was told\n "))
    found = near(answer, fenced(OTHER), fenced(LOOP))
    assert found.share == 1
    assert marked(found.learned) == [LOOP]
    assert marked(found.answer)[0].startswith("function f(x)") and marked(found.answer)[0].endswith("end")


def test_only_the_part_in_common_is_marked():
    changed = LOOP.replace("total += y", "total += abs2(y - 1)")
    found = near(fenced(changed), fenced(LOOP))
    assert marked(found.answer) == marked(found.learned) == [LOOP[: LOOP.index(" y\n")]]
    assert 0 < found.share < 1 and found.run == 13


def test_the_row_with_more_in_common_is_the_nearest_and_of_copies_the_first():
    rows = [fenced(OTHER), fenced(LOOP), fenced(LOOP)]
    found = nearest_rows([fenced(LOOP)], [training_row(str(place), row) for place, row in enumerate(rows)])
    assert found[fenced(LOOP)].row.messages[0]["content"] == "1"


def test_where_nothing_is_copied_the_longest_run_in_common_is_marked():
    found = near(fenced("g(a, b) = sum(a) * 2"), fenced(OTHER))
    assert found.run == 12
    assert marked(found.answer) == ["g(a, b) = sum(a) *"]


def test_a_program_shorter_than_a_run_is_copied_when_it_stands_in_a_row_whole():
    found = near(fenced("sum(a) * sum(b)"), fenced(OTHER))
    assert (found.run, found.share) == (9, 1)


def test_an_answer_without_code_or_with_nothing_in_common_has_no_nearest_row():
    assert near("I do not know.", fenced(LOOP)) is None
    assert near(fenced("@show 1"), fenced(LOOP)) is None


def test_code_in_several_blocks_and_with_other_line_ends_is_found_in_the_answer():
    for answer in (fenced(OTHER, LOOP), fenced(OTHER, LOOP).replace("\n", "\r\n")):
        found = near(answer, fenced(LOOP))
        assert marked(found.answer) == [LOOP]


@given(
    st.lists(
        st.sampled_from(["f", "(", ")", "x1", " ", "\n", "# no", "#= a =#", '"s # t"', "'c'", "+=", "2.5"])
    )
)
def test_every_token_stands_where_it_is_said_to_be(pieces):
    code = "".join(pieces)
    assert [token for token, _ in token_places(code)] == code_tokens(code)
    assert all(code.startswith(token, start) for token, start in token_places(code))
    program = program_of(fenced(code))
    assert list(program.tokens) == code_tokens(extract_code(fenced(code)))
    assert all(program.text.startswith(t, s) for t, s in zip(program.tokens, program.starts, strict=True))
