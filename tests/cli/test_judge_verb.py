"""`slingshot judge`: one answer, several, a file of them, and folders of recordings."""

import json

import pytest

from command import refused, slingshot
from slingshot.cli.options import memory_bytes
from slingshot.errors import RequestError
from slingshot.recordings.files import evaluation_path

RIGHT = "Doubled:\n\n```julia\ndouble(x) = 2x\n```\n"
WRONG = "```julia\n\nfunction double(x)\n    x > 1 && return nothing + x\n    return 2x\nend\n```\n"


@pytest.fixture(scope="module")
def suite_folder(tmp_path_factory):
    """A suite with the one test case `double`."""
    folder = tmp_path_factory.mktemp("suite")
    (folder / "numbers" / "double").mkdir(parents=True)
    (folder / "numbers" / "double" / "definition.toml").write_text("""[code_generation]
name = "double"
prompt = "Write `double(x)`."
examples = ["double(1)", "double(2)"]
unit_tests = ["@test double(0) == 0", "@test double(1) == 2", "@test double(2) == 4", "@test double(3) == 6"]
reference_solution = "double(x) = 2x"
""")
    return folder


@pytest.fixture
def answer(tmp_path):
    """Write an answer's file."""

    def write(text, name="answer.md"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


def test_one_answer_is_judged_with_all_that_is_known_of_its_failure(answer, suite_folder):
    done = slingshot("judge", answer(WRONG), "--test-case", "double", "--suite", suite_folder)
    assert done.returncode == 0, done.stderr
    rows = {line[:11].strip(): line[11:].strip() for line in done.stdout.splitlines()}
    assert rows["score"] == "75 of 100 (default mode)"
    assert (rows["parsed"], rows["executed"]) == ("yes", "yes")
    assert (rows["unit tests"], rows["examples"]) == ("2 of 4 passed", "1 of 2 ran")
    assert rows["failure"] == "tests_failed"
    assert "MethodError" in rows["message"]
    assert rows["example 2"] == "double(2)"
    assert rows["line 3"] == "x > 1 && return nothing + x"


def test_one_answer_as_json_is_the_evaluation_and_the_code_it_speaks_of(answer, suite_folder):
    arguments = ("--test-case", "double", "--suite", suite_folder, "--format", "json")
    found = json.loads(slingshot("judge", answer(WRONG), *arguments).stdout)
    assert (found["score"], found["solved"], found["failure"]) == (75.0, False, "tests_failed")
    assert (found["failing_item"], found["failing_code"]) == ("example 2", "double(2)")
    assert (found["line"], found["code"]) == (3, "    x > 1 && return nothing + x")
    found = json.loads(slingshot("judge", answer("No code here."), *arguments).stdout)
    assert (found["score"], found["failure"], found["failing_item"]) == (0.0, "no_code", None)


def test_an_answer_may_come_from_standard_input(suite_folder):
    arguments = ("--test-case", "double", "--suite", suite_folder, "--format", "json")
    assert json.loads(slingshot("judge", "-", *arguments, stdin=RIGHT).stdout)["score"] == 100.0


def test_several_answers_are_told_apart_by_their_files(answer, suite_folder):
    first, second = answer(RIGHT, "first.md"), answer(WRONG, "second.md")
    done = slingshot(
        "judge", first, second, "--test-case", "double", "--suite", suite_folder, "--format", "json"
    )
    found = json.loads(done.stdout)
    assert [(one["file"], one["score"]) for one in found] == [(str(first), 100.0), (str(second), 75.0)]


def test_a_file_of_answers_keeps_its_order_and_its_own_keys(tmp_path, suite_folder):
    entries = [
        {"test_case": "double", "answer": WRONG, "model": "größe"},
        {"id": 7, "test_case": "double", "answer": RIGHT},
    ]
    path, out = tmp_path / "answers.jsonl", tmp_path / "out" / "judged.jsonl"
    path.write_text("\n\n".join(json.dumps(entry) for entry in entries))
    done = slingshot("judge", path, "--suite", suite_folder, "--out", out)
    assert (done.returncode, done.stdout) == (0, "")
    judged = [json.loads(line) for line in out.read_text().splitlines()]
    assert [entry["evaluation"]["score"] for entry in judged] == [75.0, 100.0]
    assert [{k: v for k, v in entry.items() if k != "evaluation"} for entry in judged] == entries
    printed = slingshot("judge", path, "--suite", suite_folder).stdout
    assert [json.loads(line)["evaluation"]["unit_tests_passed"] for line in printed.splitlines()] == [2, 4]


@pytest.mark.parametrize(
    "line, words",
    [
        ("{", "answers.jsonl:2: not JSON"),
        ("[]", "answers.jsonl:2: no text under the key test_case"),
        ('{"test_case": "double", "answer": 3}', "answers.jsonl:2: no text under the key answer"),
        (
            '{"test_case": "doubl", "answer": "x"}',
            "answers.jsonl:2: doubl is no test case of the suite; did you mean double?",
        ),
    ],
)
def test_a_line_that_holds_no_answer_is_named(tmp_path, suite_folder, line, words):
    path = tmp_path / "answers.jsonl"
    path.write_text('{"test_case": "double", "answer": "prose"}\n' + line)
    refused(slingshot("judge", path, "--suite", suite_folder), 2, words)


def test_a_folder_gets_the_evaluations_this_judge_has_not_made_yet(tmp_path):
    out = tmp_path / "recordings"
    assert slingshot("suite", "solutions", "--out", out).returncode == 0
    kept = sorted((out / "pad_cell").rglob("conversation__*.json"))[:3]
    for path in set(out.rglob("conversation__*.json")) - set(kept):
        path.unlink()
    assert json.loads(slingshot("judge", out, "--format", "json").stdout)["judged"] == 3
    assert json.loads(slingshot("judge", out, "--format", "json").stdout)["judged"] == 0
    other = slingshot("judge", out, "--format", "json", "--memory", "2G")
    assert json.loads(other.stdout)["judged"] == 3
    memory = {json.loads(p.read_text())["slingshot"]["memory"] for p in out.rglob("evaluation__*.json")}
    assert memory == {str(2 << 30)}

    same = json.loads(slingshot("judge", out, "--compare", "--sample", 2, "--format", "json").stdout)
    assert (same["compared"], same["identical"], same["causes"]) == (2, 1.0, {})
    evaluation = next(out.rglob("evaluation__*.json"))
    found = json.loads(evaluation.read_text())
    evaluation.write_text(json.dumps({**found, "unit_tests_passed": 0}))
    table = slingshot("judge", out, "--compare", "--show", 1)
    assert "3 answers judged again in default mode" in table.stdout
    assert "66.67 % have the recorded points" in table.stdout
    assert f"{evaluation}\n  other: recorded 75.0 (executed, 0 unit tests, 3 examples), found 100.0" in (
        table.stdout
    )
    assert json.loads(evaluation.read_text())["unit_tests_passed"] == 0, "comparing writes nothing"


def test_a_checkout_of_the_leaderboard_is_compared_with_its_own_test_cases(leaderboard):
    before = sorted((path, path.stat().st_mtime_ns) for path in leaderboard.rglob("*"))
    arguments = (
        "--compare",
        "--mode",
        "leaderboard",
        "--sample",
        24,
        "--seed",
        3,
        "--show",
        2,
        "--format",
        "json",
    )
    done = slingshot("judge", leaderboard, *arguments)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert list(found) == [
        *("compared", "identical", "fields", "unavailable", "harness_errors", "per_task", "causes"),
        "differences",
    ]
    assert list(found["fields"]) == ["parsed", "executed", "unit_tests_passed", "examples_executed"]
    assert set(found["per_task"]) == {"event_scheduler", "ispersonal", "audi_filter"}
    for row in found["per_task"].values():
        assert list(row) == ["compared", "identical", "recorded_score", "score", "unavailable"]
    assert found["compared"] + found["unavailable"] == 24
    assert found["harness_errors"] == 0
    assert found["identical"] >= 0.95
    assert sum(found["causes"].values()) == round((1 - found["identical"]) * found["compared"])
    assert sorted((path, path.stat().st_mtime_ns) for path in leaderboard.rglob("*")) == before


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["{answer}"], "--test-case is missing"),
        (
            ["{answer}", "--test-case", "pad_cel"],
            "pad_cel is no test case of the suite; did you mean pad_cell?",
        ),
        (["{folder}/nothing.md"], "nothing.md: there is no such file or folder"),
        (
            ["{answer}", "--compare"],
            "--compare is for a folder of recordings; leave it out for an answer's file",
        ),
        (["{folder}", "--test-case", "pad_cell"], "--test-case is for an answer's file"),
        (["{folder}", "--out", "x.jsonl"], "--out is for a .jsonl file"),
        (["{folder}", "--sample", "3"], "add --compare"),
        (["{folder}", "{answer}"], "{folder}: a folder or a .jsonl file is judged alone"),
        (["{folder}", "--memory", "4"], "--memory: '4' is no size"),
        (["{folder}", "--julia-project", "{folder}"], "no Project.toml"),
        (["{folder}", "--compare"], "no evaluations below this folder"),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path, answer, arguments, words):
    (tmp_path / "recordings").mkdir()
    places = {"answer": str(answer(RIGHT)), "folder": str(tmp_path / "recordings")}
    done = slingshot("judge", *(argument.format(**places) for argument in arguments))
    refused(done, 2, words.format(**places))


