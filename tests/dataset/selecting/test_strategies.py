"""In which order answers are considered, and which are chosen."""

import json
import os
import random
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chosen import answered_at, answers, build, program
from slingshot.dataset import Given, Selection, build_dataset
from slingshot.dataset.normalize import code_tokens
from slingshot.dataset.selecting.candidates import comparable, qualified
from slingshot.dataset.selecting.strategies import choose, fair_share, in_order, most_diverse
from slingshot.dataset.shingles import jaccard, shingles
from slingshot.judge import Evaluation
from slingshot.recordings.load import load_recordings

FAILED = Evaluation(True, True, 2, 4, 2, 2, "tests_failed")


def original(folder, **selection):
    frame = load_recordings(folder / "code_generation")
    chosen = Selection(strategy="original", **selection)
    return build_dataset(frame, folder / "out", chosen, (), Given())


def places(built):
    """The files of the chosen rows, as they were named when they were recorded."""
    lines = (built.out / "sources.jsonl").read_text().splitlines()
    return [line.split("code_generation/")[1].split('"')[0].split("__")[-1] for line in lines]


def test_original_takes_preferred_models_first_then_fewer_tokens(tmp_path):
    answered_at(tmp_path, "double/a/1", 30, model="paid-b")
    answered_at(tmp_path, "double/b/2", 5, model="free")
    answered_at(tmp_path, "double/c/3", 40, model="paid-a")
    answered_at(tmp_path, "double/d/4", 10, model="free")
    built = original(tmp_path, prefer_models=["paid-a", "paid-b"])
    assert [row.source for row in built.rows] == ["paid-b", "paid-a", "free", "free"]
    assert places(built) == ["1.json", "3.json", "2.json", "4.json"]


def test_original_breaks_ties_by_the_walk_through_the_folders(tmp_path):
    # A walk lists `gpt` before `gpt-4`, although the text `gpt-4/…` comes before `gpt/…`, and a folder's files
    # before what lies in its folders.
    for place in ("double/gpt-4/1", "double/gpt/2", "double/org/large/3", "double/org/4"):
        answered_at(tmp_path, place, 10)
    assert places(original(tmp_path)) == ["2.json", "1.json", "4.json", "3.json"]


def test_original_keeps_copies_and_what_was_cut_off(tmp_path):
    for number in range(3):
        answered_at(tmp_path, f"double/m/{number}", 10)
    built = original(tmp_path)
    assert len(built.rows) == 3
    assert len(set(answers(built.rows))) == 1
    assert built.card["distinct_code"] == 1


def test_original_groups_by_test_case_in_the_order_of_first_candidates(tmp_path):
    answered_at(tmp_path, "double/m/1", 30)
    answered_at(tmp_path, "triple/m/2", 10)
    answered_at(tmp_path, "halve/m/3", 20)
    answered_at(tmp_path, "triple/m/4", 40)
    answered_at(tmp_path, "double/m/5", 50, evaluation=FAILED)
    rows = original(tmp_path).rows
    assert [row.test_case for row in rows] == ["triple", "triple", "halve", "double"]


def test_original_takes_the_first_of_each_test_case(tmp_path):
    for number in range(6):
        answered_at(tmp_path, f"double/m/{number}", 60 - number, model="paid" if number < 2 else "free")
    assert places(original(tmp_path, per_task=3, prefer_models=["paid"])) == ["1.json", "0.json", "5.json"]


def test_shortest_is_the_same_without_copies_and_whatever_the_time_of_recording(tmp_path):
    answered_at(tmp_path, "double/m/1", 30, program(2))
    answered_at(tmp_path, "double/m/2", 10, program(3))
    answered_at(tmp_path, "double/m/3", 10, program(3) + "\n")
    answered_at(tmp_path, "double/m/4", 10, program(4))
    rows = build(tmp_path / "code_generation", tmp_path / "out", strategy="shortest").rows
    assert answers(rows) == [program(3), program(4), program(2)]


def candidates(rows):
    """A frame of candidates of one test case: pairs of code, label and model."""
    frame = pl.DataFrame(
        [("t", code, label, model) for code, label, model in rows],
        schema=["test_case", "code", "prompt_label", "model"],
        orient="row",
    )
    return frame, {code: shingles(code_tokens(code)) for code, _, _ in rows}


def test_diverse_starts_with_the_first_and_goes_on_with_what_is_least_like_the_chosen():
    programs = ["a = 1 + 2 + 3", "a = 1 + 2 + 4", "f(x) = sqrt(x) * 7", "a = 1 + 2 + 5"]
    frame, sets = candidates([(code, "L", "m") for code in programs])
    assert most_diverse(frame, 2, sets) == [0, 2]
    assert set(most_diverse(frame, 9, sets)) == {0, 1, 2, 3}


