"""`slingshot estimate`: time, memory and dollars before training, and how `train` sets the measurement beside them."""

import json
import re

import pytest
import yaml
from typer.testing import CliRunner

from command import refused, slingshot
from slingshot.cli import app, bundled_recipe
from slingshot.errors import RequestError
from slingshot.training.estimating import resources
from tiny_model import write_tiny_model


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a tiny base model, eight rows and a configuration."""
    folder = tmp_path_factory.mktemp("estimate")
    base = write_tiny_model(folder / "base")
    turns = [[("human", f"Write {n % 3}."), ("gpt", f"f() = {n}")] for n in range(8)]
    rows = [{"conversations": [{"from": a, "value": b} for a, b in row]} for row in turns]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = {
        "base_model": str(base),
        "adapter": "lora",
        "learning_rate": 1e-2,
        "num_epochs": 2,
        "micro_batch_size": 2,
        "bf16": False,
        "torch_compile": False,
        "val_set_size": 2,
        "output_dir": str(folder / "out"),
        "datasets": [{"path": "rows.jsonl", "type": "sharegpt"}],
    }
    (folder / "config.yml").write_text(yaml.safe_dump(config))
    return folder


def run(*arguments):
    """A verb in this process, which has its libraries loaded already."""
    done = CliRunner().invoke(app, [*map(str, arguments)])
    if done.exception:
        raise done.exception
    return done


def as_json(*arguments):
    return json.loads(run("estimate", *arguments, "--no-calibrate", "--format", "json").stdout)


def test_the_table_says_what_takes_how_long_and_how_that_is_known(place):
    done = slingshot(
        "estimate", place / "config.yml", "--set", "num_epochs=1", "--price", "3600", "--on", "t4,H100"
    )
    assert done.returncode == 0, done.stderr
    lines = {line.split("  ")[0].strip(): line for line in done.stdout.splitlines()}
    assert "measured here" in lines["forward and backward passes"]
    (here,) = re.findall(r"([\d.]+) s \(([\d.]+) to ([\d.]+)\).*GB +\$([\d.]+)", lines["training, here"])
    assert float(here[1]) <= float(here[0]) <= float(here[2]) and float(here[3]) > 0
    assert "price unknown" in lines["training, on T4"] and "fits" in lines["training, on T4"]
    assert "30% of 989 TFLOPS (assumed)" in lines["training, on H100"]
    assert "an assumption" in done.stdout
    assert "Measuring training steps" in done.stderr
    assert f"Next: slingshot train {place / 'config.yml'}" in done.stderr
    assert not (place / "out").exists()


def test_as_json_it_is_one_value_with_every_number(place):
    found = as_json(place / "config.yml", "--on", "A100", "--price", "2")
    assert found["work"]["steps"] == found["here"]["steps"] and found["work"]["validations"] == 2
    assert found["here"]["speed"]["how"] == "assumed" and found["here"]["low"] is None
    assert found["here"]["dollars"] == pytest.approx(found["here"]["seconds"] / 1800)
    assert found["memory_bytes"]["all"] > found["memory_bytes"]["weights"]
    assert found["disk_bytes"] > 0
    (gpu,) = found["on"]
    assert gpu["gpu"]["name"] == "A100" and "datasheet" in gpu["gpu"]["tflops_source"] and gpu["fits"]
    assert found["after"] == {} and found["notes"] == []


def test_without_a_price_there_are_no_dollars(place):
    found = as_json(place / "config.yml")
    assert found["here"]["dollars"] is None and found["price_per_hour_usd"] is None


def test_a_recipe_is_foreseen_with_its_price_and_the_steps_after_training(place):
    rows = ("--dataset", place / "rows.jsonl", "--base", place / "base")
    found = as_json(bundled_recipe(), *rows)
    assert list(found["after"]) == ["merge", "gguf", "parity", "losses", "ask", "judge"]
    assert found["price_per_hour_usd"] == 0.10
    assert any("before training are not foreseen" in note for note in found["notes"])


def test_a_recipe_takes_the_rows_that_its_run_has_built(place, tmp_path):
    with pytest.raises(RequestError, match="has built no rows .* name rows with --dataset"):
        run("estimate", bundled_recipe(), "--runs", tmp_path)
    built = tmp_path / "quickstart" / "dataset"
    built.mkdir(parents=True)
    (built / "train.jsonl").write_text((place / "rows.jsonl").read_text())
    found = as_json(bundled_recipe(), "--runs", tmp_path, "--base", place / "base")
    assert found["work"]["tokens"] > 0


def test_a_machine_that_is_too_small_is_told_and_measures_nothing(place, monkeypatch):
    monkeypatch.setattr(resources, "available_memory", lambda: 1000)
    done = run("estimate", place / "config.yml")
    assert "Note: too small a machine: training needs about" in done.stdout
    assert "nothing is measured" in done.stdout and "the processor's speed" in done.stdout


def test_a_wrong_request_is_refused(place):
    refused(slingshot("estimate", place / "config.yml", "--on", "H10"), 2, "H10", "did you mean H100?")
    with pytest.raises(RequestError, match="no such training configuration"):
        run("estimate", place / "none.yml")
    with pytest.raises(RequestError, match="unknown key lora_rr"):
        run("estimate", place / "config.yml", "--set", "lora_rr=2")


def test_training_says_what_was_foreseen_and_what_it_took(place):
    done = run("train", place / "config.yml")
    assert re.search(r"Foreseen: [\d,]+ s in \d+ steps, from the processor's speed\.", done.stderr)
    assert re.search(r"Foreseen [\d,]+ s, took [\d,]+ s \([+-]\d+%\)\.", done.stderr)
    kept = json.loads((place / "out" / "estimate.json").read_text())
    assert kept["took_seconds"] > 0 and kept["foreseen"]["seconds"] > 0
