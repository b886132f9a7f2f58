"""Memory and disk of a training, foreseen."""

import pytest

from slingshot.training.config import TrainingConfig
from slingshot.training.estimating.resources import foresee, in_bfloat16, model_size, trained_weights


def config(**changes):
    return TrainingConfig(**{"adapter": "lora", "bf16": False, "micro_batch_size": 2, **changes})


def test_a_model_is_known_by_its_files(tiny_base):
    size = model_size(tiny_base)
    linear = 2 * (2 * 64 * 64 + 2 * 64 * 32 + 3 * 64 * 96)
    assert (size.family, size.heads, size.layers, size.hidden, size.intermediate) == ("llama", 4, 2, 64, 96)
    assert size.body == linear and size.head == 64 * 259
    assert size.parameters == linear + 5 * 64 + 64 * 259
    assert trained_weights(size, config(adapter=None)) == size.parameters


def test_activations_are_those_of_the_largest_pass(tiny_base, tiny_rows):
    one = foresee(tiny_base, tiny_rows, config(sample_packing=False, micro_batch_size=1)).activations
    all_at_once = foresee(tiny_base, tiny_rows, config(sample_packing=False, micro_batch_size=7)).activations
    pieces = config(sample_packing=False, micro_batch_size=1, gradient_accumulation_steps=7)
    assert one < foresee(tiny_base, tiny_rows, config(sample_packing=False)).activations < all_at_once
    assert foresee(tiny_base, tiny_rows, pieces).activations == one


def test_rows_that_share_a_prompt_need_less(tiny_base, tiny_rows):
    shared, alone = (
        foresee(tiny_base, tiny_rows, config(sample_packing=packing, micro_batch_size=7)).activations
        for packing in ("shared", False)
    )
    assert shared < alone


def test_packed_sequences_are_taken_to_be_full(tiny_base, tiny_rows):
    sizes = [
        foresee(tiny_base, tiny_rows * 20, config(sample_packing=True, sequence_len=length)).activations
        for length in (256, 512)
    ]
    assert sizes[1] == pytest.approx(2 * sizes[0], rel=0.01)


def test_what_is_kept_depends_on_type_checkpointing_and_who_computes_the_head(tiny_base, tiny_rows):
    whole = foresee(tiny_base, tiny_rows, config())
    assert foresee(tiny_base, tiny_rows, config(bf16=True)).activations * 2 == whole.activations
    assert foresee(tiny_base, tiny_rows, config(gradient_checkpointing=True)).activations < whole.activations
    assert foresee(tiny_base, tiny_rows, config(peft_use_dora=True)).activations > whole.activations
    assert not in_bfloat16(config()) and in_bfloat16(config(bf16=True))


@pytest.mark.parametrize(
    ("changes", "checkpoints"),
    [
        ({"save_strategy": "no"}, 0),
        ({"num_epochs": 3}, 3),
        ({"num_epochs": 3, "saves_per_epoch": 2}, 6),
        ({"num_epochs": 3, "save_total_limit": 1}, 1),
        ({"num_epochs": 5, "save_steps": 10}, 2),
        ({"max_steps": 6, "save_steps": 2}, 3),
    ],
)
def test_disk_is_for_the_result_and_the_checkpoints_that_are_kept(tiny_base, tiny_rows, changes, checkpoints):
    trained = trained_weights(model_size(tiny_base), config())
    assert foresee(tiny_base, tiny_rows, config(**changes)).disk == trained * (4 + 12 * checkpoints)
