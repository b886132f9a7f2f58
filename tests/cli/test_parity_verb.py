"""`slingshot parity`: on a run's folder and on forms named one by one; the table comes before the refusal."""

import json

import pytest
import yaml

from command import refused, slingshot
from slingshot.cli.parity import parity
from slingshot.errors import RequestError
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
    """A run's folder as far as its merged model, in which the adapter was changed after it was merged."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    base = write_tiny_model(folder.parent / "base")
    write_tiny_adapter(folder / "adapter", base)
    merge(folder / "adapter", base, folder / "merged")
    config = json.loads((folder / "adapter" / "adapter_config.json").read_text())
    config["lora_alpha"] *= 2
    (folder / "adapter" / "adapter_config.json").write_text(json.dumps(config))
    (folder / "dataset").mkdir()
    (folder / "dataset" / "train.jsonl").write_text(json.dumps(ROW) + "\n")
    (folder / "recipe.yml").write_text(yaml.safe_dump(RECIPE | {"base_model": str(base)}))
    return folder


def test_a_run_is_compared_on_its_own_prompts_and_shown_before_the_command_fails(run):
    done = slingshot("parity", run, "--tokens", 8)
    words = ("merged is not the model that adapter is", "in the answer to identity AsIs", "instead of")
    refused(done, 1, *words)
    assert "merged" in done.stdout
    assert "1 held out" in done.stdout
    assert "beyond its thresholds" in done.stdout
    value = json.loads((run / "parity.json").read_text())
    assert not value["agrees"]
    assert value["prompts"] == {"seen": 1, "held_out": 1}
    assert value["agreements"][0]["on"]["seen"]["positions"] <= 8


def test_forms_are_compared_with_a_reference_on_the_prompts_of_a_file(run, tmp_path, capsys):
    prompts, out = run / "dataset" / "train.jsonl", tmp_path / "found.json"
    found = merge(run / "adapter", run.parent / "base", tmp_path / "anew")
    parity([found], reference=run / "adapter", prompts=prompts, tokens=8, out=out, output="json")
    value = json.loads(capsys.readouterr().out)
    assert value == json.loads(out.read_text())
    assert value["agrees"]
    assert [form["name"] for form in value["forms"]] == ["adapter", "anew"]


def test_what_cannot_be_compared_is_refused(run, tmp_path):
    refused(slingshot("parity", tmp_path), 2, "no recipe.yml in this folder", "--reference")
    with pytest.raises(RequestError, match="one run is compared at a time"):
        parity([run, run])
    with pytest.raises(RequestError, match="--prompts: the forms are compared on prompts"):
        parity([run / "merged"], reference=run / "adapter")
