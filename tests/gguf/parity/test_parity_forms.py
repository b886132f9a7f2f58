"""What can be compared, on what, and how much may differ."""

import pytest

from slingshot.errors import RequestError
from slingshot.gguf.parity import (
    Form,
    ParityConfig,
    Thresholds,
    choose_prompts,
    folder_form,
    gguf_form,
    trained_form,
)
from slingshot.training.base_record import record_base, write_base_record
from slingshot.yaml_files import read_yaml


def asked(*texts):
    return [(text, [{"role": "user", "content": text}]) for text in texts]


def test_prompts_are_chosen_by_the_seed_and_copies_count_once():
    seen, held_out = asked(*"abcdefgh", "a"), asked(*"uvwxyz")
    chosen = choose_prompts(seen, held_out, 3, seed=1)
    assert chosen == choose_prompts(seen, held_out, 3, seed=1)
    assert chosen != choose_prompts(seen, held_out, 3, seed=2)
    assert [prompt.split for prompt in chosen] == ["seen"] * 3 + ["held_out"] * 3
    assert [prompt.name for prompt in choose_prompts(asked("a", "b", "a"), [], 8, 1)] == ["a", "b"]


def test_a_prompt_that_was_trained_on_is_not_held_out():
    chosen = choose_prompts(asked("a"), asked("a", "b"), 8, 1)
    assert [(prompt.name, prompt.split) for prompt in chosen] == [("a", "seen"), ("b", "held_out")]


def test_without_any_prompt_nothing_can_be_compared():
    with pytest.raises(RequestError, match="no prompt to compare the forms on; name a file"):
        choose_prompts([], [], 8, 1)


def test_thresholds_follow_from_what_a_form_is(tmp_path):
    config = ParityConfig(quantized={"Q4_K_M": Thresholds(greedy=0.5, kl=1, ends=0)})
    assert config.thresholds(Form("merged", "hf", tmp_path)) == config.merged
    assert config.thresholds(Form("merged", "hf", tmp_path, "bf16")) == config.bf16
    for kind in ("f16", "f32"):
        assert config.thresholds(Form(kind, "gguf", tmp_path, kind)) == config.f16
    assert config.thresholds(Form("q", "gguf", tmp_path, "Q4_K_M")).greedy == 0.5
    bits = [config.thresholds(Form("q", "gguf", tmp_path, f"Q{n}_K")) for n in (8, 6, 5, 4, 3, 2)]
    assert [one.kl for one in bits] == sorted(one.kl for one in bits)
    assert config.thresholds(Form("q", "gguf", tmp_path, "IQ4_XS")) == bits[3]


def test_places_without_a_model_are_refused(tmp_path):
    with pytest.raises(RequestError, match="neither an adapter nor a model in this folder; train first"):
        trained_form(tmp_path, tmp_path)
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(RequestError, match="name it with --base"):
        trained_form(tmp_path, None)
    with pytest.raises(RequestError, match="no weights in this folder; make them with `slingshot merge`"):
        folder_form(tmp_path, "merged")
    (tmp_path / "model.safetensors").write_bytes(b"{}")
    with pytest.raises(RequestError, match="its weights cannot be read"):
        folder_form(tmp_path, "merged")
    with pytest.raises(RequestError, match="no such GGUF file"):
        gguf_form(tmp_path / "x.gguf")


def test_an_adapter_is_not_read_beside_another_base_nor_after_it_was_changed(tmp_path):
    adapter, base, other = (tmp_path / name for name in ("adapter", "base", "other"))
    for folder in (adapter, base, other):
        folder.mkdir()
        (folder / "model.safetensors").write_text(folder.name)
    (adapter / "adapter_config.json").write_text('{"lora_alpha": 16}')
    write_base_record(record_base(base, "the base"), adapter)
    assert trained_form(adapter, base) == Form("adapter", "adapter", adapter, base=base)
    with pytest.raises(RequestError, match="was trained on another base model than .*other"):
        trained_form(adapter, other)
    (adapter / "adapter_config.json").write_text('{"lora_alpha": 32}')
    with pytest.raises(RequestError, match="adapter_config.json was changed after training"):
        trained_form(adapter, base)


def test_a_misspelt_type_or_key_in_a_recipe_is_named_with_its_line(tmp_path):
    recipe = tmp_path / "parity.yml"
    recipe.write_text("tokens: 32\nquantized:\n  Q4_KM: {greedy: 0.8, kl: 0.2, ends: 0.5}\n")
    with pytest.raises(
        RequestError, match=r"parity.yml:2: quantized: Q4_KM is no GGUF type; did you mean Q4_K_M\?"
    ):
        read_yaml(recipe, ParityConfig, "a recipe")
    recipe.write_text("quantized:\n  Q4_K_M: {gredy: 0.8, kl: 0.2, ends: 0.5}\n")
    with pytest.raises(RequestError, match=r"unknown key quantized.Q4_K_M.gredy; did you mean greedy\?"):
        read_yaml(recipe, ParityConfig, "a recipe")
