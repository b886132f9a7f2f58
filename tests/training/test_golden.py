"""Golden losses: every way to train gives the losses that transformers gives, row by row, and always the same.

The reference below shares no code with the loop but the plan: each row goes alone through transformers' model, whose
own loss is taken, and torch's plain AdamW makes the step.
"""

import warnings

import pytest
import torch

from slingshot.training.config import TrainingConfig
from slingshot.training.course.journal import METRICS, read_metrics
from slingshot.training.loop import train
from slingshot.training.packing.layout import lay_out
from slingshot.training.packing.plan import plan_training

LORA = {"adapter": "lora", "lora_r": 4, "lora_alpha": 8, "learning_rate": 0.005}
FULL = {"learning_rate": 0.001, "weight_decay": 0.1}
COMMON = {
    "max_steps": 20,
    "micro_batch_size": 4,
    "lr_scheduler": "constant",
    "warmup_steps": 0,
    "save_strategy": "no",
    "bf16": False,
}
WAYS = {
    "lora, shared": LORA,
    "lora, packed": {**LORA, "sample_packing": True, "sequence_len": 128, "micro_batch_size": 2},
    "lora, alone": {**LORA, "sample_packing": False},
    "lora, accumulated": {**LORA, "micro_batch_size": 2, "gradient_accumulation_steps": 2},
    "dora": {**LORA, "peft_use_dora": True, "peft_use_rslora": True},
    "full, shared": FULL,
    "full, alone, accumulated": {
        **FULL,
        "sample_packing": False,
        "micro_batch_size": 1,
        "gradient_accumulation_steps": 4,
    },
}
# What this model, these rows and this seed give, in nats a token.
# fmt: off
GOLDEN = {
    "lora, shared": [
        5.533377, 5.500854, 5.374679, 5.384776, 5.296198, 5.274866, 5.290525, 5.152948, 5.176225, 5.312435,
        5.283592, 5.108633, 5.251434, 5.219018, 5.248192, 5.218838, 5.156104, 5.306683, 5.248348, 5.206244,
    ],
    "lora, packed": [
        5.607562, 5.458709, 5.432677, 5.334030, 5.249215, 5.343416, 5.287124, 5.207915, 5.297673, 5.189496,
        5.188406, 5.282075, 5.249225, 5.201001, 5.273719, 5.183308, 5.194135, 5.238468, 5.234527, 5.166793,
    ],
    "lora, alone": [
        5.613677, 5.442644, 5.424148, 5.366980, 5.339444, 5.215677, 5.270368, 5.243922, 5.288671, 5.139283,
        5.123099, 5.333854, 5.261522, 5.137848, 5.104002, 5.266491, 5.266304, 4.968405, 5.101486, 5.104910,
    ],
    "lora": [
        5.533377, 5.500854, 5.374679, 5.384776, 5.296199, 5.274866, 5.290525, 5.152948, 5.176224, 5.312435,
        5.283592, 5.108633, 5.251434, 5.219018, 5.248192, 5.218838, 5.156105, 5.306683, 5.248348, 5.206244,
    ],
    "dora": [
        5.533377, 5.448816, 5.324904, 5.312257, 5.266856, 5.244480, 5.279176, 5.137389, 5.163082, 5.321237,
        5.286989, 5.100841, 5.251804, 5.214125, 5.242186, 5.210797, 5.142270, 5.293777, 5.227714, 5.175848,
    ],
    "full, shared": [
        5.533377, 5.361837, 5.180717, 5.108698, 4.974340, 4.894878, 4.828951, 4.616842, 4.562865, 4.608629,
        4.491830, 4.238776, 4.283467, 4.153540, 4.105037, 3.968831, 3.819747, 3.929255, 3.777611, 3.602407,
    ],
    "full, alone": [
        5.613678, 5.393594, 5.167875, 5.127773, 5.017540, 4.801007, 4.793391, 4.703081, 4.667892, 4.399520,
        4.284589, 4.474610, 4.296995, 4.024905, 3.925279, 4.088801, 3.974400, 3.654165, 3.653372, 3.650100,
    ],
}
# fmt: on


def losses_of_ours(base, rows, out, config):
    train(rows, base, out, config)
    return [step.loss for step in read_metrics(out / METRICS)]


def losses_of_transformers(base, rows, config):
    """Row by row through transformers' own model, loss and labels; peft's adapter; torch's plain AdamW."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base)
    if config.adapter:
        torch.manual_seed(config.seed)
        lora = LoraConfig(
            r=config.lora_r,
            lora_alpha=config.lora_alpha,
            target_modules="all-linear",
            use_dora=config.peft_use_dora,
            use_rslora=config.peft_use_rslora,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            model = get_peft_model(model, lora)
    learned = [p for p in model.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in learned if p.ndim > 1], "weight_decay": config.weight_decay},
        {"params": [p for p in learned if p.ndim == 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=config.learning_rate, foreach=False, fused=False)
    laid = lay_out(rows, config.packing, config.sequence_len, config.seed)
    rows_per_step = config.micro_batch_size * config.gradient_accumulation_steps
    plan = plan_training([one.counts for one in laid], rows_per_step, 1, config.max_steps, config.seed)
    losses = []
    for step in plan:
        batch = [row for group in step.groups for row in laid[group].rows]
        count = sum(row.supervised for row in batch)
        loss = 0.0
        for row in batch:
            labels = [token if label else -100 for token, label in zip(row.tokens, row.labels, strict=True)]
            out = model(
                input_ids=torch.tensor([row.tokens]),
                labels=torch.tensor([labels]),
                num_items_in_batch=torch.tensor(count),
            )
            out.loss.backward()
            loss += out.loss.item()
        torch.nn.utils.clip_grad_norm_(learned, config.max_grad_norm)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss)
    return losses


@pytest.mark.parametrize("way", WAYS)
def test_twenty_steps_lose_what_transformers_loses(tiny_base, tiny_rows, tmp_path, way):
    config = TrainingConfig(**{**COMMON, **WAYS[way]})
    ours = losses_of_ours(tiny_base, tiny_rows, tmp_path, config)
    assert ours == pytest.approx(losses_of_transformers(tiny_base, tiny_rows, config), abs=1e-5)
    assert ours == pytest.approx(GOLDEN[way.removesuffix(", accumulated")], abs=1e-5)


FAMILIES = {
    "qwen2": ("Qwen2Config", {}),
    "gemma": ("GemmaConfig", {"head_dim": 16}),
    "gemma2": ("Gemma2Config", {"head_dim": 16, "query_pre_attn_scalar": 16, "attn_implementation": "eager"}),
}


@pytest.fixture(scope="module", params=FAMILIES)
def other_family(request, tiny_tokenizer, tmp_path_factory):
    """A tiny model of random weights that is no llama, with the tiny tokenizer."""
    import transformers

    name, more = FAMILIES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    config = getattr(transformers, name)(
        vocab_size=len(tiny_tokenizer),
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
        **more,
    )
    torch.manual_seed(7)
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tiny_tokenizer.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("way", ["lora, shared", "lora, packed", "full, shared"])
def test_models_of_other_families_lose_what_transformers_loses(other_family, tiny_rows, tmp_path, way):
    config = TrainingConfig(**{**COMMON, **WAYS[way], "max_steps": 4})
    ours = losses_of_ours(other_family, tiny_rows, tmp_path, config)
    assert ours == pytest.approx(losses_of_transformers(other_family, tiny_rows, config), abs=1e-5)
