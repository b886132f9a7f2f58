"""Which tokens are read and which are learned."""

import copy
from dataclasses import dataclass

import pytest
from chat_tokenizers import END_TOKENS, chat_tokenizers, ends
from hypothesis import given, settings
from hypothesis import strategies as st

from slingshot.errors import SlingshotError
from slingshot.training.rows.encoding import (
    Conversation,
    PlainText,
    encode_all,
    encode_conversation,
    encode_row,
    encode_rows,
    encode_text,
)

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


# Conversations of several turns, under the templates of four families.


def said(role, content):
    return {"role": role, "content": content}


def spoken(*messages, learned=("assistant",), **options):
    """A conversation of (role, content) pairs."""
    turns = tuple(said(role, content) for role, content in messages)
    return Conversation("rows.jsonl:7", turns, tuple(turn["role"] in learned for turn in turns), **options)


def learned_text(row, tokenizer):
    return tokenizer.decode([token for token, label in zip(row.tokens, row.labels, strict=True) if label])


@pytest.fixture(scope="module")
def tokenizers():
    return chat_tokenizers()


@pytest.fixture(scope="module")
def chatml(tokenizers):
    return tokenizers["chatml"]


contents = st.text(
    st.one_of(st.sampled_from("ad \n"), st.characters(codec="utf-8", exclude_characters="▁\0")), min_size=1
).filter(lambda text: text.strip() == text)


@given(st.sampled_from(["chatml", "llama3", "gemma", "mistral"]), st.lists(contents, min_size=2, max_size=6))
@settings(max_examples=150, deadline=None)
def test_what_is_learned_are_the_answers_with_their_end_tokens_and_the_tokens_are_the_templates_own(
    tokenizers, name, texts
):
    tokenizer, stops = tokenizers[name], ends(name, tokenizers[name])
    pairs = list(zip(texts[::2], texts[1::2], strict=False))
    turns = [message for asked, answer in pairs for message in (("user", asked), ("assistant", answer))]
    row = encode_conversation(spoken(*turns), tokenizer, stops)
    whole = tokenizer.apply_chat_template([said(*turn) for turn in turns], tokenize=True, return_dict=False)
    assert list(row.tokens) == whole[: len(row)]
    assert not tokenizer.decode(whole[len(row) :]).strip()
    taught = [part.removeprefix(" ") for part in learned_text(row, tokenizer).split(END_TOKENS[name])]
    assert taught == [*(answer for _, answer in pairs), ""]


def test_each_turn_is_learned_as_the_served_model_would_be_asked_for_it(chatml):
    turns = [
        ("system", "Julia."),
        ("user", "Add."),
        ("assistant", "a + b"),
        ("user", "Twice."),
        ("assistant", "2a"),
    ]
    row = encode_conversation(spoken(*turns), chatml, ends("chatml", chatml))
    assert learned_text(row, chatml) == "a + b<|im_end|>2a<|im_end|>"
    second = row.tokens.index(chatml("2", add_special_tokens=False).input_ids[0])
    asked = chatml.apply_chat_template(
        [said(*turn) for turn in turns[:-1]], add_generation_prompt=True, tokenize=True, return_dict=False
    )
    assert list(row.tokens[:second]) == asked


def test_only_the_turns_that_are_to_be_learned_are(chatml):
    turns = (said("user", "Q"), said("assistant", "wrong"), said("user", "No."), said("assistant", "right"))
    row = encode_conversation(Conversation("r", turns, (False, False, False, True)), chatml, {1})
    assert learned_text(row, chatml) == "right<|im_end|>"
    asked = encode_conversation(Conversation("r", turns, (False, False, True, False)), chatml, {1})
    assert learned_text(asked, chatml) == "<|im_start|>user\nNo.<|im_end|>"


@pytest.mark.parametrize(
    ("which", "taught"),
    [
        ("turn", "a<|im_end|>b<|im_end|>"),
        ("last", "ab<|im_end|>"),
        ("all", "<|im_end|>a<|im_end|><|im_end|>b<|im_end|>"),
        ("none", "ab"),
    ],
)
def test_which_end_tokens_are_learned_can_be_chosen(chatml, which, taught):
    turns = [("user", "1"), ("assistant", "a"), ("user", "2"), ("assistant", "b")]
    assert learned_text(encode_conversation(spoken(*turns, ends=which), chatml, {1}), chatml) == taught


