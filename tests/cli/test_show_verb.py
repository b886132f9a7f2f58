"""`slingshot show`: one recording with everything that is known of it."""

import json
import re
import shlex
import shutil

import pytest

from command import refused, slingshot
from recorded import record
from slingshot.cli.show import show
from slingshot.errors import RequestError, SlingshotError
from slingshot.judge import Evaluation
from slingshot.recordings.files import evaluation_path

DEFINITION = """[code_generation]
name = "double"
prompt = "Write a function `double(x)`."
version = "1.1"
examples = ["double(1)", "double(2)"]
unit_tests = ["@test double(0) == 0", "@test double(1) == 2", "@test double(2) == 4", "@test double(3) == 6"]
reference_solution = "double(x) = 2x"
"""
ANSWER = """So it goes:

```julia
function double(x)
    # twice
    x > 1 && error("no")
    return 2x
end
```
"""
FAILED = Evaluation(
    True, True, 2, 4, 1, 2, "tests_failed", "example 2: ErrorException: no", 0.25, 3, ("+(String, String)",)
)


@pytest.fixture
def suite(tmp_path):
    """A suite with the one test case `double`."""
    folder = tmp_path / "suite"
    (folder / "numbers" / "double").mkdir(parents=True)
    (folder / "numbers" / "double" / "definition.toml").write_text(DEFINITION)
    return folder


@pytest.fixture
def folder(tmp_path):
    """Recordings of two models, three prompt labels, and of several fates."""
    out = tmp_path / "recordings"
    record(out, ANSWER, FAILED, model="org/m:7b", parameters={"temperature": 0.7})
    record(out, model="org/m:7b", label="AsIs", index=1)
    record(out, model="other", label="AsIs", evaluation=None)
    record(
        out, "None.", Evaluation(False, False, 0, 4, 0, 2, "no_code"), model="other", label="JuliaCodeOnly"
    )
    return out


@pytest.fixture
def printed(capsys):
    """What `show` prints for a person, without a process of its own."""

    def printed(path, **options):
        show(path, **options)
        return capsys.readouterr().out

    return printed


@pytest.fixture
def shown(capsys):
    """What `show` prints as JSON, without a process of its own."""

    def shown(path, **options):
        show(path, output="json", **options)
        return json.loads(capsys.readouterr().out)

    return shown


def rows(text):
    """The facts in what was printed, by their names."""
    return dict(re.findall(r"^(\S+(?: \S+)?) {2,}(.+)$", text, re.MULTILINE))


def sections(text):
    """The texts in what was printed, by their titles."""
    _, *parts = re.split(r"^── (.+?) ─+$", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], (text.strip("\n") for text in parts[1::2]), strict=True))


def test_a_recording_is_shown_with_all_that_is_known_of_it(tmp_path, suite, printed):
    path = record(
        tmp_path, ANSWER, FAILED, index=2, parameters={"temperature": 0.7, "top_p": 0.9}, cost_usd=0.0125
    )
    text = printed(path, suite=suite)
    facts, texts = rows(text), sections(text)
    assert (facts["model"], facts["test case"], facts["prompt label"]) == ("m", "double", "InJulia")
    assert (facts["sample"], facts["seed"], facts["parameters"]) == ("2", "7", "temperature 0.7, top_p 0.9")
    assert facts["tokens"] == "20 of the prompt, 12 of the answer"
    assert (facts["time"], facts["cost"], facts["ended"]) == ("1.5 s", "0.0125 USD", "by itself")
    assert facts["file"] == str(path)
    assert list(texts) == ["System", "User", "Answer", "Evaluation", "Line 3 of the code"]
    assert (texts["System"], texts["User"]) == ("Be helpful.", "In Julia, double.")
    assert texts["Answer"] == ANSWER.strip("\n")
    assert facts["score"] == "75 of 100, not solved"
    assert (facts["parsed"], facts["executed"]) == ("yes: 25 of 25 points", "yes: 25 of 25 points")
    assert facts["unit tests"] == "2 of 4 passed: 12.5 of 25 points"
    assert facts["examples"] == "1 of 2 ran: 12.5 of 25 points"
    assert facts["failure"] == "tests_failed: an example or a unit test failed"
    assert facts["message"] == "example 2: ErrorException: no"
    assert facts["example 2"] == "double(2)"
    assert facts["piracy"] == "+(String, String)"
    assert texts["Line 3 of the code"].splitlines() == [
        "  1  function double(x)",
        "  2      # twice",
        '> 3      x > 1 && error("no")',
        "  4      return 2x",
        "  5  end",
    ]


