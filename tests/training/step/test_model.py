"""Whatever way a model is computed, its loss and its gradients are those of transformers, row by row."""

import os
import shutil
import subprocess
import sys

import pytest
import torch
from torch.nn.functional import cross_entropy

from slingshot.errors import RequestError
from slingshot.training.config import TrainingConfig
from slingshot.training.packing.trees import group_rows, grow_tree
from slingshot.training.rows.encoding import EncodedRow
from slingshot.training.step.decoder import read_decoder
from slingshot.training.step.model import causal_lm, load_for_training, trainable, tree_loss
from slingshot.training.step.passes import compiled

SIZES = {
    "vocab_size": 120,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "max_position_embeddings": 512,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
# Model types and what is special about each.
BY_HAND = {
    "llama": {"attention_bias": True},
    "mistral": {"sliding_window": 400},
    "qwen2": {"tie_word_embeddings": True},  # biases on queries, keys and values
    "qwen3": {},  # norms on queries and keys
}
BY_TRANSFORMERS = {
    "mistral": {"sliding_window": 20},
    "gemma2": {"sliding_window": 20, "attn_logit_softcapping": 5.0, "final_logit_softcapping": 3.0},
    "gemma3_text": {"sliding_window": 20},
    "phi3": {},  # one matrix for queries, keys and values
    "gpt2": {"resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0},  # positions are learned
}
FAMILIES = [*BY_HAND.items(), *BY_TRANSFORMERS.items()]
LORA = {"adapter": "lora", "lora_r": 4, "bf16": False}


@pytest.fixture
def model_of(tmp_path):
    """Writes a model of a type with random weights into a folder."""

    def write(kind, changes):
        from transformers import AutoConfig, AutoModelForCausalLM

        torch.manual_seed(3)
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **{**SIZES, **changes}))
        for name, weights in model.named_parameters():
            weights.data.normal_(std=0.3 if weights.ndim > 1 else 0.5)
            if weights.ndim == 1 and "norm" in name:
                weights.data += 1
        model.save_pretrained(tmp_path)
        return tmp_path

    return write


@pytest.fixture(scope="module")
def rows():
    """Six rows over three prompts; some answers begin alike, one is longer than a block of attention."""
    draw = torch.Generator().manual_seed(5)

    def some(count):
        return tuple(torch.randint(3, 120, (count,), generator=draw).tolist())

    prompt, alike = some(20), some(18)
    several_turns = EncodedRow(some(30), (False,) * 9 + (True,) * 6 + (False,) * 8 + (True,) * 7)
    return [
        EncodedRow.of(prompt, (*alike, *some(9))),
        EncodedRow.of(prompt, (*alike, *some(3))),
        EncodedRow.of(prompt, some(11)),
        EncodedRow.of(prompt, some(1)),
        EncodedRow.of(some(5), some(290)),
        several_turns,
    ]


def with_lively_adapter(model):
    """The model; an adapter that starts at zero would hide half of the gradients."""
    draw = torch.Generator().manual_seed(1)
    for name, weights in trainable(model).items():
        if "lora_B" in name:
            weights.data.normal_(std=0.1, generator=draw)
    return model


def loss_by_transformers(model, rows):
    """The mean loss with transformers' own attention, row by row."""
    bare = causal_lm(model)
    bare.set_attn_implementation("eager")
    losses = list[torch.Tensor]()
    for row in rows:
        logits = bare(input_ids=torch.tensor([row.tokens])).logits[0, :-1]
        learned = torch.tensor(row.labels[1:])
        losses.append(cross_entropy(logits[learned], torch.tensor(row.tokens[1:])[learned], reduction="none"))
    return torch.cat(losses).mean()


def gradients(model, loss):
    for weights in trainable(model).values():
        weights.grad = None
    loss.backward()
    return {name: weights.grad for name, weights in trainable(model).items()}


def grown(rows):
    return [grow_tree(group) for group in group_rows(rows, 1024)]


@pytest.mark.parametrize(("kind", "changes"), FAMILIES)
def test_loss_and_gradients_are_those_of_transformers(model_of, rows, kind, changes):
    model = with_lively_adapter(load_for_training(model_of(kind, changes), TrainingConfig(**LORA)))
    ours = tree_loss(model, grown(rows))
    found = gradients(model, ours)
    theirs = loss_by_transformers(model, rows)
    assert ours.item() == pytest.approx(theirs.item(), abs=1e-5)
    for name, gradient in gradients(model, theirs).items():
        torch.testing.assert_close(found[name], gradient, atol=1e-5, rtol=1e-4, msg=lambda m, n=name: n + m)


