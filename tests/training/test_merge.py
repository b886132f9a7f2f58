"""The merged model is the base with its adapter, and nothing else has changed."""

import pytest
import torch

from slingshot.errors import RequestError
from slingshot.training.config import TrainingConfig
from slingshot.training.loop import train
from slingshot.training.merge import merge


@pytest.fixture(scope="module")
def adapter(tiny_base, tiny_rows, tmp_path_factory):
    out = tmp_path_factory.mktemp("adapter")
    train(
        tiny_rows,
        tiny_base,
        out,
        TrainingConfig(
            adapter="lora", lora_r=4, learning_rate=0.02, num_epochs=2, micro_batch_size=8, bf16=False
        ),
    )
    return out


def test_the_merged_model_says_what_base_and_adapter_say(tiny_base, tiny_rows, adapter, tmp_path):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    merged = AutoModelForCausalLM.from_pretrained(merge(adapter, tiny_base, tmp_path / "merged"))
    adapted = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(tiny_base), adapter)
    ids = torch.tensor([tiny_rows[0].prompt])
    assert merged.dtype == torch.float32
    torch.testing.assert_close(
        merged(input_ids=ids).logits, adapted(input_ids=ids).logits, atol=1e-4, rtol=1e-4
    )
    base = AutoModelForCausalLM.from_pretrained(tiny_base)
    assert not torch.allclose(merged(input_ids=ids).logits, base(input_ids=ids).logits, atol=1e-2)


def test_tokenizer_files_are_the_base_models_byte_for_byte(tiny_base, adapter, tmp_path):
    out = merge(adapter, tiny_base, tmp_path / "merged")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        assert (out / name).read_bytes() == (tiny_base / name).read_bytes()


def test_merging_again_replaces_the_folder(tiny_base, adapter, tmp_path):
    merge(adapter, tiny_base, tmp_path / "merged")
    (tmp_path / "merged" / "old").touch()
    merge(adapter, tiny_base, tmp_path / "merged")
    assert not (tmp_path / "merged" / "old").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["merged"]


def test_a_folder_without_an_adapter_is_refused(tiny_base, tmp_path):
    with pytest.raises(RequestError, match="no adapter_model.safetensors"):
        merge(tmp_path, tiny_base, tmp_path / "merged")


def test_a_model_that_was_trained_in_full_is_copied_without_its_training(tiny_base, tiny_rows, tmp_path):
    from transformers import AutoModelForCausalLM

    train(tiny_rows, tiny_base, tmp_path / "model", TrainingConfig(num_epochs=1, bf16=False))
    merged = merge(tmp_path / "model", tiny_base, tmp_path / "merged")
    assert (merged / "model.safetensors").read_bytes() == (tmp_path / "model/model.safetensors").read_bytes()
    assert (merged / "chat_template.jinja").exists()
    assert not (merged / "metrics.jsonl").exists()
    AutoModelForCausalLM.from_pretrained(merged)
