"""The merged model is the base with its adapter, to peft's own sums, and nothing else has changed."""

import json
import shutil
import subprocess
import sys
import warnings

import pytest
import torch
from safetensors.torch import load_file, save_file

from slingshot.errors import RequestError, SlingshotError
from slingshot.training.config import TrainingConfig
from slingshot.training.loop import train
from slingshot.training.merge import base_of, merge

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


def write_base(folder, family, dtype=torch.float32, shard_size="1GB", **changes):
    """A model of random weights, with files that stand for its tokenizer's."""
    import transformers

    torch.manual_seed(3)
    sizes = {"vocab_size": 48, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8}
    if family == "GPT2":
        sizes, heads = {"vocab_size": 48, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64}, {}
    config = getattr(transformers, f"{family}Config")(**{**sizes, **heads, **changes})
    kind = "GPT2LMHeadModel" if family == "GPT2" else f"{family}ForCausalLM"
    model = getattr(transformers, kind)(config).to(dtype)
    for weights in model.parameters():
        weights.data += 0.2 * torch.randn_like(weights)
    model.save_pretrained(folder, max_shard_size=shard_size)
    (folder / "tokenizer.json").write_text('{"a tokenizer":\t"of its own"}')
    return folder


def learned(base, **settings):
    """The base with an adapter beside it, as peft runs it, whose every tensor was learned."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(4)
    lora = LoraConfig(**{"r": 4, "lora_alpha": 6, "task_type": "CAUSAL_LM", **settings})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), lora)
    for weights in model.parameters():
        if weights.requires_grad:
            weights.data += 0.1 * torch.randn_like(weights)
    return model.eval()


def saved(model, folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save_pretrained(folder)
    return folder


def write_adapter(folder, base, **settings):
    return saved(learned(base, **settings), folder)


def adapted(base, adapter):
    """The base with an adapter that was saved beside it, as peft runs it."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        return PeftModel.from_pretrained(model, adapter).eval()


def loaded(folder):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder).eval()


def logits(model):
    with torch.no_grad():
        return model(input_ids=torch.arange(40)[None]).logits