def test_which_families_are_computed_by_hand(model_of):
    for families, by_hand in ((BY_HAND, True), (BY_TRANSFORMERS, False)):
        for kind, changes in families.items():
            model = load_for_training(model_of(kind, changes), TrainingConfig(**LORA))
            assert (read_decoder(causal_lm(model), longest=300) is not None) is by_hand, kind


@pytest.mark.parametrize(
    "changes",
    [
        {"lora_dropout": 0.1, "sample_packing": False},
        {"peft_use_dora": True},
        {"lora_modules_to_save": ["lm_head"]},
        {"adapter": None},
    ],
)
def test_what_is_not_plain_lora_is_left_to_transformers(model_of, changes):
    wanted = {**LORA, **changes}
    if wanted["adapter"] is None:
        del wanted["lora_r"]
    model = load_for_training(model_of("llama", {}), TrainingConfig(**wanted))
    assert read_decoder(causal_lm(model), longest=100) is None


def test_dropped_attention_is_left_to_transformers_and_is_random(model_of, rows):
    folder = model_of("llama", {"attention_dropout": 0.5})
    model = with_lively_adapter(load_for_training(folder, TrainingConfig(**LORA)))
    assert read_decoder(causal_lm(model), longest=100) is None
    assert tree_loss(model, grown(rows)).item() != tree_loss(model, grown(rows)).item()
    model.eval()
    at_rest = tree_loss(model, grown(rows)).item()
    assert at_rest == pytest.approx(loss_by_transformers(model, rows).item(), abs=1e-5)


def test_only_some_layers_may_have_an_adapter(model_of, rows):
    config = TrainingConfig(**LORA, lora_target_modules=["q_proj", "down_proj"])
    model = with_lively_adapter(load_for_training(model_of("llama", {}), config))
    assert read_decoder(causal_lm(model), longest=300) is not None
    found = gradients(model, tree_loss(model, grown(rows)))
    for name, gradient in gradients(model, loss_by_transformers(model, rows)).items():
        torch.testing.assert_close(found[name], gradient, atol=1e-5, rtol=1e-4)


def test_checkpointed_activations_change_nothing(model_of, rows):
    folder = model_of("qwen3", {})
    plain, checkpointed = (
        with_lively_adapter(load_for_training(folder, TrainingConfig(**LORA, gradient_checkpointing=keep)))
        for keep in (False, True)
    )
    assert read_decoder(causal_lm(checkpointed), longest=300).checkpointing
    expected = gradients(plain, tree_loss(plain, grown(rows)))
    for name, gradient in gradients(checkpointed, tree_loss(checkpointed, grown(rows))).items():
        assert torch.equal(gradient, expected[name])


def test_a_switched_off_adapter_is_not_computed(model_of, rows):
    model = with_lively_adapter(load_for_training(model_of("llama", {}), TrainingConfig(**LORA)))
    with_adapter = tree_loss(model, grown(rows)).item()
    with model.disable_adapter(), torch.no_grad():
        assert read_decoder(causal_lm(model), longest=300) is not None
        without = tree_loss(model, grown(rows)).item()
        assert without == pytest.approx(loss_by_transformers(model, rows).item(), abs=1e-5)
    assert without != pytest.approx(with_adapter, abs=1e-3)


def test_layers_that_do_not_keep_rows_apart_are_refused(model_of):
    folder = model_of("lfm2", {"layer_types": ["conv", "full_attention"], "block_multiple_of": 16})
    with pytest.raises(RequestError, match=r"type lfm2 cannot be trained here.*\(conv\)"):
        load_for_training(folder, TrainingConfig(**LORA))


@pytest.mark.skipif(not shutil.which("g++"), reason="compiling needs a C++ compiler")
def test_compiled_passes_compute_the_same(tiny_base, tiny_rows):
    model = with_lively_adapter(load_for_training(tiny_base, TrainingConfig(**LORA)))
    plain, quick = tree_loss(model, grown(tiny_rows)), tree_loss(model, grown(tiny_rows), compiled())
    assert quick.item() == pytest.approx(plain.item(), abs=1e-5)
    expected = gradients(model, plain)
    for name, gradient in gradients(model, quick).items():
        torch.testing.assert_close(gradient, expected[name], atol=1e-5, rtol=1e-4)


def test_where_nothing_compiles_the_plain_passes_are_used_unless_compiling_is_asked_for(tmp_path):
    code = (
        "from slingshot.training.step.passes import PLAIN, compiled, compiled_if_possible\n"
        "assert compiled_if_possible() is PLAIN\n"
        "compiled()"
    )
    environment = {**os.environ, "CXX": "/no/compiler", "TORCHINDUCTOR_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert "SlingshotError: torch cannot compile here (" in done.stderr.splitlines()[-1]
