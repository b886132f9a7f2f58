"""A run on recordings that others made: their test cases, answers to learn from, very messages, and references."""

import json
import subprocess
import sys

import pytest

from recorded import PASSED
from slingshot.models.conversation import Conversation
from slingshot.recordings.files import Sample, hash_of_messages, write_conversation, write_evaluation
from slingshot.suite import load_suite
from tiny_families import write_tiny_family
from tiny_suite import RECIPE, SUITE, write_suite

pytestmark = pytest.mark.loop

CHANGES = (
    ("suite: suite", "recordings: made\nreferences: [giant/one]"),
    ("prompts: [AsIs]", "prompts: [Politely]"),
    ("{per_task: 2}", "{per_task: 2, models: [scholar], solutions: [{suite: more, variants: true}]}"),
)
# Right, but a judge that splices code into a string in three quotes cannot parse it.
DOCUMENTED = '"""\n    What was asked.\n"""\n'


def politely(case):
    """What the recordings' models were asked: in words that no template of ours has."""
    words = f"Please: {case.prompt} Such as `{case.examples[0]}`."
    return [{"role": "system", "content": "Be kind."}, {"role": "user", "content": words}]


def write_recordings(folder):
    """Answers of a scholar, to learn from, and of a giant, who answers `halve_it` in another way of asking too."""
    write_suite(folder)
    (folder / "suite").rename(folder / "made")
    for case in load_suite(folder / "made"):
        bodies = SUITE[case.name][3] or ["(x) = x / 2"]
        answers = [("scholar", body, politely(case), "") for body in bodies]
        answers += [("giant/one", bodies[0], politely(case), before) for before in ("", DOCUMENTED)]
        if case.name == "halve_it":
            answers.append(("giant/one", "(x) = nothing", [{"role": "user", "content": case.prompt}], ""))
        for index, (model, body, messages, before) in enumerate(answers):
            sample = Sample(model, case.name, "Politely", index)
            said = Conversation(messages, f"```julia\n{before}{case.name}{body}\n```", (9, 9), 1.0, "stop")
            path = write_conversation(folder / "made", sample, said)
            write_evaluation(path, case, sample, said, PASSED)


def write_more(folder):
    """Another suite: a test case `triple_it` with a solution, which is learned from and never asked."""
    place = folder / "more" / "numbers" / "triple_it"
    (place / "solutions").mkdir(parents=True)
    text = (folder / "made" / "numbers" / "double_it" / "definition.toml").read_text()
    (place / "definition.toml").write_text(
        text.replace("double_it", "triple_it").replace("== 6", "== 9").replace("(x) = 1", "(x) = 3x")
    )
    (place / "solutions" / "times.jl").write_text("triple_it(x) = 3x\n")


def slingshot(folder, *options):
    command = [sys.executable, "-m", "slingshot", "run", "small.yml", "--format", "json", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The run's folder, its verdict, and what it said."""
    folder = tmp_path_factory.mktemp("references")
    write_recordings(folder)
    write_more(folder)
    write_tiny_family(folder / "base", "llama", width=64)
    text = RECIPE
    for old, new in CHANGES:
        assert old in text
        text = text.replace(old, new)
    (folder / "small.yml").write_text(text)
    done = slingshot(folder)
    assert done.returncode == 0, done.stderr
    return folder / "runs" / "small", json.loads(done.stdout), done.stderr


def conversations(folder):
    return [json.loads(path.read_text()) for path in sorted(folder.rglob("conversation__*.json"))]


def test_models_are_asked_the_very_messages_of_the_recordings(whole):
    run, _, _ = whole
    asked = {
        hash_of_messages([{"role": {"systemmessage": "system"}.get(m["_type"], "user"), "content": m["content"]} for m in talk[:-1]])
        for talk in conversations(run / "recordings" / "benchmark")
    }  # fmt: skip
    assert asked == {hash_of_messages(politely(case)) for case in load_suite(run.parents[1] / "made")}


def test_rows_come_from_recordings_and_from_solutions_of_other_suites_in_the_same_words(whole):
    run, _, _ = whole
    rows = [json.loads(line) for line in (run / "dataset" / "train.jsonl").read_text().splitlines()]
    sources = {(row["test_case"], row["source"]) for row in rows}
    learned = {(name, "scholar") for name in ("double_it", "first_of", "negate_it")}
    more = {("triple_it", "suite-authors"), ("triple_it_paraphrase", "suite-authors")}
    assert sources == learned | more
    (triple,) = (row for row in rows if row["test_case"] == "triple_it")
    said = [turn["value"] for turn in triple["conversations"]]
    assert said[0] == "Be kind."
    assert said[1].startswith("Please: Write a function `triple_it(x)`")
    assert said[1].endswith("Such as `triple_it(3)`.")


def test_references_are_judged_again_on_the_same_messages_in_both_modes(whole):
    run, verdict, said = whole
    giant = next(model for model in verdict["models"] if model["name"] == "giant/one")
    assert giant["kind"] == "recorded"
    assert giant["scores"]["all"]["mean"] == 100
    assert giant["scores"]["all"]["samples"] == 2 * 4
    otherwise = verdict["judged_otherwise"]
    assert otherwise["mode"] == "leaderboard"
    assert otherwise["scores"]["giant/one"]["all"]["mean"] == 50
    assert otherwise["recorded"]["giant/one"]["all"]["mean"] == 100
    assert set(otherwise["scores"]) == {model["name"] for model in verdict["models"]}
    assert {c["on"] for c in verdict["comparisons"] if c["b"] == "giant/one"} == {"all", "seen", "held_out"}
    assert "left out: 1 recorded answers of references to other messages than ours" in said
    assert "[11/12] references" in said
    copies = (run / "recordings" / "references").rglob("evaluation__*.json")
    assert {json.loads(path.read_text())["slingshot"]["mode"] for path in copies} == {"default"}


def test_page_card_and_terminal_show_all_three_judgements(whole):
    run, _, _ = whole
    for name in ("report.html", "verdict.md"):
        text = (run / name).read_text()
        assert "The same answers, judged otherwise" in text
        assert "in mode leaderboard" in text
        assert "Only scores of one column compare" in text
    command = [sys.executable, "-m", "slingshot", "verdict", str(run)]
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert shown.returncode == 0, shown.stderr
    assert "The same answers, judged otherwise: score" in shown.stdout
    assert "of giant/one" in " ".join(shown.stdout.split())


def test_run_again_nothing_is_done_twice(whole):
    run, verdict, _ = whole
    again = slingshot(run.parents[1])
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("already done") == 12
    assert json.loads(again.stdout) == verdict


def test_recordings_may_lie_elsewhere_on_this_machine(whole, tmp_path):
    run, _, _ = whole
    folder = run.parents[1]
    (tmp_path / "small.yml").write_text(
        (folder / "small.yml").read_text().replace("recordings: made", "recordings: nowhere")
    )
    missing = slingshot(tmp_path)
    assert missing.returncode == 2
    assert (
        "recordings: nowhere is no folder; get one, or say with --recordings where it lies" in missing.stderr
    )
    unknown = (folder / "small.yml").read_text().replace("giant/one", "gaint/one")
    (folder / "misspelt.yml").write_text(unknown)
    command = [sys.executable, "-m", "slingshot", "run", "misspelt.yml", "--recordings", "made"]
    refused = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert refused.returncode == 2
    assert "references: no recordings of gaint/one; did you mean giant/one?" in refused.stderr
