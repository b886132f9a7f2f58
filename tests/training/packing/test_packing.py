"""Prompt-shared packing computes what rows alone would compute."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from slingshot.training.config import TrainingConfig
from slingshot.training.packing.trees import group_rows, grow_tree
from slingshot.training.rows.encoding import EncodedRow
from slingshot.training.step.model import load_for_training, tree_loss

token_ids = st.lists(st.integers(3, 90), min_size=1, max_size=6).map(tuple)
some_rows = st.lists(
    st.builds(EncodedRow.of, st.sampled_from([(1, 5), (1, 6, 7), (1, 8)]), token_ids), min_size=1, max_size=12
)


def losses_row_by_row(base, rows):
    """The loss as transformers computes it, one row at a time, without any of our code."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base)
    losses, count = 0.0, 0
    for row in rows:
        ids = torch.tensor([[*row.prompt, *row.answer]])
        logits = model(input_ids=ids).logits[0, len(row.prompt) - 1 : -1]
        losses += cross_entropy(logits, torch.tensor(row.answer), reduction="sum").item()
        count += len(row.answer)
    return losses / count


def test_the_loss_of_trees_is_the_loss_of_the_rows_alone(tiny_base, tiny_rows):
    trees = [grow_tree(group) for group in group_rows(tiny_rows, 1024)]
    model = load_for_training(tiny_base, TrainingConfig(adapter="lora", bf16=False))
    assert [tree.rows for tree in trees] == [3, 2, 2]
    assert tree_loss(model, trees).item() == pytest.approx(losses_row_by_row(tiny_base, tiny_rows), abs=1e-5)


def test_gradients_of_trees_are_those_of_the_rows_alone(tiny_base, tiny_rows):
    def gradients(groups):
        model = load_for_training(tiny_base, TrainingConfig(adapter="lora", bf16=False))
        with torch.no_grad():  # an adapter that starts at zero would hide half of the gradients
            for parameter in model.parameters():
                if parameter.requires_grad and not parameter.any():
                    parameter.normal_(std=0.1, generator=torch.Generator().manual_seed(1))
        tree_loss(model, [grow_tree(group) for group in groups]).backward()
        return {n: p.grad for n, p in model.named_parameters() if p.grad is not None}

    shared = gradients(group_rows(tiny_rows, 1024))
    alone = gradients([[row] for row in tiny_rows])
    assert shared.keys() == alone.keys()
    assert len(shared) == 28  # seven linear layers in each of two blocks, two matrices each
    for name, gradient in shared.items():
        torch.testing.assert_close(gradient, alone[name], atol=1e-6, rtol=1e-4)


def test_an_answer_sees_its_prompt_and_itself_but_no_other_answer():
    tree = grow_tree([EncodedRow.of((1, 2), (10, 11, 12)), EncodedRow.of((1, 2), (20, 21))])
    # Laid out: prompt 1 2, first answer's inputs 10 11, second answer's input 20.
    assert tree.tokens.tolist() == [1, 2, 10, 11, 20]
    assert tree.positions.tolist() == [0, 1, 2, 3, 2]
    assert tree.mask.int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 0, 0, 1],
    ]
    assert tree.sources.tolist() == [1, 2, 3, 1, 4]
    assert tree.targets.tolist() == [10, 11, 12, 20, 21]


def test_a_question_between_two_answers_is_read_and_not_learned():
    # Asked 1 2, answered 10 11, asked 3, answered 12; the rest of the row is no longer needed.
    labels = (False, False, True, True, False, True, False)
    tree = grow_tree([EncodedRow((1, 2, 10, 11, 3, 12, 9), labels), EncodedRow.of((1, 2), (20,))])
    assert tree.tokens.tolist() == [1, 2, 10, 11, 3]
    assert tree.positions.tolist() == [0, 1, 2, 3, 4]
    assert tree.sources.tolist() == [1, 2, 4, 1]
    assert tree.targets.tolist() == [10, 11, 12, 20]


def test_answers_that_begin_alike_share_their_beginning():
    prompt, alike = (1, 2), tuple(range(30, 50))
    endings = [(10, 11, 12), (20, 21), (13,)]
    tree = grow_tree([EncodedRow.of(prompt, (*alike, *ending)) for ending in endings])
    assert tree.tokens.tolist() == [1, 2, *alike, 10, 11, 20]
    assert tree.positions.tolist() == [*range(22), 22, 23, 22]
    assert [(one.start, one.stop, one.before) for one in tree.segments] == [
        (0, 2, ()),
        (2, 22, ((0, 2),)),
        (22, 24, ((0, 2), (2, 22))),
        (24, 25, ((0, 2), (2, 22))),
    ]
    assert (
        tree.sources[-1] == 21
    )  # the last token that all three have in common predicts three different ones
    assert len(tree.targets) == 3 * 20 + 3 + 2 + 1


@given(some_rows)
def test_every_position_sees_exactly_its_row_so_far(rows):
    for group in group_rows(rows, 1024):
        tree = grow_tree(group)
        read = {tuple(tree.tokens[seen].tolist()) for seen in tree.mask}
        assert read == {row.tokens[:stop] for row in group for stop in range(1, len(row))}
        pairs = [
            (*tree.tokens[tree.mask[source]].tolist(), target)
            for source, target in zip(tree.sources, tree.targets.tolist(), strict=True)
        ]
        assert pairs == [
            row.tokens[:stop] for row in group for stop in range(len(row.prompt) + 1, len(row) + 1)
        ]


@given(some_rows, st.integers(12, 30))
def test_grouping_keeps_every_row_and_the_length(rows, longest):
    groups = group_rows(rows, longest)
    assert sorted(map(str, (row for group in groups for row in group))) == sorted(map(str, rows))
    for group in groups:
        assert len({row.prompt for row in group}) == 1
        assert len(grow_tree(group).tokens) <= longest
