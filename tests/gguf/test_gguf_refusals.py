"""What cannot be converted or quantized is refused in one sentence, and nothing half is left under the final name."""

import json
import os
import resource
import shutil
import sys

import pytest

from slingshot.errors import RequestError, SlingshotError
from slingshot.gguf import convert, quantize, read_gguf
from slingshot.gguf.child import part_of
from tiny_model import write_tiny_model


@pytest.fixture
def model(families, tmp_path):
    """A copy that a test may spoil."""
    return shutil.copytree(families("mistral"), tmp_path / "model")


def refused(kind, words, model, tmp_path):
    out = tmp_path / "out" / "x.f16.gguf"
    with pytest.raises(kind, match=words) as caught:
        convert(model, out, "x")
    assert "\n" not in str(caught.value)
    assert not out.parent.exists() or not list(out.parent.iterdir())


def test_a_missing_file_of_weights_is_named(model, tmp_path):
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (model / "model.safetensors.index.json").write_text(json.dumps(index))
    (model / "model.safetensors").rename(model / "model-00001-of-00002.safetensors")
    refused(RequestError, "names model-00002-of-00002.safetensors, which is not there", model, tmp_path)


def test_weights_that_were_cut_short_are_named(model, tmp_path):
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    refused(SlingshotError, "weights are damaged or cut short", model, tmp_path)


def test_a_folder_without_weights_tokenizer_or_configuration_is_refused(model, tmp_path):
    (model / "model.safetensors").unlink()
    refused(RequestError, "no weights in this folder", model, tmp_path)
    for name in ("tokenizer.json", "tokenizer.model"):
        (model / name).unlink()
    refused(RequestError, "no tokenizer in this folder", model, tmp_path)
    (model / "config.json").unlink()
    refused(RequestError, "no config.json in this folder", model, tmp_path)
    (model / "adapter_config.json").write_text("{}")
    refused(RequestError, "this is an adapter; merge it first", model, tmp_path)


def test_an_architecture_that_the_converter_lacks_is_named(model, tmp_path):
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, "architectures": ["FooForCausalLM"]}))
    refused(SlingshotError, "does not know the architecture FooForCausalLM", model, tmp_path)


def test_a_tokenizer_that_llama_cpp_would_split_otherwise_is_refused_not_guessed_at(tmp_path):
    refused(
        SlingshotError,
        "does not know how this tokenizer splits text",
        write_tiny_model(tmp_path / "m"),
        tmp_path,
    )


def test_unknown_types_come_with_a_suggestion(model, converted, tmp_path):
    with pytest.raises(RequestError, match=r"Q5_K_L: unknown type; did you mean Q5_K_\w\?"):
        quantize(converted("mistral"), tmp_path / "x.gguf", "Q5_K_L")
    with pytest.raises(
        RequestError, match="Q8_0: a model is converted to f32, f16, bf16; quantize one of these"
    ):
        convert(model, tmp_path / "x.gguf", "x", file_type="q8_0")


def test_a_tokenizer_and_weights_of_different_sizes_are_refused(model, tmp_path):
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps({**config, "vocab_size": 400}))
    refused(SlingshotError, "400 tokens by vocab_size and 330 rows of embeddings", model, tmp_path)


def test_a_head_of_its_own_that_the_converter_would_leave_out_is_not_lost(families, tmp_path):
    from transformers import AutoConfig, GemmaConfig, GemmaForCausalLM

    model = shutil.copytree(families("gemma"), tmp_path / "untied")
    width = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1, "head_dim": 32}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1}
    words = AutoConfig.from_pretrained(model).vocab_size
    config = GemmaConfig(vocab_size=words, tie_word_embeddings=False, **width, **heads)
    GemmaForCausalLM(config).save_pretrained(model)
    refused(SlingshotError, "its output head is a tensor of its own", model, tmp_path)


def test_what_is_quantized_already_is_not_quantized_again(converted, tmp_path):
    made = quantize(converted("mistral"), tmp_path / "x.Q8_0.gguf", "Q8_0")
    with pytest.raises(RequestError, match=r"is quantized already \(Q8_0\), .* from its f16 file"):
        quantize(made.path, tmp_path / "y.gguf", "Q4_K_M")


def test_a_source_that_was_cut_short_is_refused_and_leaves_nothing(converted, tmp_path):
    (tmp_path / "cut.gguf").write_bytes(converted("mistral").read_bytes()[:-5000])
    with pytest.raises(SlingshotError, match="the file was cut short"):
        quantize(tmp_path / "cut.gguf", tmp_path / "x.gguf", "Q8_0")
    assert [path.name for path in tmp_path.iterdir()] == ["cut.gguf"]


@pytest.fixture
def small_files():
    """No file of ours, nor of the processes that we start, may become larger than 100 kB."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_while_converting_and_quantizing_is_said_and_leaves_nothing(
    model, converted, small_files, tmp_path
):
    f16 = converted("mistral")
    for work in (
        lambda: convert(model, tmp_path / "x.f16.gguf", "x"),
        lambda: quantize(f16, tmp_path / "x.Q8_0.gguf", "Q8_0"),
    ):
        with pytest.raises(
            SlingshotError, match=r"could not write .*x\.\w+\.gguf: No space left on device; free some"
        ):
            work()
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_folder_that_may_not_be_written_or_has_no_room_is_said_before_work_starts(model, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SlingshotError, match=r"could not write .*file/x\.gguf: "):
        convert(model, tmp_path / "file" / "x.gguf", "x")
    with pytest.raises(SlingshotError, match=r"needs 1000000\.00 GB, and .* GB are free"):
        part_of(tmp_path / "x.gguf", 10**15)
    assert not list(tmp_path.glob("*x.gguf*"))


def test_llama_cpps_own_program_wins_where_it_is_on_path(converted, tmp_path, monkeypatch):
    """It stands for llama-quantize: it keeps its arguments and quantizes with the wheel."""
    program = tmp_path / "llama-quantize"
    module = f"{sys.executable} -P -m slingshot.gguf.llama_quantizer"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/arguments\nexec {module} "$1" "$2" 7\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    quantize(converted("mistral"), tmp_path / "x.Q8_0.gguf", "Q8_0")
    arguments = (tmp_path / "arguments").read_text().split()
    assert arguments == [str(converted("mistral")), str(tmp_path / ".x.Q8_0.gguf.part"), "Q8_0"]
    assert read_gguf(tmp_path / "x.Q8_0.gguf").file_type == "Q8_0"
