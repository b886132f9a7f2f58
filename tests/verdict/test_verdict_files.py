"""What is written and printed: whole, self-contained, and safe against hostile answers."""

import io
import json
import re
from html.parser import HTMLParser

import polars as pl
import pytest
from made_up_recordings import BASE, HELD_OUT, SEEN, TUNED, answers, frame, row, verdict_of
from rich.console import Console

from slingshot.drawing import to_svg
from slingshot.verdict import (
    CostFacts,
    TrainingFacts,
    draw_charts,
    print_verdict,
    render_page,
    sentence,
    write_verdict,
)

HOSTILE = "</pre></details><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>"
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
        self.text.append(data)


@pytest.fixture(scope="module")
def recordings():
    rows = [
        made
        for names, scores in ((SEEN, (20.0, 100.0)), (HELD_OUT[:4], (20.0, 25.0)))
        for model, score in zip((BASE, TUNED), scores, strict=True)
        for made in answers(model.name, names, score)
    ]
    rows += [row(model.name, "new_0", 0.0, HOSTILE, sample=9) for model in (BASE, TUNED)]
    rows.append(row(BASE.name, f"needs<b>{HOSTILE}", None, "x"))
    return frame(rows)


@pytest.fixture(scope="module")
def verdict(recordings):
    return verdict_of(
        recordings.to_dicts(),
        training_answers=[recordings["answer"][0]],
        training=TrainingFacts(rows=545, tokens_per_second=660.0, final_loss=0.12, seconds=500.0),
        cost=CostFacts(
            price_per_hour_usd=0.39,
            predicted_usd=0.05,
            measured_usd=0.06,
            predicted_seconds=400.0,
            seconds={"train": 500.0},
        ),
    )


@pytest.fixture(scope="module")
def page(verdict, recordings):
    detailed = recordings.with_columns(detail=pl.lit("MethodError: <none>"))
    return render_page(verdict, draw_charts(verdict), detailed)


def test_the_page_is_well_formed_and_holds_sentence_and_charts(page, verdict):
    parsed = Page(page)
    text = " ".join(" ".join(parsed.text).split())
    assert sentence(verdict) in text
    assert parsed.tags.count("svg") == 2
    assert "Models compared" in text
    assert "Test cases compared" in text
    assert parsed.tags.count("title") == 1
    assert parsed.tags.count("table") == parsed.tags.count("caption") >= 4
    assert "What may not be claimed" in text
    for warning in verdict.warnings:
        assert " ".join(warning.message.split()) in text


def test_the_page_asks_nobody_for_anything(page):
    parsed = Page(page)
    links = {"src", "href", "srcset", "data", "action", "poster", "xlink:href", "background"}
    assert not [pair for pair in parsed.attributes if pair[0] in links]
    assert not {"script", "link", "iframe", "img", "object"} & set(parsed.tags)
    assert not re.search(r"@import|url\((?!#)", page)
    assert "default-src 'none'" in page


def test_hostile_answers_stay_text(page):
    parsed = Page(page)
    assert "<script" not in page
    assert "<img" not in page
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]
    assert HOSTILE in "".join(parsed.text)


def test_every_answer_is_in_the_page_with_what_judging_found(page, recordings):
    assert page.count("<pre>") == recordings.height
    assert "InJulia · score 20.0 · tests_failed · MethodError: &lt;none&gt;" in page
    assert page.count("<details>") == 2 * 16 + 1


def test_hostile_names_stay_text_in_the_charts_too(recordings):
    name = 'x"><script>alert(1)</script>'
    renamed = recordings.with_columns(pl.col("model").replace(TUNED.name, name))
    verdict = verdict_of(renamed.to_dicts(), models=[BASE, type(TUNED)(name, "gguf")])
    assert "<script" not in render_page(verdict, draw_charts(verdict), renamed)


def test_charts_have_axes_from_0_to_100_and_name_both_models(verdict):
    charts = draw_charts(verdict)
    for chart in (charts.models, charts.test_cases):
        svg = to_svg(chart)
        assert ">0</text>" in svg
        assert ">100</text>" in svg
        assert BASE.name in svg
        assert TUNED.name in svg
        assert "held-out (never trained on)" in svg


def test_charts_are_drawn_without_splits_or_intervals(recordings):
    one = recordings.filter(pl.col("test_case") == "new_1")
    verdict = verdict_of(one.to_dicts(), seen=[], held_out=[])
    charts = draw_charts(verdict)
    assert "all test cases" in to_svg(charts.models)
    assert "new_1" in to_svg(charts.test_cases)


def test_write_verdict_writes_and_names_every_file(verdict, recordings, tmp_path):
    paths = write_verdict(verdict, recordings, tmp_path / "out")
    assert [path.relative_to(tmp_path / "out").as_posix() for path in paths] == [
        *("verdict.json", "report.html", "verdict.md"),
        *("charts/models.svg", "charts/models.png", "charts/test_cases.svg", "charts/test_cases.png"),
    ]
    assert sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file()) == sorted(paths)
    assert json.loads(paths[0].read_text()) == verdict.to_json()
    assert paths[4].read_bytes().startswith(b"\x89PNG")
    card = paths[2].read_text()
    assert card.startswith("## Verdict")
    assert "<script" not in card.replace("\\<", "")


def test_the_printed_verdict_fits_100_columns_and_ends_in_the_sentence(verdict):
    console = Console(width=100, file=io.StringIO(), force_terminal=False)
    print_verdict(verdict, console)
    printed = console.file.getvalue()
    assert max(len(line) for line in printed.splitlines()) <= 100
    assert " ".join(printed.split()).endswith(sentence(verdict))
    assert "…" not in printed
    for expected in ("few-test-cases", "predicted $0.0500", "measured $0.0600", "held-out (4)", "seen (12)"):
        assert expected in printed


def test_on_80_columns_every_comparison_still_has_its_claim(verdict):
    console = Console(width=80, file=io.StringIO(), force_terminal=False)
    print_verdict(verdict, console)
    printed = console.file.getvalue()
    assert max(len(line) for line in printed.splitlines()) <= 80
    assert "claim" in printed and "better" in printed


def test_markup_in_names_is_printed_not_obeyed(recordings):
    name = "[bold]tuned[/bold]"
    renamed = recordings.with_columns(pl.col("model").replace(TUNED.name, name))
    verdict = verdict_of(renamed.to_dicts(), models=[BASE, type(TUNED)(name, "gguf")])
    console = Console(width=100, file=io.StringIO(), force_terminal=False)
    print_verdict(verdict, console)
    assert console.file.getvalue().count(name) == 4
