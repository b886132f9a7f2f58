"""Which answers a table counts: plain ones by default, and what is left out is said."""

import polars as pl
import pytest
from made_up_answers import CASES, answer, answers, frame

from slingshot.errors import RequestError
from slingshot.leaderboard import Question, build_leaderboard

SCAN = {"experiment": "heat", "parameters": '{"temperature": 0.5}'}


def names(board):
    """The names of a table's rows, in its order."""
    return [row.name for row in board.rows]


def test_scans_are_left_out_of_every_table_but_their_own_and_a_note_says_how_many():
    made = frame(answers("a", score=80), answers("a", score=10, **SCAN))
    for by in ("model", "prompt", "test-case"):
        board = build_leaderboard(made, Question(by))
        assert board.answers.height == 16
        assert "16 answers of experiments left out: --by scan shows them." in board.notes
    scan = build_leaderboard(made, Question("scan"))
    assert scan.rows[0].name == "a · heat · temperature=0.5"
    assert scan.rows[0].about == {
        "model": "a",
        "experiment": "heat",
        "parameters": '{"temperature": 0.5}',
        "strategy": "1SHOT",
    }
    assert scan.rows[0].score == 10


def test_every_point_of_a_scan_is_a_row():
    other = {**SCAN, "parameters": '{"temperature": 1.0}'}
    made = frame(answers("a", **SCAN), answers("a", **other), answers("b", **SCAN), answers("b"))
    board = build_leaderboard(made, Question("scan"))
    assert {(row.about["model"], row.about["parameters"]) for row in board.rows} == {
        ("a", SCAN["parameters"]),
        ("a", other["parameters"]),
        ("b", SCAN["parameters"]),
    }


def test_answers_with_corrections_have_a_row_of_their_own_below_the_others():
    fixed = answers("a", score=100, strategy="1CODEFIXER__CodeFixerTiny")
    board = build_leaderboard(frame(answers("a", score=40), answers("b", score=30), fixed))
    assert names(board) == ["a", "b", "a (1CODEFIXER__CodeFixerTiny)"]
    assert [row.score for row in board.rows] == [40, 30, 100]
    assert board.rows[2].about["model"] == "a (1CODEFIXER__CodeFixerTiny)"
    by_prompt = build_leaderboard(frame(answers("a", score=40), fixed), Question("prompt"))
    assert by_prompt.rows[0].score == 40
    assert "16 answers with corrections left out: --by model shows them." in by_prompt.notes


def test_the_last_answers_are_those_with_the_latest_timestamps():
    made = [
        answer("a", "x", score, timestamp=f"2024010{6 - day}_000000__100")
        for day, score in enumerate((1, 2, 3))
    ]
    assert build_leaderboard(frame(made), Question(last=2)).rows[0].score == 1.5
    assert build_leaderboard(frame(made), Question(last=1)).rows[0].score == 1
    assert build_leaderboard(frame(made), Question(last=9)).rows[0].samples == 3


def test_the_last_answers_are_counted_for_each_device_and_cell():
    made = [
        answer("a", test_case, 50.0, prompt_label=label, device=device)
        for test_case in "xy"
        for label in ("InJulia", "AsIs")
        for device in ("d", "e")
        for _ in range(3)
    ]
    assert build_leaderboard(frame(made), Question(last=2)).rows[0].samples == 16


def test_a_scans_points_do_not_push_each_other_out_of_the_last_answers():
    made = [
        answer("a", "x", 50.0, experiment="heat", parameters=f'{{"temperature": {heat}}}')
        for heat in (0.1, 0.5, 0.9)
        for _ in range(3)
    ]
    board = build_leaderboard(frame(made), Question("scan", last=2))
    assert [row.samples for row in board.rows] == [2, 2, 2]


