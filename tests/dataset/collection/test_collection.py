"""A collection takes only what is fit to learn from, says why not, and can be checked as a whole."""

import json
from datetime import date

import pytest

from slingshot.dataset.collection.conversations import load_conversation, open_conversation, save_conversation
from slingshot.dataset.collection.shared_folder import (
    KNOWN_LICENCES,
    add_conversations,
    check_collection,
    duplicates_among,
)
from slingshot.dataset.formats import read_dataset
from slingshot.errors import RequestError

ABOUT = {"topic": "numbers", "source": "a forum", "model": "m", "licence": "MIT"}
QUESTION = "Write a function that adds two numbers, please."
CODE = "```julia\nadd(a, b) = a + b\n```\nThen:\n```julia\nadd(1, 2)\n```"


def conversation(answer=CODE, question=QUESTION):
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


def rows(path, *conversations, **beyond):
    """A file with these conversations, one a line."""
    path.write_text(
        "".join(json.dumps({"messages": messages, **beyond}) + "\n" for messages in conversations)
    )
    return path


def reasons(result):
    """The reasons of all that was rejected, by line."""
    return {rejected.place.rpartition(":")[2]: " | ".join(rejected.reasons) for rejected in result.rejected}


def test_a_fit_conversation_gets_a_readable_name_and_says_where_it_is_from(tmp_path, by):
    folder = tmp_path / "collection"
    result = add_conversations([rows(tmp_path / "a.jsonl", conversation())], folder, by, ABOUT)
    ((place, path),) = result.added
    assert not result.rejected and place == f"{tmp_path / 'a.jsonl'}:1"
    day = date.today().isoformat()
    assert path.parent == folder / "numbers"
    assert path.name.startswith(f"{day.replace('-', '')}-write-a-function-that-adds-two-")
    opened = open_conversation(path)
    assert opened.messages == conversation()
    assert opened.about == {**ABOUT, "date": day}
    checked = check_collection(folder, by)
    assert (checked.holds, checked.conversations, checked.ran) == (True, 1, 1)
    assert checked.counts == {
        "topic": {"numbers": 1},
        "model": {"m": 1},
        "licence": {"MIT": 1},
        "training": {"unknown": 1},
    }


def test_the_name_depends_on_the_day_the_topic_and_the_messages_only(tmp_path, by):
    file, about = rows(tmp_path / "a.jsonl", conversation(), date="2024-05-01"), ABOUT | {"model": "another"}
    (first,) = add_conversations([file], tmp_path / "one", by, ABOUT).added
    (second,) = add_conversations([file], tmp_path / "two", by, about).added
    assert first[1].name == second[1].name
    assert first[1].name.startswith("20240501-")


def test_all_or_nothing_for_each_conversation_and_every_reason_is_said(tmp_path, by):
    file = rows(
        tmp_path / "a.jsonl",
        conversation(),
        conversation("```julia\ny = 1\n```\n```julia\nf(x = 1\n```"),
        conversation('```julia\nx = 1\n```\n```julia\ny = 2\nerror("no")\n```'),
        conversation("```julia\nusing NoSuchPackageAnywhere\n```"),
        conversation("Use a plus sign."),
        conversation(""),
        [
            {"role": "user", "content": "a"},
            {"role": "user", "content": "b"},
            {"role": "assistant", "content": CODE},
        ],
        conversation(CODE, "Mail me at jane@company.org\nwith sk-abcdefghijklmnop1234"),
    )
    folder = tmp_path / "collection"
    result = add_conversations([file], folder, by, ABOUT)
    assert [place for place, _ in result.added] == [f"{file}:1"]
    assert [path for path in folder.rglob("*") if path.is_file()] == [result.added[0][1]]
    said = reasons(result)
    assert set(said) == set("2345678")
    assert said["2"].startswith("Julia block 2 does not parse: ")
    assert said["3"].startswith("Julia block 2, line 2 does not run: ") and "no" in said["3"]
    assert "unknown: this Julia lacks the package NoSuchPackageAnywhere" in said["4"]
    assert said["5"] == "the answer has no Julia block; add one, or allow it with --no-code"
    assert "message 2, an answer, is empty" in said["6"]
    assert "messages 1 and 2 are both questions" in said["7"]
    assert "message 1, line 1: jane… looks like an e-mail address; remove it" in said["8"]
    assert "message 1, line 2: sk-a… looks like an API key; remove it" in said["8"]


def test_what_is_there_already_is_rejected_and_the_file_named(tmp_path, by):
    folder = tmp_path / "collection"
    longer = (
        "Write a function that adds two numbers, and explain in a few plain words what every line of it does"
    )
    first = [
        conversation(),
        conversation("```julia\n" + "".join(f"x{i} = {i}\n" for i in range(40)) + "```", longer),
    ]
    added = add_conversations([rows(tmp_path / "a.jsonl", *first)], folder, by, ABOUT).added
    again = rows(
        tmp_path / "b.jsonl",
        conversation(),
        conversation("Sure!\n```julia\nadd(a, b)  =  a + b # sums\nadd(1, 2)\n```", QUESTION.upper()),
        conversation(first[1][1]["content"] + "\nDone.", longer),
        conversation("```julia\nsub(a, b) = a - b\n```", "Subtract."),
        conversation("```julia\nsub(a, b) = a - b\n```", "Subtract."),
    )
    result = add_conversations([again], folder, by, ABOUT)
    assert [place.rpartition(":")[2] for place, _ in result.added] == ["4"]
    assert reasons(result) == {
        "1": f"the same as {added[0][1]}",
        "2": f"but for comments, layout and words around the code the same as {added[0][1]}",
        "3": f"but for comments, layout and words around the code the same as {added[1][1]}",
        "5": f"the same as {result.added[0][1]}",
    }


