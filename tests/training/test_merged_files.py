"""What merging writes and leaves, of which adapters it takes, and what goes wrong on the way."""

import json
import shutil
import subprocess
import sys

import pytest
import torch
from adapted_models import (
    adapted,
    assert_merged_as_peft_does,
    change_settings,
    change_tensors,
    loaded,
    logits,
    write_adapter,
    write_base,
)
from safetensors.torch import load_file, save_file

from slingshot.errors import RequestError, SlingshotError
from slingshot.training.config import TrainingConfig
from slingshot.training.loop import train
from slingshot.training.merge import base_of, link_model, merge

ALL = "all-linear"


# An adapter that training saved: on its own base only, and as it was.


@pytest.fixture(scope="module")
def trained(tiny_base, tiny_rows, tmp_path_factory):
    out = tmp_path_factory.mktemp("trained") / "adapter"
    config = TrainingConfig(
        adapter="lora", lora_r=4, learning_rate=0.02, num_epochs=2, micro_batch_size=8, bf16=False
    )
    train(tiny_rows, tiny_base, out, config)
    return out


def test_the_merged_model_says_what_training_made_of_the_base(tiny_base, trained, tmp_path):
    said = []
    merged = merge(trained, tiny_base, tmp_path / "merged", report=said.append)
    assert said == ["Changed 14 of 20 tensors; every sum was made in float32."]
    assert_merged_as_peft_does(adapted(tiny_base, trained), merged)
    assert not torch.allclose(logits(loaded(merged)), logits(loaded(tiny_base)), atol=1e-2)
    assert (merged / "base.json").read_bytes() == (trained / "base.json").read_bytes()