def test_either_half_of_a_pair_names_the_recording(tmp_path, shown):
    path = record(tmp_path)
    assert shown(path) == shown(evaluation_path(path))


def test_json_is_one_value_with_everything(tmp_path, suite, shown):
    path = record(tmp_path, ANSWER, FAILED, parameters={"temperature": 0.7}, device="a desk")
    found = shown(path, suite=suite)
    assert (found["path"], found["evaluation_path"]) == (str(path), str(evaluation_path(path)))
    assert (found["model"], found["test_case"], found["prompt_label"]) == ("m", "double", "InJulia")
    assert (found["strategy"], found["experiment"], found["device"]) == ("1SHOT", "", "a desk")
    assert (found["sample"], found["seed"], found["parameters"]) == (0, 7, {"temperature": 0.7})
    assert (found["tokens"], found["elapsed_seconds"]) == ({"prompt": 20, "answer": 12}, 1.5)
    assert (found["cost_usd"], found["finish_reason"], found["cut_off"]) == (None, "stop", False)
    assert [message["role"] for message in found["messages"]] == ["system", "user"]
    assert found["answer"] == ANSWER
    evaluation = found["evaluation"]
    assert (evaluation["score"], evaluation["solved"], evaluation["failure"]) == (75.0, False, "tests_failed")
    assert evaluation["points"] == {"parsed": 25, "executed": 25, "unit_tests": 12.5, "examples": 12.5}
    assert (evaluation["unit_tests_passed"], evaluation["unit_tests_count"]) == (2, 4)
    assert (evaluation["examples_executed"], evaluation["examples_count"]) == (1, 2)
    assert (evaluation["failing_item"], evaluation["failing_code"]) == ("example 2", "double(2)")
    assert (evaluation["line"], evaluation["code"]) == (3, '    x > 1 && error("no")')
    assert (evaluation["excerpt"]["first"], len(evaluation["excerpt"]["lines"])) == (1, 5)
    assert (evaluation["piracy"], evaluation["recorded"]) == (["+(String, String)"], None)
    assert found["slingshot"]["judge_seconds"] == 0.25


def test_without_the_definition_the_message_alone_is_shown(tmp_path, printed):
    path = record(tmp_path, ANSWER, FAILED)
    facts = rows(printed(path))
    assert facts["message"] == "example 2: ErrorException: no"
    assert "example 2" not in facts


def test_another_version_of_the_definition_says_nothing_about_what_failed(tmp_path, suite, shown):
    path = record(tmp_path, ANSWER, FAILED)
    definition = suite / "numbers" / "double" / "definition.toml"
    definition.write_text(DEFINITION.replace('"1.1"', '"1.2"'))
    assert shown(path, suite=suite)["evaluation"]["failing_item"] is None
    definition.write_text(DEFINITION.replace('"double(1)", ', ""))
    assert shown(path, suite=suite)["evaluation"]["failing_item"] is None


def test_a_definition_beside_the_recordings_is_found_by_itself(tmp_path, suite, shown):
    path = record(suite / "numbers", ANSWER, FAILED)
    assert shown(path)["evaluation"]["failing_code"] == "double(2)"
    assert shown(suite)["evaluation"]["failing_code"] == "double(2)"
    assert shown(path.parent)["evaluation"]["failing_code"] == "double(2)"


def test_a_line_is_not_shown_where_two_programs_may_be_meant(tmp_path, printed, shown):
    usage = "```julia\nusing Nothing\n```\n"
    path = record(tmp_path, usage + ANSWER, FAILED)
    evaluation = shown(path)["evaluation"]
    assert (evaluation["line"], evaluation["code"], evaluation["excerpt"]) == (3, None, None)
    assert rows(printed(path))["line"] == "3 of the code"
    loading = Evaluation(True, False, 0, 4, 0, 2, "load_error", "no package Nothing", line=1)
    path = record(tmp_path, usage + ANSWER, loading, index=1)
    assert shown(path)["evaluation"]["code"] == "using Nothing"


def test_an_answer_that_was_cut_off_is_said_in_words(tmp_path, printed, shown):
    path = record(tmp_path, finish_reason="length")
    assert rows(printed(path))["ended"] == "cut off at the token limit: the answer is not whole"
    assert shown(path)["cut_off"] is True


