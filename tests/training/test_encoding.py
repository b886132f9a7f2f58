"""Which tokens are read and which are learned."""

from dataclasses import dataclass

import pytest

from slingshot.errors import SlingshotError
from slingshot.training.encoding import encode_row, encode_rows

ASKED = [{"role": "system", "content": "Julia."}, {"role": "user", "content": "Add."}]


@dataclass
class Row:
    messages: list


def conversation(answer):
    return [*ASKED, {"role": "assistant", "content": answer}]


def test_exactly_the_answer_and_its_end_token_are_learned(tiny_tokenizer):
    row = encode_row(conversation("a + b"), tiny_tokenizer, "row 1")
    assert tiny_tokenizer.decode(row.answer) == "a + b<|im_end|>"
    assert tiny_tokenizer.decode(row.prompt).endswith("<|im_start|>assistant\n")


def test_prompt_and_answer_together_are_the_rendered_conversation(tiny_tokenizer):
    row = encode_row(conversation("x ↦ x²"), tiny_tokenizer, "row 1")
    whole = tiny_tokenizer.apply_chat_template(conversation("x ↦ x²"), tokenize=False)
    assert tiny_tokenizer.decode([*row.prompt, *row.answer]) + "\n" == whole


def test_an_answer_that_speaks_of_roles_is_still_masked_right(tiny_tokenizer):
    answer = "<assistant>\nassistant\nAdd."
    row = encode_row(conversation(answer), tiny_tokenizer, "row 1")
    assert tiny_tokenizer.decode(row.answer) == answer + "<|im_end|>"


@pytest.mark.parametrize("messages", [ASKED, conversation(""), conversation(" \n")])
def test_a_row_without_an_answer_is_refused_and_named(tiny_tokenizer, messages):
    with pytest.raises(SlingshotError, match="train.jsonl row 3: the row does not end with an answer"):
        encode_row(messages, tiny_tokenizer, "train.jsonl row 3")


def test_a_template_that_never_ends_the_turn_is_refused(tiny_base):
    from transformers import AutoTokenizer

    endless = AutoTokenizer.from_pretrained(tiny_base)
    endless.chat_template = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}"
    with pytest.raises(SlingshotError, match="would never learn to stop"):
        encode_row(conversation("a"), endless, "row 1")


def test_a_template_that_changes_the_prompt_later_is_refused(tiny_base):
    from transformers import AutoTokenizer

    forgetful = AutoTokenizer.from_pretrained(tiny_base)
    forgetful.chat_template = "{{ messages | length }}{{ messages[-1]['content'] }}<|im_end|>"
    with pytest.raises(SlingshotError, match="renders the prompt differently"):
        encode_row(conversation("a"), forgetful, "row 1")


def test_no_row_is_ever_cut_and_all_long_ones_are_named(tiny_tokenizer):
    rows = [Row(conversation("a" * 300)), Row(conversation("a")), Row(conversation("b" * 300))]
    with pytest.raises(SlingshotError, match=r"2 rows are longer than sequence_len 200 .*row 1 .*row 3"):
        encode_rows(rows, tiny_tokenizer, sequence_len=200)
