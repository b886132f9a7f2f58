"""Launchers: what they say to their processes, and a training that `accelerate launch` starts on two."""

import json
import subprocess
import sys

import pytest
from in_processes import losses
from typer.testing import CliRunner

from slingshot.cli import app
from slingshot.errors import RequestError
from slingshot.training.course.launch import launched

TORCHRUN = {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1", "MASTER_ADDR": "here", "MASTER_PORT": "1"}
OPEN_MPI = {"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"}
INTEL_MPI = {"PMI_RANK": "1", "PMI_SIZE": "2"}
ACCELERATE = {"ACCELERATE_USE_CPU": "False", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}


@pytest.fixture
def said_by(monkeypatch):
    """Sets what a launcher says in its environment, and nothing that another would say."""

    def say(environment):
        for name in {**TORCHRUN, **OPEN_MPI, **INTEL_MPI, **ACCELERATE}:
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)

    return say


def test_without_a_launcher_there_is_one_process(said_by):
    said_by({})
    assert launched() == (0, 1)


@pytest.mark.parametrize("environment", [TORCHRUN, OPEN_MPI, INTEL_MPI, {**ACCELERATE, **OPEN_MPI}])
def test_every_launcher_says_which_process_this_is_and_how_many_there_are(said_by, environment):
    said_by(environment)
    assert launched() == (1, 2)


def test_one_process_in_place_of_several_is_refused(said_by):
    said_by(ACCELERATE)
    with pytest.raises(RequestError, match="has started one process .* add --multi_gpu"):
        launched()


def test_two_processes_of_accelerate_launch_lose_what_one_loses_with_twice_the_accumulation(
    tiny_base, tmp_path
):
    turns = [[("human", f"Write {n}."), ("gpt", f"f() = {n}")] for n in range(4)]
    rows = [{"conversations": [{"from": a, "value": b} for a, b in row]} for row in turns]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = {
        "base_model": str(tiny_base),
        "adapter": "lora",
        "learning_rate": 1e-2,
        "num_epochs": 2,
        "bf16": False,
        "torch_compile": False,
        "datasets": [{"path": "rows.jsonl", "type": "sharegpt"}],
    }
    (tmp_path / "config.yml").write_text(json.dumps(config))  # JSON is YAML
    train = ["train", str(tmp_path / "config.yml"), "--out"]
    two = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"]
    two += ["--main_process_port", "0", "--module", "slingshot", *train, str(tmp_path / "two")]
    done = subprocess.run(two, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("wrote") == 1
    one = CliRunner().invoke(app, [*train, str(tmp_path / "one"), "--set", "gradient_accumulation_steps=2"])
    assert one.exception is None
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), abs=1e-5)
    assert json.loads((tmp_path / "two" / "training.json").read_text())["processes"] == 2
