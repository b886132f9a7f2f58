"""`hub_model_id`: the result is on the hub when training is over, and training does not start if it could not be."""

import json

import pytest
from huggingface_hub import constants
from typer.testing import CliRunner

from loopback_hub import loopback_hub
from slingshot.cli import app
from slingshot.errors import RequestError, SlingshotError


@pytest.fixture
def hub(monkeypatch, tmp_path):
    """A hub that this process talks to, and no login of whoever runs the tests."""
    with loopback_hub() as hub:
        for name, value in hub.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # read from the environment at import
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "no-token"))
        yield hub


@pytest.fixture
def trained(tiny_base, tmp_path):
    """Trains as the command does, uploading to ada/tuned; what it said, and the folder that it wrote."""
    row = {"messages": [{"role": "user", "content": "Add."}, {"role": "assistant", "content": "a + b"}]}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row) + "\n")
    config = {
        "base_model": str(tiny_base),
        "adapter": "lora",
        "learning_rate": 1e-2,
        "bf16": False,
        "torch_compile": False,
        "output_dir": str(tmp_path / "out"),
        "hub_model_id": "ada/tuned",
        "datasets": [{"path": "rows.jsonl", "type": "chat_template"}],
    }
    (tmp_path / "config.yml").write_text(json.dumps(config))  # JSON is YAML

    def train(*settings):
        words = [word for setting in settings for word in ("--set", setting)]
        done = CliRunner().invoke(app, ["train", str(tmp_path / "config.yml"), *words])
        if done.exception:
            raise done.exception
        return done.stderr, tmp_path / "out"

    return train


def test_all_files_but_those_of_checkpoints_are_in_a_private_repository(hub, trained):
    said, out = trained()
    repository = hub.repositories["ada/tuned"]
    assert f"Uploaded to {hub.url}/ada/tuned." in said and repository.private
    assert any(out.glob("checkpoint-*"))
    names = {file.name for file in out.iterdir() if file.is_file()}
    assert {"adapter_model.safetensors", "adapter_config.json", "base.json", "training.json"} <= names
    assert repository.files.keys() == names
    for name in names - {"README.md"}:
        assert repository.files[name] == (out / name).read_bytes()


def test_the_card_names_no_folder_of_this_machine(hub, trained, tiny_base):
    trained()
    card = hub.repositories["ada/tuned"].files["README.md"].decode()
    assert card.startswith("---\nlibrary_name: peft\n") and "# tuned" in card
    assert f"A LoRA adapter for `{tiny_base.name}`" in card and str(tiny_base) not in card


def test_nothing_is_trained_that_could_not_be_uploaded(hub, trained, monkeypatch, tmp_path):
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(RequestError, match="hub_model_id: there is no token .*; or upload nothing: --set"):
        trained()
    assert not (tmp_path / "out").exists()
    trained("hub_model_id=null")
    assert (tmp_path / "out" / "training.json").exists() and hub.repositories == {}


def test_what_was_trained_is_kept_where_the_hub_breaks_down(hub, trained, tmp_path):
    hub.refuses["/commit/"] = (400, "not today")
    with pytest.raises(
        SlingshotError, match="out holds all that was trained, and was not uploaded: .*not today"
    ):
        trained()
    assert (tmp_path / "out" / "adapter_model.safetensors").exists()