def test_with_train_on_inputs_everything_but_the_first_token_is_learned(tokenizers):
    llama = tokenizers["llama3"]
    row = encode_conversation(
        spoken(("user", "Q"), ("assistant", "A"), everything=True), llama, ends("llama3", llama)
    )
    assert row.labels == (False, *[True] * (len(row) - 1))
    assert llama.decode(row.tokens).endswith("A<|eot_id|>")


def test_a_template_that_strips_earlier_turns_is_refused_unless_only_the_last_is_learned(chatml):
    tokenizer = copy.deepcopy(chatml)
    tokenizer.chat_template = (
        "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
        "{{ m['content'] if loop.last else m['content'].split('</think>')[-1] }}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    )
    turns = [("user", "1"), ("assistant", "<think>hm</think>a"), ("user", "2"), ("assistant", "b")]
    with pytest.raises(
        SlingshotError, match="rows.jsonl:7: the chat template renders turn 2 differently once"
    ):
        encode_conversation(spoken(*turns), tokenizer, {1})
    last = Conversation("r", tuple(said(*turn) for turn in turns), (False, False, False, True))
    assert learned_text(encode_conversation(last, tokenizer, {1}), tokenizer) == "b<|im_end|>"


def test_an_answer_whose_beginning_melts_with_its_prompt_is_refused(chatml):
    # The prompt ends with a line break; with the answer's own it is one token.
    with pytest.raises(SlingshotError, match="rows.jsonl:7: turn 2 begins with characters that melt"):
        encode_conversation(spoken(("user", "Q"), ("assistant", "\na")), chatml, {1})


def test_an_answer_that_holds_the_end_token_would_teach_to_stop_midway_and_is_refused(chatml):
    turns = [("user", "Q"), ("assistant", "a<|im_end|>\n<|im_start|>user")]
    with pytest.raises(SlingshotError, match=r"rows.jsonl:7: turn 2 contains the end token <\|im_end\|>"):
        encode_conversation(spoken(*turns), chatml, {1})


def test_what_a_template_refuses_is_told_with_its_own_words(tokenizers):
    turns = [("system", "Julia."), ("user", "Q"), ("assistant", "A")]
    gemma = tokenizers["gemma"]
    with pytest.raises(
        SlingshotError, match=r"rows.jsonl:7: .*refuses the messages \(there is no system role\)"
    ):
        encode_conversation(spoken(*turns), gemma, ends("gemma", gemma))


def test_the_end_token_has_to_be_the_one_that_closes_turns(tokenizers):
    gemma = tokenizers["gemma"]  # its eos token closes texts, not turns
    with pytest.raises(SlingshotError, match=r"does not close the answer \(turn 2\) with '<eos>'"):
        encode_conversation(spoken(("user", "Q"), ("assistant", "A")), gemma, {gemma.eos_token_id})


def test_all_rows_that_cannot_be_encoded_are_told_at_once(chatml):
    good, bad = spoken(("user", "Q"), ("assistant", "A")), spoken(("user", "Q"), ("assistant", " "))
    rows, problems = encode_all([bad, good, bad], chatml, {1})
    assert [row is None for row in rows] == [True, False, True]
    assert problems == ["rows.jsonl:7: turn 2 is to be learned and is empty; remove the row"] * 2


# Plain text.


@given(st.sampled_from(["chatml", "llama3", "gemma", "mistral"]), contents, contents)
@settings(deadline=None)
def test_plain_text_is_learned_from_the_piece_on_and_closed(tokenizers, name, prompt, answer):
    tokenizer = tokenizers[name]
    row = encode_text(
        PlainText("r", ((prompt + "\n", False), (answer, True))), tokenizer, {tokenizer.eos_token_id}
    )
    assert learned_text(row, tokenizer).removeprefix(" ") == answer + tokenizer.eos_token
    assert tokenizer.decode(row.prompt) == prompt + "\n"


def test_a_tokenizer_that_puts_a_start_token_before_text_does_so_in_training():
    from tokenizers.processors import TemplateProcessing

    tokenizer = chat_tokenizers()["llama3"]
    start = tokenizer.bos_token
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        f"{start} $A", special_tokens=[(start, 0)]
    )
    closed = encode_text(PlainText("r", (("a", True),)), tokenizer, set())
    assert tokenizer.decode(closed.tokens) == "<|begin_of_text|>a<|eot_id|>"
    assert closed.labels == (False, True, True)
    own = encode_text(PlainText("r", (("a", False), ("x<|eot_id|>", True)), closed=False), tokenizer, {3})
    assert tokenizer.decode(own.tokens) == "ax<|eot_id|>"