def test_kinds_of_duplicates_are_told_apart():
    words = " ".join(f"word{number}" for number in range(60))
    found = duplicates_among(
        [
            conversation(),
            conversation(CODE, "Another question."),
            conversation("Here:\n```julia\nadd(a, b) = a + b\nadd(1, 2) # 3\n```", QUESTION),
            conversation(words, words),
            conversation(words + " more", words),
            conversation(),
            conversation("```julia\nadd(a, b) = b + a\n```"),
        ]
    )
    assert found == [(2, 0, "normalized"), (4, 3, "near"), (5, 0, "exact")]


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"licence": "MIIT"}, "the licence 'MIIT' is no SPDX identifier known here; did you mean MIT?"),
        (
            {"licence": "unknown"},
            "the licence is unknown; find it out, or allow that with --allow-unknown-licence",
        ),
        ({"date": "2024-02-31"}, "the date '2024-02-31' is none; write it as 2026-12-31"),
        ({"topic": "a/b"}, "the topic 'a/b' cannot be a folder's name"),
        ({"topic": ".."}, "cannot be a folder's name"),
    ],
)
def test_a_wrong_request_is_refused_before_anything_is_run(tmp_path, by, about, words):
    file = rows(tmp_path / "a.jsonl", conversation())
    with pytest.raises(RequestError) as caught:
        add_conversations([file], tmp_path / "collection", by, ABOUT | about)
    assert words in str(caught.value)


def test_what_the_request_leaves_out_the_file_has_to_say(tmp_path, by):
    folder = tmp_path / "collection"
    saved = save_conversation(tmp_path / "saved.json", conversation(), **ABOUT | {"licence": "cc-by-4.0"})
    bare = save_conversation(
        tmp_path / "bare.json", conversation("```julia\n1\n```"), model="m", licence="MINE"
    )
    result = add_conversations([saved, bare], folder, by)
    assert open_conversation(result.added[0][1]).about["licence"] == "CC-BY-4.0"
    ((reasons),) = [rejected.reasons for rejected in result.rejected]
    assert reasons[0] == "topic, source are missing; say them"
    assert reasons[1].startswith("the licence 'MINE' is no SPDX identifier known here; there are: ")


def test_answers_without_code_and_unknown_licences_are_taken_only_when_that_is_said(tmp_path, by):
    folder, file = tmp_path / "collection", rows(tmp_path / "a.jsonl", conversation("Use a plus sign."))
    about = ABOUT | {"licence": "unknown"}
    result = add_conversations([file], folder, by, about, without_code=True, unknown_licence=True)
    (_, path) = result.added[0]
    assert open_conversation(path).about["code"] is False
    checked = check_collection(folder, by)
    assert (checked.holds, checked.ran, checked.counts["licence"]) == (True, 0, {"unknown": 1})


def test_checking_names_every_file_that_does_not_hold_and_duplicates_in_pairs(tmp_path, by):
    folder = tmp_path / "collection"
    add_conversations([rows(tmp_path / "a.jsonl", conversation())], folder, by, ABOUT)
    (good,) = folder.rglob("*.json")
    (folder / ".git").mkdir()
    (folder / ".git" / "config.json").write_text("{")
    copy = good.with_name("copy.json")
    copy.write_bytes(good.read_bytes())
    broken = folder / "numbers" / "broken.json"
    broken.write_text("[")
    wrong = save_conversation(folder / "wrong.json", conversation("```julia\nerror(1)\n```"), topic="numbers")
    checked = check_collection(folder, by)
    assert not checked.holds and checked.conversations == 3
    said = {
        path: [p.sentence for p in checked.problems if p.path == path] for path in (good, copy, broken, wrong)
    }
    assert said[good] == []
    assert said[copy] == [f"{copy}: by its content this should be called {good}; rename it"]
    assert len(said[broken]) == 1 and said[broken][0].startswith(f"{broken}:1: not JSON")
    missing, code = said[wrong]
    assert missing == f"{wrong}: source, model, licence, date are missing; say them"
    assert code.startswith(f"{wrong}: Julia block 1, line 1 does not run: ")
    assert checked.duplicates == [(copy, good, "exact")]
    assert [p.path for p in check_collection(folder).problems if "does not run" in p.sentence] == []


def test_a_collection_is_a_dataset(tmp_path, by):
    folder = tmp_path / "collection"
    add_conversations([rows(tmp_path / "a.jsonl", conversation())], folder, by, ABOUT)
    read = read_dataset(folder)
    (path,) = folder.rglob("*.json")
    (row,) = [row for part in read.splits.values() for row in part]
    assert (read.format, read.problems) == ("promptingtools", [])
    assert (row.source, row.licence) == ("m", "MIT")
    assert [{"role": m["role"], "content": m["content"]} for m in row.messages] == load_conversation(path)


def test_licences_are_spelt_in_one_way():
    assert len({name.lower() for name in KNOWN_LICENCES}) == len(KNOWN_LICENCES)
