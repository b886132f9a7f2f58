"""Training in several processes from a recipe: what one process learns, whoever is stopped, on one machine or on two."""

import contextlib
import json
import os
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
import yaml

from slingshot.errors import SlingshotError, Stopped
from slingshot.recipe import load_recipe
from slingshot.run.learning import train_along, train_model
from slingshot.run.state import Run
from slingshot.suite import load_suite
from tiny_families import write_tiny_family
from tiny_suite import RECIPE, SUITE, write_suite

if len(os.sched_getaffinity(0)) < 2:
    pytest.skip("two processes need two cores, and this machine has one", allow_module_level=True)

TWO = "launch: {processes: 2}\n"
SPREAD = "launch: {processes: 2, sharding: fsdp}\n"


@pytest.fixture(scope="module", autouse=True)
def on_the_cpu_with_one_thread():
    """As in each of the two processes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACCELERATE_USE_CPU", "true")  # whatever GPUs this machine has
        yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a suite, a base model and the rows of its solutions."""
    folder = tmp_path_factory.mktemp("launch")
    write_suite(folder)
    write_tiny_family(folder / "base", "llama", width=64)
    rows = [
        {
            "conversations": [
                {"from": "human", "value": f"{name}, please."},
                {"from": "gpt", "value": f"{name}{code}"},
            ]
        }
        for name, (_, _, _, solutions) in SUITE.items()
        for code in solutions
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


def run_of(place, name, more="", machine=0, **training):
    """A run of the tiny recipe up to its training, in float32, in which the order of a sum shows least."""
    recipe = load_recipe(written(place / f"{name}.yml", more, {"bf16": False, **training}))
    folder = place / "runs" / (f"{name}.machine-{machine}" if machine else name)
    (folder / "dataset").mkdir(parents=True, exist_ok=True)
    (folder / "dataset" / "train.jsonl").write_bytes((place / "rows.jsonl").read_bytes())
    manifests = {"base": {"facts": {"weights": {}}}}
    return Run(recipe, folder, load_suite(place / "suite"), None, manifests, machine=machine)


def written(path, more, training):
    """The tiny recipe with more sections, and other keys of training."""
    content = yaml.safe_load(RECIPE + more)
    content["name"] = path.stem
    content["training"] |= training
    path.write_text(yaml.safe_dump(content))
    return path


def trained(run, place):
    """Train; the facts of the step."""
    train_model(run, place / "base", place)
    return run.manifests["train"]["facts"]


def losses(run):
    lines = (run.trained / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line)["loss"] for line in lines]


@pytest.fixture(scope="module")
def alone(place):
    """The losses of one process."""
    run = run_of(place, "alone")
    assert trained(run, place)["processes"] == 1
    return losses(run)


@pytest.mark.parametrize(("launch", "sharding"), [(TWO, "none"), (SPREAD, "fsdp")])
def test_two_processes_learn_what_one_learns_and_leave_nothing_behind(
    place, alone, launch, sharding, tmp_path, monkeypatch
):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run = run_of(place, sharding, launch)
    facts = trained(run, place)
    assert losses(run) == pytest.approx(alone, abs=1e-4)
    assert (facts["processes"], facts["machines"], facts["sharding"]) == (2, 1, sharding)
    assert "2 processes" in facts["summary"]
    assert not list(tmp_path.glob("torchelastic_*"))


def test_another_number_of_processes_is_no_reason_to_train_again(place):
    run = run_of(place, "again")
    before = trained(run, place)
    run = run_of(place, "again", TWO)
    assert trained(run, place) == before and before["processes"] == 1
    assert not (run.folder / "training.yml").exists()


def test_stopped_by_ctrl_c_it_leaves_nothing_running_and_one_process_goes_on(place):
    long = {"num_epochs": 40, "save_steps": 5}
    whole = run_of(place, "whole", **long)
    trained(whole, place)
    run = run_of(place, "stopped", TWO, **long)

    def stop(number, frame):
        raise Stopped

    def press_ctrl_c():
        wait_for(lambda: list(run.trained.glob("checkpoint-1*")))
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, stop)
    try:
        threading.Thread(target=press_ctrl_c, daemon=True).start()
        with pytest.raises(Stopped):
            trained(run, place)
    finally:
        signal.signal(signal.SIGINT, before)
    assert at_work_on(run) == []
    checkpoint = max(int(path.name.rpartition("-")[2]) for path in run.trained.glob("checkpoint-*"))
    first, run = losses(run)[:checkpoint], run_of(place, "stopped", **long)
    assert trained(run, place)["processes"] == 1
    assert 0 < checkpoint < len(losses(run)) and losses(run)[:checkpoint] == first
    assert losses(run) == pytest.approx(losses(whole), abs=1e-4)


def wait_for(there, seconds=120):
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def at_work_on(run):
    """The numbers of the processes that train it, the launcher among them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if str(run.folder / "training.yml").encode() in path.read_bytes():
                found.append(int(path.parent.name))
    return found


def test_what_a_process_says_when_it_fails_is_what_the_run_says(place):
    run = run_of(place, "failing", TWO, resume_from_checkpoint=str(place / "nowhere"))
    with pytest.raises(SlingshotError) as error:
        trained(run, place)
    assert str(error.value) == (
        f"{place / 'nowhere'}: no training_state.pt in this folder, so no training can go on from it; name another "
        "checkpoint"
    )
    assert "no training_state.pt" in (run.folder / "logs" / "training.log").read_text()


def test_a_process_that_is_killed_is_told_and_the_others_do_not_stay(place):
    run = run_of(place, "killed", TWO, num_epochs=40)

    def kill_one():
        wait_for(lambda: list(run.trained.glob("checkpoint-*")))
        os.kill(max(at_work_on(run)), signal.SIGKILL)  # the launcher was there first

    with ThreadPoolExecutor() as threads:
        killing = threads.submit(kill_one)
        with pytest.raises(
            SlingshotError, match=r"^training in 2 processes failed: one was ended by SIGKILL"
        ):
            trained(run, place)
        killing.result()
    assert at_work_on(run) == []


def test_two_machines_learn_what_one_learns_and_the_first_alone_has_it(place, alone):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    launch = f"launch: {{machines: 2, main_address: 127.0.0.1, main_port: {port}}}\n"
    first, second = run_of(place, "two", launch), run_of(place, "two", launch, machine=1)
    with ThreadPoolExecutor() as threads:
        other = threads.submit(train_along, second, place)
        facts = trained(first, place)
        other.result(60)
    assert losses(first) == pytest.approx(alone, abs=1e-4)
    assert (facts["processes"], facts["machines"]) == (2, 2)
    assert not second.trained.exists()