def test_diverse_gives_labels_and_models_their_fair_share():
    rows = [(f"f(x) = {n} + x * {n}", "often", "big") for n in range(20)]
    rows += [(f"g(y) = {n} / y", "seldom", "small") for n in range(3)]
    rows += [(f"h(z) = {n} - z", "often", "small") for n in range(4)]
    frame, sets = candidates(rows)
    chosen = frame[most_diverse(frame, 8, sets)]
    assert Counter(chosen["prompt_label"]) == {"often": 5, "seldom": 3}
    assert Counter(chosen["model"]) == {"big": 4, "small": 4}


@given(st.lists(st.integers(0, 30), max_size=8), st.integers(0, 60))
def test_the_fair_share_is_the_smallest_that_gives_enough(sizes, count):
    cap = fair_share(sizes, count)
    wanted = min(count, sum(sizes))
    assert sum(min(size, cap) for size in sizes) >= wanted
    assert not cap or sum(min(size, cap - 1) for size in sizes) < wanted


@given(st.lists(st.sampled_from(["a", "b", "a + b", "a * b + c"]), min_size=1, max_size=8), st.integers(1, 8))
@settings(deadline=None)
def test_diverse_chooses_each_row_once_and_as_many_as_there_are(programs, count):
    frame, sets = candidates([(code, "L", "m") for code in programs])
    chosen = most_diverse(frame, count, sets)
    assert len(chosen) == len(set(chosen)) == min(count, len(programs))


def test_on_real_answers_diverse_is_less_alike_than_shortest_at_the_same_size(leaderboard):
    frame = load_recordings(leaderboard).filter(pl.col("score") == 100)
    similarity, grams, sizes = {}, {}, {}
    for strategy in ("shortest", "diverse"):
        selection = Selection(strategy=strategy)
        found = qualified(comparable(frame, selection, {}), selection)
        chosen = choose(found.frame, strategy, 50, found.shingles)
        sets = [found.shingles[code] for code in chosen.filter(pl.col("test_case") == "ispersonal")["code"]]
        pairs = [jaccard(a, b) for i, a in enumerate(sets) for b in sets[:i]]
        similarity[strategy] = sum(pairs) / len(pairs)
        grams[strategy] = len(frozenset().union(*sets))
        sizes[strategy] = chosen.height
    assert sizes["diverse"] == sizes["shortest"]
    assert similarity["diverse"] < 0.9 * similarity["shortest"]
    assert grams["diverse"] > 1.3 * grams["shortest"]


def test_the_order_of_the_frame_decides_nothing(leaderboard):
    frame = load_recordings(leaderboard).filter(pl.col("test_case") == "event_scheduler")
    for strategy in ("original", "shortest", "diverse"):
        selection = Selection(strategy=strategy)
        chosen = []
        for seed in range(2):
            shuffled = frame.sample(fraction=1, shuffle=True, seed=seed)
            found = qualified(comparable(shuffled, selection, {}), selection)
            chosen.append(choose(found.frame, strategy, 20, found.shingles)["path"].to_list())
        assert chosen[0] == chosen[1]


@pytest.mark.parametrize("strategy", ["shortest", "diverse"])
def test_unknown_token_counts_come_last(strategy):
    rows = [(-1, "b"), (0, "c"), (12, "a"), (3, "d")]
    frame = pl.DataFrame(
        [("m", tokens, answer, "L", 0, "p") for tokens, answer in random.sample(rows, 4)],
        schema=["model", "tokens_answer", "answer", "prompt_label", "sample", "place"],
        orient="row",
    )
    assert in_order(frame, strategy, [])["answer"].to_list() == ["d", "a", "b", "c"]


def test_original_is_what_a_plain_walk_through_the_files_gives(leaderboard, tmp_path):
    """The published selection in a few lines, without any code of ours, over the leaderboard's own files."""
    listed = {"gpt-3.5-turbo", "gpt-4-1106-preview", "mistral-medium"}
    found = []
    for place, folders, files in os.walk(leaderboard):
        folders.sort()
        for name in sorted(file for file in files if file.startswith("evaluation__")):
            evaluation = json.loads(Path(place, name).read_text())
            tests = evaluation["unit_tests_passed"] == evaluation["unit_tests_count"]
            runs = evaluation["examples_executed"] == evaluation["examples_count"]
            if evaluation["parsed"] and evaluation["executed"] and tests and runs:
                found.append((evaluation, Path(place, name.replace("evaluation__", "conversation__"))))
    found = [(e, path) for e, path in found if e["name"] != "ispersonal"]
    found.sort(key=lambda pair: (pair[0]["model"] not in listed, pair[0]["tokens"][1]))
    groups = {}
    for evaluation, path in found:
        groups.setdefault(evaluation["name"], []).append(path)
    expected = [[m["content"] for m in json.loads(p.read_text())] for g in groups.values() for p in g[:50]]

    selection = Selection(strategy="original", prefer_models=sorted(listed))
    rows = build_dataset(load_recordings(leaderboard), tmp_path, selection, ["ispersonal"]).rows
    assert len(rows) == 100
    assert [[message["content"] for message in row.messages] for row in rows] == expected
