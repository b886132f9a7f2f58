"""The merged model is the base with its adapter, to peft's own sums; what cannot be is refused, not forgotten."""

import json
import shutil

import pytest
import torch
from adapted_models import (
    adapted,
    assert_merged_as_peft_does,
    change_settings,
    change_tensors,
    learned,
    loaded,
    logits,
    saved,
    write_adapter,
    write_base,
)
from safetensors.torch import load_file, save_file

from slingshot.errors import RequestError, SlingshotError
from slingshot.training.merge import merge

ALL = "all-linear"
SETTINGS = {
    "plain": {"target_modules": ALL},
    "scaled by the root of the rank": {"target_modules": ALL, "use_rslora": True, "lora_alpha": 7},
    "with ranks and alphas of their own": {
        "target_modules": ALL,
        "rank_pattern": {"q_proj": 2, "layers.1.mlp.up_proj": 3},
        "alpha_pattern": {r".*\.0\..*_proj": 5},
    },
    "in directions and lengths": {"target_modules": ALL, "use_dora": True},
    "with the biases of its layers": {"target_modules": ["q_proj", "down_proj"], "bias": "lora_only"},
    "with all biases": {"target_modules": ["k_proj"], "bias": "all"},
    "in one layer": {"target_modules": ["q_proj", "up_proj"], "layers_to_transform": [1]},
    "with layers trained whole": {"target_modules": ["q_proj"], "modules_to_save": ["v_proj", "norm"]},
    "begun with minor components": {"target_modules": ["o_proj"], "init_lora_weights": "mica"},
}
OF_THE_ENDS = {
    "on the embedding": {"target_modules": ["embed_tokens", "q_proj"]},
    "on the embedding, in lengths": {"target_modules": ["embed_tokens"], "use_dora": True},
    "on the head": {"target_modules": ["lm_head"]},
    "on both": {"target_modules": ["embed_tokens", "lm_head"]},
    "with the head trained whole": {"target_modules": ["q_proj"], "modules_to_save": ["lm_head"]},
    "with the embedding trained whole": {"target_modules": ["q_proj"], "modules_to_save": ["embed_tokens"]},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
@pytest.mark.parametrize("family", ["Llama", "Mistral", "Qwen2", "Gemma"])
def test_the_merged_model_is_pefts(bases, tmp_path, family, settings):
    model = learned(bases(family), **settings)
    adapter = saved(model, tmp_path / "adapter")
    assert_merged_as_peft_does(model, merge(adapter, bases(family), tmp_path / "merged"))


@pytest.mark.parametrize("settings", OF_THE_ENDS.values(), ids=OF_THE_ENDS.keys())
def test_so_it_is_with_an_adapter_on_an_embedding_or_a_head_of_its_own(bases, tmp_path, settings):
    model = learned(bases("Llama"), **settings)
    adapter = saved(model, tmp_path / "adapter")
    assert_merged_as_peft_does(model, merge(adapter, bases("Llama"), tmp_path / "merged"))


def test_so_it_is_with_biases_that_the_adapter_adds_to(bases, tmp_path):
    model = learned(bases("Qwen2"), target_modules=["q_proj", "k_proj"], lora_bias=True)
    adapter = saved(model, tmp_path / "adapter")
    assert_merged_as_peft_does(model, merge(adapter, bases("Qwen2"), tmp_path / "merged"))


@pytest.mark.parametrize("use_dora", [False, True])
@pytest.mark.parametrize("modules", [["c_attn", "c_proj", "c_fc"], ["attn.c_proj"], ["c_attn", "wte"]])
def test_so_it_is_where_weights_lie_transposed(bases, tmp_path, modules, use_dora):
    base = bases("GPT2")
    adapter = write_adapter(tmp_path / "adapter", base, target_modules=modules, use_dora=use_dora)
    merged = loaded(merge(adapter, base, tmp_path / "merged"))
    torch.testing.assert_close(logits(merged), logits(adapted(base, adapter)), rtol=1e-4, atol=1e-4)


def test_files_that_hold_the_inner_model_alone_are_merged_under_their_own_names(bases, tmp_path):
    base = shutil.copytree(bases("GPT2"), tmp_path / "base")
    inner = {k.removeprefix("transformer."): v for k, v in load_file(base / "model.safetensors").items()}
    save_file(inner, base / "model.safetensors", {"format": "pt"})
    adapter = write_adapter(tmp_path / "adapter", bases("GPT2"), target_modules=["c_attn"])
    merged = merge(adapter, base, tmp_path / "merged")
    assert set(load_file(merged / "model.safetensors")) == set(inner)
    torch.testing.assert_close(logits(loaded(merged)), logits(adapted(base, adapter)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("settings", OF_THE_ENDS.values(), ids=OF_THE_ENDS.keys())
def test_embedding_and_head_that_were_one_become_two_when_one_of_them_was_trained(bases, tmp_path, settings):
    base, said = bases("Gemma"), []
    assert "lm_head.weight" not in load_file(base / "model.safetensors")
    adapter = write_adapter(tmp_path / "adapter", base, **settings)
    merged = merge(adapter, base, tmp_path / "merged", report=said.append)
    torch.testing.assert_close(logits(loaded(merged)), logits(adapted(base, adapter)), rtol=1e-4, atol=1e-4)
    then, now = (json.loads((folder / "config.json").read_text()) for folder in (base, merged))
    assert now == then | {"tie_word_embeddings": False}
    assert any("one tensor in the base and two from now on" in sentence for sentence in said)


@pytest.mark.parametrize(
    "settings",
    [
        {"target_modules": ["embed_tokens"]},
        {"modules_to_save": ["embed_tokens"], "target_modules": ["q_proj"]},
    ],
)
def test_they_stay_one_when_they_were_trained_as_one(bases, tmp_path, settings):
    base = bases("Gemma")
    adapter = write_adapter(tmp_path / "adapter", base, ensure_weight_tying=True, **settings)
    merged = merge(adapter, base, tmp_path / "merged")
    assert "lm_head.weight" not in load_file(merged / "model.safetensors")
    torch.testing.assert_close(logits(loaded(merged)), logits(adapted(base, adapter)), rtol=1e-4, atol=1e-4)


# What is left to peft.


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"target_modules": ["q_proj"], "trainable_token_indices": [1, 2]}, "trainable_token_indices is set"),
        ({"target_modules": ["q_proj"], "init_lora_weights": "pissa"}, "init_lora_weights is pissa"),
    ],
)
def test_what_is_not_plain_lora_goes_through_peft_and_that_is_said(bases, tmp_path, settings, reason):
    base, said = bases("Llama"), []
    adapter = write_adapter(tmp_path / "adapter", base, **settings)
    merged = merge(adapter, base, tmp_path / "merged", report=said.append)
    assert f"Merging through peft, with the whole base in memory: {reason}." in said
    assert (merged / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()
    torch.testing.assert_close(logits(loaded(merged)), logits(adapted(base, adapter)), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(
    ("settings", "in_memory"),
    [
        ({"target_modules": ["q_proj"]}, False),
        ({"target_modules": [], "target_parameters": ["experts.down_proj"]}, True),
    ],
)
def test_where_files_stack_tensors_otherwise_only_those_that_they_name_are_merged_without_peft(
    tmp_path, settings, in_memory
):
    base, said = write_base(tmp_path / "base", "Mixtral", num_local_experts=2), []
    adapter = write_adapter(tmp_path / "adapter", base, **settings)
    merged = merge(adapter, base, tmp_path / "merged", report=said.append)
    assert any("through peft" in sentence for sentence in said) == in_memory
    torch.testing.assert_close(logits(loaded(merged)), logits(adapted(base, adapter)), rtol=1e-4, atol=1e-4)


def test_what_peft_cannot_merge_either_is_refused(bases, tmp_path):
    base = bases("Llama")
    adapter = write_adapter(tmp_path / "adapter", base, target_modules=["q_proj"])
    change_settings(adapter, alora_invocation_tokens=[1, 2])
    with pytest.raises(RequestError, match="peft cannot merge it .*aLoRA does not support"):
        merge(adapter, base, tmp_path / "merged")
    change_settings(adapter, alora_invocation_tokens=None, init_lora_weights="loftq")
    with pytest.raises(
        RequestError, match="init_lora_weights loftq changed the base's weights when training began"
    ):
        merge(adapter, base, tmp_path / "merged")
    change_settings(adapter, init_lora_weights=True, invented_later=3)
    with pytest.raises(
        RequestError, match="peft as it is installed here does not know invented_later; upgrade it"
    ):
        merge(adapter, base, tmp_path / "merged")
    change_settings(adapter, peft_type="PROMPT_TUNING", init_lora_weights=True)
    with pytest.raises(RequestError, match="changes no weights, so it cannot be merged into any; serve it"):
        merge(adapter, base, tmp_path / "merged")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter"]


# What is refused, rather than forgotten.


Q = "base_model.model.model.layers.0.self_attn.q_proj"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda tensors: {name.replace("layers.1", "layers.7"): t for name, t in tensors.items()},
            r"model\.layers\.7\.self_attn\.q_proj\.lora_A\.weight belongs to nothing in this base, which has no model\.la",
        ),
        (
            lambda tensors: tensors | {f"{Q}.lora_B.weight": torch.ones(33, 4)},
            r"layers\.0\.self_attn\.q_proj\.lora_B\.weight is \(33, 4\) and would have to be \(32, 4\) for model\.layers",
        ),
        (
            lambda tensors: tensors | {f"{Q}.bias": torch.ones(32)},
            "which has no model.layers.0.self_attn.q_proj.bias",
        ),
        (
            lambda tensors: {name: t for name, t in tensors.items() if name != f"{Q}.lora_A.weight"},
            r"has B for model\.layers\.0\.self_attn\.q_proj\.weight, where its settings ask for A, B",
        ),
        (
            lambda tensors: tensors | {f"{Q}.lora_magnitude_vector": torch.ones(32)},
            r"has A, B, magnitude for .*, where its settings ask for A, B",
        ),
        (
            lambda tensors: tensors | {f"{Q}.lora_A.weight": torch.full((4, 32), torch.nan)},
            r"model\.layers\.0\.self_attn\.q_proj\.weight would hold numbers that are not finite",
        ),
    ],
)
def test_a_tensor_that_does_not_belong_or_fit_is_refused_by_name(bases, tmp_path, change, words):
    base = bases("Llama")
    adapter = write_adapter(tmp_path / "adapter", base, target_modules=["q_proj"])
    change_tensors(adapter, change)
    with pytest.raises(SlingshotError, match=words):
        merge(adapter, base, tmp_path / "merged")
    assert [path.name for path in tmp_path.iterdir()] == ["adapter"]


