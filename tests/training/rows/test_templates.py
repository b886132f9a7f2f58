"""Which chat template a configuration asks for, and what the built-in ones print."""

import json
import shutil

import pytest
from chat_tokenizers import chat_tokenizers

from slingshot.errors import RequestError
from slingshot.models.local import local_model
from slingshot.training.config import TrainingConfig
from slingshot.training.merge import merge
from slingshot.training.rows.templates import asked_template, chosen_template, keep_template, may_travel
from tiny_model import write_tiny_adapter

TURNS = [
    {"role": "user", "content": "Add."},
    {"role": "assistant", "content": "a + b"},
    {"role": "user", "content": "Twice."},
]
TOLD = [{"role": "system", "content": "Julia."}, *TURNS]


@pytest.fixture(scope="module")
def tokenizers():
    return chat_tokenizers()


def rendered(tokenizer, name, turns):
    template = chosen_template(tokenizer, name)
    return tokenizer.apply_chat_template(
        turns, chat_template=template, add_generation_prompt=True, tokenize=False
    )


@pytest.mark.parametrize(
    ("name", "turns", "text"),
    [
        (
            "chatml",
            TOLD,
            "<|im_start|>system\nJulia.<|im_end|>\n<|im_start|>user\nAdd.<|im_end|>\n<|im_start|>assistant\n"
            "a + b<|im_end|>\n<|im_start|>user\nTwice.<|im_end|>\n<|im_start|>assistant\n",
        ),
        (
            "llama3",
            TOLD,
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nJulia.<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nAdd.<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\na + b<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nTwice.<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n",
        ),
        (
            "gemma",
            TURNS,
            "<bos><start_of_turn>user\nAdd.<end_of_turn>\n<start_of_turn>model\na + b<end_of_turn>\n"
            "<start_of_turn>user\nTwice.<end_of_turn>\n<start_of_turn>model\n",
        ),
        ("mistral", TOLD, "<s> [INST] Julia.\n\nAdd. [/INST] a + b</s> [INST] Twice. [/INST]"),
    ],
)
def test_built_in_templates_print_the_form_of_their_family(tokenizers, name, turns, text):
    assert rendered(tokenizers[name], name, turns) == text


def test_qwens_template_says_who_it_is_unless_told_otherwise(tokenizers):
    chatml = tokenizers["chatml"]
    assert rendered(chatml, "qwen_25", TURNS).startswith(
        "<|im_start|>system\nYou are Qwen, created by Alibaba Cloud."
    )
    assert rendered(chatml, "qwen_25", TOLD) == rendered(chatml, "chatml", TOLD)


def test_without_a_name_it_is_the_tokenizers_own(tokenizers):
    gemma = tokenizers["gemma"]
    assert chosen_template(gemma, None) == chosen_template(gemma, "tokenizer_default") == gemma.chat_template
    assert chosen_template(gemma, "tokenizer_default_fallback_chatml") == gemma.chat_template


def test_a_tokenizer_without_a_template_falls_back_where_told_and_is_refused_otherwise():
    bare = chat_tokenizers()["chatml"]
    bare.chat_template = None
    assert "<|im_start|>" in chosen_template(bare, "tokenizer_default_fallback_chatml")
    with pytest.raises(RequestError, match="the base model's tokenizer has no chat template; name one"):
        chosen_template(bare, None)


def test_names_that_are_not_built_in_and_marks_that_are_no_tokens_are_refused(tokenizers):
    with pytest.raises(
        RequestError, match="chat_template: qwen3 is not built in, only chatml, .* tokenizer_default"
    ):
        chosen_template(tokenizers["chatml"], "qwen3")
    with pytest.raises(
        RequestError, match=r"chat_template: llama3 prints <\|start_header_id\|>, .* no token of this"
    ):
        chosen_template(tokenizers["chatml"], "llama3")


def test_datasets_and_configuration_have_to_ask_for_one_template(tmp_path):
    def asked(*entries, **settings):
        datasets = [{"path": "rows.jsonl", **entry} for entry in entries]
        return asked_template(TrainingConfig(datasets=datasets, **settings), tmp_path)

    assert asked({}) == (None, None)
    assert asked({"chat_template": "llama3"}) == ("llama3", None)
    assert asked({"chat_template": "chatml"}, {}, {"type": "alpaca"}, chat_template="chatml") == (
        "chatml",
        None,
    )
    with pytest.raises(RequestError, match=r"several \(chatml, llama3\), and a model is served with one"):
        asked({"chat_template": "llama3"}, {}, chat_template="chatml")


def test_a_template_of_ones_own_is_a_text_or_a_file(tmp_path):
    (tmp_path / "own.jinja").write_text("{{ messages }}")
    for given in ("{{ messages }}", "own.jinja"):
        config = TrainingConfig(datasets=[{"path": "r"}], chat_template="jinja", chat_template_jinja=given)
        assert asked_template(config, tmp_path) == ("jinja", "{{ messages }}")
    missing = TrainingConfig(chat_template="jinja", chat_template_jinja="other.jinja")
    with pytest.raises(RequestError, match="chat_template_jinja: other.jinja is no template and no file"):
        asked_template(missing, tmp_path)


def test_a_template_travels_only_where_no_file_of_the_base_would_win_over_it(tmp_path):
    assert may_travel(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"eos_token": "</s>"}')
    assert may_travel(tmp_path)
    (tmp_path / "tokenizer_config.json").write_text('{"chat_template": "x"}')
    assert not may_travel(tmp_path)


def test_a_template_beside_an_adapter_is_the_one_that_it_is_served_and_merged_with(tiny_base, tmp_path):
    from slingshot.models.chat import load

    own = "{% for m in messages %}<|im_start|>{{ m['content'] }}<|im_end|>{% endfor %}"
    adapter = write_tiny_adapter(tmp_path / "adapter", tiny_base)
    served = local_model(str(tiny_base), adapter).file_sha256
    keep_template(own, adapter)
    assert local_model(str(tiny_base), adapter).file_sha256 != served
    _, chat = load(tiny_base, adapter)
    _, merged = load(merge(adapter, tiny_base, tmp_path / "merged"))
    for one in (chat, merged):
        assert len(one.prompt([{"role": "user", "content": "Q"}])) == 3
    keep_template(None, adapter)
    assert local_model(str(tiny_base), adapter).file_sha256 == served


def test_a_template_that_a_gguf_file_would_not_get_is_not_merged(tiny_base, tmp_path):
    base = tmp_path / "base"
    shutil.copytree(tiny_base, base)
    config = json.loads((base / "tokenizer_config.json").read_text())
    (base / "tokenizer_config.json").write_text(json.dumps(config | {"chat_template": "{{ messages }}"}))
    adapter = write_tiny_adapter(tmp_path / "adapter", tiny_base)
    keep_template("other {{ messages }}", adapter)
    with pytest.raises(RequestError, match="tokenizer_config.json holds another chat template"):
        merge(adapter, base, tmp_path / "merged")
