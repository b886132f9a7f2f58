"""`slingshot parity`: on a run's folder and on forms named one by one; the table comes before the refusal."""

import json
import shutil

import pytest
import yaml

from command import refused, slingshot
from slingshot.training.merge import merge
from tiny_model import write_tiny_adapter, write_tiny_model

ROW = {
    "conversations": [{"from": "human", "value": "f(x) = ?"}, {"from": "gpt", "value": "f(x) = x"}],
    "test_case": "identity",
    "prompt_label": "AsIs",
}
RECIPE = {"name": "tiny", "hold_out": ["quote_field"], "prompts": ["InJulia"]}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run's folder as far as its merged model."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    base = write_tiny_model(folder.parent / "base")
    write_tiny_adapter(folder / "adapter", base)
    merge(folder / "adapter", base, folder / "merged")
    (folder / "dataset").mkdir()
    (folder / "dataset" / "train.jsonl").write_text(json.dumps(ROW) + "\n")
    (folder / "recipe.yml").write_text(yaml.safe_dump(RECIPE | {"base_model": str(base)}))
    return folder


def test_a_run_is_compared_on_its_own_prompts_and_the_figures_lie_in_its_folder(run):
    done = slingshot("parity", run, "--tokens", 8)
    assert done.returncode == 0, done.stderr
    assert "merged" in done.stdout
    assert "adapter" in done.stdout
    value = json.loads((run / "parity.json").read_text())
    assert value["agrees"]
    assert value["prompts"] == {"seen": 1, "held_out": 1}
    assert value["agreements"][0]["on"]["seen"]["positions"] <= 8


def test_forms_that_differ_are_shown_before_the_command_fails(run, tmp_path):
    doubled = tmp_path / "doubled"
    shutil.copytree(run / "adapter", doubled)
    config = json.loads((doubled / "adapter_config.json").read_text())
    config["lora_alpha"] *= 2
    (doubled / "adapter_config.json").write_text(json.dumps(config))
    wrong = merge(doubled, run.parent / "base", tmp_path / "wrong")
    reference = ("--reference", run / "adapter", "--prompts", run / "dataset" / "train.jsonl")
    done = slingshot(
        "parity", wrong, *reference, "--tokens", 8, "--out", tmp_path / "found.json", "--format", "json"
    )
    refused(done, 1, "wrong is not the model that adapter is", "in the answer to identity AsIs", "instead of")
    value = json.loads(done.stdout)
    assert value == json.loads((tmp_path / "found.json").read_text())
    assert not value["agrees"]


def test_what_cannot_be_compared_is_refused(run, tmp_path):
    refused(slingshot("parity", tmp_path), 2, "no recipe.yml in this folder", "--reference")
    refused(slingshot("parity", run, run), 2, "one run is compared at a time")
    refused(slingshot("parity", run / "merged", "--reference", run / "adapter"), 2, "--prompts: ")