def test_a_rank_other_than_the_settings_say_is_refused(bases, tmp_path):
    adapter = write_adapter(tmp_path / "adapter", bases("Llama"), target_modules=["q_proj"])
    change_settings(adapter, r=8)
    with pytest.raises(RequestError, match=r"lora_A\.weight is \(4, 32\) and would have to be \(8, 32\)"):
        merge(adapter, bases("Llama"), tmp_path / "merged")


def test_a_base_whose_weights_are_not_what_its_configuration_says_is_refused(bases, tmp_path):
    base = shutil.copytree(bases("Llama"), tmp_path / "base")
    weights = load_file(base / "model.safetensors")
    save_file(weights | {"lm_head.weight": torch.ones(50, 32)}, base / "model.safetensors", {"format": "pt"})
    adapter = write_adapter(tmp_path / "adapter", bases("Llama"), target_modules=["lm_head"])
    with pytest.raises(
        SlingshotError, match=r"lm_head\.weight is \(50, 32\), and config\.json asks for \(48, 32\)"
    ):
        merge(adapter, base, tmp_path / "merged")


def test_a_quantized_base_is_refused(bases, tmp_path):
    base = shutil.copytree(bases("Llama"), tmp_path / "base")
    config = json.loads((base / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    (base / "config.json").write_text(json.dumps(config))
    adapter = write_adapter(tmp_path / "adapter", bases("Llama"), target_modules=["q_proj"])
    with pytest.raises(RequestError, match="its weights are quantized"):
        merge(adapter, base, tmp_path / "merged")
