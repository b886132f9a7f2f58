"""`slingshot merge`: what is written where, what is said, and what is refused."""

import json

import pytest

from command import refused, slingshot
from slingshot.judge.bubblewrap import find_bubblewrap
from slingshot.training.base_record import record_base, write_base_record
from tiny_model import write_tiny_adapter, write_tiny_model


@pytest.fixture
def run(tmp_path):
    """A folder with a base, and an adapter that knows it."""
    base = write_tiny_model(tmp_path / "base")
    write_base_record(record_base(base, str(base)), write_tiny_adapter(tmp_path / "adapter", base))
    return tmp_path


def test_an_adapter_is_merged_into_the_base_that_it_names_beside_itself(run):
    done = slingshot("merge", run / "adapter", "--dtype", "bfloat16")
    assert done.returncode == 0, done.stderr
    assert "Changed 14 of 20 tensors; every sum was made in float32." in done.stderr
    assert f"Wrote {run / 'merged'}.\n" in done.stderr
    assert f"Next: slingshot gguf {run / 'merged'} --out gguf" in done.stderr
    assert json.loads((run / "merged" / "config.json").read_text())["dtype"] == "bfloat16"
    refused(slingshot("merge", run / "adapter"), 2, "merged is there already", "--out")


def test_another_base_is_refused_with_exit_code_2(run):
    write_tiny_model(run / "other", initializer_range=0.03)
    done = slingshot("merge", run / "adapter", "--base", run / "other", "--out", run / "out")
    refused(done, 2, "was trained on another base model", "model.safetensors", f"trained on, {run / 'base'}")
    assert not (run / "out").exists()


def test_a_full_disk_is_one_sentence_and_leaves_nothing(run):
    (run / "disk").mkdir()
    prefix = [find_bubblewrap(), "--dev-bind", "/", "/", "--size", 20_000, "--tmpfs", run / "disk"]
    done = slingshot("merge", run / "adapter", "--out", run / "disk/merged", prefix=[str(x) for x in prefix])
    refused(done, 1, f"could not write {run / 'disk/merged'}: No space left on device")
