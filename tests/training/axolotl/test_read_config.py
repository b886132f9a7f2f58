"""Axolotl's YAML key by key: the 2024 file, 126 examples, and what is said about what is wrong."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from slingshot.errors import RequestError
from slingshot.recipe import TrainingSection
from slingshot.training.axolotl import translate
from slingshot.training.axolotl.keys import known_keys
from slingshot.training.axolotl.read_config import parse_setting, read_config

SHARED = Path(__file__).parents[4] / "shared" / "data"
PLAIN = """base_model: here
adapter: lora
learning_rate: 2e-4
datasets:
  - path: rows.jsonl
    type: chat_template
"""


@pytest.fixture
def with_bitsandbytes(monkeypatch):
    """What is said where bitsandbytes is installed."""
    monkeypatch.setattr(translate, "find_spec", lambda name: name)


def write(folder, text):
    path = folder / "config.yml"
    path.write_text(text)
    return path


def read(folder, more="", text=PLAIN):
    return read_config(write(folder, text + more))


def line_of(reading, key):
    return next(line for line in reading.keys if line.key == key)


def problems(reading):
    """The problems without the path."""
    assert reading.config is None
    return [problem.removeprefix(f"{reading.path}:") for problem in reading.problems]


def test_a_number_that_yaml_reads_as_text_is_a_number(tmp_path):
    assert read(tmp_path).config.learning_rate == 2e-4


def test_numbers_and_truth_as_text_are_read(tmp_path):
    config = read(tmp_path, 'lora_r: "8"\nlora_dropout: "0.05"\ntrain_on_inputs: "true"\n').config
    assert (config.lora_r, config.lora_dropout, config.train_on_inputs) == (8, 0.05, True)


def test_null_means_not_given_everywhere(tmp_path):
    more = "".join(f"{key}:\n" for key in known_keys() if key not in PLAIN and key != "special_tokens")
    reading = read(tmp_path, f"{more}special_tokens:\n  pad_token:\n")
    assert reading.problems == ()
    assert reading.config == read(tmp_path).config
    assert "not given" in line_of(reading, "lora_r").says


def test_an_empty_adapter_is_no_adapter_in_a_recipe_too(tmp_path):
    def trained_by(adapter):
        path = write(tmp_path, f"training:\n  {adapter}\n  learning_rate: 1e-4\n")
        return read_config(path, section="training", schema=TrainingSection)

    assert trained_by("num_epochs: 1").config.adapter == "lora"
    for said in ("adapter: null", "adapter:", 'adapter: ""'):
        reading = trained_by(said)
        assert reading.config.adapter is None
        assert line_of(reading, "adapter").says == "all weights are trained"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lora_rr: 8", "7: unknown key lora_rr; did you mean lora_r?"),
        (
            "context_parapllel_size: 2",
            "7: unknown key context_parapllel_size; did you mean context_parallel_size?",
        ),
        ("adam_eps: 1e-9", "7: unknown key adam_eps; did you mean adam_epsilon?"),
        ("eta_min: 7e-7", "7: unknown key eta_min; write cosine_min_lr_ratio"),
        (
            "full_finetune: true",
            "7: unknown key full_finetune; remove it; without `adapter` all weights are trained",
        ),
        ("gptq_groupsize: 128", "7: unknown key gptq_groupsize; remove it"),
        ("debug: true", "7: unknown key debug; remove it"),
        ("qqqqq: 1", "7: unknown key qqqqq; remove it (`slingshot train --schema`"),
        ("    tpye: x", "7: unknown key datasets.0.tpye; did you mean type?"),
        ("special_tokens:\n  pad_tokn: x", "8: unknown key special_tokens.pad_tokn; did you mean pad_token?"),
        (
            "fsdp_config:\n  ofload_params: 1",
            "8: unknown key fsdp_config.ofload_params; did you mean offload_params?",
        ),
        ("rl: dpo", "7: rl: not done here: only supervised fine-tuning is done here"),
        ("relora: true", "7: relora: not done here: "),
        ("peft:\n  loftq_config: {loftq_bits: 4}", "7: peft: not done here: "),
        ("processor_type: AutoProcessor", "7: processor_type: not done here: only text"),
        (
            "model_type: LlavaForConditionalGeneration",
            "7: model_type: LlavaForConditionalGeneration: only models that",
        ),
        (
            "plugins: [a.b.liger.L, axolotl.integrations.kd.KDPlugin]",
            "7: plugins.1: plugin axolotl.integrations.kd",
        ),
        (
            "special_tokens:\n  additional_special_tokens: [x]",
            "8: special_tokens.additional_special_tokens: not done",
        ),
        ("chat_template: llama4", "7: chat_template: llama4 is not built in, only chatml, "),
        ("excess_length_strategy: drop", "7: excess_length_strategy: drop: rows are never left out silently"),
        ("lora_r: eight", "7: lora_r: input should be a valid integer"),
        ("optimizer: lion_8bit", "7: optimizer: input should be 'adamw_torch', "),
        ("bf16: maybe", "7: bf16: input should be a valid boolean"),
        ("warmup_steps: 3\nwarmup_ratio: 0.1", "7: warmup_steps and warmup_ratio say the same thing twice"),
        (
            "eval_strategy: steps\nevaluation_strategy: epoch",
            "8: evaluation_strategy is eval_strategy today, and",
        ),
        (
            "flash_attention: true\nattn_implementation: sdpa",
            "7: flash_attention and attn_implementation: sdpa",
        ),
        (
            "flash_attention: true\nsdp_attention: true",
            "8: sdp_attention and attn_implementation: flash_attention_2",
        ),
        ("batch_size: 3\nmicro_batch_size: 2", "7: batch_size: 3 is no multiple of micro_batch_size: 2"),
        ("sample_packing: true\nbatch_flattening: true", "8: batch_flattening and sample_packing both"),
        ("bf16: true\nfp16: true", "8: fp16 and bf16 ask for two formats"),
        ("bf16: full\nfloat16: true", "8: float16 and bf16 ask for two formats"),
        ("tf32: maybe", "7: tf32: input should be"),
        ("hub_strategy: sometimes", "7: hub_strategy: input should be 'end'"),
        ("hub_revision: other", "7: hub_revision: not done here: the result goes to the main branch"),
        ("excess_length: error\nexcess_length_strategy: truncate", "8: excess_length_strategy: truncate and"),
        ("bf16: true\nfloat32: true", "8: float32: true and bf16: True contradict each other"),
        (
            "    message_field_role: a\n    message_property_mappings: {role: b}",
            "7: datasets.0.message_field_role is",
        ),
        ("shuffle_merged_datasets: false", "7: shuffle_merged_datasets: not done here: "),
    ],
)
def test_what_is_refused_is_named_with_file_line_key_and_reason(tmp_path, text, says):
    assert [problem for problem in problems(read(tmp_path, text)) if problem.startswith(says)]
    reading = read(tmp_path, text)
    assert len(problems(reading)) == 1
    assert next(key.line for key in reading.keys if key.kind == "refused") == int(says.split(":")[0])


def test_all_problems_are_named_at_once_in_the_order_of_the_file(tmp_path):
    text = "lora_rr: 1\nrl: dpo\nsave_steps: -1\nmicro_batch_size: no\nwarmup_steps: 1\nwarmup_ratio: 0.5\n"
    found = problems(read(tmp_path, text, PLAIN.replace("base_model: here\n", "")))
    assert [problem.split(":")[0] for problem in found] == ["1", "6", "7", "8", "9", "10"]
    assert "the key base_model is missing" in found[0]


def test_a_consequence_of_a_refused_key_is_no_problem_of_its_own(tmp_path):
    found = problems(read(tmp_path, "lora_r: 8\n", PLAIN.replace("adapter: lora", "adapter: mora")))
    assert len(found) == 1 and "adapter: input should be 'lora', but it is 'mora'" in found[0]


@pytest.mark.parametrize(
    ("text", "key", "says", "given"),
    [
        (
            "evaluation_strategy: epoch",
            "evaluation_strategy",
            "eval_strategy today",
            {"eval_strategy": "epoch"},
        ),
        ("batch_size: 8\nmicro_batch_size: 2", "batch_size", "steps: 4", {"gradient_accumulation_steps": 4}),
        ("optimizer: adamw_bnb_8bit", "optimizer", "adamw_torch", {"optimizer": "adamw_torch"}),
        ("optimizer: paged_adamw_8bit", "optimizer", "adamw_torch", {"optimizer": "adamw_torch"}),
        (
            "gradient_checkpointing: offload",
            "gradient_checkpointing",
            "true",
            {"gradient_checkpointing": True},
        ),
        (
            "excess_length_strategy: truncate",
            "excess_length_strategy",
            "excess_length: cut",
            {"excess_length": "cut"},
        ),
        ("bfloat16: true", "bfloat16", "bf16: full", {"bf16": "full"}),
        ("fp16: true", "fp16", "bf16: auto: bfloat16, or float32 where that is slow", {"bf16": "auto"}),
        ("float16: true\nbf16: auto", "float16", "bf16: auto", {"bf16": "auto"}),
        ("fp16: true\nbf16: false", "fp16", "bf16: false: weights stay in float32", {"bf16": False}),
        ("hub_model_id: me/it\nhub_strategy: every_save", "hub_strategy", "end", {"hub_model_id": "me/it"}),
        ("float32: true", "float32", "bf16: false", {"bf16": False}),
        ("bfloat16: true\nbf16: auto", "bfloat16", "bf16: full", {"bf16": "full"}),
        (
            "warmup_steps: 0.1",
            "warmup_steps",
            "warmup_ratio: 0.1",
            {"warmup_ratio": 0.1, "warmup_steps": None},
        ),
    ],
)
def test_what_is_said_otherwise_here_is_shown_with_both_names(tmp_path, text, key, says, given):
    reading = read(tmp_path, text)
    assert line_of(reading, key).kind == "mapped" and says in line_of(reading, key).says
    assert {name: getattr(reading.config, name) for name in given} == given


def test_an_old_key_counts_beside_todays_without_a_value(tmp_path):
    text = PLAIN.replace("chat_template", "sharegpt\n    field_messages:")
    for keys in (
        "eval_strategy:\nevaluation_strategy: epoch\n",
        "evaluation_strategy: epoch\neval_strategy:\n",
    ):
        config = read(tmp_path, keys, text).config
        assert (config.eval_strategy, config.datasets[0].field_messages) == ("epoch", "conversations")


def test_sharegpt_is_a_chat_template_today(tmp_path):
    text = PLAIN.replace("type: chat_template", "type: sharegpt\n    conversation: chatml")
    entry = read(tmp_path, text=text).config.datasets[0]
    assert (entry.type, entry.field_messages, entry.chat_template) == (
        "chat_template",
        "conversations",
        "chatml",
    )
    assert entry.message_property_mappings == {"role": "from", "content": "value"}


def test_qlora_is_lora_on_weights_in_four_bits(tmp_path, with_bitsandbytes):
    text = PLAIN.replace("adapter: lora", "adapter: qlora")
    config = read(tmp_path, text=text).config
    assert (config.adapter, config.load_in_4bit) == ("lora", True)
    assert "load_in_4bit says no" in problems(read(tmp_path, "load_in_4bit: false\n", text))[0]


def test_without_bitsandbytes_quantized_weights_are_refused_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setattr(translate, "find_spec", lambda name: None)
    for key in ("load_in_8bit", "load_in_4bit"):
        assert problems(read(tmp_path, f"{key}: true\n"))[0].startswith(
            f"7: {key} needs the package bitsandbytes"
        )
        assert read(tmp_path, f"{key}: false\n").config


@pytest.mark.parametrize(
    "text",
    [
        "fp16: auto",
        "float16: false",
        "flash_attention: true",
        "attn_implementation: flash_attention_2",
        "liger_rope: true",
        "deepspeed: zero3.json",
        "gradient_checkpointing_kwargs: {use_reentrant: false}",
        "relora: false",
        "pad_to_sequence_len: true",
        "wandb_watch: all",
        "fsdp_config: {fsdp_offload_params: true}",
        "gptq_groupsize:",
        "plugins: [axolotl.integrations.liger.LigerPlugin]",
        "shuffle_merged_datasets: true",
        "eval_max_new_tokens: 128",
    ],
)
def test_what_has_no_effect_here_says_why_and_changes_nothing(tmp_path, text):
    reading = read(tmp_path, text)
    lines = [line for line in reading.keys if line.line > 6]
    assert lines and all(line.kind == "no effect" and line.says for line in lines)
    assert reading.config == read(tmp_path).config


def test_tensorfloat_is_for_gpus(tmp_path, monkeypatch):
    for on_gpu, kind in ((False, "no effect"), (True, "honoured")):
        monkeypatch.setattr(translate, "_on_gpu", lambda found=on_gpu: found)
        reading = read(tmp_path, "tf32: false\n")
        assert line_of(reading, "tf32").kind == kind
        assert reading.config.tf32 == (False if on_gpu else "auto")


def test_yaml_reads_no_as_false_and_a_strategy_means_no(tmp_path):
    assert read(tmp_path, "save_strategy: no\n").config.save_strategy == "no"


def test_a_key_that_is_there_twice_is_refused(tmp_path):
    with pytest.raises(RequestError, match="7: the key adapter is there twice"):
        read(tmp_path, "adapter: lora\n")


def test_settings_override_the_file_and_are_checked_like_it(tmp_path):
    path = write(tmp_path, PLAIN)
    texts = (
        "lora_r=4",
        "datasets.0.path=other.jsonl",
        "special_tokens.pad_token=<pad>",
        "learning_rate=1e-5",
    )
    config = read_config(path, [parse_setting(text) for text in texts]).config
    assert (config.lora_r, config.datasets[0].path, config.learning_rate) == (4, "other.jsonl", 1e-5)
    assert config.special_tokens.pad_token == "<pad>"
    wrong = read_config(path, [parse_setting("lora_rr=4")])
    assert wrong.problems == ("--set: unknown key lora_rr; did you mean lora_r?",)
    for text in ("lora_r", "=3", "a=[", "learning_rate.x=1"):
        with pytest.raises(RequestError, match="--set"):
            read_config(path, [parse_setting(text)])


# What the examples hold that no version of today reads, and what is said of it.
DEAD = {
    "debug": "remove it",
    "gptq_groupsize": "remove it, and gptq",
    "gptq_model_v1": "remove it, and gptq",
    "eta_min": "write cosine_min_lr_ratio",
    "adam_eps": "did you mean adam_epsilon?",
    "full_finetune": "without `adapter` all weights are trained",
    "sample_packing_seq_len_multiplier": "did you mean micro_batch_size?",
}


def examples():
    folder = SHARED / "axolotl-examples"
    if not folder.exists():
        pytest.skip(f"Axolotl's examples are not at {folder}: this test reads them")
    return sorted(path for path in folder.iterdir() if path.suffix in (".yml", ".yaml"))


def test_every_key_of_the_examples_is_accounted_for_and_dead_ones_are_found(with_bitsandbytes):
    dead, started = dict[str, str](), 0
    for path in examples():
        reading = read_config(path)
        assert {key.key.split(".")[0] for key in reading.keys} == set(yaml.safe_load(path.read_text()))
        assert all(key.says for key in reading.keys)
        assert (reading.config is None) == bool(reading.problems)
        started += reading.config is not None
        if path.name != "cloud_modal.yaml":  # no training configuration but one of a cloud
            dead |= {key.key: key.says for key in reading.keys if key.says.startswith("unknown key")}
    assert dead.keys() == DEAD.keys()
    assert all(words in dead[key] for key, words in DEAD.items())
    assert started >= 35  # the others are of images, rewards, experts, or templates that are not built in


def test_the_file_of_2024_is_read_as_it_is(with_bitsandbytes):
    path = SHARED / "cheater-7b" / "lora.yml"
    if not path.exists():
        pytest.skip(f"the configuration of 2024 is not at {path}: this test reads it")
    reading = read_config(path)
    assert reading.problems == ()
    config = reading.config
    assert (config.adapter, config.lora_r, config.load_in_8bit, config.packing) == ("lora", 8, True, "plain")
    assert (config.learning_rate, config.warmup(1000), config.num_epochs) == (3e-5, 10, 4)
    assert config.datasets[0].message_property_mappings == {"role": "from", "content": "value"}
    assert config.datasets[0].chat_template is None and config.chat_template == "chatml"
    kinds = {key.key: key.kind for key in reading.keys}
    assert len(kinds) == 63 and "refused" not in kinds.values()
    assert {key for key, kind in kinds.items() if kind == "mapped"} == {
        "datasets.0.type",
        "datasets.0.conversation",
        "hub_strategy",
        "optimizer",
    }


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-2, 9)
    | st.floats(0, 2)
    | st.sampled_from(["", "true", "qlora", "no"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["path", "type", "x"]), inner)
    ),
    max_leaves=4,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from([*known_keys(), "typo"]), VALUES, max_size=12))
def test_whatever_a_file_holds_is_read_or_refused_in_words(tmp_path_factory, content):
    reading = read_config(write(tmp_path_factory.mktemp("any"), yaml.safe_dump(content)))
    assert (reading.config is None) == bool(reading.problems)
    assert all(problem.startswith(f"{reading.path}:") for problem in reading.problems)
    assert {key.key.split(".")[0] for key in reading.keys} >= {
        k for k, v in content.items() if v not in ([], {}, [{}])
    }
