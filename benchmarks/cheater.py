"""What each setting of `recipes/cheater-135m.yml` does: one changed at a time, each trained, asked and judged.

Every setting is the recipe with a few keys changed. The base model is asked once; each setting's model is asked the
same questions with the same seeds and judged by the same judge, so that differences are paired. Nothing is done
twice: stop it and go on, or add settings. Run it with

    .venv/bin/python benchmarks/cheater.py --recordings DIR/code_generation [--samples N] [--json] [SETTING …]
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

from slingshot.dataset import read_rows
from slingshot.judge import extract_code
from slingshot.progress import say
from slingshot.recipe import Recipe, Solutions, load_recipe
from slingshot.recordings.load import load_recordings
from slingshot.run import Run, make_judge
from slingshot.run.learning import choose_rows, get_base, put_down_solutions, train_model
from slingshot.run.measuring import ask_models_of, judge_answers
from slingshot.run.shipping import merge_adapter, quantize_models
from slingshot.verdict import CostFacts, ModelUnderTest, TrainingFacts, build_verdict
from slingshot.verdict.wording import points, shares

RECIPE = Path(__file__).parents[1] / "recipes" / "cheater-135m.yml"
JULIA = Solutions(suite="julia", prompts=["InJulia"])
Changes = dict[str, dict[str, Any]]
SETTINGS: dict[str, Changes] = {
    "recipe": {},
    "diverse": {"dataset": {"strategy": "diverse"}},
    "shortest": {"dataset": {"strategy": "shortest"}},
    "10 rows": {"dataset": {"per_task": 10, "per_prompt": 2}},
    "50 rows": {"dataset": {"per_task": 50, "per_prompt": 10}},
    "no limit per prompt": {"dataset": {"per_prompt": None}},
    "1 epoch": {"training": {"num_epochs": 1}},
    "2 epochs": {"training": {"num_epochs": 2}},
    "4 epochs": {"training": {"num_epochs": 4}},
    "full": {"training": {"adapter": None, "learning_rate": 2e-4}},
    "no other suite": {"dataset": {"solutions": []}},
    "other suite, no variants": {"dataset": {"solutions": [JULIA]}},
}


def main() -> None:
    """Train, ask and judge what is named, and print the table of all that is done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("settings", nargs="*", metavar="SETTING", help=", ".join(SETTINGS))
    parser.add_argument("--recordings", type=Path, required=True, help="the leaderboard's recordings")
    parser.add_argument(
        "--out", type=Path, default=Path("runs/cheater-settings"), help="a run for each setting"
    )
    parser.add_argument("--samples", type=int, default=2, help="answers to each question")
    parser.add_argument("--json", action="store_true", help="one JSON value on standard output")
    given = parser.parse_args()
    if unknown := [name for name in given.settings if name not in SETTINGS]:
        parser.error(f"unknown setting {unknown[0]!r}; there are: {', '.join(SETTINGS)}")
    plain = load_recipe(RECIPE, given.recordings)
    names = list(
        dict.fromkeys(["recipe", *(given.settings or SETTINGS)])
    )  # its run has the base model's answers
    rows, base = list[dict[str, Any]](), pl.DataFrame()
    for name in names:
        run = work_on(name, changed(plain, name, SETTINGS[name], given.samples), given.out)
        frame = load_recordings(run.folder / "recordings" / "benchmark")
        if name == "recipe":
            base = frame.filter(pl.col("model") == run.files["base"].stem)
        else:
            frame = pl.concat([frame, base])
        rows.append(measured(name, run, frame, base["model"][0]))
    if given.json:
        json.dump({"samples": given.samples, "settings": rows}, sys.stdout)
    else:
        Console().print(table(rows))


def changed(plain: Recipe, name: str, changes: Changes, samples: int) -> Recipe:
    """The recipe of a setting."""
    update: dict[str, Any] = {"name": name.replace(" ", "-"), "references": []}
    for section, keys in changes.items():
        update[section] = getattr(plain, section).model_copy(update=keys)
    update["benchmark"] = plain.benchmark.model_copy(update={"samples": samples, "forms": []})
    return plain.model_copy(update=update)


def work_on(name: str, recipe: Recipe, out: Path) -> Run:
    """A setting's model trained, quantized, asked and judged; beside the recipe's own the base model too."""
    say(f"--- {name}")
    folder = RECIPE.parent
    suite, by = recipe.test_suite(folder), make_judge(recipe.judge, folder)
    run = Run(recipe, (out / recipe.name).absolute(), suite, by, recorded=Path(str(recipe.recordings)))
    if recipe.dataset.solutions:
        put_down_solutions(run, folder)
    choose_rows(run, folder)
    base = get_base(run, folder)
    train_model(run, base, folder)
    merge_adapter(run, base)
    run.files = quantize_models(run, base, ("base", "tuned") if name == "recipe" else ("tuned",))
    ask_models_of(run)
    judge_answers(run)
    return run


def measured(name: str, run: Run, frame: pl.DataFrame, base: str) -> dict[str, Any]:
    """What a setting's model scores, beside the base model's answers to the same questions."""
    tuned = run.files["tuned"].stem
    trained = run.manifests["train"]["facts"]
    verdict = build_verdict(
        frame,
        [ModelUnderTest(base, "base"), ModelUnderTest(tuned, "gguf")],
        run.seen,
        run.held_out,
        [row.answer for row in read_rows(run.folder / "dataset" / "train.jsonl")],
        TrainingFacts(),
        CostFacts(),
        extract=extract_code,
    )
    model = verdict.tuned
    assert model
    compared = verdict.comparison(model, verdict.base, "held_out")
    return {
        "setting": name,
        "rows": trained["rows"],
        "tokens": trained["tokens_total"],
        "training_seconds": round(trained["seconds"], 1),
        "final_loss": round(trained["final_loss"], 4),
        "scores": {split: score.model_dump() for split, score in model.scores.items()},
        "verbatim": {split: found.verbatim_rate for split, found in model.memorization.items()},
        "held_out_against_base": compared.model_dump() if compared else None,
    }


def table(rows: Sequence[dict[str, Any]]) -> Table:
    """A line for each setting, intervals over test cases in brackets."""
    shown = Table(
        "setting", "rows", "training, s", "all", "seen", "held out", "held out, solved", "verbatim, seen"
    )
    for row in rows:
        scores = row["scores"]
        three = [
            points(*(scores[split][key] for key in ("mean", "low", "high")))
            for split in ("all", "seen", "held_out")
        ]
        solved = shares(*(scores["held_out"][key] for key in ("solved", "solved_low", "solved_high")))
        verbatim = f"{100 * row['verbatim'].get('seen', 0):.0f} %"
        shown.add_row(
            row["setting"], str(row["rows"]), f"{row['training_seconds']:.0f}", *three, solved, verbatim
        )
    return shown


if __name__ == "__main__":
    main()
