"""Templates in PromptingTools' JSON format: what is read, what is refused, and what the leaderboard sent with them."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from slingshot.errors import RequestError
from slingshot.suite import (
    PromptTemplate,
    find_template,
    load_fix_templates,
    load_suite,
    load_templates,
    render_fix,
    render_prompt,
)

SYSTEM = {"content": "You write Julia.", "variables": [], "_type": "systemmessage"}
USER = {"content": "# Task\n\n{{task}}\n", "variables": ["task"], "_type": "usermessage"}
FEEDBACK = {"content": "It said {{feedback}}", "variables": ["feedback"], "_type": "usermessage"}
ABOUT = {"content": "Template Metadata", "description": "", "version": "1", "_type": "metadatamessage"}
# The leaderboard's recordings before this day hold an earlier wording of the templates that recall Julia.
REWORDED = "20240309"


@pytest.fixture
def write(tmp_path):
    """Write a template's file."""

    def write(name, *messages, text=None):
        path = tmp_path / f"{name}.json"
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(json.dumps(messages) if text is None else text)
        return path

    return write


@pytest.fixture(scope="session")
def shipped():
    """The folder of PromptingTools' own templates."""
    folder = Path(__file__).parents[3] / "shared" / "data" / "promptingtools-templates"
    if not folder.exists():
        pytest.skip(f"PromptingTools' templates are not at {folder}: this test reads them")
    return folder


def complaint(folder, load=load_templates):
    with pytest.raises(RequestError) as caught:
        load(folder)
    return str(caught.value)


def test_a_templates_label_is_its_files_stem_wherever_it_lies(tmp_path, write):
    write("Mine", ABOUT, SYSTEM, USER)
    write("deep/down/Other", SYSTEM, USER)
    loaded = load_templates(tmp_path)
    assert loaded["Mine"] == PromptTemplate("Mine", "You write Julia.", "# Task\n\n{{task}}\n")
    assert sorted(loaded) == ["Mine", "Other"]


def test_without_a_system_message_it_is_the_one_that_is_sent_by_default(tmp_path, write):
    write("Mine", USER)
    assert load_templates(tmp_path)["Mine"].system == "Act as a helpful AI assistant"


def test_fix_templates_are_told_from_prompt_templates_by_their_placeholder(tmp_path, write):
    write("Plain", SYSTEM, USER)
    write("Fix", FEEDBACK)
    later = {**FEEDBACK, "content": "Still {{feedback}}"}
    write("FixLonger", ABOUT, FEEDBACK, later)
    assert list(load_templates(tmp_path)) == ["Plain"]
    one, two = load_fix_templates(tmp_path).values()
    assert (one.label, one.first, one.later) == ("Fix", FEEDBACK["content"], FEEDBACK["content"])
    assert (two.label, two.first, two.later) == ("FixLonger", FEEDBACK["content"], later["content"])


@pytest.mark.parametrize(
    "text, words",
    [
        ("", "not JSON (Expecting value"),
        ("[{]", "not JSON ("),
        ("[" * 100_000, "not JSON ("),
        ("{}", "not a list of messages; correct the file or move it elsewhere"),
        ("[]", "no user message; a template needs one that takes the problem"),
        (json.dumps([SYSTEM]), "no user message"),
        (json.dumps([SYSTEM, 3]), "message 2 is no object with texts under _type and content"),
        (json.dumps([{"_type": "usermessage"}]), "message 1 is no object with texts"),
        (json.dumps([{**USER, "content": None}]), "message 1 is no object with texts"),
        (json.dumps([{**USER, "content": "\ud83d"}]), "message 1 holds half a character"),
        (json.dumps([USER, {**USER, "_type": "aimessage"}]), "message 2 is of the type 'aimessage'"),
        (json.dumps([SYSTEM, SYSTEM, USER]), "2 system messages; a prompt template has one"),
        (json.dumps([USER, USER]), "2 user messages; a prompt template has one"),
    ],
)
def test_a_file_that_is_no_template_is_named(tmp_path, write, text, words):
    path = write("Mine", text=text)
    assert complaint(tmp_path).startswith(f"{path}: {words}")


@pytest.mark.parametrize(
    "messages, words",
    [
        ([SYSTEM, FEEDBACK], "a fix template continues a conversation, which has its system message"),
        ([FEEDBACK, FEEDBACK, FEEDBACK], "3 user messages; a fix template has one"),
        ([USER, FEEDBACK], "user message 1 of a fix template has no {{feedback}}"),
    ],
)
def test_a_fix_template_of_another_form_is_named(tmp_path, write, messages, words):
    path = write("Mine", *messages)
    assert complaint(tmp_path, load_fix_templates).startswith(f"{path}: {words}")


