"""What is written and printed: whole, self-contained, and safe against hostile answers."""

import io
import json
from dataclasses import asdict

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
    sentence,
    write_verdict,
)

HOSTILE = "</pre></details><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>"


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


def test_charts_have_axes_from_0_to_100_and_name_both_models(verdict):
    charts = draw_charts(verdict)
    drawn = {name: to_svg(chart) for name, chart in asdict(charts).items()}
    for svg in drawn.values():
        assert ">0</text>" in svg
        assert ">100</text>" in svg
        assert BASE.name in svg
        assert TUNED.name in svg
    assert "held-out (never trained on)" in drawn["models"]
    assert "held-out (never trained on)" in drawn["test_cases"]
    assert "those trained on included" in drawn["averages"]


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
        *("charts/averages.svg", "charts/averages.png", "charts/test_cases.svg", "charts/test_cases.png"),
        *("charts/models.svg", "charts/models.png"),
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