def test_what_was_not_judged_yet_is_said_and_the_command_that_judges_it(tmp_path, printed, shown):
    out = tmp_path / "my recordings"
    path = record(out, evaluation=None, model="org/m")
    facts = rows(printed(path))
    assert facts["judged"] == f"not yet; `slingshot judge '{out}' --suite DIR` judges it"
    assert shown(path)["evaluation"] is None
    path = record(out, evaluation=None, name="pad_cell")
    assert rows(printed(path))["judged"] == f"not yet; `slingshot judge '{out}'` judges it"


def test_what_could_not_be_judged_has_no_score(tmp_path, printed, shown):
    path = record(tmp_path, evaluation=Evaluation(True, False, 0, 4, 0, 2, "unavailable", "no CSV"))
    facts = rows(printed(path))
    assert facts["score"] == "none: it could not be judged"
    assert facts["failure"].startswith("unavailable: not judged: a package was missing")
    assert "parsed" not in facts
    assert shown(path)["evaluation"]["points"] is None


def test_all_rounds_of_a_corrected_answer_are_shown(tmp_path, printed, shown):
    path = record(tmp_path, strategy="1CODEFIXER__JuliaFixer")
    messages = json.loads(path.read_text())
    first = {"content": "```julia\ndouble(x) = 3x\n```", "_type": "aimessage"}
    again = {"content": "It does not double.", "variables": [], "_type": "usermessage"}
    path.write_text(json.dumps([*messages[:2], first, again, messages[-1]]))
    text = printed(path)
    titles = re.findall(r"^── (.+?) ─+$", text, re.MULTILINE)
    assert titles == ["System", "User", "Answer 1 of 2", "User", "Answer 2 of 2", "Evaluation"]
    assert text.index("double(x) = 3x") < text.index("It does not double.")
    assert rows(text)["strategy"] == "1CODEFIXER__JuliaFixer"
    assert len(shown(path)["messages"]) == 4


def test_in_a_folder_the_filters_choose_and_the_next_is_told(folder, capsys):
    def chosen(**filters):
        show(folder, **filters)
        printed = capsys.readouterr()
        return printed.err.strip(), rows(printed.out)

    said, facts = chosen()
    assert said == "Number 1 of 4 that match; --number 2 shows the next."
    assert facts["model"] == "org/m:7b"
    said, facts = chosen(prompt="AsIs", number=2)
    assert said == "Number 2 of 2 that match."
    assert (facts["model"], facts["prompt label"]) == ("other", "AsIs")
    said, facts = chosen(failure="no_code")
    assert said == "The only one that matches."
    assert facts["prompt label"] == "JuliaCodeOnly"
    assert chosen(failure="none")[1]["sample"] == "1"
    assert chosen(model="other", test_case="double", number=2)[1]["model"] == "other"


def test_the_command_takes_the_filters_and_prints_nothing_else_on_standard_output(folder):
    arguments = (
        "--model",
        "org/m:7b",
        "--test-case",
        "double",
        "--prompt",
        "InJulia",
        "--failure",
        "tests_failed",
    )
    done = slingshot("show", folder, *arguments, "--number", 1, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["evaluation"]["message"] == "example 2: ErrorException: no"
    refused(slingshot("show", folder, "--model", "othe"), 2, "--model: no recordings of othe below")
    refused(slingshot("show", folder / "missing"), 2, "there is no such file or folder")


@pytest.mark.parametrize(
    "place, options, words",
    [
        ("missing", {}, "{place}: there is no such file or folder"),
        (".", {"model": "othe"}, "--model: no recordings of othe below {place}; did you mean other?"),
        (
            ".",
            {"test_case": "doubel"},
            "--test-case: no recordings of doubel below {place}; did you mean double?",
        ),
        (
            ".",
            {"prompt": "InJulja"},
            "--prompt: no recordings of InJulja below {place}; did you mean InJulia?",
        ),
        (".", {"number": 5}, "--number: 5 is too high, 4 below {place} match"),
        (
            ".",
            {"model": "other", "prompt": "InJulia"},
            "{place}: no recording matches --model other --prompt InJulia; leave some of it out",
        ),
        (
            ".",
            {"failure": "timeout"},
            "{place}: no recording matches --failure timeout, but of 1 it is not known why they failed; judge",
        ),
        (".", {"suite": "{place}"}, "{place}: no definition.toml below this folder"),
        ("empty", {}, "{place}: no recordings below this folder"),
        ("empty/definition.toml", {}, "{place}: a recording's files are called"),
        (
            "{path}",
            {"prompt": "InJulia"},
            "--prompt chooses from a folder; leave it out for the file {place}",
        ),
        ("{path}", {"number": 1}, "--number chooses from a folder"),
    ],
)
def test_what_cannot_be_shown_is_refused(folder, place, options, words):
    path = next(folder.rglob("conversation__*.json"))
    (folder / "empty").mkdir()
    (folder / "empty" / "definition.toml").write_text(DEFINITION)
    place = folder / place.format(path=path)
    if "suite" in options:
        (folder / "empty" / "definition.toml").unlink()
        options = {"suite": place}
    with pytest.raises(RequestError) as caught:
        show(place, **options)
    assert str(caught.value).startswith(words.format(place=place))


@pytest.mark.parametrize(
    "half, content, words",
    [
        ("conversation", "", "not a conversation"),
        ("conversation", "[]", "not a conversation"),
        ("evaluation", "{", "not an evaluation"),
        ("evaluation", "[]", "not an evaluation"),
        ("evaluation", '{"name": "double"}', "not an evaluation (KeyError: 'unit_tests_count')"),
        ("evaluation", '{"name": 3}', "name in this recording is no text: 3"),
        ("evaluation", '{"name": "double", "parameters": 3}', "a field of this recording is missing or"),
        ("evaluation", '{"name": "double", "slingshot": 3}', "not an evaluation (AttributeError: "),
        ("conversation", None, "the conversation that belongs to it is missing; put conversation__"),
    ],
)
def test_a_broken_half_is_named_in_one_sentence(tmp_path, half, content, words):
    path = record(tmp_path)
    broken = path if half == "conversation" else evaluation_path(path)
    if content is None:
        broken.unlink()
    else:
        broken.write_text(content)
    with pytest.raises(SlingshotError) as caught:
        show(evaluation_path(path))
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(path.parent))


