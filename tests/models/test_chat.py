"""A folder is made ready to answer: how it is talked to, what ends an answer, and what cannot be loaded."""

import json
import shutil
import threading

import pytest
import torch
from peft import LoraConfig, PeftModel, PromptTuningConfig, get_peft_model
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from slingshot.errors import RequestError, SlingshotError
from slingshot.models.chat import Chat, load
from slingshot.models.generation import Decoder, Question
from tiny_model import CHATML, END_OF_TURN

# peft asks an attribute that transformers renames
pytestmark = pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing:FutureWarning")

MESSAGES = [{"role": "system", "content": "Julia."}, {"role": "user", "content": "Add ∑ and x₂."}]


@pytest.fixture
def folder(tiny_folder, tmp_path):
    """A copy of the tiny model to spoil."""
    return shutil.copytree(tiny_folder, tmp_path / "copy")


@pytest.fixture
def tokenizer(tiny_folder):
    return AutoTokenizer.from_pretrained(tiny_folder)


def test_the_prompt_is_the_templates_up_to_the_answer(tokenizer):
    whole = tokenizer.apply_chat_template(MESSAGES, add_generation_prompt=True, tokenize=False)
    prompt = Chat(tokenizer).prompt(MESSAGES)
    assert tokenizer.decode(prompt) == whole
    assert whole.endswith("<|im_start|>assistant\n")


def test_text_comes_back_without_special_tokens(tokenizer):
    tokens = tokenizer("f(x) = x₂ <= 1 <|im_end|>", add_special_tokens=False).input_ids
    assert Chat(tokenizer).text(tokens) == "f(x) = x₂ <= 1 "


def test_messages_that_the_template_refuses_are_a_wrong_request(tokenizer):
    tokenizer.chat_template = "{{ raise_exception('roles must alternate') }}"
    with pytest.raises(RequestError, match="refuses these messages .*roles must alternate"):
        Chat(tokenizer).prompt(MESSAGES)


def test_every_configured_end_token_and_the_templates_end_of_turn_end_an_answer(tokenizer):
    assert Chat(tokenizer).ends([5, 7]) == {5, 7, END_OF_TURN}
    assert Chat(tokenizer).ends(0) == {0, END_OF_TURN}
    assert Chat(tokenizer).ends(None) == {END_OF_TURN}


def test_the_tokenizers_own_end_is_for_templates_without_one(tokenizer):
    tokenizer.chat_template = "{{ messages[-1]['content'] }}"
    assert Chat(tokenizer).ends(5) == {5}
    assert Chat(tokenizer).ends(None) == {tokenizer.eos_token_id}


def said(model, chat):
    """A model's greedy answer of 40 tokens, by our loop."""
    decoder = Decoder(model, chat.text, frozenset(), 1)
    threading.Thread(target=decoder.run, daemon=True).start()
    return list(decoder.submit(Question(chat.prompt(MESSAGES), 40, 0.0)).result(60).tokens)


def test_an_adapter_changes_the_answers_to_what_peft_says(tiny_folder, tiny_adapter):
    plain, chat = load(tiny_folder)
    adapted, _ = load(tiny_folder, tiny_adapter)
    assert said(adapted, chat) != said(plain, chat)
    base = AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=plain.dtype)
    pefts = PeftModel.from_pretrained(base, tiny_adapter).eval()
    ids = torch.tensor([chat.prompt(MESSAGES)])
    whole = pefts.generate(
        input_ids=ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=40,
        do_sample=False,
        eos_token_id=-1,
    )
    assert said(adapted, chat) == whole[0, ids.shape[1] :].tolist()


def test_the_adapter_stays_beside_the_weights_in_float32(tiny_folder, tiny_adapter):
    model, _ = load(tiny_folder, tiny_adapter)
    lora = [p for name, p in model.named_parameters() if "lora_" in name]
    assert len(lora) == 2 * 2 * 7  # A and B, two layers, seven linear maps each
    assert {p.dtype for p in lora} == {torch.float32}


def test_weights_that_are_not_whole_are_refused(folder):
    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.up_proj.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(SlingshotError, match=r"1 tensors are missing .* model\.layers\.1\.mlp\.up_proj"):
        load(folder)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("model.safetensors", b"nothing", r"weights cannot be read .*header too small"),
        ("config.json", b'{"model_type": "nonesuch"}', r"transformers cannot load it .*`nonesuch`"),
        ("config.json", b"{", r"transformers cannot load it .*config\.json"),
        ("chat_template.jinja", b"{% if %}", r"chat template cannot be used .*Expected an expression"),
        ("chat_template.jinja", None, r"no chat template"),
        ("model.safetensors", None, r"transformers cannot load it .*no file named"),
    ],
)
def test_a_folder_that_cannot_answer_says_why(folder, file, content, said):
    (folder / file).unlink()
    if content is not None:
        (folder / file).write_bytes(content)
    with pytest.raises(SlingshotError, match=said):
        load(folder)


def test_a_template_in_the_tokenizers_configuration_is_found_too(folder):
    (folder / "chat_template.jinja").unlink()
    config = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**config, "chat_template": CHATML}))
    assert load(folder)[1].prompt(MESSAGES)


def test_an_adapter_that_does_not_fit_is_refused(tiny_folder, tiny_adapter, tmp_path):
    weights = load_file(tiny_adapter / "adapter_model.safetensors")
    config = (tiny_adapter / "adapter_config.json").read_text()

    def spoilt(name, weights):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "adapter_config.json").write_text(config)
        save_file(weights, folder / "adapter_model.safetensors")
        return folder

    key = next(iter(weights))
    without = spoilt("without", {name: w for name, w in weights.items() if name != key})
    wider = spoilt("wider", {name: torch.cat([w, w], dim=1) for name, w in weights.items()})
    for folder in (without, wider):
        with pytest.raises(SlingshotError, match=f"adapter {folder} does not fit it"):
            load(tiny_folder, folder)


def test_an_adapter_of_another_kind_is_refused(tiny_folder, tmp_path):
    config = PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=2)
    get_peft_model(AutoModelForCausalLM.from_pretrained(tiny_folder), config).save_pretrained(tmp_path)
    with pytest.raises(SlingshotError, match="PROMPT_TUNING"):
        load(tiny_folder, tmp_path)


def test_adapters_other_than_lora_that_change_weights_are_served(tiny_folder, tmp_path):
    model = AutoModelForCausalLM.from_pretrained(tiny_folder)
    config = LoraConfig(r=2, use_dora=True, target_modules=["q_proj"], init_lora_weights=False)
    get_peft_model(model, config).save_pretrained(tmp_path)
    adapted, chat = load(tiny_folder, tmp_path)
    assert said(adapted, chat) != said(load(tiny_folder)[0], chat)