def test_two_templates_of_one_label_are_refused(tmp_path, write):
    first, second = write("a/Mine", USER), write("b/Mine", FEEDBACK)
    expected = f"{second}: the label Mine is taken by {first}; rename one"
    assert complaint(tmp_path) == complaint(tmp_path, load_fix_templates) == expected


@pytest.mark.parametrize("label", ["Two__parts", "ends_", "with,comma", "with blank"])
def test_a_label_that_recordings_could_not_carry_is_refused(tmp_path, write, label):
    path = write(label, USER)
    assert complaint(tmp_path).startswith(f"{path}: {label} cannot be a prompt label")


def test_a_folder_without_templates_is_refused(tmp_path, write):
    assert complaint(tmp_path).startswith(f"{tmp_path}: no .json file below this folder")
    missing = tmp_path / "missing"
    assert complaint(missing).startswith(f"{missing}: there is no such folder")
    path = write("Mine", USER)
    assert complaint(path).startswith(f"{path}: there is no such folder")


def test_promptingtools_own_templates_load(shipped):
    assert sorted(load_templates(shipped)) == [
        *("JuliaExpertAsk", "JuliaExpertAskXML", "JuliaExpertCoTTask", "JuliaExpertCoTTaskXML"),
        *("JuliaExpertTestCode", "JuliaExpertTestCodeXML", "JuliaRecapCoTTask", "JuliaRecapTask"),
    ]
    fixers = load_fix_templates(shipped)
    assert sorted(fixers) == ["CodeFixerRCI", "CodeFixerShort", "CodeFixerTiny"]
    assert {label for label, fixer in fixers.items() if fixer.first != fixer.later} == {"CodeFixerRCI"}
    for fixer in fixers.values():
        for number in (1, 2):
            assert "\nit failed\n" in render_fix(fixer, number, "it failed")


@pytest.mark.parametrize("label", ["JuliaExpertTestCode", "JuliaExpertTestCodeXML"])
def test_a_template_that_wants_code_loads_but_cannot_be_asked(shipped, named, label):
    template = load_templates(shipped)[label]
    with pytest.raises(RequestError, match=f"^prompt template {label}: nothing fills {{{{code}}}}; "):
        render_prompt(template, named("mask_code"))


@pytest.fixture(scope="session")
def sent(leaderboard):
    """The pairs of a test case and the messages it was put in, each once, by prompt label: until and from `REWORDED`."""
    test_cases = {test_case.name: test_case for test_case in load_suite(leaderboard)}
    found = {True: defaultdict(list), False: defaultdict(list)}
    roles = {"systemmessage": "system", "usermessage": "user"}
    for path in sorted(leaderboard.rglob("conversation__*.json")):
        _, label, _, day, *_ = path.name.split("__")
        messages = [
            {"role": roles[message["_type"]], "content": message["content"]}
            for message in json.loads(path.read_text())[:-1]
        ]
        pair = (test_cases[path.relative_to(leaderboard).parts[1]], messages)
        if pair not in found[day >= REWORDED][label]:
            found[day >= REWORDED][label].append(pair)
    return found


@pytest.mark.parametrize(
    "label",
    ["InJulia", "AsIs", "JuliaExpertAsk", "JuliaExpertAskXML", "JuliaExpertCoTTask", "JuliaExpertCoTTaskXML"],
)
def test_every_recording_of_the_leaderboard_holds_the_very_messages(shipped, sent, label):
    template = find_template(label, load_templates(shipped))
    pairs = {test_case.name: messages for of in sent.values() for test_case, messages in of[label]}
    assert len(pairs) == 3
    for of in sent.values():
        for test_case, messages in of[label]:
            assert render_prompt(template, test_case) == messages


def test_the_recap_templates_are_as_they_were_reworded(shipped, sent):
    template = load_templates(shipped)["JuliaRecapTask"]
    assert len(sent[True]["JuliaRecapTask"]) == len(sent[False]["JuliaRecapTask"]) == 3
    for test_case, messages in sent[True]["JuliaRecapTask"]:
        assert render_prompt(template, test_case) == messages
    for test_case, (system, user) in sent[False]["JuliaRecapTask"]:
        now, same = render_prompt(template, test_case)
        assert user == same
        assert system != now
        assert system["content"].replace("Reminder on", "Reminder for the") == now["content"]


def test_no_model_of_the_leaderboard_was_given_instructions_by_the_recap_template_that_thinks(shipped, sent):
    """All recordings hold the bare placeholder, a slip of the runs; here it is filled with what was meant."""
    template = load_templates(shipped)["JuliaRecapCoTTask"]
    for test_case, (_, user) in sent[True]["JuliaRecapCoTTask"] + sent[False]["JuliaRecapCoTTask"]:
        assert user["content"].endswith("# Special Instructions\n\n{{instructions}}\n")
        _, meant = render_prompt(template, test_case)
        assert meant["content"] == user["content"].replace("{{instructions}}", "None.")
