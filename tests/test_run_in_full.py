"""A run that trains all weights, for real: no adapter anywhere, killed while it trains, gone on with, with its folds."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from command import refused, slingshot
from slingshot.errors import RequestError
from slingshot.publish import prepare_publication
from slingshot.recipe import load_recipe
from slingshot.run import run_recipe
from slingshot.run.state import STEPS
from tiny_families import write_tiny_family
from tiny_suite import RECIPE, write_suite

pytestmark = pytest.mark.loop

LEFT_OUT = ["double_it", "first_of"]
IN_FULL = (
    RECIPE.replace("lora_r: 4", "adapter: null")
    .replace("[halve_it]", "[halve_it, negate_it]")
    .replace("benchmark: {", "benchmark: {forms: [merged], ")
    .replace("timeout: 5", "timeout: 60")  # a busy machine is no reason to have fewer rows
)


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A run that was killed after its first steps, and the losses that it had written."""
    folder = tmp_path_factory.mktemp("in_full")
    write_suite(folder)
    write_tiny_family(folder / "base", "llama", width=64)
    (folder / "small.yml").write_text(IN_FULL)
    run = folder / "runs" / "small"
    left = run / "adapter" / "adapter_model.safetensors"  # by another recipe of this name
    left.parent.mkdir(parents=True)
    left.touch()
    with (folder / "log.txt").open("w") as log:
        command = [sys.executable, "-m", "slingshot", "run", "small.yml"]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + 300
    while not list(run.glob("trained/checkpoint-*")) and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert process.poll() is None, (folder / "log.txt").read_text()[-2000:]
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    checkpoint = max(int(path.name.rpartition("-")[2]) for path in run.glob("trained/checkpoint-*"))
    return run, steps_made(run)[:checkpoint]


def steps_made(run):
    lines = (run / "trained" / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def whole(killed):
    """The same run, gone on with to its end, folds and all: its folder, its verdict and what was said."""
    run, said = killed[0], io.StringIO()
    folder = run.parents[1]
    with contextlib.redirect_stderr(said):
        run_recipe(load_recipe(folder / "small.yml"), folder, folder / "runs", "leave-one-out")
    return run, json.loads((run / "verdict.json").read_text()), said.getvalue()


def facts(run, step):
    return json.loads((run / "manifests" / f"{step}.json").read_text())["facts"]


def test_a_killed_training_goes_on_from_its_checkpoint(killed, whole):
    run, before = killed
    after = steps_made(run)
    assert 1 <= len(before) < len(after) == facts(run, "train")["steps"]
    assert after[: len(before)] == before


def test_training_leaves_a_whole_model_and_no_adapter(whole):
    run, _, _ = whole
    assert {"model.safetensors", "config.json", "tokenizer.json", "base.json"} <= {
        path.name for path in (run / "trained").iterdir()
    }
    assert not (run / "adapter").exists()


def test_there_is_nothing_to_merge_and_nothing_is_copied_and_that_is_said(whole):
    run, _, said = whole
    assert "nothing to add, all weights were trained" in facts(run, "merge")["summary"]
    assert "[5/11] merge\n  0 s: nothing to add" in said
    assert (run / "merged" / "model.safetensors").samefile(run / "trained" / "model.safetensors")


def test_every_step_has_its_manifest_its_cost_and_its_place_in_the_prediction(whole):
    run, verdict, _ = whole
    assert all((run / "manifests" / f"{step}.json").is_file() for step in STEPS)
    assert {"train", "merge", "parity", "folds"} <= verdict["cost"]["steps"].keys()
    assert verdict["cost"]["steps"]["merge"]["predicted_seconds"] == 0


def test_the_files_are_compared_with_the_model_itself(whole):
    run, _, said = whole
    parity = json.loads((run / "parity.json").read_text())
    pairs = [(one["form"], one["reference"]) for one in parity["agreements"]]
    assert pairs == [("f16", "merged"), ("Q8_0", "f16"), ("Q8_0", "merged")]
    assert parity["note"] in said and "no adapter to compare" in parity["note"]


def test_the_verdict_is_about_the_base_the_file_and_the_model_itself(whole):
    _, verdict, _ = whole
    kinds = {model["name"]: model["kind"] for model in verdict["models"]}
    assert kinds == {"base.Q8_0": "base", "small.Q8_0": "gguf", "small.merged": "merged"}
    assert verdict["training"]["rows"] == 4


def test_folds_train_all_weights_too_and_keep_the_model_that_they_trained(whole):
    run, verdict, _ = whole
    assert list(verdict["folds"]["per_task"]) == LEFT_OUT
    for name in LEFT_OUT:
        fold = run / "folds" / name
        assert (fold / "trained" / "model.safetensors").is_file()
        assert not (fold / "merged").exists() and not (fold / "adapter").exists()
        assert not list((fold / "trained").glob("checkpoint-*"))


def test_running_again_repeats_nothing(whole):
    run, _, _ = whole
    done = slingshot("run", run.parents[1] / "small.yml", "--runs", run.parent)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("already done") == len(STEPS)


def test_the_runs_own_recipe_can_be_read_again(whole):
    run, _, _ = whole
    assert load_recipe(run / "recipe.yml").training.adapter is None
    done = slingshot("parity", run, "--out", run.parents[1] / "again.json")
    assert done.returncode == 0, done.stderr
    assert "no adapter to compare" in done.stdout
    refused(slingshot("parity", run, "--base", "base"), 2, "--base", "without an adapter; leave it out")


def test_what_is_published_of_it_is_the_file_and_the_whole_model(whole):
    run, _, _ = whole
    publication = prepare_publication(run)
    assert {"small.Q8_0.gguf", "merged/model.safetensors", "merged/config.json"} <= publication.files.keys()
    assert not any("adapter" in name for name in publication.sizes)
    card = publication.texts["README.md"]
    assert "All weights were trained: `num_epochs: 2.0`" in card
    assert "there is no adapter to compare with" in card and "### Python, the whole model" in card
    assert "lora" not in card.lower() and "peft" not in card.lower()
    with pytest.raises(RequestError, match="there is no adapter in this run; name merged"):
        prepare_publication(run, ("gguf", "adapter"))


def test_a_model_that_has_changed_since_is_not_published(whole, tmp_path):
    run, _, _ = whole
    weights = run / "merged" / "model.safetensors"
    whole_bytes = weights.read_bytes()
    weights.unlink()  # the trained one is the same file
    weights.write_bytes(whole_bytes + b" ")
    done = slingshot("publish", run, "--to", "folder", "--out", tmp_path / "out")
    weights.write_bytes(whole_bytes)
    refused(done, 1, "merged/model.safetensors", "has changed since the step merge")
