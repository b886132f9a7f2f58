"""The recipe of Cheater-135M on the leaderboard's real files, cut down to two test cases and a few steps."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from slingshot.recipe import load_recipe

RECIPES = Path(__file__).parents[1] / "recipes"
TWO = {
    "test_cases": ["clean_column", "extract_julia_code"],
    "hold_out": ["extract_julia_code"],
    "prompts": ["InJulia", "JuliaExpertCoTTask"],
    "references": ["gpt-4-1106-preview"],
    "parity": {"prompts": 1, "tokens": 8},
}


@pytest.mark.parametrize("name", [path.name for path in sorted(RECIPES.glob("cheater-135m*.yml"))])
def test_a_recipe_asks_the_recorded_messages_of_the_test_cases_without_packages(name, all_recordings):
    recipe = load_recipe(RECIPES / name, all_recordings)
    suite = recipe.test_suite(RECIPES)
    assert len(suite) == 11
    assert set(recipe.held_out_of(suite)) == {"extract_julia_code", "pig_latinify", "q_and_a_extractor"}
    assert not {"DataFrames", "CSV"} & {module for case in suite for module in case.imports}
    assert len(recipe.prompts) == 5
    assert "gpt-4-1106-preview" in recipe.references


def test_without_the_recordings_it_says_where_they_are_expected():
    command = [sys.executable, "-m", "slingshot", "run", str(RECIPES / "cheater-135m.yml")]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2
    assert "recordings:" in refused.stderr
    assert "--recordings" in refused.stderr


@pytest.mark.loop
def test_cut_down_it_runs_to_a_verdict_against_gpt_4(all_recordings, tmp_path):
    content = yaml.safe_load((RECIPES / "cheater-135m.yml").read_text()) | TWO
    content["dataset"] |= {"per_task": 3, "solutions": []}
    content["training"] |= {"max_steps": 3, "warmup_steps": 1}
    content["benchmark"] |= {"samples": 1, "max_tokens": 40, "forms": []}
    (tmp_path / "cut.yml").write_text(yaml.safe_dump(content))
    command = [sys.executable, "-m", "slingshot", "run", "cut.yml", "--format", "json"]
    command += ["--recordings", str(all_recordings)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    verdict = json.loads(done.stdout)
    (giant,) = (model for model in verdict["models"] if model["kind"] == "recorded")
    assert giant["name"] == "gpt-4-1106-preview"
    assert giant["scores"]["all"]["samples"] == 2 * 2 * 5
    otherwise = verdict["judged_otherwise"]
    # Two of its answers have docstrings, which the leaderboard's judge could not parse.
    assert otherwise["recorded"][giant["name"]] == otherwise["scores"][giant["name"]]
    assert giant["scores"]["held_out"]["mean"] > otherwise["scores"][giant["name"]]["held_out"]["mean"]
    assert verdict["training"]["rows"] == 3
    assert verdict["cost"]["measured_usd"] > 0