def test_an_answer_that_could_not_be_judged_is_no_zero_and_exits_with_1(tmp_path, answer, suite_folder):
    definition = (suite_folder / "numbers" / "double" / "definition.toml").read_text()
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "definition.toml").write_text(definition + 'imports = ["NoSuchPackage"]\n')
    done = slingshot("judge", answer(RIGHT), "--test-case", "double", "--suite", tmp_path / "suite")
    assert done.returncode == 1
    assert "not judged (default mode)" in done.stdout
    assert "NoSuchPackage" in done.stdout


def test_sizes_are_numbers_with_a_unit():
    assert memory_bytes("512M") == 512 << 20
    assert memory_bytes("1.5G") == 3 << 29
    assert memory_bytes(" 2 gib ") == 2 << 30
    for text in ("", "G", "4", "0G", "-1G", "4X", "4GG"):
        with pytest.raises(RequestError, match="write a number and a unit"):
            memory_bytes(text)


def test_the_leaderboards_own_evaluation_is_kept_beside_ours(tmp_path, leaderboard):
    theirs = next((leaderboard / "utility_functions" / "ispersonal").rglob("conversation__InJulia__*.json"))
    folder = tmp_path / "utility_functions" / "ispersonal" / "gpt"
    folder.mkdir(parents=True)
    definition = leaderboard / "utility_functions" / "ispersonal" / "definition.toml"
    (folder.parent / "definition.toml").write_text(definition.read_text())
    for path in (theirs, evaluation_path(theirs)):
        (folder / path.name).write_text(path.read_text())
    assert slingshot("judge", tmp_path).returncode == 0
    before = json.loads(evaluation_path(theirs).read_text())
    after = json.loads((folder / evaluation_path(theirs).name).read_text())
    ours = after.pop("slingshot")
    assert list(after) == list(before)
    findings = ours["recorded"]
    assert {**after, **findings} == before
    assert (ours["mode"], next(iter(findings))) == ("default", "parsed")
