"""A row as a person sees it."""

import io

import pytest
from rich.console import Console

from slingshot.errors import RequestError
from slingshot.training.config import TrainingConfig
from slingshot.training.preparing.preflight import Prepared
from slingshot.training.preparing.show_row import show_row
from slingshot.training.rows.encoding import Conversation, encode_conversation

CONFIG = TrainingConfig(adapter="lora")


@pytest.fixture
def prepared(tiny_tokenizer):
    """Three rows, the first two with one prompt."""

    def row(question, *more):
        roles = ("user", "assistant", "user", "assistant")
        turns = tuple({"role": r, "content": c} for r, c in zip(roles, (question, *more), strict=False))
        learned = tuple(turn["role"] == "assistant" for turn in turns)
        return encode_conversation(Conversation("r", turns, learned), tiny_tokenizer, {2})

    rows = [row("Add.", "a + b"), row("Add.", "b + a"), row("Twice.", "2\x1b[31ma", "And once?", "a")]
    places = ["a.jsonl:1", "a.jsonl:2", "b.jsonl:1"]
    return Prepared(rows, places, [], [], tiny_tokenizer, frozenset({2}), None, [])


def printed(renderable, **options):
    console = Console(file=io.StringIO(), width=200, **options)
    console.print(renderable)
    return console.file.getvalue()


def test_learned_text_and_end_tokens_are_marked_without_colours_too(prepared):
    text = printed(show_row(prepared, 1, CONFIG))
    assert "Row 1 of 3, a.jsonl:1: 29 tokens, 23 before the first learned one, 6 learned (21%)" in text
    assert "<|im_start|>user\nAdd.<|im_end|>\n<|im_start|>assistant\n⟦a + b⟨<|im_end|>⟩⟧\n" in text


def test_colours_show_the_same(prepared):
    text = printed(show_row(prepared, 1, CONFIG), force_terminal=True, color_system="standard")
    assert "\x1b[1;32ma + b\x1b[0m" in text
    assert "\x1b[7;32m⟨<|im_end|>⟩" in text


def test_every_learned_turn_is_marked_and_control_characters_are_written_out(prepared):
    text = printed(show_row(prepared, 3, CONFIG))
    assert "⟦2\\x1b[31ma⟨<|im_end|>⟩⟧\n<|im_start|>user\nAnd once?<|im_end|>" in text
    assert text.count("⟦") == 3  # two turns and the legend


def test_it_is_said_with_which_rows_a_row_shares_its_prompt(prepared):
    shared = printed(show_row(prepared, 2, CONFIG))
    assert (
        "shared; one sequence with rows 1: the prompt once, 2 answers as branches, 35 tokens instead of 58."
        in shared
    )
    assert "no other row of its sequence has this prompt" in printed(show_row(prepared, 3, CONFIG))
    apart = TrainingConfig(adapter="lora", sample_packing=False)
    assert "Packing: none; the row is a sequence of its own." in printed(show_row(prepared, 2, apart))


def test_ids_are_shown_on_request(prepared):
    last = printed(show_row(prepared, 1, CONFIG, ids=True)).rstrip().splitlines()[-1]
    assert last.split() == ["28", "2", "'<|im_end|>'", "yes"]


@pytest.mark.parametrize("number", [0, 4, -1])
def test_a_row_that_is_not_there_is_refused(prepared, number):
    with pytest.raises(RequestError, match=f"--show-row {number}: there are rows 1 to 3"):
        show_row(prepared, number, CONFIG)
