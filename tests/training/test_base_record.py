"""What was trained on which base is written down beside it, and another base is recognised."""

import json
import shutil
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slingshot.errors import RequestError
from slingshot.files import sha256_of_file, sha256_of_text
from slingshot.training.base_record import (
    BaseRecord,
    check_base,
    check_unchanged,
    read_base_record,
    record_base,
    write_base_record,
)
from slingshot.training.config import TrainingConfig
from slingshot.training.loop import train

LORA = TrainingConfig(
    base_model="org/base",
    adapter="lora",
    lora_r=2,
    num_epochs=1,
    micro_batch_size=4,
    save_steps=1,
    bf16=False,
)


@pytest.fixture(scope="module")
def adapter(tiny_base, tiny_rows, tmp_path_factory):
    """A trained adapter, and its checkpoints."""
    out = tmp_path_factory.mktemp("trained") / "adapter"
    train(tiny_rows, tiny_base, out, LORA)
    return out


@pytest.fixture
def copies(tiny_base, adapter, tmp_path):
    """The adapter and its base in folders of their own, to be changed."""
    for source, name in ((adapter, "adapter"), (tiny_base, "base")):
        shutil.copytree(source, tmp_path / name)
    return tmp_path / "adapter", tmp_path / "base"


def test_training_records_the_base_by_the_hash_of_each_file(tiny_base, adapter):
    record = read_base_record(adapter)
    assert record.base_model == "org/base"
    assert record.weights == {"model.safetensors": sha256_of_file(tiny_base / "model.safetensors")}
    assert record.tokenizer["tokenizer.json"] == sha256_of_file(tiny_base / "tokenizer.json")
    template = (tiny_base / "chat_template.jinja").read_text()
    assert record.chat_template_sha256 == sha256_of_text(template)
    assert set(record.adapter) == {"adapter_model.safetensors", "adapter_config.json"}


def test_so_does_every_checkpoint_with_the_adapter_as_it_was_then(tiny_base, adapter):
    folders = sorted(adapter.glob("checkpoint-*"))
    assert len(folders) == 2
    first, last = map(read_base_record, folders)
    assert first.weights == last.weights and first.adapter != last.adapter
    for folder in folders:
        check_base(folder, tiny_base)
        check_unchanged(folder)


def test_a_model_trained_in_full_has_a_record_without_an_adapter(tiny_base, tiny_rows, tmp_path):
    train(tiny_rows, tiny_base, tmp_path, TrainingConfig(num_epochs=1, bf16=False))
    record = read_base_record(tmp_path)
    assert record == replace(record_base(tiny_base, str(tiny_base)), adapter={})


def test_the_template_trained_with_lies_beside_the_result_and_every_checkpoint(
    tiny_base, tiny_rows, tmp_path
):
    train(tiny_rows, tiny_base, tmp_path, LORA, template="{{ messages }}")
    for folder in (tmp_path, *tmp_path.glob("checkpoint-*")):
        assert (folder / "chat_template.jinja").read_text() == "{{ messages }}"
        assert read_base_record(folder).chat_template_sha256 == sha256_of_text("{{ messages }}")
        check_base(folder, tiny_base)
    train(tiny_rows, tiny_base, tmp_path, LORA.model_copy(update={"auto_resume_from_checkpoints": False}))
    assert not (tmp_path / "chat_template.jinja").exists()
    check_base(tmp_path, tiny_base)


def test_the_same_base_at_another_place_is_the_same(copies):
    check_base(*copies)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "tokenizer_config.json"])
def test_another_base_or_tokenizer_is_refused_with_the_first_file_that_differs(copies, name):
    adapter, base = copies
    content = bytearray((base / name).read_bytes())
    content[-2] ^= 1
    (base / name).write_bytes(content)
    record = read_base_record(adapter)
    with pytest.raises(RequestError) as refusal:
        check_base(adapter, base)
    for words in (
        name,
        (record.weights | record.tokenizer)[name][:12],
        sha256_of_file(base / name)[:12],
        "trained on, org/base",
        "another base",
    ):
        assert words in str(refusal.value)


def test_a_file_too_many_or_too_few_is_another_base_too(copies):
    adapter, base = copies
    (base / "added_tokens.json").write_text("{}")
    with pytest.raises(
        RequestError, match=r"added_tokens.json has SHA-256 44136fa355b3… there and nothing in base.json"
    ):
        check_base(adapter, base)
    (base / "added_tokens.json").unlink()
    (base / "tokenizer.json").unlink()
    with pytest.raises(RequestError, match=r"tokenizer.json has SHA-256 nothing there and [0-9a-f]{12}… in"):
        check_base(adapter, base)


def test_another_template_beside_the_adapter_is_refused(copies):
    adapter, base = copies
    (adapter / "chat_template.jinja").write_text("{{ other }}")
    with pytest.raises(RequestError, match="was trained with another chat template than it would get"):
        check_base(adapter, base)


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "adapter_config.json"])
def test_an_adapter_that_was_changed_after_training_is_refused(copies, name):
    adapter, _ = copies
    content = bytearray((adapter / name).read_bytes())
    content[-1] ^= 1
    (adapter / name).write_bytes(content)
    with pytest.raises(
        RequestError, match=rf"{name} was changed after training; train again, or delete .*base.json"
    ):
        check_unchanged(adapter)
    (adapter / "base.json").unlink()
    check_unchanged(adapter)


def test_without_a_record_nothing_is_known_and_nothing_refused(copies, tmp_path):
    adapter, _ = copies
    (adapter / "base.json").unlink()
    assert read_base_record(adapter) is None
    check_base(adapter, tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"base_model": "x"}', '{"base_model": "x", "weights": {"a": 1}}']
)
def test_something_else_in_its_place_is_no_record(tmp_path, text):
    (tmp_path / "base.json").write_text(text)
    with pytest.raises(
        RequestError, match=r"base.json: no record of a base model \(.+\); restore the file, or delete"
    ):
        read_base_record(tmp_path)


_HASHES = st.dictionaries(
    st.text(min_size=1), st.text("0123456789abcdef", min_size=64, max_size=64), max_size=3
)


@settings(max_examples=25)
@given(st.builds(BaseRecord, st.text(), _HASHES, _HASHES, st.none() | st.text()))
def test_a_record_is_read_as_it_was_written_and_what_later_versions_add_is_left_alone(
    tmp_path_factory, record
):
    folder = tmp_path_factory.mktemp("record")
    write_base_record(record, folder)
    assert read_base_record(folder) == replace(record, adapter={})
    said = json.loads((folder / "base.json").read_text())
    (folder / "base.json").write_text(json.dumps(said | {"later": 1}))
    assert read_base_record(folder) == replace(record, adapter={})
