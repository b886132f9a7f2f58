"""A run that asks more than it must: variants of what was trained on, and other forms of the tuned model."""

import json
import subprocess
import sys

import pytest

from tiny_families import write_tiny_family
from tiny_suite import RECIPE, write_suite

pytestmark = pytest.mark.loop

MORE = "benchmark: {variants: true, forms: [adapter, merged, f16], "
TUNED = ["small.Q8_0", "small.adapter", "small.merged", "small.f16"]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The run's folder and its verdict."""
    folder = tmp_path_factory.mktemp("forms")
    write_suite(folder)
    write_tiny_family(folder / "base", "llama", width=64)
    (folder / "small.yml").write_text(RECIPE.replace("benchmark: {", MORE))
    command = [sys.executable, "-m", "slingshot", "run", "small.yml", "--format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    return folder / "runs" / "small", json.loads(done.stdout)


def test_every_form_is_asked_the_same_and_stands_in_the_verdict(whole):
    _, verdict = whole
    kinds = {model["name"]: model["kind"] for model in verdict["models"]}
    assert kinds == {"base.Q8_0": "base"} | dict(
        zip(TUNED, ("gguf", "adapter", "merged", "gguf"), strict=True)
    )
    for model in verdict["models"]:
        assert model["scores"]["all"]["samples"] == 2 * (4 + 3)
        assert len(model["file_sha256"]) == 64
    assert len({model["file_sha256"] for model in verdict["models"]}) == 5
    assert {c["a"] for c in verdict["comparisons"]} == set(TUNED)


def test_variants_of_what_was_trained_on_are_asked_and_count_to_their_plain_forms(whole):
    _, verdict = whole
    per_task = verdict["models"][1]["per_task"]
    variants = {name: task for name, task in per_task.items() if task["split"] == "variant"}
    assert {name: task["variant_of"] for name, task in variants.items()} == {
        f"{name}_paraphrase": name for name in ("double_it", "first_of", "negate_it")
    }
    assert verdict["models"][1]["scores"]["variant"]["tasks"] == 3


def test_no_variant_is_trained_on(whole):
    run, _ = whole
    assert "paraphrase" not in (run / "dataset" / "train.jsonl").read_text()


def test_the_forms_are_compared_with_each_other_before_they_are_asked(whole):
    run, _ = whole
    compared = json.loads((run / "parity.json").read_text())
    assert {"merged", "Q8_0", "f16"} == {one["form"] for one in compared["agreements"]}