def assert_merged_as_peft_does(model, out):
    """Every tensor is peft's, and the merged model says what base and adapter say."""
    said = logits(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = model.merge_and_unload().state_dict()
    found = loaded(out)
    torch.testing.assert_close(dict(found.state_dict()), dict(expected), rtol=0, atol=1e-6)
    torch.testing.assert_close(logits(found), said, rtol=1e-4, atol=1e-4)


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """A base of each family, made once: Qwen2 has biases, Gemma ties head and embedding, GPT-2 lies transposed."""
    made = {}

    def base(family):
        if family not in made:
            made[family] = write_base(tmp_path_factory.mktemp("bases") / family, family)
        return made[family]

    return base


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


def change_settings(adapter, **settings):
    path = adapter / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def change_tensors(adapter, change):
    path = adapter / "adapter_model.safetensors"
    save_file(change(load_file(path)), path, {"format": "pt"})


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


# An adapter that training saved: on its own base only, and as it was.


@pytest.fixture(scope="module")
def trained(tiny_base, tiny_rows, tmp_path_factory):
    out = tmp_path_factory.mktemp("trained") / "adapter"
    config = TrainingConfig(
        adapter="lora", lora_r=4, learning_rate=0.02, num_epochs=2, micro_batch_size=8, bf16=False
    )
    train(tiny_rows, tiny_base, out, config)
    return out


def test_the_merged_model_says_what_training_made_of_the_base(tiny_base, trained, tmp_path):
    said = []
    merged = merge(trained, tiny_base, tmp_path / "merged", report=said.append)
    assert said == ["Changed 14 of 20 tensors; every sum was made in float32."]
    assert_merged_as_peft_does(adapted(tiny_base, trained), merged)
    assert not torch.allclose(logits(loaded(merged)), logits(loaded(tiny_base)), atol=1e-2)
    assert (merged / "base.json").read_bytes() == (trained / "base.json").read_bytes()


def test_an_adapter_on_another_base_or_changed_since_is_refused(tiny_base, trained, tmp_path):
    other = shutil.copytree(tiny_base, tmp_path / "other")
    weights = load_file(other / "model.safetensors")
    weights["model.norm.weight"][0] += 1e-3
    save_file(weights, other / "model.safetensors", {"format": "pt"})
    with pytest.raises(
        RequestError, match="was trained on another base model than .*: model.safetensors has"
    ):
        merge(trained, other, tmp_path / "merged")

    doubled = shutil.copytree(trained, tmp_path / "doubled")
    change_tensors(
        doubled, lambda tensors: {name: t * 2 if "lora_B" in name else t for name, t in tensors.items()}
    )
    louder = shutil.copytree(trained, tmp_path / "louder")
    change_settings(louder, lora_alpha=64)
    for folder, name in ((doubled, "adapter_model.safetensors"), (louder, "adapter_config.json")):
        with pytest.raises(RequestError, match=f"{name} was changed after training"):
            merge(folder, tiny_base, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_an_adapter_without_a_record_is_merged_and_that_is_said(tiny_base, trained, tmp_path):
    adapter, said = shutil.copytree(trained, tmp_path / "adapter"), []
    (adapter / "base.json").unlink()
    merged = merge(adapter, tiny_base, tmp_path / "merged", report=said.append)
    assert said[0].endswith("has no base.json: whether it was trained on this base is not known.")
    assert not (merged / "base.json").exists()


def test_the_base_is_the_one_that_the_adapter_names(bases, tiny_base, trained, tmp_path):
    assert base_of(trained) == str(tiny_base)
    foreign = write_adapter(tmp_path / "adapter", bases("Llama"), target_modules=["q_proj"])
    assert base_of(foreign) == str(bases("Llama"))
    change_settings(foreign, base_model_name_or_path=None)
    with pytest.raises(
        RequestError, match="does not say which base model it was trained on; name it with --base"
    ):
        base_of(foreign)


# What is written.


def test_all_other_files_are_the_base_models_byte_for_byte(tiny_base, trained, tmp_path):
    merged = merge(trained, tiny_base, tmp_path / "merged")
    names = {path.name for path in tiny_base.iterdir()}
    assert {path.name for path in merged.iterdir()} == names | {"base.json"}
    for name in names - {"model.safetensors"}:
        assert (merged / name).read_bytes() == (tiny_base / name).read_bytes()


def test_sums_are_rounded_once_to_the_type_of_the_base(bases, tmp_path):
    base = write_base(tmp_path / "base", "Llama", torch.bfloat16)
    adapter = write_adapter(tmp_path / "adapter", base, target_modules=["q_proj"])
    merged = load_file(merge(adapter, base, tmp_path / "merged") / "model.safetensors")
    exact = adapted(base, adapter).merge_and_unload().state_dict()
    before = load_file(base / "model.safetensors")
    for name, weights in merged.items():
        assert weights.dtype == torch.bfloat16
        assert torch.equal(weights, exact[name].bfloat16() if "q_proj" in name else before[name])
    assert (tmp_path / "merged/config.json").read_bytes() == (base / "config.json").read_bytes()


def test_another_type_changes_the_weights_and_one_line_of_the_configuration(bases, tmp_path):
    base = bases("Mistral")
    adapter = write_adapter(tmp_path / "adapter", base, target_modules=["q_proj"])
    merged = merge(adapter, base, tmp_path / "merged", dtype="bfloat16")
    then, now = ((folder / "config.json").read_text().splitlines() for folder in (base, merged))
    assert [new for old, new in zip(then, now, strict=True) if old != new] == ['  "dtype": "bfloat16",']
    assert {weights.dtype for weights in load_file(merged / "model.safetensors").values()} == {torch.bfloat16}
    expected = adapted(base, adapter).merge_and_unload().bfloat16()
    torch.testing.assert_close(dict(loaded(merged).state_dict()), dict(expected.state_dict()), rtol=0, atol=0)


def test_shards_stay_shards_and_those_without_a_change_the_same_bytes(tmp_path):
    base = write_base(tmp_path / "base", "Llama", shard_size="20KB")
    adapter = write_adapter(tmp_path / "adapter", base, target_modules=["lm_head"])
    merged = merge(adapter, base, tmp_path / "merged")
    changed = json.loads((base / "model.safetensors.index.json").read_text())["weight_map"]["lm_head.weight"]
    shards = sorted(path.name for path in base.glob("*.safetensors"))
    assert len(shards) > 3 and shards == sorted(path.name for path in merged.glob("*.safetensors"))
    same = [name for name in shards if (base / name).read_bytes() == (merged / name).read_bytes()]
    assert same == [name for name in shards if name != changed]
    assert (merged / "model.safetensors.index.json").read_bytes() == (
        base / "model.safetensors.index.json"
    ).read_bytes()
    assert_merged_as_peft_does(adapted(base, adapter), merged)

    half = merge(adapter, base, tmp_path / "half", dtype="float16")
    index = json.loads((half / "model.safetensors.index.json").read_text())
    assert index["metadata"]["total_size"] == sum(
        t.nbytes for f in half.glob("*.safetensors") for t in load_file(f).values()
    )
    assert loaded(half).dtype == torch.float16


def test_a_model_that_was_trained_in_full_is_copied_without_its_training(tiny_base, tiny_rows, tmp_path):
    model = tmp_path / "model"
    train(tiny_rows, tiny_base, model, TrainingConfig(num_epochs=1, bf16=False))
    merged = merge(model, tiny_base, tmp_path / "merged")
    for name in ("model.safetensors", "config.json", "chat_template.jinja", "base.json"):
        assert (merged / name).read_bytes() == (model / name).read_bytes()
    assert not (merged / "metrics.jsonl").exists()
    assert loaded(merge(model, tiny_base, tmp_path / "half", dtype="float16")).dtype == torch.float16
    shutil.copy(model / "config.json", model / "adapter_config.json")
    with pytest.raises(RequestError, match="holds both a model and an adapter"):
        merge(model, tiny_base, tmp_path / "other")


# What goes wrong on the way.


def test_a_folder_without_an_adapter_is_refused(tiny_base, tmp_path):
    with pytest.raises(RequestError, match="no adapter_model.safetensors in this folder; train first"):
        merge(tmp_path, tiny_base, tmp_path / "merged")


def test_what_is_there_already_is_not_replaced_unasked(tiny_base, trained, tmp_path):
    out = tmp_path / "merged"
    out.mkdir()
    merge(trained, tiny_base, out)
    (out / "old").touch()
    with pytest.raises(
        RequestError, match="merged is there already; remove it, or name another folder with --out"
    ):
        merge(trained, tiny_base, out)
    assert (out / "old").exists()
    merge(trained, tiny_base, out, replace=True)
    assert not (out / "old").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["merged"]
    for place in (tiny_base, tiny_base.parent, trained):
        with pytest.raises(RequestError, match="would take the place of"):
            merge(trained, tiny_base, place, replace=True)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (
            "model-00002-of-00002.safetensors",
            r"model-00002-of-00002\.safetensors is not there, and model\.safetensors\.in",
        ),
        (
            "model-00001-of-00002.safetensors cut",
            r"model-00001-of-00002\.safetensors: cannot be read \(.+\); fetch or",
        ),
        ("model.safetensors.index.json cut", r"model\.safetensors\.index\.json: no index of weights"),
        ("adapter_model.safetensors cut", r"adapter_model\.safetensors: cannot be read"),
        ("adapter_config.json cut", r"adapter_config\.json: not the settings of an adapter"),
    ],
)
def test_missing_and_broken_files_are_named_and_nothing_is_left_behind(tmp_path, broken, words):
    base = write_base(tmp_path / "base", "Llama", shard_size="50KB")
    adapter = write_adapter(tmp_path / "adapter", base, target_modules=["q_proj"])
    name, _, cut = broken.partition(" ")
    path = (adapter if name.startswith("adapter") else base) / name
    if cut:
        path.write_bytes(path.read_bytes()[:-9])
    else:
        path.unlink()
    with pytest.raises(SlingshotError, match=words):
        merge(adapter, base, tmp_path / "merged")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter", "base"]


_PEAK = """
import resource, sys
from pathlib import Path
from slingshot.training.merge import merge

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

small, large = map(Path, sys.argv[1:])
merge(small / "adapter", small / "base", small / "merged")  # imports all that is needed
before = peak()
merge(large / "adapter", large / "base", large / "merged")
print(peak() - before)
"""


def test_memory_stays_at_a_part_of_one_shard_however_large_the_model(tmp_path):
    small, large = tmp_path / "small", tmp_path / "large"
    write_base(small / "base", "Llama", shard_size="20KB")
    sizes = {"hidden_size": 768, "intermediate_size": 2048, "num_hidden_layers": 9, "head_dim": 192}
    write_base(large / "base", "Llama", shard_size="60MB", **sizes)
    for folder in (small, large):
        write_adapter(folder / "adapter", folder / "base", target_modules=ALL)
    shards = [path.stat().st_size for path in (large / "base").glob("*.safetensors")]
    assert len(shards) >= 4
    command = [sys.executable, "-c", _PEAK, small, large]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    peak = int(done.stdout)
    assert peak < 1.5 * max(shards) + 20e6 < 0.5 * sum(shards)
