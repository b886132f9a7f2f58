"""Leave one test case out, for real: a tiny suite and a tiny model, trained, quantized, served and judged."""

import contextlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

from command import refused, slingshot
from slingshot.dataset import read_rows
from slingshot.recipe import load_recipe
from slingshot.run import run_recipe
from tiny_families import write_tiny_family
from tiny_suite import RECIPE, write_suite

pytestmark = pytest.mark.loop

LEFT_OUT = ["double_it", "first_of", "negate_it"]
COMMAND = [sys.executable, "-m", "slingshot", "run", "small.yml", "--folds", "leave-one-out"]


def start(folder):
    with (folder / "log.txt").open("w") as log:
        return subprocess.Popen(COMMAND, cwd=folder, stdout=log, stderr=log, start_new_session=True)


def finish(folder):
    """Go on to the end, in this process; the verdict, and what was said."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        run_recipe(load_recipe(folder / "small.yml"), folder, folder / "runs", "leave-one-out")
    return json.loads((folder / "runs" / "small" / "verdict.json").read_text()), said.getvalue()


def files_of(fold):
    return {path: path.stat().st_mtime_ns for path in fold.rglob("*") if path.is_file()}


def what_is_shown(verdict):
    """The folds of a verdict, but for the seconds that they took."""
    folds = json.loads(json.dumps(verdict["folds"]))
    for part in (folds, *folds["per_task"].values()):
        del part["seconds"]
    return folds


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A run that was killed while the second of three folds trained, and its first fold's files."""
    folder = tmp_path_factory.mktemp("folds")
    write_suite(folder)
    write_tiny_family(folder / "base", "llama", width=64)
    (folder / "small.yml").write_text(RECIPE)
    run, process = folder / "runs" / "small", start(folder)
    second, deadline = run / "folds" / "first_of", time.monotonic() + 600
    while not list(second.glob("adapter/checkpoint-*")) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert process.poll() is None, (folder / "log.txt").read_text()[-2000:]
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return run, files_of(run / "folds" / "double_it"), json.loads((run / "verdict.json").read_text())


@pytest.fixture(scope="module")
def whole(stopped):
    """The same run, gone on with to its end."""
    return stopped[0], *finish(stopped[0].parents[1])


def test_the_verdict_is_there_before_the_folds_and_silent_on_those_that_were_stopped(stopped):
    run, _, before = stopped
    assert (run / "folds" / "double_it" / "manifests" / "fold.json").exists()
    assert not (run / "folds" / "first_of" / "manifests" / "fold.json").exists()
    assert "folds" not in before
    assert "folds" not in before["cost"]["seconds"]


def test_a_killed_run_goes_on_and_leaves_a_finished_fold_as_it_is(stopped, whole):
    run, verdict, stderr = whole
    assert files_of(run / "folds" / "double_it") == stopped[1]
    assert "fold 1 of 3: double_it, already done" in stderr
    assert "fold 2 of 3: first_of, about" in stderr
    assert "fold 3 of 3: negate_it, about" in stderr
    assert {model["name"]: model["scores"] for model in verdict["models"]} == {
        model["name"]: model["scores"] for model in stopped[2]["models"]
    }


def test_every_test_case_trained_on_has_a_result_of_a_model_that_was_not(whole):
    _, verdict, _ = whole
    folds = verdict["folds"]
    assert list(folds["per_task"]) == LEFT_OUT
    assert folds["models_trained"] == 3
    assert folds["parity"] == "double_it"
    assert folds["base"]["tasks"] == folds["tuned"]["tasks"] == folds["comparison"]["tasks"] == 3
    main = {model["name"]: model["per_task"] for model in verdict["models"]}["base.Q8_0"]
    for name, fold in folds["per_task"].items():
        assert fold["rows"] == 4
        assert fold["tuned"]["samples"] == 2
        assert fold["base"] == main[name] | {"split": "held_out"}
    seconds = sum(fold["seconds"] for fold in folds["per_task"].values())
    assert verdict["cost"]["seconds"]["folds"] == pytest.approx(seconds) == pytest.approx(folds["seconds"])


def test_no_fold_is_trained_on_or_asked_about_anything_it_should_not(whole):
    run, _, _ = whole
    for name in LEFT_OUT:
        fold = run / "folds" / name
        rows = read_rows(fold / "dataset" / "train.jsonl")
        assert {row.test_case for row in rows} == {*LEFT_OUT} - {name}
        assert not any(name in message["content"] for row in rows for message in row.messages)
        asked = sorted((fold / "recordings").rglob("conversation__*.json"))
        assert {path.relative_to(fold / "recordings" / "benchmark").parts[0] for path in asked} == {name}


def test_a_folds_model_is_asked_with_the_seeds_of_the_run(whole):
    run, _, _ = whole

    def asked(folder):
        found = [json.loads(path.read_text())[-1] for path in folder.rglob("conversation__*.json")]
        return {(one["slingshot"]["sample"], one["slingshot"]["seed"]) for one in found}

    for name in LEFT_OUT:
        benchmark = run / "recordings" / "benchmark" / name
        assert asked(run / "folds" / name / "recordings") == asked(benchmark)


def test_what_can_be_made_again_from_the_adapter_is_not_kept(whole):
    run, _, _ = whole
    for name in LEFT_OUT:
        fold = run / "folds" / name
        assert not (fold / "merged").exists()
        assert not list((fold / "adapter").glob("checkpoint-*"))
        assert [path.name for path in (fold / "gguf").iterdir()] == [f"small-without-{name}.Q8_0.gguf"]
        assert (fold / "parity.json").exists() == (name == "double_it")


def test_a_fold_done_without_a_stop_shows_the_same_and_nothing_else_is_done_again(whole):
    run, verdict, _ = whole
    untouched = [run / "manifests", run / "folds" / "double_it", run / "folds" / "negate_it"]
    before = {path: time for folder in untouched for path, time in files_of(folder).items()}
    shutil.rmtree(run / "folds" / "first_of")
    again, stderr = finish(run.parents[1])
    assert what_is_shown(again) == what_is_shown(verdict)
    after = {path: time for folder in untouched for path, time in files_of(folder).items()}
    assert {path for path in before if before[path] != after[path]} == {run / "manifests" / "verdict.json"}
    assert stderr.count("fold 2 of 3: first_of, about") == 1
    assert stderr.count("fold ") == 3


def test_another_method_is_refused(tmp_path):
    done = slingshot("run", tmp_path / "small.yml", "--folds", "leave-two-out")
    assert done.returncode == 2
    assert "'leave-two-out' is not one of 'leave-one-out'" in done.stderr


def test_a_recipe_that_trains_on_one_test_case_is_refused_before_any_work(tmp_path):
    write_suite(tmp_path)
    (tmp_path / "small.yml").write_text(RECIPE.replace("[halve_it]", "[halve_it, first_of, negate_it]"))
    done = slingshot("run", tmp_path / "small.yml", "--runs", tmp_path / "runs", *COMMAND[-2:])
    refused(done, 2, "trains on double_it only", "two test cases at least")
    assert not (tmp_path / "runs").exists()
