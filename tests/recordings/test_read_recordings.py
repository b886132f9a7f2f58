"""Several folders read at once, leniently: what is wrong with a recording is named, and the others count."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from recorded import record
from slingshot.errors import RequestError, SlingshotError
from slingshot.recordings.files import evaluation_path, hash_of_messages, read_conversation
from slingshot.recordings.load import load_recordings, plain_benchmark, read_recordings


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path_factory.mktemp("cache")))


def change(path: Path, **fields) -> None:
    """Give an evaluation other fields."""
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def only_problem(folder: Path) -> str:
    """What is wrong with the one recording of a folder that cannot be used, the answer `fine` being another."""
    loaded = read_recordings(folder)
    assert loaded.frame["answer"].to_list() == ["fine"]
    (problem,) = loaded.problems
    assert problem.sentence.startswith(f"{problem.path}: ")
    assert "\n" not in problem.sentence
    return problem.sentence


def test_recordings_without_faults_are_those_that_load_recordings_gives(tmp_path):
    for index in range(3):
        record(tmp_path, index=index, model="ab"[index % 2])
    loaded = read_recordings(tmp_path)
    assert loaded.frame.equals(load_recordings(tmp_path))
    assert (loaded.frame.height, loaded.problems, loaded.waiting) == (3, [], 0)


def test_conversations_that_wait_for_a_judge_are_counted_and_no_problem(tmp_path):
    record(tmp_path, "judged")
    for index in range(2):
        record(tmp_path, evaluation=None, index=index)
    loaded = read_recordings(tmp_path, strict=True)
    assert (loaded.frame.height, loaded.problems, loaded.waiting) == (1, [], 2)


def test_a_folder_that_only_waits_is_an_empty_frame(tmp_path):
    record(tmp_path, evaluation=None)
    loaded = read_recordings(tmp_path)
    assert (loaded.frame.height, loaded.waiting) == (0, 1)


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("parsed", 1, "parsed is 1, not true or false"),
        ("unit_tests_count", "4", "unit_tests_count is '4', not a count"),
        ("examples_count", True, "examples_count is True, not a count"),
        ("unit_tests_passed", 3.0, "unit_tests_passed is 3.0, not a count"),
        ("unit_tests_passed", 5, "5 of 4 unit tests passed"),
        ("examples_executed", -1, "-1 of 2 examples executed"),
        ("unit_tests_count", 2**63, "4 of 9223372036854775808 unit tests passed"),
        ("unit_tests_count", 10**30, "unit_tests_count is 1e+30, not a count"),
        ("tokens", [1], "tokens is [1], not a list of two whole numbers"),
        ("tokens", [1, 2.5], "tokens is [1, 2.5], not a list of two whole numbers"),
        ("tokens", None, "tokens is None, not a list of two whole numbers"),
        ("elapsed_seconds", None, "elapsed_seconds is None, not a number"),
        ("elapsed_seconds", float("nan"), "NaN is no number in JSON"),
        ("cost", "0", "cost is '0', not a number"),
        ("cost", 10**400, "OverflowError"),
        ("cost", True, "cost is True, not a number"),
        ("model", None, "model is None, not text"),
        ("parameters", [], "parameters is [], not an object"),
        ("slingshot", None, "slingshot is None, not an object"),
        ("slingshot", {"failure": 3}, "failure is 3, not text"),
    ],
)
def test_a_field_of_another_type_is_a_problem(tmp_path, key, value, reason):
    record(tmp_path, "fine")
    path = evaluation_path(record(tmp_path, "other", index=1))
    change(path, **{key: value})
    sentence = only_problem(tmp_path)
    assert f"{path}: not an evaluation" in sentence
    assert reason in sentence
    with pytest.raises(SlingshotError, match=f"^{re.escape(sentence)}$"):
        load_recordings(tmp_path)


@pytest.mark.parametrize(
    ("change_answer", "reason"),
    [
        ({"content": None}, "the answer is None, not text"),
        ({"tokens": [1, "2"]}, "tokens is [1, '2'], not a list of two whole numbers"),
        ({"finish_reason": 1}, "finish_reason is 1, not text"),
        ({"slingshot": {"sample": "0"}}, "sample is '0', not a whole number"),
        ({"slingshot": {"seed": 2**63}}, "seed is 9223372036854775808, not a whole number"),
        ({"slingshot": []}, "'list' object has no attribute 'get'"),
        ({"_type": "usermessage"}, "there is no answer in it"),
    ],
)
def test_a_conversation_of_another_form_is_a_problem(tmp_path, change_answer, reason):
    record(tmp_path, "fine")
    path = record(tmp_path, "other", index=1)
    messages = json.loads(path.read_text())
    messages[-1] |= change_answer
    path.write_text(json.dumps(messages))
    sentence = only_problem(tmp_path)
    assert f"{path}: not a conversation" in sentence
    assert reason in sentence


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b"9" * 5000])
@pytest.mark.parametrize("which", [evaluation_path, lambda path: path])
def test_content_that_is_no_json_is_a_problem(tmp_path, content, which):
    record(tmp_path, "fine")
    path = which(record(tmp_path, "other", index=1))
    path.write_bytes(content)
    assert only_problem(tmp_path).startswith(f"{path}: not a")


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path):
    record(tmp_path, "fine")
    path = record(tmp_path, "other", index=1)
    path.unlink()
    path.symlink_to(tmp_path / "nowhere")
    assert only_problem(tmp_path).startswith(f"{path}: could not be read: No such file or directory")


def test_an_evaluation_without_its_conversation_is_a_problem(tmp_path):
    record(tmp_path, "fine")
    path = record(tmp_path, "other", index=1)
    path.unlink()
    assert (
        only_problem(tmp_path)
        == f"{evaluation_path(path)}: the conversation that belongs to it is missing; put {path.name} beside it"
    )
    assert load_recordings(tmp_path).height == 1


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"prompt_label": "AsIs"}, "its name says prompt label InJulia, its content AsIs"),
        (
            {"prompt_strategy": "1CODEFIXER__Tiny"},
            "its name says strategy 1SHOT, its content 1CODEFIXER__Tiny",
        ),
        (
            {"timestamp": "20240101_000000__100"},
            r"its name says timestamp \d{8}_\d{6}__\d{3}, its content 20240101_000000__100",
        ),
        (
            {"prompt_label": "A", "prompt_strategy": "B"},
            "its name says prompt label InJulia and strategy 1SHOT, its content A and B",
        ),
    ],
)
def test_a_file_name_that_contradicts_its_evaluation_is_a_problem(tmp_path, fields, fault):
    record(tmp_path, "fine")
    path = evaluation_path(record(tmp_path, "other", index=1))
    change(path, **fields)
    assert re.fullmatch(
        f"{re.escape(str(path))}: {fault}; rename both files of this recording", only_problem(tmp_path)
    )
    assert load_recordings(tmp_path).height == 2, "a name is no reason to stop"


def test_a_file_name_that_says_nothing_is_a_problem(tmp_path):
    record(tmp_path, "fine")
    path = record(tmp_path, "other", index=1)
    content = json.loads(evaluation_path(path).read_text())
    evaluation_path(path).rename(path.with_name("evaluation__mine.json"))
    path.rename(path.with_name("conversation__mine.json"))
    expected = f"evaluation__InJulia__1SHOT__{content['timestamp']}.json"
    assert f"by its content this should be called {expected}" in only_problem(tmp_path)


def test_corrected_answers_have_a_strategy_of_two_words(tmp_path):
    record(tmp_path, strategy="1CODEFIXER__CodeFixerShort")
    loaded = read_recordings(tmp_path, strict=True)
    assert loaded.frame["strategy"].to_list() == ["1CODEFIXER__CodeFixerShort"]


def test_strict_reading_names_the_first_problem_and_counts_them(tmp_path):
    paths = sorted(evaluation_path(record(tmp_path, index=index, model="abc"[index])) for index in range(3))
    for path in paths[1:]:
        path.write_text("{}")
    with pytest.raises(SlingshotError) as caught:
        read_recordings(tmp_path, strict=True)
    assert str(caught.value).startswith(f"{paths[1]}: not an evaluation")
    assert str(caught.value).endswith("(2 such files in all)")
    paths[2].unlink()
    with pytest.raises(SlingshotError, match="remove the file and run again$"):
        read_recordings(tmp_path, strict=True)


def test_problems_come_in_the_order_of_their_paths(tmp_path):
    paths = [record(tmp_path / folder, model=model) for folder in "ba" for model in "nm"]
    for path in paths:
        path.write_text("[]")
    loaded = read_recordings([tmp_path / "b", tmp_path / "a"])
    assert [problem.path for problem in loaded.problems] == sorted(paths)


def test_several_folders_are_one_frame_in_order(tmp_path):
    for folder, model in [("one", "c"), ("two", "a"), ("one", "b"), ("three", "d")]:
        record(tmp_path / folder, model=model)
    loaded = read_recordings([tmp_path / "two", tmp_path / "one"])
    assert loaded.frame["model"].to_list() == ["a", "b", "c"]
    assert loaded.frame.equals(load_recordings(tmp_path).filter(pl.col("model") != "d"))


def test_a_recording_that_is_reached_twice_counts_once(tmp_path, monkeypatch):
    record(tmp_path / "all", model="a")
    record(tmp_path / "all", model="b", evaluation=None)
    record(tmp_path / "all", model="b", index=1).write_text("[]")
    (tmp_path / "link").symlink_to(tmp_path / "all")
    monkeypatch.chdir(tmp_path)
    folders = [
        Path("all/double"),
        Path("all"),
        tmp_path / "all",
        Path("link"),
        Path("all/double/../double/a"),
    ]
    for chosen in (folders, folders[::-1]):
        loaded = read_recordings(chosen)
        assert (loaded.frame.height, len(loaded.problems), loaded.waiting) == (1, 1, 1)


def test_paths_are_written_as_the_folder_was(tmp_path, monkeypatch):
    path = evaluation_path(record(tmp_path / "some"))
    broken = evaluation_path(record(tmp_path / "some", index=1))
    broken.write_text("")
    inside = path.relative_to(tmp_path / "some")
    for folder, here in [(tmp_path / "some", "/"), (Path("some"), tmp_path), (Path(), tmp_path / "some")]:
        monkeypatch.chdir(here)
        loaded = read_recordings(folder)
        assert loaded.frame["path"].to_list() == [str(folder / inside)]
        assert loaded.problems[0].path == folder / broken.relative_to(tmp_path / "some")
    monkeypatch.chdir(path.parent)
    assert read_recordings(Path()).frame["path"].to_list() == [path.name]


def test_folders_without_recordings_are_a_wrong_request(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "evaluation.json").write_text("{}")
    with pytest.raises(RequestError, match=f"^no recordings below {tmp_path}/a, {tmp_path}/b: "):
        read_recordings([tmp_path / "a", tmp_path / "b"])
    record(tmp_path / "a")
    assert read_recordings([tmp_path / "a", tmp_path / "b"]).frame.height == 1


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_folder_that_is_not_there_is_a_wrong_request(tmp_path, name):
    record(tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(RequestError, match=f"^{tmp_path / name}: there is no such folder"):
        read_recordings([tmp_path, tmp_path / name])


def test_folders_may_be_called_like_recordings(tmp_path):
    for name in ("evaluation__x", "conversation__x.json", "m.json"):
        record(tmp_path / name, model=name)
    (tmp_path / "evaluation__y.json").mkdir()
    loaded = read_recordings(tmp_path)
    assert sorted(loaded.frame["model"]) == ["evaluation__x", "m.json"]


def test_a_name_that_is_no_text_does_not_stop_reading(tmp_path):
    path = record(tmp_path, "fine")
    for old in (path, evaluation_path(path)):
        (tmp_path / "\udcff").mkdir(exist_ok=True)
        (tmp_path / "\udcff" / old.name).write_bytes(old.read_bytes())
    assert read_recordings(tmp_path).frame["answer"].to_list() == ["fine", "fine"]


def test_half_characters_become_question_marks_wherever_they_are(tmp_path):
    path = record(tmp_path, "an answer \ud83d")
    messages = json.loads(path.read_text())
    messages[1]["content"] = "a prompt \ud83d"
    path.write_text(json.dumps(messages))
    change(evaluation_path(path), device="a device \ud83d")
    record(tmp_path, "whole", index=1)
    rows = read_recordings(tmp_path, strict=True).frame.select("prompt", "answer", "device").rows()
    assert rows[0] == ("a prompt ?", "an answer ?", "a device ?")
    assert rows[1][:2] == ("In Julia, double.", "whole")


def test_missing_tokens_are_those_of_the_evaluation(tmp_path):
    path = record(tmp_path)
    messages = json.loads(path.read_text())
    del messages[-1]["tokens"]
    path.write_text(json.dumps(messages))
    assert read_recordings(tmp_path).frame.select("tokens_prompt", "tokens_answer").rows() == [(20, 12)]


def test_plain_answers_are_those_of_one_question_and_no_experiment(tmp_path):
    record(tmp_path, model="plain")
    record(tmp_path, model="corrected", strategy="1CODEFIXER__CodeFixerTiny")
    record(tmp_path, model="warm", experiment="temperature")
    frame = read_recordings(tmp_path).frame
    assert frame.height == 3
    assert plain_benchmark(frame)["model"].to_list() == ["plain"]


def test_the_frame_has_what_read_conversation_reads(tmp_path, leaderboard):
    path = record(tmp_path, "second")
    system, user, answer = json.loads(path.read_text())
    rounds = [system, user, {**answer, "content": "first"}, {**user, "content": "Correct it."}, answer]
    path.write_text(json.dumps(rounds))
    folders = [tmp_path, leaderboard / "utility_functions" / "ispersonal"]
    rows = read_recordings(folders, strict=True).frame
    assert rows.height > 1000
    for row in rows.iter_rows(named=True):
        file = Path(row["path"])
        said, extra = read_conversation(file.with_name(file.name.replace("evaluation", "conversation", 1)))
        assert row["answer"] == said.answer
        assert row["prompt_hash"] == hash_of_messages(said.messages)
        assert row["prompt"] == next(m["content"] for m in said.messages if m["role"] == "user")
        assert (row["tokens_prompt"], row["tokens_answer"]) == said.tokens
        assert (row["finish_reason"], row["sample"]) == (said.finish_reason, extra.get("sample"))