def test_hosted_and_local_are_as_recorded_else_by_the_leaderboards_schema_else_unknown():
    made = frame(
        answers("says hosted", served="hosted", version_pt="slingshot 0.1.0", schema="OpenAI"),
        answers("says local", served="local", version_pt="slingshot 0.1.0", schema="OpenAI"),
        answers("ollama", schema="PromptingTools.OllamaManagedSchema()"),
        answers("api", schema="PromptingTools.MistralOpenAISchema()"),
        answers("ours, unknown", version_pt="slingshot 0.1.0", schema="OpenAI"),
    )
    hosted = build_leaderboard(made, Question(group="hosted"))
    assert sorted(names(hosted)) == ["api", "says hosted"]
    assert "16 answers of 1 model left out: hosted or local is not recorded." in hosted.notes
    assert sorted(names(build_leaderboard(made, Question(group="local")))) == ["ollama", "says local"]
    groups = {row.name: row.about["group"] for row in build_leaderboard(made).rows}
    assert groups["ours, unknown"] is None


def test_answers_without_a_score_count_nowhere():
    made = frame(answers("a", score=60), answers("a", ["extra"], None), answers("b", score=None))
    board = build_leaderboard(made)
    assert names(board) == ["a"]
    assert (board.rows[0].samples, board.rows[0].test_cases, board.rows[0].score) == (16, 8, 60)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Question(prompts=("InJulai",)), "no recordings under InJulai; did you mean InJulia?"),
        (Question("scan"), "hold no experiment"),
        (Question(group="local"), "no answers of local models"),
    ],
)
def test_a_question_that_the_recordings_cannot_answer_is_refused(question, words):
    with pytest.raises(RequestError) as raised:
        build_leaderboard(frame(answers("a")), question)
    assert words in str(raised.value)


def test_recordings_without_any_score_or_of_scans_alone_are_refused():
    with pytest.raises(RequestError, match="none of these answers has a score"):
        build_leaderboard(frame(answers("a", score=None)))
    with pytest.raises(RequestError, match="experiments only; take --by scan"):
        build_leaderboard(frame(answers("a", **SCAN)))
    with pytest.raises(RequestError, match="no judged recordings"):
        build_leaderboard(frame())


def test_only_the_prompt_labels_asked_for_are_counted():
    made = frame(answers("a", labels=("InJulia", "AsIs", "JuliaExpertAsk")))
    board = build_leaderboard(made, Question(prompts=("InJulia", "AsIs")))
    assert sorted(board.answers["prompt_label"].unique()) == ["AsIs", "InJulia"]


def test_like_for_like_keeps_the_cells_that_all_have_and_says_what_it_dropped():
    made = frame(
        answers("a", labels=("InJulia", "AsIs"), score=lambda place: 100.0 if place < 7 else 0.0),
        answers("b", CASES[:7]),
        answers("c"),
    )
    board = build_leaderboard(made, Question(like_for_like=True))
    assert {row.name: (row.cells, row.score) for row in board.rows} == {
        "a": (7, 100),
        "b": (7, 50),
        "c": (7, 50),
    }
    assert board.notes == [
        "Like for like on 7 of 16 cells, each counting the same; dropped: prompt label AsIs (2 of 3 models have "
        "none); test case case_7 (1 of 3 models have none)."
    ]


def test_like_for_like_every_cell_counts_the_same_however_often_it_was_answered():
    made = frame(
        answers("a", ["x"], 100.0, samples=9), answers("a", ["y"], 0.0, samples=1), answers("b", ["x", "y"])
    )
    rows = {row.name: row for row in build_leaderboard(made, Question(like_for_like=True)).rows}
    assert rows["a"].score == pytest.approx(50)
    assert rows["a"].samples == 10
    assert {row.name: row for row in build_leaderboard(made).rows}["a"].score == 90


def test_nothing_in_common_is_refused_with_the_two_that_have_least():
    made = frame(answers("a", ["x", "y"]), answers("b", ["y", "z"]), answers("c", ["z"]))
    with pytest.raises(RequestError) as raised:
        build_leaderboard(made, Question(like_for_like=True))
    assert str(raised.value) == (
        "--like-for-like: no cell is common to all of 3 models; least in common, 0 cells, have a and c: leave "
        "out the recordings of one of them"
    )


def test_the_order_of_the_recordings_does_not_matter():
    made = frame(answers("a", samples=3, score=lambda place: 10.0 * place), answers("b", samples=2))
    shuffled = made.sample(fraction=1.0, shuffle=True, seed=5)
    assert isinstance(shuffled, pl.DataFrame)
    assert build_leaderboard(made).to_json() == build_leaderboard(shuffled).to_json()
