"""The same figures on a terminal, as Markdown, as CSV and as a page; other people's names stay text."""

import csv
import io
import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_answers import CASES, answers, frame
from rich.console import Console

from slingshot.drawing import in_lines
from slingshot.leaderboard import Question, build_leaderboard
from slingshot.leaderboard.charts import draw_charts
from slingshot.leaderboard.page import render_page
from slingshot.leaderboard.tables import print_leaderboard, to_csv, to_json, to_markdown
from slingshot.leaderboard.wording import cents, listed
from slingshot.leaderboard.write import write_leaderboard

HOSTILE = "[bold]x[/bold]|<script>alert(1)</script>&\"'"


@pytest.fixture(scope="module")
def made():
    """Two models and corrections under two labels, one name that tries to be markup."""
    return frame(
        answers(HOSTILE, score=lambda place: 12.5 * place, labels=("InJulia", "AsIs")),
        answers("claude-2.1", score=90.0, labels=("InJulia",), cost_usd=0.0, timestamp="20240501_000000"),
        answers("b", score=70.0, strategy="1CODEFIXER__CodeFixerTiny", served="local"),
    )


def printed(board, width):
    """What a terminal of this width shows."""
    console = Console(width=width, record=True, file=io.StringIO(), color_system=None)
    print_leaderboard(board, console)
    return console.export_text()


def test_the_terminal_shows_names_as_text_and_rows_with_corrections_apart(made):
    lines = printed(build_leaderboard(made), 160).splitlines()
    assert lines[0].split() == [
        *("model", "score", "95", "%", "median", "std", "zeros", "full", "solved", "95", "%"),
        *("samples", "distinct", "seconds", "cents"),
    ]
    assert lines[1].startswith("claude-2.1 ")
    assert lines[2].startswith(HOSTILE)
    assert lines[3].strip() == "with corrections"
    assert lines[4].startswith("b (1CODEFIXER__CodeFixerTiny)")
    assert lines[1].split()[-1] == "0.56"  # 100 tokens at 8 dollars for a million, 200 at 24
    text = printed(build_leaderboard(made), 160)
    assert "unlike-cells" in text
    assert "Solved: the share of answers that pass all unit tests." in text


def test_a_narrow_terminal_shows_fewer_columns_and_breaks_no_figure(made):
    lines = printed(build_leaderboard(made), 80).splitlines()
    assert "median" not in lines[0]
    assert all(len(line) <= 80 for line in lines)
    assert "0.56" in lines[1]


def test_of_many_models_the_terminal_shows_the_best_on_each_test_case(made):
    many = frame(*(answers(f"model-{number:02}", score=float(number)) for number in range(20)))
    text = printed(build_leaderboard(many, Question("test-case")), 100)
    assert "The best 4; 16 more models: --format csv, md or html." in text
    few = printed(build_leaderboard(made, Question("test-case")), 160)
    assert "more model" not in few


def test_markdown_has_a_table_whose_cells_no_name_can_break(made):
    lines = to_markdown(build_leaderboard(made)).splitlines()
    assert lines[0].startswith("| model | score | 95 % | median |")
    width = lines[1].count("|")
    escaped = [line for line in lines if "script" in line and line.startswith("| ")]
    assert escaped
    assert all(line.replace("\\|", "").count("|") == width for line in escaped)
    assert any(line.startswith("- `unlike-cells` ") for line in lines)


def test_markdown_by_test_case_has_every_model(made):
    text = to_markdown(build_leaderboard(made, Question("test-case")))
    assert "| test case | average | claude-2.1 |" in text
    many = frame(*(answers(f"m{number}", score=float(number)) for number in range(20)))
    text = to_markdown(build_leaderboard(many, Question("test-case")))
    assert f"| model | {' | '.join(CASES)} |" in text
    assert "| m7 | 7.0 |" in text


@pytest.mark.parametrize("by", ["model", "prompt", "test-case"])
def test_csv_and_json_hold_the_same_rows(made, by):
    board = build_leaderboard(made, Question(by))
    rows = list(csv.DictReader(io.StringIO(to_csv(board))))
    found = json.loads(to_json(board))
    assert len(rows) == len(found["rows"])
    for row, expected in zip(rows, found["rows"], strict=True):
        assert row["name"] == expected["name"]
        assert float(row["score"]) == expected["score"]
        assert row["low"] == ("" if expected["low"] is None else str(expected["low"]))


def test_csv_by_test_case_has_a_column_for_each_model(made):
    rows = list(csv.DictReader(io.StringIO(to_csv(build_leaderboard(made, Question("test-case"))))))
    assert {row["test_case"]: float(row[HOSTILE]) for row in rows} == {
        case: 12.5 * place for place, case in enumerate(CASES)
    }


class _Page(HTMLParser):
    """Collects the tags of a page and what it would fetch."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.fetched = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.fetched += [value for key, value in attributes if key in ("src", "href", "xlink:href")]


@pytest.mark.parametrize("by", ["model", "prompt", "test-case"])
def test_the_page_holds_table_warnings_and_charts_and_fetches_nothing(made, by):
    board = build_leaderboard(made, Question(by))
    charts = draw_charts(board, made)
    page = render_page(board, charts)
    parsed = _Page(page)
    assert not parsed.fetched
    assert "script" not in parsed.tags
    assert parsed.tags.count("figure") == len(charts) == 5
    assert "url(http" not in page
    assert ("unlike-cells" in page) == (by != "test-case")
    assert "claude-2.1" in page


def test_everything_is_written_whole_and_named(made, tmp_path):
    board = build_leaderboard(made)
    written = write_leaderboard(board, draw_charts(board, made), tmp_path / "new")
    names = sorted(str(path.relative_to(tmp_path / "new")) for path in written)
    charts = ("cost", "elapsed", "models", "prompts", "test-cases")
    assert names == sorted(
        [f"leaderboard.{kind}" for kind in ("csv", "html", "json", "md")]
        + [f"charts/{name}.{kind}" for name in charts for kind in ("html", "png", "svg")]
    )
    assert all(path.stat().st_size for path in written)
    assert (tmp_path / "new/charts/models.png").read_bytes().startswith(b"\x89PNG")
    interactive = (tmp_path / "new/charts/models.html").read_text()
    assert not any(value.startswith("http") for value in _Page(interactive).fetched if value)


@given(st.lists(st.text(min_size=1, max_size=5), max_size=9))
def test_a_list_of_names_says_how_many_there_are(names):
    text = listed(names)
    assert text == "" if not names else names[0] in text
    if len(names) > 4:
        assert text.endswith(f" and {len(names) - 3} more")


@given(st.text(max_size=60))
def test_a_name_broken_into_lines_is_the_name(name):
    kept = "".join(name.split("\n"))
    assert in_lines(kept, 14).replace("\n", "") == kept


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (3.8958, "3.90"), (0.1234, "0.12"), (0.04567, "0.046"), (0.0, "0.00")]
)
def test_cents_keep_two_digits_that_count(value, text):
    assert cents(value) == text
