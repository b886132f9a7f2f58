"""The page: whole, self-contained, safe against hostile text, every score leading to its answers."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from everything import HELD_OUT, HOSTILE, HOSTILE_NAME, LEARNED, MODELS, SEEN, SMALL
from made_up_recordings import BASE, frame, row, verdict_of

from slingshot.verdict import VerdictWarning, draw_charts, render_page, sentence

VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(HTMLParser):
    """Collects the tags and the text of a page; fails on a tag that does not close."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.text, self.attributes = [], [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)

    def words(self):
        return " ".join("".join(self.text).split())


@pytest.fixture(scope="module")
def parsed(page):
    return Page(page)


@pytest.fixture(scope="module")
def small():
    """What a page is made of, as little as there can be: two answers, and nothing known of what lies behind."""
    made = frame([row(model.name, "seen_0", 50.0, "x") for model in (BASE, SMALL)])
    verdict = verdict_of(made.to_dicts(), models=[BASE, SMALL])
    return verdict, draw_charts(verdict), made


def test_the_page_holds_sentence_charts_captions_and_warnings(parsed, verdict):
    assert sentence(verdict) in parsed.words()
    assert parsed.tags.count("svg") == 3
    assert parsed.tags.count("title") == parsed.tags.count("h1") == 1
    assert parsed.tags.count("table") == parsed.tags.count("caption") >= 10
    for warning in [*verdict.warnings, *verdict.folds.warnings]:
        assert " ".join(warning.message.split()) in parsed.words()


def test_the_first_two_charts_are_averages_and_test_cases(parsed):
    places = [
        parsed.words().index(title) for title in ("Average score", "Test cases compared", "Models compared")
    ]
    assert places == sorted(places)


def test_the_page_asks_nobody_for_anything(page, parsed):
    links = {"src", "href", "srcset", "data", "action", "poster", "xlink:href", "background", "formaction"}
    assert {value[0] for name, value in parsed.attributes if name in links} == {"#"}
    assert not {"link", "iframe", "img", "object", "form"} & set(parsed.tags)
    assert not re.search(r"@import|url\((?!#)", page)
    assert "default-src 'none'" in page


def test_the_only_script_that_may_run_is_the_page_s_own(page, parsed):
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    assert parsed.tags.count("script") == 1
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]


@pytest.mark.parametrize(
    "hostile", [HOSTILE, HOSTILE_NAME], ids=["an answer and a failure", "a model's name"]
)
def test_hostile_text_stays_text(hostile, parsed):
    assert hostile in "".join(parsed.text)


def test_half_a_character_is_written_as_a_question_mark(small):
    verdict, charts, made = small
    broken = verdict.model_copy(update={"warnings": [VerdictWarning(code="few", message="\ud800")]})
    assert "</code> ?</li>" in render_page(broken, charts, made)


def test_every_link_leads_to_a_place_and_no_place_is_twice_there(parsed):
    places = [value for name, value in parsed.attributes if name == "id"]
    assert len(places) == len(set(places))
    assert {value[1:] for name, value in parsed.attributes if name == "href"} <= set(places)


def test_every_score_cell_leads_to_answers(page, verdict):
    cells = sum(len(model.per_task) + 2 * len(model.scores) for model in verdict.models)
    cells += sum(len(of_label) for model in verdict.models for of_label in model.per_label.values())
    assert len(re.findall(r'<td class="number"[^>]*><a href="#m\d', page)) >= cells


def test_of_each_model_and_test_case_three_answers_are_shown(parsed, page):
    assert "3 of 6 are shown: with the lowest, the median and the highest score." in parsed.words()
    groups = len(MODELS) * (len(SEEN) + len(HELD_OUT) + 2) + 6  # two prompt labels, six folds
    assert page.count("<article ") <= 3 * groups + 1


def test_an_answer_is_shown_with_what_was_asked_what_failed_and_the_copied_part(page, parsed):
    assert "Be helpful." in parsed.words()  # only the recording's file has it
    assert "Unit test 3 failed: @test seen_0(2) == 4 5 is not 4" in parsed.words()
    marked = re.findall(r"<mark>(.*?)</mark>", page, re.DOTALL)
    assert any("y = 2 * x\n    return y &lt; 0 ? zero(y) : y + zero(x)\nend" in part for part in marked)
    assert LEARNED.splitlines()[2].strip() in parsed.words()


@pytest.mark.parametrize(
    "said",
    [
        "p of points",
        "claim on solved",
        "near its usual answer",
        "0.89 [0.40, 0.99]",
        "Scores by prompt label",
        "Each test case left out once",
        "Trained without the test case: answers to 6 test cases",
        "per point gained, held-out",
        "no gain to divide by",
        "2.0 Wh",
        "NVIDIA A100 80 GB",
        "cut off by the token limit",
        "evaluation__InJulia__1SHOT__",
    ],
)
def test_what_the_verdict_knows_is_on_the_page(said, parsed):
    assert said in parsed.words()


def test_without_training_rows_and_definitions_answers_stand_alone(small):
    page = render_page(*small)
    assert "The training rows are not known" in page
    assert "Nearest training row" not in page
