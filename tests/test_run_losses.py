"""The step that measures losses, on a tiny model and recordings that a line of test makes."""

import json

import pytest

from recorded import doubling, question, record
from slingshot.dataset import Row
from slingshot.recipe import Recipe
from slingshot.run.losses import measure_losses_of_answers, read_losses
from slingshot.run.state import Run
from tiny_model import write_tiny_model

CODES = [
    f"```julia\ndouble(x) = {code}\n```" for code in ("2x", "x + x", "x * 2", "2 * x", "x << 1", "+(x, x)")
]
RECIPE = {
    "name": "small",
    "hold_out": ["other"],
    "prompts": ["InJulia"],
    "base_model": "base",
    "training": {"bf16": False},
}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("tiny") / "base")


@pytest.fixture
def run(base, tmp_path):
    """A run that was trained on the first six programs; its tuned model is the base itself."""
    folder = tmp_path / "runs" / "small"
    (folder / "dataset").mkdir(parents=True)
    (folder / "merged").symlink_to(base)
    messages = question("double")
    rows = [Row([*messages, {"role": "assistant", "content": code}], "double", "InJulia") for code in CODES]
    (folder / "dataset" / "train.jsonl").write_text("".join(row.to_json() + "\n" for row in rows))
    for index, code in enumerate(CODES):
        record(folder / "recordings" / "solutions", code, index=index)
    manifests = {name: {"inputs": {}} for name in ("dataset", "train", "merge")}
    return Run(Recipe.model_validate(RECIPE), folder, [doubling(), doubling("other")], None, manifests)


def test_models_that_are_alike_have_the_same_losses_and_they_are_kept_pair_by_pair(run, base):
    for index in range(5):
        record(
            run.folder / "recordings" / "solutions",
            CODES[0].replace("2x", f"x + x + {index}"),
            index=9 + index,
        )
    measure_losses_of_answers(run, base, run.folder)
    kept = json.loads((run.folder / "losses.json").read_text())
    assert kept["reason"] is None and len(kept["pairs"]) == 5
    losses = read_losses(run.folder)
    assert losses["base"] == losses["tuned"] and losses["base"].trained == losses["base"].untrained == 5
    assert kept["pairs"][0]["trained"]["base"] > 1


def test_without_right_answers_that_were_not_trained_on_no_figure_is_made_up_and_the_reason_is_said(
    run, base, capsys
):
    measure_losses_of_answers(run, base, run.folder)
    assert read_losses(run.folder) == {}
    assert (
        "0 right answers that were not trained on"
        in json.loads((run.folder / "losses.json").read_text())["reason"]
    )
    assert "not measured: 0 right answers that were not trained on" in capsys.readouterr().err


def test_a_run_of_before_this_step_has_no_losses(tmp_path):
    assert read_losses(tmp_path) == {}
