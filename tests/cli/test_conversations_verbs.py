"""`slingshot conversations`: add and check."""

import json

from command import refused, slingshot
from slingshot.dataset.collection.conversations import open_conversation, save_conversation

ABOUT = ("--topic", "numbers", "--source", "a forum", "--model", "claude-3-opus-20240229", "--licence", "mit")
GOOD = "```julia\nadd(a, b) = a + b\n```"


def conversation(answer, question="Add two numbers."):
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


def test_what_is_fit_is_added_the_rest_left_out_with_its_reasons_and_exit_code_1(tmp_path):
    good = save_conversation(tmp_path / "good.json", conversation(GOOD))
    bad = tmp_path / "bad.jsonl"
    bad.write_text(json.dumps({"messages": conversation("```julia\nadd(1)\n```")}) + "\n{\n")
    folder = tmp_path / "collection"
    done = slingshot("conversations", "add", good, bad, "--to", folder, *ABOUT, "--format", "json")
    refused(done, 1, "2 of 3 conversations were left out")
    found = json.loads(done.stdout)
    ((added),) = found["added"]
    assert added["from"] == str(good)
    assert open_conversation(added["path"]).about["licence"] == "MIT"
    by_place = {item["from"]: item["reasons"] for item in found["rejected"]}
    assert set(by_place) == {f"{bad}:1", f"{bad}:2"}
    assert "does not run: UndefVarError" in by_place[f"{bad}:1"][0]
    assert "Note on claude-3-opus-20240229: training other models on answers: forbidden" in done.stderr

    done = slingshot("conversations", "add", good, "--to", folder, *ABOUT)
    refused(done, 1, "1 of 1 conversations were left out")
    assert done.stdout.splitlines() == [f"left out: {good}", f"  the same as {added['path']}"]


def test_a_collection_that_holds_is_said_to_and_one_that_does_not_ends_with_exit_code_1(tmp_path):
    good = save_conversation(tmp_path / "good.json", conversation(GOOD))
    folder = tmp_path / "collection"
    assert slingshot("conversations", "add", good, "--to", folder, *ABOUT).returncode == 0
    done = slingshot("conversations", "check", folder)
    assert done.returncode == 0, done.stderr
    assert "1 conversations hold." in done.stderr
    assert "claude-3-opus-20240229" in done.stdout

    wrong = save_conversation(folder / "wrong.json", conversation("```julia\nerror(1)\n```", "Why?"))
    done = slingshot("conversations", "check", folder, "--no-run", "--format", "json")
    refused(done, 1, "1 problems and 0 duplicates; mend or remove the files")
    assert "neither parsed nor run" in done.stderr
    found = json.loads(done.stdout)
    assert (found["holds"], found["conversations"], found["ran"]) == (False, 2, None)
    assert [problem["path"] for problem in found["problems"]] == [str(wrong)]
    done = slingshot("conversations", "check", folder)
    refused(done, 1, "2 problems and 0 duplicates")
    assert f"{wrong}: Julia block 1, line 1 does not run: " in done.stdout


def test_a_wrong_request_ends_with_exit_code_2(tmp_path):
    good = save_conversation(tmp_path / "good.json", conversation(GOOD))
    done = slingshot("conversations", "add", good, "--to", tmp_path / "c", *ABOUT[:-1], "CC-BY-4")
    refused(done, 2, "did you mean CC-BY-4.0?")
    done = slingshot("conversations", "add", tmp_path / "none.json", "--to", tmp_path / "c", *ABOUT)
    refused(done, 2, "there is no such file")
    refused(slingshot("conversations", "check", tmp_path / "c"), 2, "there is no such folder")
    refused(slingshot("conversations", "check", tmp_path), 1, "1 problems")