def test_an_adapter_on_another_base_or_changed_since_is_refused(tiny_base, trained, tmp_path):
    other = shutil.copytree(tiny_base, tmp_path / "other")
    weights = load_file(other / "model.safetensors")
    weights["model.norm.weight"][0] += 1e-3
    save_file(weights, other / "model.safetensors", {"format": "pt"})
    with pytest.raises(
        RequestError, match="was trained on another base model than .*: model.safetensors has"
    ):
        merge(trained, other, tmp_path / "merged")

    doubled = shutil.copytree(trained, tmp_path / "doubled")
    change_tensors(
        doubled, lambda tensors: {name: t * 2 if "lora_B" in name else t for name, t in tensors.items()}
    )
    louder = shutil.copytree(trained, tmp_path / "louder")
    change_settings(louder, lora_alpha=64)
    for folder, name in ((doubled, "adapter_model.safetensors"), (louder, "adapter_config.json")):
        with pytest.raises(RequestError, match=f"{name} was changed after training"):
            merge(folder, tiny_base, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


def test_an_adapter_without_a_record_is_merged_and_that_is_said(tiny_base, trained, tmp_path):
    adapter, said = shutil.copytree(trained, tmp_path / "adapter"), []
    (adapter / "base.json").unlink()
    merged = merge(adapter, tiny_base, tmp_path / "merged", report=said.append)
    assert said[0].endswith("has no base.json: whether it was trained on this base is not known.")
    assert not (merged / "base.json").exists()


def test_the_base_is_the_one_that_the_adapter_names(bases, tiny_base, trained, tmp_path):
    assert base_of(trained) == str(tiny_base)
    foreign = write_adapter(tmp_path / "adapter", bases("Llama"), target_modules=["q_proj"])
    assert base_of(foreign) == str(bases("Llama"))
    change_settings(foreign, base_model_name_or_path=None)
    with pytest.raises(
        RequestError, match="does not say which base model it was trained on; name it with --base"
    ):
        base_of(foreign)


# What is written.


def test_all_other_files_are_the_base_models_byte_for_byte(tiny_base, trained, tmp_path):
    merged = merge(trained, tiny_base, tmp_path / "merged")
    names = {path.name for path in tiny_base.iterdir()}
    assert {path.name for path in merged.iterdir()} == names | {"base.json"}
    for name in names - {"model.safetensors"}:
        assert (merged / name).read_bytes() == (tiny_base / name).read_bytes()


def test_sums_are_rounded_once_to_the_type_of_the_base(bases, tmp_path):
    base = write_base(tmp_path / "base", "Llama", torch.bfloat16)
    adapter = write_adapter(tmp_path / "adapter", base, target_modules=["q_proj"])
    merged = load_file(merge(adapter, base, tmp_path / "merged") / "model.safetensors")
    exact = adapted(base, adapter).merge_and_unload().state_dict()
    before = load_file(base / "model.safetensors")
    for name, weights in merged.items():
        assert weights.dtype == torch.bfloat16
        assert torch.equal(weights, exact[name].bfloat16() if "q_proj" in name else before[name])
    assert (tmp_path / "merged/config.json").read_bytes() == (base / "config.json").read_bytes()


def test_another_type_changes_the_weights_and_one_line_of_the_configuration(bases, tmp_path):
    base = bases("Mistral")
    adapter = write_adapter(tmp_path / "adapter", base, target_modules=["q_proj"])
    merged = merge(adapter, base, tmp_path / "merged", dtype="bfloat16")
    then, now = ((folder / "config.json").read_text().splitlines() for folder in (base, merged))
    assert [new for old, new in zip(then, now, strict=True) if old != new] == ['  "dtype": "bfloat16",']
    assert {weights.dtype for weights in load_file(merged / "model.safetensors").values()} == {torch.bfloat16}
    expected = adapted(base, adapter).merge_and_unload().bfloat16()
    torch.testing.assert_close(dict(loaded(merged).state_dict()), dict(expected.state_dict()), rtol=0, atol=0)


def test_shards_stay_shards_and_those_without_a_change_the_same_bytes(tmp_path):
    base = write_base(tmp_path / "base", "Llama", shard_size="20KB")
    adapter = write_adapter(tmp_path / "adapter", base, target_modules=["lm_head"])
    merged = merge(adapter, base, tmp_path / "merged")
    changed = json.loads((base / "model.safetensors.index.json").read_text())["weight_map"]["lm_head.weight"]
    shards = sorted(path.name for path in base.glob("*.safetensors"))
    assert len(shards) > 3 and shards == sorted(path.name for path in merged.glob("*.safetensors"))
    same = [name for name in shards if (base / name).read_bytes() == (merged / name).read_bytes()]
    assert same == [name for name in shards if name != changed]
    assert (merged / "model.safetensors.index.json").read_bytes() == (
        base / "model.safetensors.index.json"
    ).read_bytes()
    assert_merged_as_peft_does(adapted(base, adapter), merged)

    half = merge(adapter, base, tmp_path / "half", dtype="float16")
    index = json.loads((half / "model.safetensors.index.json").read_text())
    assert index["metadata"]["total_size"] == sum(
        t.nbytes for f in half.glob("*.safetensors") for t in load_file(f).values()
    )
    assert loaded(half).dtype == torch.float16


def test_a_model_that_was_trained_in_full_is_copied_without_its_training(tiny_base, tiny_rows, tmp_path):
    model = tmp_path / "model"
    train(tiny_rows, tiny_base, model, TrainingConfig(num_epochs=1, bf16=False))
    merged = merge(model, tiny_base, tmp_path / "merged")
    for name in ("model.safetensors", "config.json", "chat_template.jinja", "base.json"):
        assert (merged / name).read_bytes() == (model / name).read_bytes()
    assert not (merged / "metrics.jsonl").exists()
    assert loaded(merge(model, tiny_base, tmp_path / "half", dtype="float16")).dtype == torch.float16
    shutil.copy(model / "config.json", model / "adapter_config.json")
    with pytest.raises(RequestError, match="holds both a model and an adapter"):
        merge(model, tiny_base, tmp_path / "other")


def test_a_model_that_was_trained_in_full_lies_where_a_merged_one_does_without_a_second_copy(
    tiny_base, tiny_rows, tmp_path
):
    model, out = tmp_path / "trained", tmp_path / "merged"
    train(tiny_rows, tiny_base, model, TrainingConfig(num_epochs=1, bf16=False))
    out.mkdir()
    (out / "old").touch()
    link_model(model, out)
    assert (out / "model.safetensors").samefile(model / "model.safetensors")
    whole = merge(model, tiny_base, tmp_path / "copied")
    assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in whole.iterdir())
    shutil.copy(model / "model.safetensors", tmp_path / "before")
    train(tiny_rows, tiny_base, model, TrainingConfig(num_epochs=2, bf16=False))
    assert (out / "model.safetensors").read_bytes() == (tmp_path / "before").read_bytes()


