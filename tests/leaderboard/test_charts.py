"""The charts name everything, show intervals, and draw whatever is there."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_answers import CASES, answers, frame

from slingshot.drawing import to_svg
from slingshot.leaderboard import Question, build_leaderboard
from slingshot.leaderboard.charts import against_score, draw_charts
from slingshot.leaderboard.labels import place_labels

OLLAMA = {"schema": "PromptingTools.OllamaSchema()", "cost_usd": 0.0}
HOT = {"experiment": "heat", "parameters": '{"temperature": 0.9}'}


def charts_of(made, question=None):
    """The charts of a table, each of them drawn."""
    charts = draw_charts(build_leaderboard(made, question), made)
    return charts, {name: to_svg(chart) for name, chart in charts.items()}


def values_in(chart):
    """All records that a specification holds."""
    found = []

    def look(node):
        if isinstance(node, dict):
            found.extend(
                node["values"] if isinstance(node.get("values"), list) and "data" not in node else []
            )
            for value in node.values():
                look(value)
        elif isinstance(node, list):
            for value in node:
                look(value)

    look(json.loads(json.dumps(chart)))
    return [value for value in found if isinstance(value, dict)]


def test_five_charts_name_every_model_label_and_test_case():
    made = frame(answers("hosted-one", labels=("InJulia", "AsIs"), score=80.0), answers("local:7b", **OLLAMA))
    charts, drawn = charts_of(made)
    assert list(charts) == ["models", "prompts", "test-cases", "elapsed", "cost"]
    for name in ("models", "test-cases", "elapsed"):
        assert "hosted-one" in drawn[name]
        assert "local:7b" in drawn[name]
    assert all(case in drawn["test-cases"] for case in CASES)
    assert all(label in drawn["prompts"] for label in ("InJulia", "AsIs"))
    assert all(word in drawn["models"] for word in ("hosted", "local", "score (0 to 100)", "solved"))


def test_the_intervals_are_those_of_the_rows():
    made = frame(answers("a", score=lambda place: 12.0 * place))
    board = build_leaderboard(made)
    (point, *_) = values_in(draw_charts(board, made)["models"])
    row = board.rows[0]
    assert (point["low"], point["high"], point["solved_low"]) == (row.low, row.high, row.solved_low)


def test_cost_against_score_shows_known_costs_only_and_says_how_many_are_left_out():
    made = frame(answers("known"), answers("free:7b", **OLLAMA))
    charts, drawn = charts_of(made)
    assert {value["row"] for value in values_in(charts["cost"]) if "row" in value} == {"known"}
    assert "1 left out, whose cost is not known" in drawn["cost"]


def test_without_any_known_cost_or_time_the_other_charts_are_drawn():
    made = frame(answers("free:7b", **OLLAMA, elapsed_seconds=0.0))
    charts, _ = charts_of(made)
    assert list(charts) == ["models", "prompts", "test-cases"]


def test_a_scan_has_a_chart_of_its_points():
    charts, drawn = charts_of(frame(answers("a", **HOT), answers("a")), Question("scan"))
    assert list(charts) == ["scan", "elapsed", "cost"]
    assert "heat" in drawn["scan"]


def test_one_answer_alone_can_be_drawn():
    charts_of(frame(answers("a", ["x"], samples=1)))


def test_like_for_like_models_have_charts_even_where_prompt_labels_share_no_cell():
    made = frame(
        answers("a", labels=("InJulia",)),
        answers("b", labels=("InJulia",)),
        answers("b", labels=("AsIs",)),
        answers("c", labels=("InJulia",)),
        answers("c", labels=("JuliaExpertAsk",)),
    )
    charts, _ = charts_of(made, Question(like_for_like=True))
    assert {"models", "prompts", "test-cases"} <= charts.keys()


def test_answers_with_corrections_are_in_no_models_column():
    made = frame(answers("a", score=10.0), answers("a", score=90.0, strategy="1CODEFIXER__CodeFixerTiny"))
    charts, _ = charts_of(made)
    assert {value["mean"] for value in values_in(charts["test-cases"])} == {10.0}


@pytest.mark.parametrize("count", [12, 13])
def test_of_many_points_only_those_are_named_that_no_other_beats(count):
    made = frame(*(answers(f"m{i}", score=50.0 - i, elapsed_seconds=1.0 + i) for i in range(count)))
    charts, _ = charts_of(made)
    named = {value["name"] for value in values_in(charts["elapsed"]) if value.get("name")}
    assert named == ({f"m{i}" for i in range(count)} if count <= 12 else {"m0"})


@pytest.mark.parametrize("seconds", [0.003, 1.0, 2.1, 3.2, 4.9, 7.0, 9.9, 140.0])
def test_the_axis_of_a_single_point_has_a_tick(seconds):
    board = build_leaderboard(frame(answers("a", ["x"], samples=1, elapsed_seconds=seconds)))
    chart = against_score(board.rows, "elapsed")
    assert chart["layer"][0]["encoding"]["x"]["axis"]["values"]


@given(
    st.lists(
        st.tuples(st.floats(0, 640), st.floats(0, 420), st.text("abc", min_size=1, max_size=20)), max_size=15
    )
)
def test_every_name_gets_one_place_beside_its_point(named):
    labels = place_labels(named, [(x, y) for x, y, _ in named], 640, 420)
    assert sorted(label.text for label in labels) == sorted(text for _, _, text in named)
    for label in labels:
        assert any(
            abs(label.x - x) <= 10 and abs(label.y - y) <= 30 for x, y, text in named if text == label.text
        )


def test_names_of_neighbours_do_not_cover_each_other():
    named = [(300.0, 200.0, "a-long-model-name"), (305.0, 203.0, "another-model-name")]
    one, other = place_labels(named, [(x, y) for x, y, _ in named], 640, 420)
    assert abs(one.y - other.y) >= 13 or one.align != other.align