def test_a_terminal_gets_colours_and_the_failing_line_stands_out_but_no_escapes_of_an_answers_own(
    tmp_path, printed
):
    path = record(tmp_path, "\x1b[2J" + ANSWER, FAILED)
    done = slingshot("show", path, FORCE_COLOR="1", COLUMNS="60")
    assert done.returncode == 0, done.stderr
    assert "\x1b[2J" not in done.stdout
    assert "\\x1b[2J" in done.stdout
    plain = re.sub(r"\x1b\[[\d;]*m", "", done.stdout)
    assert plain != done.stdout
    assert "```" not in plain
    assert re.search(r'^❱ 3 +x > 1 && error\("no"\)', plain, re.MULTILINE)
    assert "── System ──" in plain
    assert all(len(line) <= 60 for line in plain.splitlines())
    assert "\x1b" not in printed(record(tmp_path, ANSWER, FAILED, index=1))


def test_half_characters_do_no_harm(tmp_path, printed, shown):
    path = record(tmp_path)
    path.write_text(path.read_text().replace("In Julia, double.", "\\ud83d In Julia"))
    assert "? In Julia" in printed(path)
    assert slingshot("show", path, FORCE_COLOR="1").returncode == 0
    assert shown(path)["messages"][1]["content"].endswith(" In Julia")


def test_a_recording_of_the_leaderboard_says_how_to_learn_why_it_failed(
    tmp_path, leaderboard, printed, shown
):
    theirs = leaderboard / "utility_functions" / "ispersonal"
    ours = tmp_path / "utility_functions" / "ispersonal"
    failed = next(
        path
        for path in sorted(theirs.rglob("evaluation__InJulia__*.json"))
        if json.loads(path.read_text())["executed"] and json.loads(path.read_text())["unit_tests_passed"] == 0
    )
    copy = ours / failed.relative_to(theirs)
    copy.parent.mkdir(parents=True)
    for source in (failed, failed.with_name(failed.name.replace("evaluation", "conversation", 1))):
        shutil.copy(source, copy.parent)
    shutil.copy(theirs / "definition.toml", ours)

    facts = rows(printed(copy))
    assert facts["judged by"] == "the leaderboard"
    assert facts["failure"].startswith("the leaderboard does not record why; `slingshot judge ")
    command = shlex.split(re.search("`slingshot (.+)`", facts["failure"])[1])
    with pytest.raises(RequestError, match="of 1 it is not known why they failed"):
        show(tmp_path, failure="timeout")

    assert slingshot(*command).returncode == 0
    facts = rows(printed(copy))
    assert facts["failure"].split(":")[0] in ("tests_failed", "timeout", "memory")
    assert facts["message"]
    assert facts["judged by"].startswith("Slingshot: judge ")
    assert facts["before"].startswith(
        "the leaderboard had recorded: parsed yes, executed yes, unit tests 0 of "
    )
    item = shown(copy)["evaluation"]["failing_item"]
    assert item and facts[item]