def test_what_is_no_whole_model_is_not_put_there(trained, tmp_path):
    with pytest.raises(SlingshotError, match="no model.safetensors in this folder; train again"):
        link_model(trained, tmp_path / "merged")
    assert not (tmp_path / "merged").exists()


# What goes wrong on the way.


def test_a_folder_without_an_adapter_is_refused(tiny_base, tmp_path):
    with pytest.raises(RequestError, match="no adapter_model.safetensors in this folder; train first"):
        merge(tmp_path, tiny_base, tmp_path / "merged")


def test_what_is_there_already_is_not_replaced_unasked(tiny_base, trained, tmp_path):
    out = tmp_path / "merged"
    out.mkdir()
    merge(trained, tiny_base, out)
    (out / "old").touch()
    with pytest.raises(
        RequestError, match="merged is there already; remove it, or name another folder with --out"
    ):
        merge(trained, tiny_base, out)
    assert (out / "old").exists()
    merge(trained, tiny_base, out, replace=True)
    assert not (out / "old").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["merged"]
    for place in (tiny_base, tiny_base.parent, trained):
        with pytest.raises(RequestError, match="would take the place of"):
            merge(trained, tiny_base, place, replace=True)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (
            "model-00002-of-00002.safetensors",
            r"model-00002-of-00002\.safetensors is not there, and model\.safetensors\.in",
        ),
        (
            "model-00001-of-00002.safetensors cut",
            r"model-00001-of-00002\.safetensors: cannot be read \(.+\); fetch or",
        ),
        ("model.safetensors.index.json cut", r"model\.safetensors\.index\.json: no index of weights"),
        ("adapter_model.safetensors cut", r"adapter_model\.safetensors: cannot be read"),
        ("adapter_config.json cut", r"adapter_config\.json: not the settings of an adapter"),
    ],
)
def test_missing_and_broken_files_are_named_and_nothing_is_left_behind(tmp_path, broken, words):
    base = write_base(tmp_path / "base", "Llama", shard_size="50KB")
    adapter = write_adapter(tmp_path / "adapter", base, target_modules=["q_proj"])
    name, _, cut = broken.partition(" ")
    path = (adapter if name.startswith("adapter") else base) / name
    if cut:
        path.write_bytes(path.read_bytes()[:-9])
    else:
        path.unlink()
    with pytest.raises(SlingshotError, match=words):
        merge(adapter, base, tmp_path / "merged")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["adapter", "base"]


_PEAK = """
import resource, sys
from pathlib import Path
from slingshot.training.merge import merge

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

small, large = map(Path, sys.argv[1:])
merge(small / "adapter", small / "base", small / "merged")  # imports all that is needed
before = peak()
merge(large / "adapter", large / "base", large / "merged")
print(peak() - before)
"""


def test_memory_stays_at_a_part_of_one_shard_however_large_the_model(tmp_path):
    small, large = tmp_path / "small", tmp_path / "large"
    write_base(small / "base", "Llama", shard_size="20KB")
    sizes = {"hidden_size": 768, "intermediate_size": 2048, "num_hidden_layers": 9, "head_dim": 192}
    write_base(large / "base", "Llama", shard_size="60MB", **sizes)
    for folder in (small, large):
        write_adapter(folder / "adapter", folder / "base", target_modules=ALL)
    shards = [path.stat().st_size for path in (large / "base").glob("*.safetensors")]
    assert len(shards) >= 4
    command = [sys.executable, "-c", _PEAK, small, large]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    peak = int(done.stdout)
    assert peak < 1.5 * max(shards) + 20e6 < 0.5 * sum(shards)
