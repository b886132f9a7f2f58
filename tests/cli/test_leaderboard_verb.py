"""`slingshot leaderboard`: one table on standard output, everything else on standard error."""

import csv
import io
import json

import pytest

from command import refused, slingshot
from recorded import PASSED, record
from slingshot.judge import Evaluation
from slingshot.recordings.files import evaluation_path

FAILED = Evaluation(True, True, 2, 4, 2, 2, "tests_failed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two models, one of them better, under two prompt labels; and an answer of an experiment."""
    folder = tmp_path_factory.mktemp("recordings")
    for name in ("double", "triple"):
        for label in ("InJulia", "AsIs"):
            record(folder, "good", PASSED, model="good", name=name, label=label, served="hosted")
            record(folder, "bad", FAILED, model="bad:7b", name=name, label=label, served="local")
    record(folder, "hot", PASSED, model="good", experiment="heat", parameters={"temperature": 1.0})
    return folder


def test_the_table_names_models_scores_and_warnings(folder):
    done = slingshot("leaderboard", folder)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[1].split()[:2] == ["good", "100.0"]
    assert lines[2].split()[:2] == ["bad:7b", "87.5"]
    assert "1 answer of experiments left out: --by scan shows them." in done.stdout
    assert done.stderr.strip() == "Next: the same with --out DIR writes it as a page, with charts."


def test_json_is_one_value_with_rows_warnings_and_what_was_asked(folder):
    done = slingshot("leaderboard", folder, "--format", "json", "--prompts", "InJulia", "--last", "3")
    found = json.loads(done.stdout)
    assert [(row["model"], row["score"], row["samples"]) for row in found["rows"]] == [
        ("good", 100, 2),
        ("bad:7b", 87.5, 2),
    ]
    assert found["question"] == {"prompts": ["InJulia"], "last": 3, "group": None, "like_for_like": False}
    assert [row["group"] for row in found["rows"]] == ["hosted", "local"]


@pytest.mark.parametrize(
    ("by", "key", "names"),
    [
        ("prompt", "prompt_label", {"InJulia", "AsIs"}),
        ("test-case", "test_case", {"double", "triple"}),
        ("scan", "experiment", {"heat"}),
    ],
)
def test_rows_are_what_was_asked_for(folder, by, key, names):
    found = json.loads(slingshot("leaderboard", folder, "--by", by, "--format", "json").stdout)
    assert {row[key] for row in found["rows"]} == names
    assert ("pivot" in found) == (by == "test-case")


def test_forms_of_a_model_are_compared_with_its_largest(tmp_path):
    for kind, evaluation in (("f16", PASSED), ("Q4_0", FAILED)):
        for name in ("double", "triple"):
            record(tmp_path, kind, evaluation, model=f"small.{kind}", name=name, quantization=kind)
    found = json.loads(slingshot("leaderboard", tmp_path, "--by", "quantization", "--format", "json").stdout)
    assert [(row["model"], row["quantization"], row["difference"]) for row in found["rows"]] == [
        ("small", "f16", None),
        ("small", "Q4_0", -12.5),
    ]


def test_markdown_csv_and_a_page_come_on_standard_output(folder):
    assert slingshot("leaderboard", folder, "--format", "md").stdout.startswith("| model | score |")
    rows = list(csv.DictReader(io.StringIO(slingshot("leaderboard", folder, "--format", "csv").stdout)))
    assert [row["model"] for row in rows] == ["good", "bad:7b"]
    page = slingshot("leaderboard", folder, "--format", "html").stdout
    assert page.startswith("<!DOCTYPE html>")
    assert page.rstrip().endswith("</html>")


def test_out_writes_page_tables_and_charts_and_says_what_is_next(folder, tmp_path):
    done = slingshot("leaderboard", folder, "--group", "hosted", "--out", tmp_path / "board")
    assert done.returncode == 0, done.stderr
    assert f"Wrote {tmp_path / 'board' / 'leaderboard.html'} (open it in a browser)" in done.stderr
    assert f"Next: slingshot leaderboard {folder} --by prompt or --by test-case" in done.stderr
    assert json.loads((tmp_path / "board/leaderboard.json").read_text())["question"]["group"] == "hosted"
    assert (tmp_path / "board/charts/models.png").exists()


def test_several_folders_are_one_table_and_a_price_list_of_ones_own_is_used(folder, tmp_path):
    record(tmp_path / "more", "more", PASSED, model="third", name="double", served="hosted")
    prices = tmp_path / "prices.yml"
    prices.write_text(
        "prices:\n- {model: third, prompt: 1000, completion: 0, from: 2020-01-01, source: ours}\n"
    )
    arguments = ("--prices", prices, "--format", "json", "--like-for-like")
    found = json.loads(slingshot("leaderboard", folder, tmp_path / "more", *arguments).stdout)
    costs = {row["model"]: row["cost_cents"] for row in found["rows"]}
    assert costs == {"good": None, "bad:7b": None, "third": pytest.approx(2)}  # 20 tokens at 0.1 cents
    assert found["notes"][-1].startswith("Like for like on 1 of 4 cells")


def test_wrong_requests_are_refused_in_one_sentence(folder, tmp_path):
    refused(slingshot("leaderboard", folder, "--prompts", "InJulai"), 2, "did you mean InJulia?")
    refused(slingshot("leaderboard", tmp_path / "none"), 2, "there is no such folder")
    refused(slingshot("leaderboard", tmp_path), 2, "no recordings")
    refused(slingshot("leaderboard", folder, "--prices", tmp_path / "no.yml"), 2, "no such price list")
    record(tmp_path / "waiting", evaluation=None)
    refused(
        slingshot("leaderboard", tmp_path / "waiting"), 2, "no judged recordings; judge the answers first"
    )


def test_every_broken_file_is_named_passed_over_and_counted_or_fatal_when_strict(tmp_path):
    record(tmp_path, "whole", PASSED, name="double")
    broken = record(tmp_path, "cut", PASSED, name="triple", index=1)
    broken.write_text(broken.read_text()[:40])
    halved = record(tmp_path, "halved", PASSED, name="triple", index=3)
    halved.unlink()
    record(tmp_path, "waiting", None, name="triple", index=2)
    done = slingshot("leaderboard", tmp_path, "--format", "json")
    assert json.loads(done.stdout)["rows"][0]["samples"] == 1
    named = [line for line in done.stderr.splitlines() if line.startswith(str(tmp_path))]
    assert sorted(line.split(": ")[0] for line in named) == sorted(
        [str(broken), str(evaluation_path(halved))]
    )
    assert "Passed over 2 broken recordings, named above; --strict stops there." in done.stderr
    assert f"Not judged yet: 1 of the answers; slingshot judge {tmp_path}" in done.stderr
    refused(slingshot("leaderboard", tmp_path, "--strict"), 1, str(broken))
