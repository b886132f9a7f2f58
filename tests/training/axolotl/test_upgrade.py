"""Rewriting old files: what changes, what stays, and the proof that both teach the same."""

import json
from pathlib import Path

import pytest
import yaml

from slingshot.errors import RequestError
from slingshot.training.axolotl.read_config import read_config
from slingshot.training.axolotl.upgrade import prove, upgrade

SHARED = Path(__file__).parents[4] / "shared" / "data"
OLD = """# my run
base_model: here   # the base
adapter: lora
datasets:
  - path: rows.jsonl
    type: sharegpt  # as exported
    conversation: chatml
  - conversation: chatml
    path: more.jsonl
    type: sharegpt
learning_rate: 2e-4 # as text
flash_attention: true
xformers_attention:  # never tried
evaluation_strategy: "no"
# the end
batch_size: 4
micro_batch_size: 2
"""
NEW = """# my run
base_model: here   # the base
adapter: lora
datasets:
  - path: rows.jsonl
    type: chat_template
    field_messages: conversations
    message_property_mappings: {role: from, content: value}
    chat_template: chatml  # as exported
  - path: more.jsonl
    type: chat_template
    field_messages: conversations
    message_property_mappings: {role: from, content: value}
    chat_template: chatml
learning_rate: 2e-4 # as text
attn_implementation: flash_attention_2
# never tried
eval_strategy: 'no'
# the end
gradient_accumulation_steps: 2
micro_batch_size: 2
"""


def write(folder, text):
    path = folder / "old.yml"
    path.write_text(text)
    return path


def rows(folder, *names):
    for number, name in enumerate(names):
        turns = [
            [("system", "Julia."), ("human", f"Write {number}."), ("gpt", f"f() = {number}")],
            [("human", "Again?"), ("gpt", "Yes."), ("human", "Once more?"), ("gpt", "No.")],
        ]
        lines = [json.dumps({"conversations": [{"from": a, "value": b} for a, b in row]}) for row in turns]
        (folder / name).write_text("\n".join(lines) + "\n")


def test_only_what_is_old_is_rewritten_and_comments_stay(tmp_path):
    done = upgrade(write(tmp_path, OLD), tmp_path / "new.yml")
    assert (tmp_path / "new.yml").read_text() == NEW
    assert len(done.changes) == 8 and done.warnings == ()


def test_the_new_file_gives_the_same_configuration(tmp_path):
    upgrade(write(tmp_path, OLD), tmp_path / "new.yml")
    new = read_config(tmp_path / "new.yml")
    assert new.config == read_config(tmp_path / "old.yml").config
    assert not [key for key in new.keys if key.kind == "mapped"]


def test_a_modern_file_stays_as_it_is(tmp_path):
    done = upgrade(write(tmp_path, NEW), tmp_path / "new.yml")
    assert (tmp_path / "new.yml").read_text() == NEW and done.changes == ()


def test_dead_keys_are_warned_of_and_left(tmp_path):
    done = upgrade(write(tmp_path, "debug: true\nadam_eps: 1\n"), tmp_path / "new.yml")
    assert [warning.partition("unknown key ")[2].split(";")[0] for warning in done.warnings] == [
        "debug",
        "adam_eps",
    ]
    assert (tmp_path / "new.yml").read_text() == "debug: true\nadam_eps: 1\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "datasets: [{path: a, type: sharegpt}]\n",
            "old.yml:1: datasets.0.type stands in a table of one line",
        ),
        ("flash_attention: true\nsdp_attention: true\n", "old.yml:2: sdp_attention and attn_implementation"),
        (
            "datasets:\n  - type: sharegpt\n    conversation: vicuna_v1.1\n",
            "old.yml:3: conversation: vicuna_v1.1",
        ),
    ],
)
def test_what_cannot_be_rewritten_is_said_and_nothing_is_written(tmp_path, text, words):
    with pytest.raises(RequestError, match=words):
        upgrade(write(tmp_path, text), tmp_path / "new.yml")
    assert not (tmp_path / "new.yml").exists()


def test_a_file_that_is_there_is_not_overwritten(tmp_path):
    with pytest.raises(RequestError, match="is there already"):
        upgrade(write(tmp_path, OLD), tmp_path / "old.yml")


def test_both_files_give_the_same_tokens(tmp_path, tiny_base):
    rows(tmp_path, "rows.jsonl", "more.jsonl")
    upgrade(write(tmp_path, OLD), tmp_path / "new.yml")
    proof = prove(tmp_path / "old.yml", tmp_path / "new.yml", tiny_base, tmp_path)
    assert proof.held is True and "the same" in proof.says and "tokens in 4 rows" in proof.says


def test_without_a_tokenizer_the_turns_are_compared(tmp_path):
    rows(tmp_path, "rows.jsonl", "more.jsonl")
    upgrade(write(tmp_path, OLD), tmp_path / "new.yml")
    proof = prove(tmp_path / "old.yml", tmp_path / "new.yml", None, tmp_path)
    assert proof.held is True and "the same turns of 4 rows" in proof.says


def test_without_rows_nothing_is_proven_and_that_is_said(tmp_path, tiny_base):
    upgrade(write(tmp_path, OLD), tmp_path / "new.yml")
    proof = prove(tmp_path / "old.yml", tmp_path / "new.yml", tiny_base, tmp_path)
    assert (
        proof.held is None
        and "could not be proven: datasets: rows.jsonl: there is no such file" in proof.says
    )


@pytest.mark.parametrize(
    ("old", "new"), [("chat_template: chatml", "chat_template: llama3"), ("content: value", "content: from")]
)
def test_files_that_teach_something_else_are_found_out(tmp_path, tiny_base, old, new):
    rows(tmp_path, "rows.jsonl", "more.jsonl")
    write(tmp_path, OLD)
    (tmp_path / "new.yml").write_text(NEW.replace(old, new))
    assert prove(tmp_path / "old.yml", tmp_path / "new.yml", tiny_base, tmp_path).held is False


def test_every_example_and_the_file_of_2024_can_be_upgraded(tmp_path):
    folder = SHARED / "axolotl-examples"
    if not folder.exists():
        pytest.skip(f"Axolotl's examples are not at {folder}: this test rewrites them")
    changed = 0
    for number, path in enumerate([SHARED / "cheater-7b" / "lora.yml", *sorted(folder.glob("*.y*ml"))]):
        new = tmp_path / f"{number}.yml"
        changed += bool(upgrade(path, new).changes)
        assert upgrade(new, tmp_path / f"{number}-again.yml").changes == ()
        assert yaml.safe_load(new.read_text())
    assert changed >= 15
