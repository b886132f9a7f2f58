"""`slingshot merge`: what is written where, what is said, and what is refused."""

import json

import pytest
from typer.testing import CliRunner

from command import refused, slingshot
from slingshot.cli import app
from slingshot.errors import RequestError
from slingshot.judge.bubblewrap import find_bubblewrap
from slingshot.training.base_record import record_base, write_base_record
from tiny_model import write_tiny_adapter, write_tiny_model


@pytest.fixture
def run(tmp_path):
    """A folder with a base, and an adapter that knows it."""
    base = write_tiny_model(tmp_path / "base")
    write_base_record(record_base(base, str(base)), write_tiny_adapter(tmp_path / "adapter", base))
    return tmp_path


def merge(*arguments):
    """The verb in this process, which has its libraries loaded already."""
    done = CliRunner().invoke(app, ["merge", *map(str, arguments)])
    if done.exception:
        raise done.exception
    return done


def test_an_adapter_is_merged_beside_itself_into_the_base_that_it_names(run):
    done = merge(run / "adapter", "--dtype", "bfloat16")
    assert done.stderr.splitlines() == [
        "  merged: 1 of 1, MB",
        "Changed 14 of 21 tensors; every sum was made in float32.",
        f"Wrote {run / 'merged'}.",
        f"Next: slingshot gguf {run / 'merged'} --out gguf",
    ]
    assert json.loads((run / "merged" / "config.json").read_text())["dtype"] == "bfloat16"
    with pytest.raises(
        RequestError, match="merged is there already; remove it, or name another folder with --out"
    ):
        merge(run / "adapter")


def test_another_base_is_refused(run):
    write_tiny_model(run / "other", initializer_range=0.03)
    with pytest.raises(
        RequestError, match="was trained on another base model than .*other: model.safetensors has"
    ):
        merge(run / "adapter", "--base", run / "other", "--out", run / "out")
    assert not (run / "out").exists()


def test_a_full_disk_is_one_sentence(run):
    (run / "disk").mkdir()
    prefix = [find_bubblewrap(), "--dev-bind", "/", "/", "--size", 20_000, "--tmpfs", run / "disk"]
    done = slingshot("merge", run / "adapter", "--out", run / "disk/merged", prefix=[str(x) for x in prefix])
    refused(done, 1, f"could not write {run / 'disk/merged'}: No space left on device")
